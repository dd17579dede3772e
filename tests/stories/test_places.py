"""Where cards go: where they were asked for, else where fewer people see them, and the person is told."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import Person, plain
from sandbox.slack.values import Channel, Kind, Message
from tests.stories.conftest import Story, buttons

PRIVATE, DIRECT = "G0SECRET", "D0ANNBOB"


async def test_where_the_bot_is_not_the_card_goes_to_the_settings_channel_and_the_person_is_told(
    story: Story,
) -> None:
    await story.ann.types("/recall cmp-1042", "#general")

    await story.card(story.ann, "#recalls")
    told = await story.whisper(story.ann, "Recall isn't in this channel, so it can't post here.", "#general")
    assert "The card is in #C0RECALLS." in told
    assert "/invite @Recall" in told
    assert _cards(story, story.ann, "#general") == []


async def test_lists_and_words_work_where_the_bot_is_not(story: Story) -> None:
    await story.ann.types("/recall", "#general")
    listed = await story.sees(story.ann, "Recently sent", "#general")

    await story.ann.presses("Recall", listed, near="Spring sale teaser")

    await story.card(story.ann, "#recalls", "Spring sale teaser")
    await story.whisper(story.ann, "The card is in #C0RECALLS.", "#general")


async def test_once_the_bot_is_invited_it_works_there_at_once(story: Story) -> None:
    await story.ann.types("/recall cmp-1042", "#general")
    await story.card(story.ann, "#recalls")

    story.ann.invites("recall", "#general")
    await story.ann.types("/recall cmp-1041", "#general")

    await story.card(story.ann, "#general", "Spring sale teaser")


async def test_asked_again_where_the_bot_was_invited_meanwhile_it_is_the_same_recall(story: Story) -> None:
    await story.ann.types("/recall cmp-1042", "#general")
    first = await story.card(story.ann, "#recalls")
    story.ann.invites("recall", "#general")
    await story.ann.types("/recall cmp-1042", "#general")
    second = await story.card(story.ann, "#general")

    await story.ann.presses("Yes, recall", second)

    await story.ends(State.DONE)
    await story.shows(first, "Recalled")
    await story.shows(second, "Recalled")
    assert story.asked() == 1


async def test_a_bot_that_was_removed_is_noticed_within_the_minute_at_the_latest(story: Story) -> None:
    await story.asks(story.ann, "cmp-1041", about="Spring sale teaser")
    story.world.slack.workspace.leave("U0RECALL", "C0CAMPAIGNS")

    await story.ann.types("/recall cmp-1042", "#campaigns")

    await story.card(story.ann, "D0ANN")  # Slack refused; who may read what is not known, so it is in private
    assert [m for m in _cards(story, story.ann, "#campaigns") if "50% off" in plain(m)] == []


async def test_the_shortcut_where_the_bot_is_not_uses_the_settings_channel(story: Story) -> None:
    pointed = await _says(story, "Is cmp-1042 wrong?", "#general")

    await story.ann.shortcut("Recall", pointed)

    card = await story.card(story.ann, "#recalls")
    assert card.thread_ts is None
    await story.whisper(story.ann, "Recall isn't in this channel", "#general")
    assert story.world.slack.workspace.replies(pointed.channel, pointed.ts) == []


async def test_a_search_from_the_shortcut_where_the_bot_is_not_says_where_the_card_is(story: Story) -> None:
    ann = story.ann
    await ann.shortcut("Recall", story.said("Good morning", "#general"))
    await story.window(ann, "Nothing in this post")
    await story.offered(ann, "weekend")

    await ann.picks("Weekend flash")
    await ann.submits()

    await story.card(ann, "#recalls", "Weekend flash")
    await story.whisper(ann, "The card is in #C0RECALLS.", "#general")


@pytest.mark.parametrize(("place", "invites"), [(PRIVATE, True), (DIRECT, False)])
async def test_from_a_private_place_the_card_goes_to_the_person_and_to_no_channel(
    story: Story, place: str, invites: bool
) -> None:
    await story.ann.types("/recall cmp-1042", place)

    await story.card(story.ann, "D0ANN")
    told = await story.whisper(story.ann, "is in your direct messages with Recall", place)
    assert ("/invite @Recall" in told) is invites  # nobody can be invited into a conversation of two
    assert _cards(story, story.ann, "#recalls") == []
    assert _cards(story, story.ann, "#campaigns") == []


@pytest.mark.parametrize("place", [PRIVATE, DIRECT])
async def test_the_shortcut_in_a_private_place_stays_private(story: Story, place: str) -> None:
    pointed = await _says(story, "Is cmp-1042 wrong?", place)

    await story.ann.shortcut("Recall", pointed)

    await story.card(story.ann, "D0ANN")
    await story.whisper(story.ann, "is in your direct messages with Recall", place)
    assert _cards(story, story.ann, "#recalls") == []


async def test_a_second_person_in_a_private_place_gets_a_card_of_the_same_recall(story: Story) -> None:
    await story.ann.types("/recall cmp-1042", DIRECT)
    first = await story.card(story.ann, "D0ANN")
    await story.bob.types("/recall cmp-1042", DIRECT)
    second = await story.card(story.bob, "D0BOB")

    await story.bob.presses("Yes, recall", second)

    await story.ends(State.DONE)
    await story.shows(first, "Recalled")
    assert story.asked() == 1


async def test_in_a_private_channel_that_the_bot_is_in_the_card_stays_there(story: Story) -> None:
    story.ann.invites("recall", PRIVATE)

    await story.ann.types("/recall cmp-1042", PRIVATE)

    await story.card(story.bob, PRIVATE)
    assert _cards(story, story.ann, "#recalls") == []


async def test_in_the_conversation_with_the_bot_itself_the_card_stays_there(story: Story) -> None:
    await story.ann.types("/recall cmp-1042", "D0ANN")

    await story.card(story.ann, "D0ANN")


async def test_no_card_in_a_channel_that_is_shared_with_another_organisation(story: Story) -> None:
    await story.ann.types("/recall cmp-1042", "#partners")

    told = await story.whisper(story.ann, "shared with another organisation", "#partners")

    assert "Use a channel of your own organisation." in told
    assert [m for c in ("#partners", "#recalls", "D0ANN") for m in _cards(story, story.ann, c)] == []


async def test_the_shortcut_in_a_shared_channel_is_refused_in_words(story: Story) -> None:
    await story.ann.shortcut("Recall", story.said("Hello partners", "#partners"))

    await story.whisper(story.ann, "shared with another organisation", "#partners")

    assert _cards(story, story.ann, "#partners") == []


async def test_in_an_archived_channel_it_says_so(story: Story) -> None:
    workspace = story.world.slack.workspace
    workspace.add_channel(
        Channel(id="C0OLD", name="old", kind=Kind.PUBLIC, members=frozenset({"U0ANN", "U0RECALL"}))
    )
    old = (await story.ann.types("About cmp-1042", "#old")).message
    workspace.add_channel(replace(workspace.channel("#old"), archived=True))
    assert old is not None

    await story.ann.shortcut("Recall", old)

    # Slack takes no ephemeral message there, but the shortcut's response URL still answers.
    await story.whisper(story.ann, "This channel is archived, so Recall can't post here.", "#old")


async def test_a_channel_archived_under_the_card_moves_the_story_to_the_person(story: Story) -> None:
    card = await story.asks(story.ann)
    workspace = story.world.slack.workspace
    workspace.add_channel(replace(workspace.channel("#campaigns"), archived=True))

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    moved = await story.sees(story.ann, "Recalled", "D0ANN")
    assert "Confirmed by Netmera" in plain(moved)


async def _says(story: Story, text: str, channel: str) -> Message:
    said = (await story.bob.types(text, channel)).message
    assert said is not None
    return said


def _cards(story: Story, who: Person, channel: str) -> list[Message]:
    return [m for m in story.posts(who, channel) if "Yes, recall" in buttons(m)]
