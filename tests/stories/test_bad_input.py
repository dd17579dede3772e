"""Whatever somebody types or a vendor holds: shown literally, a plain answer, nobody else notified."""

from dataclasses import replace
from typing import Any

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.campaign import Campaign
from tests.stories.conftest import Story, buttons

AWKWARD = "cmp-1037"
NAME = "<!channel> *Bold* _move_ ~old~ `code` & <b>50%</b> مرحبا elas"
"""The awkward campaign's name, as it has to be read everywhere: literally, and without its override of direction."""

TEXT = "Hello <@U0BOB>, *half price* & <https://shop.example|more> &lt;today&gt;"
NOWHERE: Any = None
"""What a vendor may leave out, although the practice vendor's own campaigns never do."""

GUARD = "\u2060"


# What somebody types --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["x" * 10_000, "spring sale " * 900, "https://panel.netmera.example/" + "9" * 9_000]
)
async def test_ten_thousand_characters_are_too_long_to_search_for(story: Story, typed: str) -> None:
    shown = await story.ann.types(f"/recall {typed}", "#campaigns")

    assert shown.ok
    told = await story.whisper(story.ann, "That is too long to search for.")
    assert "at most 200 characters" in told
    assert len(told) < 200


@pytest.mark.parametrize(
    "typed", ["\u202espring\x07 sale: 50", "spr\u200bing", "\x00cmp-1042\x1b", "＊cmp-1042"]
)
async def test_odd_characters_in_a_search_do_no_harm(story: Story, typed: str) -> None:
    shown = await story.ann.types(f"/recall {typed}", "#campaigns")

    assert shown.ok
    await story.until(lambda: story.posts(story.ann, "#campaigns"), "an answer")
    assert "went wrong" not in plain(story.posts(story.ann, "#campaigns")[-1])


async def test_what_was_searched_for_is_repeated_literally_and_notifies_nobody(story: Story) -> None:
    await story.ann.types("/recall @channel *zz* <!here> <@U0BOB> _x_ & ~y~", "#campaigns")

    told = await story.sees(story.ann, "Nothing was found for")

    assert "*zz*" in plain(told).replace(GUARD, "")
    assert "<!here> <@U0BOB> _x_ & ~y~" in plain(told).replace(GUARD, "")
    assert _harmless(told)
    assert _notified(story) == set()


# What a vendor's campaign holds ---------------------------------------------------------------------------


async def test_an_awkward_name_and_text_are_shown_literally_on_the_card(story: Story) -> None:
    card = await story.asks(story.ann, AWKWARD, about="*Bold*")

    assert NAME in plain(card)
    assert TEXT in plain(card)
    assert "by Ann <Berg> & Co" in plain(card)
    assert "عرض اليوم فقط" in plain(card)
    assert "\u202e" not in str(card.blocks) + card.text
    assert _harmless(card)
    assert _notified(story) == {"U0ANN"}


async def test_an_awkward_name_is_shown_literally_in_thread_history_and_status(story: Story) -> None:
    card = await story.asks(story.ann, AWKWARD, about="*Bold*")
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    await story.told(card, 3)
    await story.ann.types("/recall history", "#campaigns")
    history = await story.sees(story.ann, "newest first")

    assert NAME in plain(history)
    assert NAME in plain(story.fresh(card))
    messages = [history, story.fresh(card), *_replies(story, card)]
    assert [m for m in messages if not _harmless(m)] == []
    assert _notified(story) == {"U0ANN"}


async def test_an_awkward_name_is_shown_literally_in_lists_typeahead_home_and_modals(story: Story) -> None:
    ann = story.ann
    await ann.types("/recall Bold", "#general")
    await story.card(ann, "#recalls", "*Bold*")
    await ann.types("/recall lod cod mov", "#campaigns")
    await ann.types("/recall", "#campaigns")
    listed = await story.sees(ann, "Recently sent")
    await ann.presses("Show more", listed)
    older = await story.sees(ann, NAME)
    (offered, *_) = await story.offered(ann, AWKWARD, listed)
    pointed = (await ann.types(f"{AWKWARD} or cmp-1040", "#campaigns")).message
    assert pointed is not None
    await ann.shortcut("Recall", pointed)
    view = await story.window(ann, NAME)

    assert NAME in offered["text"]["text"]
    assert offered["text"]["type"] == "plain_text"
    assert len(offered["text"]["text"]) <= 75
    assert _harmless(older)
    assert NAME in plain(view)
    assert _notified(story) == {"U0ANN"}


