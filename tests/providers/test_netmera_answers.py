"""Answers that no documentation describes: every shape that a server may reasonably send."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotFoundError, ProviderConfusingError, ProviderRefusedError
from bot.providers.mcp_session import ToolAnswer
from bot.providers.netmera_answers import (
    audience_in,
    campaign_in,
    campaigns_in,
    json_of,
    refusal_in,
)
from bot.providers.netmera_settings import FieldNames
from bot.target import Audience, TargetId

FIELDS = FieldNames()
ONE = {"id": "cmp-1", "name": "Spring", "status": "SENT"}
MOMENT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _answer(*texts: str, failed: bool = False, structured: Any = None) -> ToolAnswer:
    return ToolAnswer(failed=failed, texts=texts, structured=structured)


def _read(value: Any, asked: str = "cmp-1") -> Any:
    return campaign_in(value, FIELDS, "Netmera", TargetId(asked))


@pytest.mark.parametrize(
    "answer",
    [
        _answer(json.dumps([ONE])),
        _answer(json.dumps({"campaigns": [ONE], "total": 1})),
        _answer(json.dumps({"tags": [], "data": {"page": 1, "content": [ONE]}})),
        _answer(json.dumps(ONE)),  # a list of one, as one text
        _answer("fine", structured={"result": [ONE]}),
        _answer(structured={"result": [ONE]}),
        _answer(json.dumps([ONE]), structured={"result": json.dumps([ONE])}),
    ],
)
def test_a_list_is_found_wherever_it_is(answer: ToolAnswer) -> None:
    (found,) = campaigns_in(json_of(answer, "Netmera"), FIELDS, "Netmera")
    assert (found.id, found.name, found.status_word) == ("cmp-1", "Spring", "SENT")


def test_one_text_for_each_entry_is_a_list() -> None:
    answer = _answer(json.dumps(ONE), json.dumps({**ONE, "id": "cmp-2"}))
    assert len(campaigns_in(json_of(answer, "Netmera"), FIELDS, "Netmera")) == 2


@pytest.mark.parametrize("answer", [_answer(), _answer("[]"), _answer('{"campaigns": [], "total": 0}')])
def test_an_empty_list_is_empty(answer: ToolAnswer) -> None:
    assert campaigns_in(json_of(answer, "Netmera"), FIELDS, "Netmera") == []


@pytest.mark.parametrize("text", ["Back soon", "{", "[" * 100_000, '{"a": 1}', "7", '[{"name": "no id"}]'])
def test_what_is_no_list_is_confusing(text: str) -> None:
    with pytest.raises(ProviderConfusingError, match="Netmera"):
        campaigns_in(json_of(_answer(text), "Netmera"), FIELDS, "Netmera")


@pytest.mark.parametrize(
    "value",
    [
        ONE,
        [ONE],
        {"campaign": ONE},
        {"success": True, "data": {"campaign": ONE}},
        {"id": 99, "notificationKey": "cmp-1", "name": "Spring", "status": "SENT"},
        {"campaign_id": "CMP-1", "title": "Spring", "state": "SENT"},
        {"name": "Spring", "status": "SENT"},  # no id at all: it is what was asked for
    ],
)
def test_one_campaign_is_found_wherever_it_is(value: Any) -> None:
    found = _read(value)
    assert (found.id.lower(), found.name, found.status_word) == ("cmp-1", "Spring", "SENT")


@pytest.mark.parametrize("value", [{"id": "cmp-2", "status": "SENT"}, [ONE, ONE], "SENT", 7, {"a": {"b": 1}}])
def test_another_campaign_is_never_taken_for_it(value: Any) -> None:
    with pytest.raises(ProviderConfusingError):
        _read(value, asked="cmp-3")


@pytest.mark.parametrize("value", [None, {}, []])
def test_nothing_is_not_found(value: Any) -> None:
    with pytest.raises(NotFoundError):
        _read(value)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00",
        1_772_366_400,
        1_772_366_400_000,
        "1772366400",
        "1772366400000",
        1_772_366_400.0,
    ],
)
def test_times_are_read_in_every_form(written: Any) -> None:
    assert _read({**ONE, "sentAt": written}).sent_at == MOMENT


@pytest.mark.parametrize("written", ["soon", "", None, True, 1e300, "9" * 400, {"at": 1}, float("nan")])
def test_a_time_that_is_none_is_left_out(written: Any) -> None:
    assert _read({**ONE, "sentDate": written}).sent_at is None


def test_counts_are_taken_from_the_first_field_that_has_one() -> None:
    value = {
        **ONE,
        "audience": {"segment": "all"},
        "stats": {"sent": "1200", "delivered": 1100.0, "clicked": 40},
    }
    assert _read(value).audience == Audience(sent=1200, delivered=1100, opened=40)
    odd = {"targetCount": -1, "delivered": True, "opened": "many"}
    assert audience_in(odd, FIELDS) == Audience()


def test_numeric_ids_are_ids() -> None:
    assert _read({"notificationKey": 77, "name": "x"}, asked="77").id == "77"


@pytest.mark.parametrize(
    "identity", ["", " ", "a\x00b", "a b", "\u202ecmp-1", "x" * 201, True, None, 1.5, []]
)
def test_an_id_that_could_not_be_asked_for_is_none(identity: Any) -> None:
    entries = [{"id": identity, "name": "odd"}, ONE]
    assert [one.id for one in campaigns_in(entries, FIELDS, "Netmera")] == ["cmp-1"]


def test_foreign_text_is_bounded_and_can_be_encoded() -> None:
    found = _read({**ONE, "name": "n" * 9_999, "text": "t" * 99_999, "createdBy": "\ud800!"})
    assert (len(found.name), len(found.text)) == (1_000, 10_000)
    assert found.sent_by.encode() == b"?!"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://a b", "https://x/\n", "x" * 3_000, 7])
def test_a_picture_that_is_no_web_address_is_left_out(url: Any) -> None:
    assert _read({**ONE, "imageUrl": url}).image_url is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            _answer("Error executing tool campaign_recall: 5005: Invalid message state", failed=True),
            "Netmera refused: the campaign's state does not allow it (code 5005: “Invalid message state”).",
        ),
        (
            _answer('{"error": "Nope", "code": 2022}', failed=True),
            "not authorised for it (code 2022: “Nope”)",
        ),
        (
            _answer('{"success": false, "message": "Sent in 2021 only"}'),
            "Netmera refused: “Sent in 2021 only”.",
        ),
        (_answer('{"ok": false}'), "Netmera refused"),
        (_answer("Code 5042: something", failed=True), "Netmera refused: “Code 5042: something”."),
        (_answer("", failed=True), "Netmera refused."),
        (_answer("x" * 9_999, failed=True), "x…”."),
        (_answer("bad Bearer abcdefghijkl for a@b.example\nnow", failed=True), "“bad … for … now”"),
    ],
)
def test_a_refusal_is_told_in_words(answer: ToolAnswer, said: str) -> None:
    error = refusal_in(answer, "Netmera")
    assert isinstance(error, ProviderRefusedError)
    assert said in error.sentence


@pytest.mark.parametrize(
    "text", ["5003: No message with that id", "Campaign not found", '{"error": "x", "code": 5003}']
)
def test_an_unknown_campaign_is_not_found(text: str) -> None:
    assert isinstance(refusal_in(_answer(text, failed=True), "Netmera"), NotFoundError)


@pytest.mark.parametrize(
    "text", ["", "ok", '{"status": "RECALLING"}', '{"success": true, "error": null}', "[1]"]
)
def test_an_answer_without_a_no_is_none(text: str) -> None:
    assert refusal_in(_answer(text), "Netmera") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*ONE, "sentAt", "opened"]), inner),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_whatever_raises_anything_else(value: Any) -> None:
    for read in (lambda: campaigns_in(value, FIELDS, "Netmera"), lambda: _read(value)):
        try:
            read()
        except (ProviderConfusingError, NotFoundError):
            continue


@pytest.mark.parametrize(
    "value",
    [
        {"id": "cmp-2", "name": "Autumn", "delivery": {"status": "RECALLED"}},
        {"data": {"id": "cmp-2", "content": [{"name": "Autumn", "status": "RECALLED"}]}},
        {"campaign_id": "cmp-2", "report": {"summary": {"status": "RECALLED"}}},
    ],
)
def test_a_part_of_another_campaign_is_never_taken_for_the_one_that_was_asked_for(value: Any) -> None:
    with pytest.raises(ProviderConfusingError):
        _read(value)


def test_ids_beside_a_campaign_do_not_make_it_another_one() -> None:
    found = _read({"user": {"id": "u-7"}, "campaign": {"name": "Spring", "status": "SENT"}})

    assert (found.id, found.name) == ("cmp-1", "Spring")
