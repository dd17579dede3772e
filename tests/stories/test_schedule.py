"""A recall for later: Schedule… in the card's menu, a date and a time, and then it begins by itself."""

from datetime import timedelta

from bot.recall import State
from handlers.decisions import DUE, PLAN
from sandbox.slack.hands import Person, Shown, plain
from sandbox.slack.values import Message
from tests.stories.conftest import RULES, SECOND_PERSON, Story, buttons
from tests.stories.test_restarts import kept

HOUR = 3600
LABEL = "When shall it begin?"


async def plans(story: Story, who: Person, card: Message, seconds: float) -> Shown:
    """Choose Schedule…, and a moment so many seconds from now."""
    await who.chooses("Schedule…", card)
    await story.until(lambda: who.view is not None, "the window for the time")
    who.fills(LABEL, int(story.world.clock.now().timestamp() + seconds))
    return await who.submits()


async def test_a_planned_recall_begins_by_itself_when_its_time_has_come(story: Story) -> None:
    card = await story.asks(story.ann)

    await plans(story, story.ann, card, 2 * HOUR)

    shown = await story.shows(card, "Planned")
    assert "by itself" in plain(shown)
    assert buttons(shown) == ["Cancel"]
    assert "said yes, for later" in (await story.told(card, 1))[0]
    await story.ann.types("/recall status", "#campaigns")
    assert "Planned · begins" in plain(await story.sees(story.ann, "Running or waiting now"))
    await story.passes(HOUR)
    assert story.asked() == 0
    await story.passes(HOUR + 1)
    recall = await story.ends(State.DONE)
    assert recall.confirmed_by == recall.asked_by
    assert "Its time has come" in (await story.told(card, 3))[1]
    assert story.asked() == 1


async def test_a_planned_recall_can_be_cancelled_by_another_person(story: Story) -> None:
    card = await story.asks(story.ann)
    await plans(story, story.ann, card, HOUR)
    planned = await story.shows(card, "Planned")

    await story.bob.presses("Cancel", planned)

    await story.shows(card, "Cancelled by @U0BOB")
    await story.passes(2 * HOUR)
    assert story.asked() == 0


async def test_a_plan_survives_a_restart(story: Story) -> None:
    card = await story.asks(story.ann)
    await plans(story, story.ann, card, HOUR)
    await story.shows(card, "Planned")

    await story.stops()
    await story.starts()
    await story.passes(HOUR + 1)

    await story.ends(State.DONE)
    assert story.asked() == 1


async def test_the_moment_offered_first_is_an_hour_away_and_a_time_that_is_over_is_refused(
    story: Story,
) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Schedule…", card)
    await story.until(lambda: story.ann.view is not None, "the window for the time")
    view = story.ann.view
    assert view is not None
    (asked,) = [block for block in view.blocks if block["type"] == "input"]
    ahead = asked["element"]["initial_date_time"] - story.world.clock.now().timestamp()
    assert 3000 < ahead < 4200

    story.ann.fills(LABEL, int(story.world.clock.now().timestamp() - 60))
    answer = await story.ann.submits()

    assert "over already" in str(answer.errors)
    assert "Yes, recall" in buttons(story.fresh(card))


async def test_a_plan_for_a_large_audience_waits_for_the_second_person_and_then_for_its_time(
    story: Story,
) -> None:
    await story.stops()
    await story.starts(RULES + SECOND_PERSON)
    card = await story.asks(story.ann)
    await plans(story, story.ann, card, HOUR)
    asked = await story.shows(card, "It shall begin")
    assert buttons(asked) == ["Approve", "Decline"]

    await story.bob.presses("Approve", asked)

    await story.shows(card, "Planned")
    await story.passes(HOUR + 1)
    await story.ends(State.DONE)


async def test_who_decides_first_wins_over_a_plan(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Schedule…", card)
    await story.until(lambda: story.ann.view is not None, "the window for the time")
    await story.bob.presses("No", card)
    await story.shows(card, "Declined")

    story.ann.fills(LABEL, int(story.world.clock.now().timestamp() + HOUR))
    await story.ann.submits()

    assert "said no" in plain(await story.sees(story.ann, "said no"))
    assert story.asked() == 0


async def test_a_plan_that_was_kept_begins_at_the_start_when_its_time_has_come_meanwhile(
    story: Story,
) -> None:
    card = await story.asks(story.ann)
    due = story.world.clock.now() + timedelta(minutes=2)
    await kept(story, story.ann, PLAN, card, **{DUE: due.isoformat()})
    await story.stops()
    story.world.clock.advance(5 * 60)

    await story.starts()

    await story.hears(card, "said yes, for later")
    await story.ends(State.DONE)
    assert story.asked() == 1