async def test_an_awkward_name_in_an_answer_to_one_person_is_literal_too(story: Story) -> None:
    card = await story.asks(story.ann, AWKWARD, about="*Bold*")
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)

    await story.bob.types(f"/recall {AWKWARD}", "#campaigns")

    told = await story.sees(story.bob, "recalled already")
    assert NAME in plain(told)
    assert _harmless(told)


@pytest.mark.parametrize("name", ["N" * 300 + "<!here>", "😀" * 400, "word " * 90, "ا" * 320])
async def test_a_name_of_hundreds_of_characters_is_cut_and_everything_fits(story: Story, name: str) -> None:
    _sent(story, name=name, text="<!channel> *x* " * 700)

    card = await story.asks(story.ann, "cmp-2001", about=name[:20])

    assert "…" in plain(card)
    assert len(plain(card)) < 2500
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    await story.told(card, 3)
    await story.ann.types("/recall", "#campaigns")
    await story.sees(story.ann, "Recently sent")
    assert _notified(story) == {"U0ANN"}


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07\u202e\u200b", "\n\n"])
async def test_a_campaign_without_a_readable_name_goes_by_its_id(story: Story, name: str) -> None:
    _sent(story, name=name, text="")

    card = await story.asks(story.ann, "cmp-2001", about="cmp-2001")

    assert "“cmp-2001”" in card.text


async def test_without_a_picture_the_card_has_none(story: Story) -> None:
    _sent(story, picture=None)

    card = await story.asks(story.ann, "cmp-2001")

    assert [each for each in card.blocks if each["type"] == "image"] == []
    assert "picture" not in plain(card).lower()


async def test_a_picture_that_slack_refuses_is_said_and_linked_and_the_card_comes_all_the_same(
    story: Story,
) -> None:
    story.world.slack.faults.add(method="chat.postMessage", kind="error", error="invalid_blocks")

    card = await story.asks(story.ann)

    assert "Slack could not show the picture." in plain(card)
    assert "spring-sale.png" in str(card.blocks)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)


async def test_a_picture_whose_address_is_too_long_for_slack_does_not_keep_the_card_away(
    story: Story,
) -> None:
    _sent(story, picture="x" * 3_100)

    card = await story.asks(story.ann, "cmp-2001")

    assert [each for each in card.blocks if each["type"] == "image"] == []


async def test_an_audience_of_nobody_is_a_number_like_any_other(story: Story) -> None:
    card = await story.asks(story.ann, "cmp-1036", about="Test, please ignore")

    assert "Sent to 0 · delivered 0 · opened 0" in plain(card)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)


async def test_an_audience_that_the_vendor_does_not_tell_is_said_to_be_unknown(story: Story) -> None:
    _sent(story, target_count=NOWHERE, delivered=NOWHERE, opened=NOWHERE, created_by=NOWHERE)

    card = await story.asks(story.ann, "cmp-2001")

    assert "Netmera does not say how many it went to." in plain(card)
    assert "None" not in plain(card)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    assert "None" not in (await story.told(card, 3))[-1]


async def test_an_unknown_audience_needs_a_second_person_where_large_ones_do(quiet: Story) -> None:
    await quiet.starts(quiet.rules + '[policy.second_person]\naudience_over = 10_000\nwho = ["S0LEADS"]\n')
    _sent(quiet, target_count=NOWHERE, delivered=NOWHERE, opened=NOWHERE)

    card = await quiet.asks(quiet.ann, "cmp-2001")

    assert "A second person has to approve, since its audience is not known." in plain(card)


