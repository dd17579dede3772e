"""The bot is stopped and started again, in every state: what was decided is carried out, once."""

import asyncio
from dataclasses import replace

from bot.ports import Request
from bot.recall import Actor, Recall, State
from bot.target import ProviderName, TargetId, TargetRef
from front.bot import DRAIN_SECONDS
from handlers.payloads import Origin
from sandbox.slack.hands import Person, plain
from sandbox.slack.values import Message
from sandbox.vendors.campaign import Status
from tests.stories.conftest import RULES, SALE, SECOND_PERSON, Story, buttons

TEAM = "T0SANDBOX"


async def is_done_once(story: Story, card: Message) -> list[str]:
    """The end of every story here: done at the vendor, each status in the thread once and in order."""
    await story.ends(State.DONE)
    replies = await story.told(card, 3)
    milestones = [each for each in replies if each.startswith(("Started", "Netmera accepted", "Recalled."))]
    assert [each.split()[0] for each in milestones] == ["Started", "Netmera", "Recalled."]
    assert story.sale.status == "RECALLED"
    assert story.asked() == 1
    assert "Recalled" in plain(await story.shows(card, "Recalled"))
    return replies


async def proposed(story: Story) -> Recall:
    """The recall whose card is open."""
    found = await story.bot.store.open_recall(TargetRef(provider=ProviderName("push"), id=TargetId(SALE)))
    assert found is not None
    return found


def actor(who: Person) -> Actor:
    return Actor(team=TEAM, user=who.id)


async def kept(
    story: Story, who: Person, verb: str, card: Message, *, url: str | None = None, **more: str
) -> None:
    """Somebody pressed a button, it was kept and acknowledged, and the process ended before anything came of it."""
    recall = await proposed(story)
    origin = Origin(actor=actor(who), channel=card.channel, response_url=url)
    body = {"recall": recall.id, "origin": origin.as_json(), **more}
    key = f"click:{who.id}:{card.ts}:{verb}"
    await story.bot.store.keep(Request(key=key, verb=verb, body=body, at=story.world.clock.now()))


# What was kept and not carried out ------------------------------------------------------------------------


async def test_a_yes_that_was_kept_and_not_carried_out_is_carried_out_at_the_start(story: Story) -> None:
    card = await story.asks(story.ann)
    await kept(story, story.ann, "confirm", card)
    await story.stops()
    assert story.asked() == 0

    await story.starts()

    await is_done_once(story, card)


async def test_what_was_carried_out_at_one_start_is_not_carried_out_at_the_next(story: Story) -> None:
    card = await story.asks(story.ann)
    await kept(story, story.ann, "confirm", card)
    await story.stops()
    await story.starts()
    await is_done_once(story, card)
    await story.stops()
    story.world.netmera.keep(replace(story.sale, status=Status.SENT))

    await story.starts()
    await story.bot.desk.tasks.settle()

    assert story.asked() == 1
    assert [each for each in story.posts(story.ann, "#campaigns") if each.seen_by] == []


async def test_a_stop_that_was_kept_comes_before_what_it_stops_goes_on(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "tried again until")
    await kept(story, story.ann, "stop", card)
    await story.stops()
    await story.world.netmera.come_up()
    story.world.clock.advance(60)
    story.world.slack.faults.add(method="auth.test", kind="503")

    await story.starts()

    await story.shows(card, "Cancelled")
    await story.passes(60)
    assert story.asked() == 0
    assert story.sale.status == "SENT"


async def test_a_kept_stop_of_somebody_without_the_right_holds_nothing_up_for_long(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "tried again until")
    await kept(story, story.cleo, "stop", card)
    await story.stops()
    await story.world.netmera.come_up()
    story.world.clock.advance(60)

    await story.starts()

    await story.whisper(story.cleo, "You may not recall")
    await is_done_once(story, card)


async def test_a_no_that_was_kept_is_carried_out_before_a_yes_that_came_later(story: Story) -> None:
    card = await story.asks(story.ann)
    await kept(story, story.bob, "decline", card)
    await kept(story, story.ann, "confirm", card)
    await story.stops()

    await story.starts()

    assert "@U0BOB said no" in plain(await story.shows(card, "Declined"))
    await story.whisper(story.ann, "@U0BOB said no")
    assert story.asked() == 0


async def test_a_kept_yes_of_somebody_without_the_right_is_refused_once(story: Story) -> None:
    card = await story.asks(story.ann)
    await kept(story, story.cleo, "confirm", card)
    await story.stops()
    await story.starts()
    await story.whisper(story.cleo, "You may not recall")
    await story.stops()

    await story.starts()
    await story.bot.desk.tasks.settle()

    told = [each for each in story.posts(story.cleo, "#campaigns") if each.seen_by == story.cleo.id]
    assert len(told) == 1
    assert "Yes, recall" in buttons(story.fresh(card))
    assert story.asked() == 0


async def test_a_kept_yes_whose_card_ran_out_meanwhile_is_told_so_though_its_answer_url_is_old(
    story: Story,
) -> None:
    card = await story.asks(story.ann)
    await kept(story, story.ann, "confirm", card, url=f"{story.world.url}response/T0SANDBOX/1/old")
    await story.stops()
    story.world.clock.advance(60 * 60)

    await story.starts()

    assert "nothing was done" in await story.whisper(story.ann, "closed by itself")
    assert story.asked() == 0


