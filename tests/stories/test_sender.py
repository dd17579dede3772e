"""Who sent something is told when somebody else takes it back."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.campaign import Campaign
from tests.stories.conftest import RULES, Story

PEOPLE = """
[people.U0ANN]
push = "Ann Berg"
"""


async def _in_her_messages(story: Story, text: str) -> Message:
    return await story.sees(story.ann, text, "D0ANN")


@pytest.fixture
async def known(quiet: Story) -> Story:
    """The settings say who Ann is at Netmera, where she sent the campaign."""
    quiet.world.netmera.keep(_by(quiet, "Ann Berg"))
    await quiet.starts(RULES + PEOPLE)
    return quiet


async def test_the_sender_is_told_in_their_own_messages_when_somebody_else_recalls_it(known: Story) -> None:
    card = await known.asks(known.bob)
    assert known.posts(known.ann, "D0ANN") == []

    await known.bob.presses("Yes, recall", card)

    await known.ends(State.DONE)
    told = await _in_her_messages(known, "Spring sale: 50% off")
    assert "@U0BOB" in plain(await known.shows(told, "Recalled"))
    assert [each.target for each in known.world.slack.mentions if each.target == "channel"] == []
    assert len(_cards(known)) == 1


async def test_what_one_takes_back_oneself_is_told_once(known: Story) -> None:
    card = await known.asks(known.ann)

    await known.ann.presses("Yes, recall", card)

    await known.ends(State.DONE)
    await known.told(card, 3)
    assert known.posts(known.ann, "D0ANN") == []


async def test_a_retry_does_not_tell_the_sender_a_second_time(known: Story) -> None:
    known.world.netmera.faults.add("error", tool="campaign_recall", text="CAMPAIGN_LOCKED")
    card = await known.asks(known.bob)
    await known.bob.presses("Yes, recall", card)
    await known.ends(State.FAILED)

    await known.bob.presses("Retry failed", await known.shows(card, "not recalled"))

    await known.ends(State.DONE)
    await known.shows(await _in_her_messages(known, "Spring sale: 50% off"), "Recalled")
    assert len(_cards(known)) == 1


async def test_a_sender_whom_the_settings_do_not_know_is_not_guessed(story: Story) -> None:
    card = await story.asks(story.bob)

    await story.bob.presses("Yes, recall", card)

    await story.ends(State.DONE)
    await story.told(card, 3)
    assert story.posts(story.ann, "D0ANN") == []


def _by(story: Story, name: str) -> Campaign:
    return replace(story.sale, created_by=name)


def _cards(story: Story) -> list[Message]:
    return [each for each in story.posts(story.ann, "D0ANN") if each.thread_ts is None]
