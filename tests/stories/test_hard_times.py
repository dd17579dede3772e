"""Who is no member sees nothing: neither what was sent, nor what was recalled, by whichever way they ask."""

from typing import Any

import pytest

from sandbox.slack.hands import Person, plain
from tests.stories.conftest import Story, buttons

STRANGER = {"user_id": "U0SPY", "team_id": "T0OTHER", "channel_id": "C0CAMPAIGNS", "response_url": ""}
NO = "Only members of the workspace"


def gus(story: Story) -> Person:
    """The guest."""
    return story.world.slack.person("gus")


def shown(story: Story, since: int) -> list[dict[str, Any]]:
    """All that the bot tried to show since then, whatever Slack made of it."""
    calls = story.world.slack.calls[since:]
    return [dict(each.args) for each in calls if each.method.startswith(("chat.", "views."))]


@pytest.mark.parametrize("typed", ["", "spring", "spring sale 50", "cmp-1042", "status", "history"])
async def test_another_organisation_is_shown_nothing(story: Story, typed: str) -> None:
    since = len(story.world.slack.calls)

    await story.arrives(
        "slash_commands", {**STRANGER, "command": "/recall", "text": typed, "trigger_id": "9.1"}
    )
    await story.bot.desk.tasks.settle()

    said = shown(story, since)
    assert said
    assert all(NO in str(each) for each in said)
    assert "Spring sale" not in str(said)


async def test_another_organisations_typeahead_stays_empty_and_its_home_tab_says_why(story: Story) -> None:
    await story.asks(story.ann)
    person = {"id": "U0SPY", "team_id": "T0OTHER"}
    asked = {"type": "block_suggestion", "user": person, "team": {"id": "T0OTHER"}, "value": "spring"}
    offered = await story.arrives("interactive", {**asked, "action_id": "recall_find", "block_id": "b"})
    assert offered.payload == {"options": []}

    since = len(story.world.slack.calls)
    opened = {"type": "app_home_opened", "user": "U0SPY", "tab": "home"}
    await story.arrives(
        "events_api",
        {"type": "event_callback", "team_id": "T0OTHER", "event_id": "E1", "event": opened},
    )
    await story.bot.desk.tasks.settle()
    assert all(NO in str(each) for each in shown(story, since))


@pytest.mark.parametrize("typed", ["", "spring", "status", "history"])
async def test_a_guest_is_told_so_and_shown_nothing(story: Story, typed: str) -> None:
    await gus(story).types(f"/recall {typed}", "#campaigns")

    told = await story.sees(gus(story), "Guests may not recall anything.")
    assert "Spring" not in plain(told)
    assert buttons(told) == []


async def test_a_guests_home_tab_says_so_and_shows_nothing(story: Story) -> None:
    who = gus(story)
    await who.opens_home()
    await story.until(lambda: who.home, "a home tab for the guest")

    assert who.home is not None
    assert "Guests may not" in plain(who.home)
    assert "Spring" not in plain(who.home)