async def test_a_campaign_that_was_deleted_since_the_list_is_said_to_be_gone(story: Story) -> None:
    _sent(story, name="Soon gone")
    _sent(story, "cmp-2002", name="Soon gone too")
    await story.ann.types("/recall soon gone", "#campaigns")
    listed = await story.sees(story.ann, "More than one fits")
    story.world.netmera.forget("cmp-2001")

    await story.ann.presses("Recall", listed)

    told = await story.sees(story.ann, "Netmera has no campaign with that id.")
    assert "Search…" in buttons(told)
    assert story.posts(story.bob, "#campaigns") == []


async def test_a_campaign_that_was_deleted_under_its_card_is_not_called_recalled(story: Story) -> None:
    _sent(story)
    card = await story.asks(story.ann, "cmp-2001")
    story.world.netmera.forget("cmp-2001")

    await story.ann.presses("Yes, recall", card)

    gone = await story.shows(card, "Netmera has no campaign with that id.")
    assert "Recalled" not in plain(gone)
    assert story.asked() == 0


# What people write as their reason ------------------------------------------------------------------------


async def test_a_reason_in_own_words_is_shown_literally_everywhere(story: Story) -> None:
    reason = "<!channel> <@U0BOB> *wrong* _price_ & `so` مرحبا \u202eon"
    card = await story.asks(story.ann)
    await _gives_reason(story, card, reason)

    read = "<!channel> <@U0BOB> *wrong* _price_ & `so` مرحبا on"
    await story.until(lambda: "*wrong*" in plain(story.fresh(card)))
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    started, *_ = await story.told(card, 3)
    await story.cleo.types("/recall history", "#campaigns")
    history = await story.sees(story.cleo, "newest first")

    for shown in (started, plain(story.fresh(card)), plain(history)):
        assert read in shown.replace(GUARD, "")
    assert [m for m in (story.fresh(card), history, *_replies(story, card)) if not _harmless(m)] == []
    assert _notified(story) == {"U0ANN"}


async def test_a_reason_of_blanks_is_asked_for_again(story: Story) -> None:
    card = await story.asks(story.ann)
    ann = story.ann
    await ann.chooses("Other…", card)
    await story.window(ann, "In your own words")

    ann.fills("In your own words", "  \n ")
    refused = await ann.submits()

    assert list(refused.errors.values()) == [
        "Write a few words, or cancel and choose a reason from the list."
    ]


async def test_a_reason_that_comes_after_the_card_has_closed_is_said_not_to_be_kept(story: Story) -> None:
    card = await story.asks(story.ann)
    ann = story.ann
    await ann.chooses("Other…", card)
    await story.window(ann, "In your own words")
    await story.passes(16 * 60)
    await story.shows(card, "Closed")

    ann.fills("In your own words", "too late")
    await ann.submits()

    told = await story.whisper(ann, "Your reason was not kept")
    assert "This card closed by itself" in told
    assert "too late" not in plain(story.fresh(card))


# Below: the parts -----------------------------------------------------------------------------------------


def _sent(story: Story, id_: str = "cmp-2001", **changes: Any) -> Campaign:
    """Put another campaign like the sale into the vendor's books."""
    campaign = replace(story.sale, id=id_, **changes)
    story.world.netmera.keep(campaign)
    return campaign


async def _gives_reason(story: Story, card: Message, words: str) -> None:
    ann = story.ann
    await ann.chooses("Other…", card)
    await story.window(ann, "In your own words")
    ann.fills("In your own words", words)
    await ann.submits()


def _replies(story: Story, card: Message) -> list[Message]:
    return story.world.slack.workspace.replies(card.channel, card.root)


def _notified(story: Story) -> set[str]:
    return {each.target for each in story.world.slack.mentions}


def _harmless(message: Message) -> bool:
    """Whether foreign text stands in no field in which Slack would obey it."""
    told = message.text + "".join(_interpreted(list(message.blocks)))
    return not any(mark in told for mark in ("<!channel", "<!here", "<@U0BOB>", "*Bold*", "*wrong*", "*zz*"))


def _interpreted(node: object) -> list[str]:
    if isinstance(node, list):
        return [text for each in node for text in _interpreted(each)]
    if not isinstance(node, dict):
        return []
    own = [str(node.get("text"))] if node.get("type") == "mrkdwn" else []
    return own + [text for each in node.values() for text in _interpreted(each)]
