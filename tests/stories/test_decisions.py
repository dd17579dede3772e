"""Yes and No: pressed twice, by two at once, too late, or on what is no longer so."""

import asyncio
from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.vendors.campaign import Status
from tests.stories.conftest import Story, buttons


async def is_done_once(story: Story, card_replies: list[str]) -> None:
    assert story.asked() == 1
    assert story.sale.status == "RECALLED"
    assert [sum(word in each for each in card_replies) for word in ("Started", "accepted", "Recalled.")] == [
        1,
        1,
        1,
    ]


async def test_a_double_click_on_yes_recalls_once_and_the_second_click_is_answered(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.ann.double_presses("Yes, recall", card)

    await story.whisper(story.ann, "@U0ANN said yes")
    await story.ends(State.DONE)
    await is_done_once(story, await story.told(card, 3))


async def test_of_two_people_who_say_yes_at_once_one_is_told_that_the_other_was_first(story: Story) -> None:
    card = await story.asks(story.ann)

    await asyncio.gather(story.ann.presses("Yes, recall", card), story.bob.presses("Yes, recall", card))

    recall = await story.ends(State.DONE)
    assert recall.confirmed_by is not None
    winner = recall.confirmed_by.user
    loser = story.bob if winner == "U0ANN" else story.ann
    await story.whisper(loser, f"@{winner} said yes")
    replies = await story.told(card, 3)
    await is_done_once(story, replies)
    assert f"@{winner}" in replies[0]


async def test_yes_and_no_at_once_is_one_of_them_and_the_other_is_told(story: Story) -> None:
    card = await story.asks(story.ann)

    await asyncio.gather(story.bob.presses("No", card), story.ann.presses("Yes, recall", card))

    await story.until(lambda: not {"Yes, recall", "No"} & set(buttons(story.fresh(card))))
    if "Declined" in plain(story.fresh(card)):
        await story.whisper(story.ann, "@U0BOB said no")
        assert story.asked() == 0
        assert story.sale.status == "SENT"
    else:
        await story.whisper(story.bob, "@U0ANN said yes")
        await story.ends(State.DONE)
        await is_done_once(story, await story.told(card, 3))


@pytest.mark.parametrize("label", ["Yes, recall", "No"])
async def test_a_late_click_after_yes_is_told_who_said_yes_and_when(story: Story, label: str) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    recall = await story.ends(State.DONE)
    before = await story.told(card, 3)

    shown = await story.bob.presses(label, card, as_seen=True)

    assert shown.ok
    answer = await story.whisper(story.bob, "@U0ANN said yes")
    assert recall.confirmed_at is not None
    assert f"{recall.confirmed_at:%H:%M}" in answer
    assert "changed nothing" in answer
    assert await story.told(card, 3) == before
    assert story.asked() == 1


@pytest.mark.parametrize("label", ["Yes, recall", "No"])
async def test_a_late_click_after_no_is_told_who_said_no_and_when(story: Story, label: str) -> None:
    card = await story.asks(story.ann)
    await story.bob.presses("No", card)
    closed = await story.shows(card, "Declined")

    await story.ann.presses(label, card, as_seen=True)

    answer = await story.whisper(story.ann, "@U0BOB said no")
    when = next(word for word in answer.split() if ":" in word)
    assert when in plain(closed)
    assert "Nothing was done" in answer
    assert story.sale.status == "SENT"
    assert story.asked() == 0


async def test_no_is_told_in_the_thread_too(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.bob.presses("No", card)

    assert "@U0BOB said no" in await story.hears(card, "said no")


async def test_whoever_may_not_recall_can_neither_say_yes_nor_no(story: Story) -> None:
    card = await story.asks(story.ann)

    for label in ("Yes, recall", "No"):
        await story.cleo.presses(label, card)
        await story.whisper(story.cleo, "You may not recall")

    assert {"Yes, recall", "No"} <= set(buttons(story.fresh(card)))
    assert story.asked() == 0


async def test_the_asker_may_always_say_no(story: Story) -> None:
    card = await story.asks(story.ann)
    group = story.world.slack.workspace.groups["S0MARKETING"]
    story.world.slack.workspace.set_group(replace(group, members=("U0BOB",)))
    await story.passes(61)

    await story.ann.presses("No", card)

    assert "@U0ANN said no" in plain(await story.shows(card, "Declined"))


# A second /recall of the same target -----------------------------------------------------------------------


async def test_a_second_recall_of_the_same_campaign_leads_to_the_first_card(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.bob.types("/recall cmp-1042", "#campaigns")

    answer = await story.sees(story.bob, "asked for this before")
    assert answer.seen_by == "U0BOB"
    assert card.ts.replace(".", "") in answer.text + str(answer.blocks)
    yes = [each for each in story.posts(story.bob, "#campaigns") if "Yes, recall" in buttons(each)]
    assert [each.ts for each in yes] == [card.ts]


async def test_from_another_channel_a_second_card_of_the_same_recall_follows_it(story: Story) -> None:
    first = await story.asks(story.ann)
    second = await story.asks(story.bob, channel="#recalls")
    assert (first.channel, second.channel) == ("C0CAMPAIGNS", "C0RECALLS")

    await story.bob.presses("Yes, recall", second)

    await story.ends(State.DONE)
    for card in (first, second):
        now = await story.shows(card, "Recalled")
        assert "Yes, recall" not in buttons(now)
        await is_done_once(story, await story.told(card, 3))


async def test_a_second_card_that_is_asked_for_at_once_is_not_a_second_recall(story: Story) -> None:
    await asyncio.gather(
        story.ann.types("/recall cmp-1042", "#campaigns"), story.bob.types("/recall cmp-1042", "#recalls")
    )
    first, second = await story.card(story.ann), await story.card(story.bob, "#recalls")

    await asyncio.gather(story.ann.presses("Yes, recall", first), story.bob.presses("Yes, recall", second))

    await story.ends(State.DONE)
    await is_done_once(story, await story.told(first, 3))
    await is_done_once(story, await story.told(second, 3))


async def test_two_at_once_in_one_channel_get_one_card(story: Story) -> None:
    await asyncio.gather(
        story.ann.types("/recall cmp-1042", "#campaigns"), story.bob.types("/recall cmp-1042", "#campaigns")
    )
    card = await story.card(story.ann)
    await story.bot.desk.tasks.settle()

    yes = [each for each in story.posts(story.bob, "#campaigns") if "Yes, recall" in buttons(each)]
    assert [each.ts for each in yes] == [card.ts]


async def test_after_a_no_the_same_campaign_can_be_asked_for_again(story: Story) -> None:
    first = await story.asks(story.ann)
    await story.ann.presses("No", first)
    await story.shows(first, "Declined")

    second = await story.asks(story.bob)
    await story.bob.presses("Yes, recall", second)

    assert second.ts != first.ts
    await story.ends(State.DONE)
    assert "Declined" in plain(story.fresh(first))


# What the card showed, and what is there now --------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"name": "Spring sale: 15% off everything"}, "name"),
        ({"text": "Only 15% off."}, "text"),
        ({"picture": "weekend-flash.png"}, "picture"),
        ({"picture": None}, "picture"),
        ({"name": "Sale", "text": "Only 15% off.", "picture": None}, "name, text and picture"),
    ],
)
async def test_what_changed_since_the_card_is_refused_by_name(
    story: Story, changes: dict[str, str | None], named: str
) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.keep(replace(story.sale, **changes))  # type: ignore[arg-type]

    await story.ann.presses("Yes, recall", card)

    assert f"another {named} than the card" in await story.hears(card, "another")
    now = await story.shows(card, "Refused")
    assert f"another {named} than the card" in plain(now)
    assert plain(now).count("othing was done") == 1
    assert "Ask again" in buttons(now)
    assert story.asked() == 0
    assert story.sale.status == "SENT"


async def test_more_deliveries_and_opens_since_the_card_are_no_reason_to_refuse(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.keep(replace(story.sale, delivered=49_001, opened=2_500))

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    ended = (await story.told(card, 3))[-1]
    assert "49,001" in ended
    assert "2,500" in ended


async def test_a_halt_that_comes_after_the_last_delivery_is_refused_in_plain_words(story: Story) -> None:
    card = await story.asks(story.ann, "loyalty points", about="Loyalty points reminder")
    campaign = story.world.netmera.campaigns["cmp-1043"]
    story.world.netmera.keep(replace(campaign, status=Status.SENT, delivered=58_000))

    await story.ann.presses("Yes, recall", card)

    reply = await story.hears(card, "halt")
    assert "recall" in reply
    assert "what can be done" not in reply.split("othing was done")[0]
    assert story.asked() == story.asked("campaign_stop") == 0

    await story.ann.presses("Ask again", await story.shows(card, "Refused"))
    fresh = await story.card(story.ann, about="Loyalty points reminder")
    await story.ann.presses("Yes, recall", fresh)
    await story.ends(State.DONE)
    assert story.world.netmera.campaigns["cmp-1043"].status == "RECALLED"


async def test_what_somebody_recalled_in_the_panel_meanwhile_is_not_recalled_again(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.keep(replace(story.sale, status=Status.RECALLED, recalled_at=story.world.clock.now()))

    await story.ann.presses("Yes, recall", card)

    assert "lready" in await story.hears(card, "lready")
    assert "Nothing was done" in plain(await story.shows(card, "Refused"))
    assert story.asked() == 0


# The reason's window on a card that moved on --------------------------------------------------------------


async def test_a_reason_that_comes_after_the_yes_is_not_kept_and_that_is_said(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Other…", card)
    await story.until(lambda: story.ann.view is not None, "the modal for the reason")
    await story.bob.presses("Yes, recall", card)
    recall = await story.ends(State.DONE)
    view = story.ann.view
    assert view is not None
    block = next(each["block_id"] for each in view.blocks if each["type"] == "input")

    story.ann.fills(block, "Too late, this one")
    shown = await story.ann.submits()

    assert shown.ok
    answer = await story.whisper(story.ann, "@U0BOB said yes")
    assert "reason was not kept" in answer
    assert (await story.recall()).reason == recall.reason == "wrong_information"
    assert "Too late, this one" not in plain(story.fresh(card))


async def test_a_reason_chosen_on_an_old_view_of_the_card_is_not_kept_and_that_is_said(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.bob.presses("No", card)
    await story.shows(card, "Declined")

    await story.ann.chooses("Other…", card, as_seen=True)
    answer = await story.whisper(story.ann, "@U0BOB said no")
    assert "reason was not kept" in answer
    assert story.ann.view is None


async def test_a_reason_is_chosen_by_whoever_may_recall_and_by_nobody_else(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.cleo.chooses("Test message", card)
    await story.whisper(story.cleo, "You may not recall")
    await story.bob.chooses("Wrong audience", card)
    await story.until(lambda: "Wrong audience" in plain(story.fresh(card)), "bob's reason")

    await story.ann.presses("Yes, recall", card)
    assert (await story.ends(State.DONE)).reason == "wrong_audience"


# The same request again -----------------------------------------------------------------------------------


async def test_a_repeated_envelope_has_one_effect_and_one_answer(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.cleo.presses("Yes, recall", card)
    await story.whisper(story.cleo, "You may not recall")

    for _ in range(3):
        await story.world.slack.sockets.repeat_last()
    await story.ann.presses("Yes, recall", card)
    for _ in range(3):
        await story.world.slack.sockets.repeat_last()

    await story.ends(State.DONE)
    await is_done_once(story, await story.told(card, 3))
    told = [each for each in story.posts(story.ann, "#campaigns") if each.seen_by]
    assert told == []
    assert len([each for each in story.posts(story.cleo, "#campaigns") if each.seen_by]) == 1


async def test_a_repeated_command_puts_up_one_card_and_says_nothing_more(story: Story) -> None:
    await story.asks(story.ann)

    for _ in range(3):
        await story.world.slack.sockets.repeat_last()
    await story.bob.types("/recall status", "#campaigns")
    await story.whisper(story.bob, "Nothing is running")

    assert [each for each in story.posts(story.ann, "#campaigns") if each.seen_by] == []
