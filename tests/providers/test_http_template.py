"""Templates escape each value for where it stands; conditions and pointers read strictly."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import NotFoundError
from bot.providers import http_template
from bot.providers.http_condition import Condition
from bot.providers.http_message import HttpAnswer
from bot.providers.http_pointer import MISSING, at

NASTY = st.text().filter(lambda text: text not in {"", ".", ".."})


@given(NASTY)
def test_a_value_is_one_segment_and_one_parameter_whatever_it_holds(value: str) -> None:
    clean = value.encode("utf-8", "replace").decode()
    filled = http_template.url("https://v.example/a/{id}/b?q={id}&r=1", {"id": value})
    url = URL(filled, encoded=True)
    assert url.host == "v.example"
    assert url.raw_path.count("/") == 3
    assert url.query.getall("q") == [clean]
    assert url.query.getall("r") == ["1"]
    assert url.fragment == ""


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_what_is_no_segment_of_its_own_is_refused(value: str) -> None:
    with pytest.raises(NotFoundError):
        http_template.url("https://v.example/a/{id}", {"id": value})


def test_bodies_take_texts_numbers_and_lists() -> None:
    values = {"id": '4"7', "number": "47", "limit": 5, "items": ("a", "b")}
    template: dict[str, Any] = {
        "a": "x {id} y",
        "b": ["{limit}", {"c": "{items}"}],
        "d": "{number:number}",
        "e": True,
        "f": "{items}!",
    }
    filled = http_template.json_value(template, values)
    assert filled == {"a": 'x 4"7 y', "b": [5, {"c": ["a", "b"]}], "d": 47, "e": True, "f": "a,b!"}


@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "", "٣", "9" * 30])
def test_what_is_no_number_is_no_id_of_a_vendor_with_numbers(value: str) -> None:
    with pytest.raises(NotFoundError):
        http_template.json_value({"id": "{id:number}"}, {"id": value})


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", {"a": [{"b/c": 1, "d~e": None}]}),
        ("/a/0/b~1c", 1),
        ("/a/0/d~0e", None),
        ("/a/1", MISSING),
        ("/a/x", MISSING),
        ("/a/-1", MISSING),
        ("/b", MISSING),
    ],
)
def test_pointers_lead_where_the_standard_says(pointer: str, value: Any) -> None:
    assert at({"a": [{"b/c": 1, "d~e": None}]}, pointer) == value


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"status": [200]}, True),
        ({"status": [201]}, False),
        ({"equals": {"/code": 0}}, True),
        ({"equals": {"/code": False}}, False),
        ({"equals": {"/flag": 1}}, False),
        ({"equals": {"/flag": True}}, True),
        ({"equals": {"/code": [5, 0]}}, True),
        ({"equals": {"/nothing": None}}, False),
        ({"equals": {"/null": None}}, True),
        ({"contains": {"/said": "EXPIRED"}}, True),
        ({"contains": {"/nothing": ""}}, True),
        ({"contains": {"/nothing": "x"}}, False),
        ({"same": [["/gone", "/all"]]}, True),
        ({"same": [["/gone", "/code"]]}, False),
        ({"same": [["/nothing", "/nought"]]}, False),
        ({"same": [["/null", "/null"]]}, False),
        ({"present": ["/code"]}, True),
        ({"present": ["/null"]}, False),
        ({"absent": ["/nothing", "/null"]}, True),
        ({"absent": ["/code"]}, False),
        ({"status": [200], "equals": {"/code": 1}}, False),
    ],
)
def test_all_parts_of_a_condition_have_to_hold(condition: dict[str, Any], holds: bool) -> None:
    body = {"code": 0, "flag": True, "null": None, "said": "x" * 90 + "it is expired", "gone": 7, "all": 7}
    answer = HttpAnswer(status=200, json=body, is_json=True, text="{}")
    assert Condition.model_validate(condition).holds(answer) is holds
