"""A large audience: one yes is not enough."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.recall import State
from bot.target import TargetId
from sandbox.slack.hands import plain
from tests.stories.conftest import RULES, SECOND_PERSON, Story, buttons

APPROVED_BY_BOB = RULES + SECOND_PERSON
QUARTER_OF_AN_HOUR = 15 * 60


@pytest.fixture
async def strict(quiet: Story) -> Story:
    """A story in which large audiences need a lead's approval."""
    await quiet.starts(APPROVED_BY_BOB)
    return quiet


async def test_a_lead_approves_and_the_thread_names_both(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    assert "A second person has to approve" in plain(card)

    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")
    assert {"Approve", "Decline"} <= set(buttons(waiting))
    assert "Yes, recall" not in buttons(waiting)
    assert "Nothing has happened yet" in plain(waiting)
    assert strict.asked() == 0
    await strict.bob.presses("Approve", waiting)

    recall = await strict.ends(State.DONE)
    assert strict.sale.status == "RECALLED"
    assert recall.approved_by is not None
    assert recall.approved_by.user == "U0BOB"
    asked, approved, started, accepted, ended = await strict.told(card, 5)
    assert "@U0ANN said yes" in asked
    assert "@U0BOB approved" in approved
    assert "@U0ANN" in started
    assert "@U0BOB" in started
    assert "accepted" in accepted
    assert "Recalled." in ended
    assert "@U0BOB" in plain(await strict.shows(card, "Recalled"))


async def test_a_lead_declines_and_nothing_happens(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.bob.presses("Decline", waiting)

    closed = await strict.shows(card, "Declined")
    assert "@U0BOB said no" in plain(closed)
    assert {"Approve", "Decline"}.isdisjoint(buttons(closed))
    assert "@U0BOB said no" in await strict.hears(card, "said no")
    assert strict.asked() == 0


async def test_nobody_approves_their_own_yes(strict: Story) -> None:
    card = await strict.asks(strict.bob)
    await strict.bob.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.bob.presses("Approve", waiting)

    assert "somebody else has to approve" in await strict.whisper(strict.bob, "Your own yes")
    assert strict.asked() == 0
    assert "Approve" in buttons(strict.fresh(card))


async def test_whoever_said_yes_is_the_one_who_cannot_approve_not_whoever_asked(strict: Story) -> None:
    card = await strict.asks(strict.bob)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.bob.presses("Approve", waiting)

    await strict.ends(State.DONE)
    assert strict.asked() == 1


@pytest.mark.parametrize("label", ["Approve", "Decline"])
async def test_somebody_who_is_no_lead_can_neither_approve_nor_decline(strict: Story, label: str) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.cleo.presses(label, waiting)

    await strict.whisper(strict.cleo, "You may not")
    assert {"Approve", "Decline"} <= set(buttons(strict.fresh(card)))
    assert strict.asked() == 0


async def test_whoever_said_yes_may_take_it_back(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.ann.presses("Decline", waiting)

    assert "@U0ANN said no" in plain(await strict.shows(card, "Declined"))


async def test_a_small_audience_needs_one_yes_only(strict: Story) -> None:
    card = await strict.asks(strict.ann, "spring sale teaser", about="Spring sale teaser")
    assert "One yes is enough" in plain(card)

    await strict.ann.presses("Yes, recall", card)

    await strict.ends(State.DONE)


async def test_an_unknown_audience_counts_as_a_large_one(
    strict: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_the_audience(strict, monkeypatch)

    card = await strict.asks(strict.ann, "cmp-1041", about="Spring sale teaser")

    assert "A second person has to approve, since its audience is not known" in plain(card)
    await strict.ann.presses("Yes, recall", card)
    await strict.shows(card, "Waiting for a second yes")
    assert strict.asked() == 0


async def test_an_audience_that_grew_after_the_card_is_asked_about_again(strict: Story) -> None:
    card = await strict.asks(strict.ann, "cmp-1041", about="Spring sale teaser")
    assert "One yes is enough" in plain(card)
    grown = replace(strict.world.netmera.campaigns["cmp-1041"], target_count=52_000)
    strict.world.netmera.keep(grown)

    await strict.ann.presses("Yes, recall", card)

    reply = await strict.hears(card, "second person")
    assert "52,000" in reply
    assert "othing was done" in reply
    assert strict.asked() == 0
    await strict.ann.presses("Ask again", await strict.shows(card, "Refused"))
    fresh = await strict.card(strict.ann, about="Spring sale teaser")
    assert "A second person has to approve" in plain(fresh)


async def test_an_approval_that_nobody_gives_closes_by_itself(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.passes(QUARTER_OF_AN_HOUR - 5)
    assert "Approve" in buttons(strict.fresh(card))
    await strict.passes(6)

    closed = await strict.shows(card, "Nobody approved it in time")
    assert buttons(closed) == ["Ask again"]
    await strict.bob.presses("Approve", waiting, as_seen=True)
    assert "nothing was done" in await strict.whisper(strict.bob, "closed by itself")
    assert strict.asked() == 0


async def test_the_time_to_approve_begins_with_the_yes(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.passes(QUARTER_OF_AN_HOUR - 30)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.passes(QUARTER_OF_AN_HOUR - 60)
    await strict.bob.presses("Approve", waiting)

    await strict.ends(State.DONE)


async def test_an_approval_that_is_asked_for_again_stands_in_the_channel(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    await strict.hears(card, "@U0ANN said yes")
    await strict.passes(QUARTER_OF_AN_HOUR + 1)
    closed = await strict.shows(card, "Nobody approved it in time")

    await strict.ann.presses("Ask again", closed)

    fresh = await strict.card(strict.ann)
    assert (fresh.channel, fresh.thread_ts) == (card.channel, None)


async def test_a_second_yes_while_a_lead_is_awaited_is_told_so(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    await strict.shows(card, "Waiting for a second yes")

    await strict.bob.presses("Yes, recall", card, as_seen=True)

    answer = await strict.whisper(strict.bob, "@U0ANN said yes")
    assert "second person has to approve" in answer
    assert strict.asked() == 0


async def test_approve_pressed_twice_recalls_once(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await strict.bob.double_presses("Approve", waiting)

    await strict.whisper(strict.bob, "already")
    await strict.ends(State.DONE)
    assert strict.asked() == 1
    assert len(await strict.told(card, 5)) == 5


async def test_approve_and_decline_at_once_is_one_of_them(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")

    await asyncio.gather(strict.bob.presses("Approve", waiting), strict.ann.presses("Decline", waiting))

    await strict.until(lambda: "Approve" not in buttons(strict.fresh(card)))
    if "Declined" in plain(strict.fresh(card)):
        await strict.whisper(strict.bob, "@U0ANN said no")
        assert strict.asked() == 0
    else:
        await strict.ends(State.DONE)
        await strict.whisper(strict.ann, "@U0BOB approved")


async def test_a_lead_who_left_before_approving_is_refused(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")
    leads = strict.world.slack.workspace.groups["S0LEADS"]
    strict.world.slack.workspace.set_group(replace(leads, members=()))
    await strict.passes(61)

    await strict.bob.presses("Approve", waiting)

    await strict.whisper(strict.bob, "You may not approve")
    assert strict.asked() == 0


async def test_an_approval_survives_a_restart(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")
    await strict.stops()
    await strict.starts()

    await strict.bob.presses("Approve", waiting)

    await strict.ends(State.DONE)
    assert len(await strict.told(card, 5)) == 5


async def test_a_change_between_yes_and_approval_is_refused_by_name(strict: Story) -> None:
    card = await strict.asks(strict.ann)
    await strict.ann.presses("Yes, recall", card)
    waiting = await strict.shows(card, "Waiting for a second yes")
    strict.world.netmera.keep(replace(strict.sale, text="Something else."))

    await strict.bob.presses("Approve", waiting)

    assert "another text" in await strict.hears(card, "another")
    assert strict.asked() == 0


def forget_the_audience(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the vendor tell of a campaign without saying how many it went to."""
    wire = type(story.sale).as_json

    def silent(campaign: object, media: str) -> Mapping[str, object]:
        told = wire(campaign, media)  # type: ignore[arg-type]
        return {name: value for name, value in told.items() if name != "targetCount"}

    monkeypatch.setattr(type(story.sale), "as_json", silent)
    assert TargetId("cmp-1041") in story.world.netmera.campaigns


async def test_those_who_may_approve_are_called_in_the_thread(quiet: Story) -> None:
    await quiet.starts(RULES + SECOND_PERSON)
    card = await quiet.asks(quiet.ann)

    await quiet.ann.presses("Yes, recall", card)

    await quiet.hears(card, "@S0LEADS")
    assert "S0LEADS" in [each.target for each in quiet.world.slack.mentions]
