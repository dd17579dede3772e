"""Whatever a vendor, a customer or a person writes: it fits into Slack, and it does nothing there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.errors import CannotRecallError
from bot.found import Found
from bot.ports import ItemId, ItemResult
from bot.recall import Event, Recall
from bot.target import ItemState, Outcome, RecipientOutcome, Target
from handlers.cards import listing, private, views
from handlers.cards.card import card
from handlers.cards.foreign import GUARD, clip, escape, length, lines, one_line, unescape
from handlers.cards.kit import Message, check_limits, check_view, paragraph
from handlers.cards.limits import check_option
from handlers.cards.reply import progress, reply
from handlers.cards.words_errors import error_sentence, standing
from tests.handlers.cards.hostile import events, finds, recalls, targets, words
from tests.handlers.cards.reading import blocks, marked_up, read, walk

OURS = re.compile(r"<@U0(ANN|BOB)>|<@U_ANN>|<!date\^-?\d+\^[^|>]+\|[^>]*>|<https?://[^|>]+\|[^<>]*>")
UNSEEN = re.compile("[\\u202a-\\u202e\\u2066\\u2067\\u200e\\u200f\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")
thorough = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # values this large shrink for minutes
)


def holds(rendered: Message | Mapping[str, Any]) -> None:
    if isinstance(rendered, Message):
        check_limits(rendered)
    else:
        check_view(rendered)
    for text in marked_up(rendered):
        rest = OURS.sub("", text)
        assert "<" not in rest
        assert ">" not in rest
        assert not re.search(r"&(?!(amp|lt|gt);)", rest)
    for each in walk(blocks(rendered)):
        if each.get("type") == "plain_text":
            assert each["emoji"] is False
        if each.get("type") in {"broadcast", "usergroup"}:
            pytest.fail("foreign text notifies")
    assert not UNSEEN.search(read(rendered))


@thorough
@given(recalls(), st.booleans())
def test_every_card_in_every_state(recall: Recall, image: bool) -> None:
    holds(card(recall, image=image))


@thorough
@given(events(), recalls())
def test_every_reply(event: Event, recall: Recall) -> None:
    told = reply(event, recall)
    if told is not None:
        holds(told)
    holds(progress(recall))


@thorough
@given(finds(), words, st.booleans())
def test_every_list(found: Found, typed: str, earlier: bool) -> None:
    for message in (
        listing.recents(found, earlier=earlier),
        listing.short_list(typed, found),
        listing.nothing(typed, found),
    ):
        holds(message)


@thorough
@given(st.lists(recalls(), max_size=25), finds())
def test_history_status_and_home(known: Sequence[Recall], found: Found) -> None:
    holds(listing.history(known))
    holds(listing.status(known))
    holds(views.home(found, known))


@thorough
@given(recalls(), targets(), words)
def test_refusals_answers_and_modals(recall: Recall, target: Target, said: str) -> None:
    holds(listing.refusal(error_sentence(CannotRecallError(said)), target, recall))
    holds(listing.sentence(standing(recall)))
    holds(listing.with_search(standing(recall)))
    holds(views.reason_text(recall, "{}"))
    holds(views.searcher(escape(said), "{}"))
    holds(views.message_view(said, standing(recall)))


@thorough
@given(st.lists(targets(), min_size=1, max_size=15, unique_by=lambda each: each.ref), st.booleans())
def test_chooser_and_typeahead(found: Sequence[Target], known: bool) -> None:
    for each in views.options_for(found):
        check_option(each)
    holds(views.chooser([(each.ref, each if known else None) for each in found], "{}", "Two were found."))


@given(words, st.integers(10, 700))
def test_cleaning_keeps_to_its_limit(text: str, limit: int) -> None:
    for clean in (clip(text, limit), one_line(text, limit), escape(text, limit)):
        assert length(clean) <= limit
    assert length(lines(text, 700)) <= 700
    assert "\n" not in one_line(text, limit)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=80))
def test_blocks_show_foreign_text_letter_by_letter(text: str) -> None:
    wanted = " ".join(text.split())
    assert unescape(escape(text)) == wanted
    if wanted:
        leaf = paragraph(escape(text))["elements"][0]["elements"]
        assert leaf == [{"type": "text", "text": wanted}]


def test_right_to_left_text_is_kept_apart_from_our_words() -> None:
    assert one_line("مرحبا \u202eelas", 50) == "\u2068مرحبا elas\u2069"
    assert one_line("Spring sale", 50) == "Spring sale"


def test_an_ordinary_name_stays_findable_in_the_notification() -> None:
    for name in ("Spring sale: 50% off everything", "spring_sale_2026", "12:30 flash"):
        assert escape(name) == name
    assert GUARD in escape("*bold*")
    assert GUARD in escape(":tada: now")


@thorough
@given(targets(), recalls(), words, st.sampled_from([*ItemState]))
def test_what_one_person_is_shown_alone(target: Target, recall: Recall, said: str, state: ItemState) -> None:
    known = RecipientOutcome(address=said, state=state, reason=said)
    outcome = Outcome(state=state, reason=said, recipients=(known,) * 60)
    holds(private.text(target, said))
    holds(private.recipients(recall, [ItemResult(number=0, item=ItemId(said), state=state, outcome=outcome)]))
