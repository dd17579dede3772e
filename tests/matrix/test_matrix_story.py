"""Matrix messages, taken back from Slack; the homeserver is a real Synapse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.recall import State
from sandbox.slack.hands import Person, plain
from sandbox.slack.values import Message
from sandbox.world import World
from tests.matrix.synapse import Synapse
from tests.stories.conftest import RULES, Story

TEAM = """
[[policy.allow]]
who = ["U0ANN", "U0BOB"]
providers = ["team"]

[[policy.allow]]
who = ["U0DAN"]
providers = ["team"]
on_behalf = true

[people.U0ANN]
team = "@ann:localhost"

[people.U0BOB]
team = "@bob:localhost"

[providers.team]
kind = "matrix"
url = "{url}"
token = "{token}"
rooms = ["#{alias}:localhost"]
"""


@pytest.fixture
async def told(tmp_path: Path, synapse: Synapse, alias: str, room: str) -> AsyncIterator[Story]:
    """A story whose bot takes messages back in a room where its account has the power."""
    synapse.promote(room, "recall", 50)
    async with await World.start(settle_after=0) as world:
        story = Story(world=world, folder=tmp_path)
        token = synapse.people["recall"].token
        await story.starts(RULES + TEAM.format(url=synapse.url, token=token, alias=alias))
        yield story
        for bot in story.bots:
            await bot.stop()
        assert world.slack.violations == []


async def _card(story: Story, who: Person, words: str, about: str) -> Message:
    shown = await who.types(f"/recall {words}", "#campaigns")
    assert shown.ok, shown.toast
    return await story.card(who, "#campaigns", about)


async def test_a_message_is_taken_back_from_slack_with_its_reason(
    told: Story, synapse: Synapse, room: str
) -> None:
    event = synapse.says("ann", room, "The price is 15")
    card = await _card(told, told.ann, f"https://matrix.to/#/{room}/{event}", "The price is 15")
    assert "@ann:localhost" in plain(card)

    await told.ann.presses("Yes, recall", card)

    await told.ends(State.DONE)
    gone = synapse.event(room, event)
    assert gone["content"] == {}
    assert gone["unsigned"]["redacted_because"]["content"]["reason"] == "wrong conversation"
    await told.shows(card, "Recalled")


async def test_everything_that_somebody_sent_is_one_card_with_many_items(
    told: Story, synapse: Synapse, room: str, alias: str
) -> None:
    sent = [synapse.says("bob", room, f"spam {number}") for number in range(12)]
    dan = told.world.slack.person("dan")
    card = await _card(told, dan, f"@bob:localhost in #{alias}", "Everything that @bob:localhost sent")

    await dan.presses("Yes, recall", card)

    recall = await told.ends(State.DONE)
    assert recall.counts.done == len(sent)
    assert [synapse.event(room, each)["content"] for each in sent] == [{}] * len(sent)


async def test_only_its_sender_or_who_acts_for_others_may(told: Story, synapse: Synapse, room: str) -> None:
    event = synapse.says("ann", room, "The price is 15")

    await told.bob.types(f"/recall {room}/{event}", "#campaigns")
    said = await told.whisper(told.bob, "Only @ann:localhost, who sent it, may take it back.")
    assert "A moderator of the room can remove it" in said

    dan = told.world.slack.person("dan")
    await _card(told, dan, f"{room}/{event}", "The price is 15")


async def test_words_find_only_what_the_person_may_see(told: Story, synapse: Synapse, room: str) -> None:
    synapse.says("ann", room, "The secret recipe")

    await told.bob.types("/recall secret recipe", "#campaigns")
    await told.whisper(told.bob, "Nothing was found for “secret recipe”.")

    await _card(told, told.ann, "secret recipe", "The secret recipe")


async def test_a_message_that_somebody_else_removed_between_look_up_and_yes_is_not_called_recalled(
    told: Story, synapse: Synapse, room: str
) -> None:
    event = synapse.says("ann", room, "The price is 15")
    card = await _card(told, told.ann, f"{room}/{event}", "The price is 15")
    synapse.redacts("ann", room, event)

    await told.ann.presses("Yes, recall", card)

    await told.ends(State.REFUSED)
    assert "Recalled" not in " ".join(await told.told(card, 1))