async def test_a_row_that_nobody_understands_does_not_keep_the_others_from_being_carried_out(
    story: Story,
) -> None:
    card = await story.asks(story.ann)
    now = story.world.clock.now()
    for key, body in (("odd", {"recall": 7}), ("odder", {"origin": []}), ("oddest", {})):
        await story.bot.store.keep(Request(key=key, verb="confirm", body=body, at=now))
    await story.bot.store.keep(Request(key="new", verb="teleport", body={"recall": "x"}, at=now))
    await kept(story, story.ann, "confirm", card)
    await story.stops()

    await story.starts()

    await is_done_once(story, card)


# In each state --------------------------------------------------------------------------------------------


async def test_a_card_works_after_a_restart(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.stops()
    await story.starts()

    await story.bob.presses("Yes, recall", card)

    replies = await is_done_once(story, card)
    assert not any("restarted" in each for each in replies)


async def test_an_old_version_of_a_card_is_answered_after_a_restart(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await is_done_once(story, card)
    await story.stops()
    await story.starts()

    await story.bob.presses("Yes, recall", card, as_seen=True)

    await story.whisper(story.bob, "@U0ANN said yes")
    await is_done_once(story, card)


async def test_the_reason_survives_a_restart(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Wrong audience", card)
    await story.until(lambda: "Wrong audience" in plain(story.fresh(card)))
    await story.stops()
    await story.starts()

    await story.ann.presses("Yes, recall", card)

    assert "wrong audience" in (await is_done_once(story, card))[0]


async def test_what_waits_for_a_second_yes_goes_on_waiting_for_it(quiet: Story) -> None:
    await quiet.starts(RULES + SECOND_PERSON)
    card = await quiet.asks(quiet.ann)
    await quiet.ann.presses("Yes, recall", card)
    waiting = await quiet.shows(card, "Waiting for a second yes")
    await quiet.stops()
    await quiet.starts()
    assert quiet.asked() == 0

    await quiet.bob.presses("Approve", waiting)

    await is_done_once(quiet, card)


async def test_what_is_queued_while_the_vendor_is_down_starts_when_both_are_up_again(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "tried again until")
    await story.stops()
    await story.starts()
    await story.passes(30)
    await story.world.netmera.come_up()
    await story.passes(60)

    replies = await is_done_once(story, card)
    assert sum("tried again until" in each for each in replies) == 1
    assert not any("restarted" in each for each in replies)


async def test_a_vendor_that_stays_down_over_a_restart_is_given_up_at_the_same_time(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "tried again until")
    await story.passes(10 * 60)
    await story.stops()
    await story.starts()

    await story.passes(5 * 60 + 1)

    await story.ends(State.FAILED)
    await story.hears(card, "Failed")
    assert "Retry failed" in buttons(await story.shows(card, "Failed"))


async def test_a_request_in_the_vendors_hands_at_the_stop_is_looked_for_not_repeated(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("drop_answer", tool="campaign_recall")
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    await story.stops()
    await story.starts()
    await story.passes(60)

    await is_done_once(story, card)


async def test_what_is_running_says_once_that_it_goes_on(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=30)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    await story.bot.engine.drain(0.0)
    await story.stops()
    story.world.netmera.faults.clear()

    await story.starts()

    await story.ends(State.DONE)
    replies = await story.told(card, 4)
    assert ["restarted" in each for each in replies] == [False, True, False, False]
    assert story.sale.status == "RECALLED"


async def test_a_stop_while_everything_hangs_ends_in_order_and_what_was_in_hand_goes_on(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=60)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    story.world.netmera.faults.add("slow", tool="campaign_detail", seconds=60)
    await story.bob.types("/recall cmp-1041", "#campaigns")
    story.world.slack.sockets.silence()

    async with asyncio.timeout(DRAIN_SECONDS + 5):
        await story.stops()
    story.world.netmera.faults.clear()
    await story.starts()

    await story.ends(State.DONE)
    replies = await story.told(card, 3)
    milestones = [each for each in replies if "tried again" not in each]
    assert [each.split()[0] for each in milestones] == ["Started", "Netmera", "Recalled."]
    assert story.sale.status == "RECALLED"


async def test_what_was_submitted_is_confirmed_after_a_restart(story: Story) -> None:
    story.world.netmera.settle_after = 60
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.shows(card, "Submitted")
    await story.stops()
    story.world.clock.advance(60)
    await story.starts()
    await story.passes(1)

    replies = await is_done_once(story, card)
    assert not any("restarted" in each for each in replies)


async def test_a_slack_that_is_away_at_the_start_holds_nothing_up(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "tried again until")
    await story.stops()
    await story.world.netmera.come_up()
    story.world.clock.advance(60)
    story.world.slack.faults.add(method="auth.test", kind="503")
    story.world.slack.faults.add(method="chat.postMessage", kind="503")

    await story.starts()
    await story.passes(30)
    await story.passes(30)

    await is_done_once(story, card)


async def test_many_restarts_in_the_middle_change_nothing(story: Story) -> None:
    story.world.netmera.settle_after = 600
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.shows(card, "Submitted")
    for _ in range(3):
        await story.stops()
        await story.starts()
        await story.passes(30)

    await story.passes(600)

    await is_done_once(story, card)
