from typing import Any

import pytest

from sandbox.slack.rules import (
    attachment_errors,
    message_errors,
    suggestion_errors,
    too_much_markdown,
    view_errors,
)
from tests.sandbox.slack_app import actions, button, section

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": words(text), "value": value}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option()], **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": words("Recall"), "submit": words("Go"), "blocks": list(blocks), **more}


def asks(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": words("Why"), "element": element, **more}


def confirm(**more: Any) -> Json:
    return {
        "title": words("Sure?"),
        "text": words("Really"),
        "confirm": words("Yes"),
        "deny": words("No"),
        **more,
    }


CHART = {
    "type": "data_visualization",
    "title": "Opened",
    "chart": {
        "type": "line",
        "series": [{"name": "a minute", "data": [{"label": "now", "value": 3}]}],
        "axis_config": {"categories": ["now"]},
    },
}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "Sent"}]]}

FINE = [
    [section("x" * 3000)],
    [{"type": "section", "fields": [words("x" * 2000)] * 10}],
    [section("x", accessory=button("x" * 75, "a", "v" * 2000))],
    [section("x", accessory={"type": "image", "image_url": "https://a.example/b.png", "alt_text": "x"})],
    [actions(*[button("Go", f"a{n}") for n in range(25)])],
    [actions(button("Go", "a") | {"style": "danger", "confirm": confirm(style="danger")})],
    [
        actions(
            select(initial_option=option()),
            {"type": "external_select", "action_id": "e", "min_query_length": 0},
        )
    ],
    [asks(select(options=[option(str(n), str(n)) for n in range(100)]))],
    [asks({"type": "plain_text_input", "multiline": True, "max_length": 3000})],
    [{"type": "header", "text": words("x" * 150)}, {"type": "divider"}],
    [{"type": "context", "elements": [words("x")] * 10}],
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
    [{"type": "image", "image_url": "https://a.example/b.png", "alt_text": "x", "title": words("x")}],
    [{"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}],
    [TABLE],
    [CHART, CHART],
    [{"type": "data_table", "caption": "x", "rows": TABLE["rows"] * 2}],
    [{"type": "container", "title": words("x"), "child_blocks": [section("x")]}],
    [section("x")] * 50,
]

WRONG = [
    ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section"}], "missing required field: text or fields [json-pointer:/blocks/0]"),
    ([{"type": "section", "fields": [words("x" * 2001)]}], "must be less than 2001 characters"),
    ([{"type": "section", "fields": [words("x")] * 11}], "no more than 10 items allowed"),
    ([section("x", colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ([section("x", accessory={"type": "plain_text_input"})], "unsupported type: plain_text_input"),
    ([{"type": "sections"}], "unsupported type: sections [json-pointer:/blocks/0/type]"),
    (["text"], "must provide an object [json-pointer:/blocks/0]"),
    ([{"type": "header", "text": words("x" * 151)}], "must be less than 151 characters"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn"),
    ([{"type": "context", "elements": [words("x")] * 11}], "no more than 10 items allowed"),
    ([{"type": "context", "elements": []}], "no fewer than 1 items allowed"),
    ([actions(*[button("Go", f"a{n}") for n in range(26)])], "no more than 25 items allowed"),
    ([actions(button("x" * 76, "a"))], "must be less than 76 characters"),
    ([actions(button("", "a"))], "must be more than 0 characters"),
    ([actions(button("Go", "a", "v" * 2001))], "must be less than 2001 characters"),
    ([actions(button("Go", "a" * 256))], "must be less than 256 characters"),
    ([actions(button("Go", "a") | {"style": "warning"})], "must be one of: primary, danger"),
    ([actions(button("Go", "a") | {"text": {"type": "mrkdwn", "text": "Go"}})], "unsupported type: mrkdwn"),
    ([actions(button("Go", "a") | {"url": "javascript:x"})], "must be a valid URL"),
    ([actions(button("Go", "a") | {"url": f"https://{'x' * 3000}"})], "must be less than 3001 characters"),
    ([actions(button("Go", "a") | {"confirm": confirm(title=words("x" * 101))})], "must be less than 101"),
    ([actions(button("Go", "a") | {"confirm": confirm(text=words("x" * 301))})], "must be less than 301"),
    ([actions(button("Go", "a") | {"confirm": confirm(deny=words("x" * 31))})], "must be less than 31"),
    ([actions(button("Go", "a"), button("No", "a"))], "`action_id` a already exists"),
    ([section("x", block_id="b"), section("y", block_id="b")], "`block_id` b already exists"),
    ([section("x", block_id="b" * 256)], "must be less than 256 characters"),
    ([actions(select(options=[option("x" * 76)]))], "must be less than 76 characters"),
    ([actions(select(options=[option("x", "v" * 151)]))], "must be less than 151 characters"),
    ([actions(select(options=[option(str(n), str(n)) for n in range(101)]))], "no more than 100 items"),
    ([actions({"type": "static_select"})], "missing required field: options or option_groups"),
    ([actions(select(placeholder=words("x" * 151)))], "must be less than 151 characters"),
    ([actions(select(initial_option=option("Two", "2")))], "initial options must be among the options"),
    ([actions({"type": "overflow", "options": [option()] * 6})], "no more than 5 items allowed"),
    ([actions({"type": "radio_buttons", "options": [option()] * 11})], "no more than 10 items allowed"),
    ([{"type": "image", "image_url": "https://a.example/b.png"}], "missing required field: alt_text"),
    ([{"type": "image", "alt_text": "x"}], "missing required field: image_url or slack_file"),
    ([asks({"type": "button", "text": words("Go")})], "unsupported type: button"),
    ([TABLE, TABLE], "only_one_table_allowed"),
    ([TABLE | {"rows": TABLE["rows"] * 101}], "no more than 100 items allowed"),
    ([{"type": "data_table", "caption": "x", "rows": TABLE["rows"]}], "no fewer than 2 items allowed"),
    ([CHART | {"title": "x" * 51}], "must be less than 51 characters"),
    ([CHART] * 3, "no more than 2 charts allowed"),
    ([CHART | {"chart": CHART["chart"] | {"axis_config": {"categories": ["x"]}}}], "labels must match"),  # type: ignore[operator]
    ([{"type": "alert", "text": words("x")}], "unsupported type: alert"),
]


@pytest.mark.parametrize("blocks", FINE)
def test_what_slack_takes_is_fine(blocks: list[Json]) -> None:
    assert message_errors(blocks) == []


@pytest.mark.parametrize(("blocks", "complaint"), WRONG)
def test_what_slack_refuses_is_refused_in_its_words(blocks: list[Json], complaint: str) -> None:
    assert any(complaint in error for error in message_errors(blocks)), message_errors(blocks)


@pytest.mark.parametrize(
    "view",
    [
        modal(asks({"type": "plain_text_input", "action_id": "w"})),
        modal(*[section("x")] * 100, private_metadata="x" * 3000),
        {"type": "home", "blocks": [section("x")]},
        modal({"type": "alert", "text": words("x"), "level": "warning"}),
    ],
)
def test_views_that_slack_takes_are_fine(view: Json) -> None:
    assert view_errors(view) == []


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(title=words("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(submit=words("x" * 25)), "must be less than 25 characters"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (modal(callback_id="x" * 256), "must be less than 256 characters"),
        (modal(*[section("x")] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        (modal(asks({"type": "plain_text_input"}), submit=None), "missing required field: submit"),
        (modal(TABLE), "unsupported type: table"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        ({"type": "home", "title": words("x"), "blocks": []}, "invalid additional property: title"),
        ({"type": "sheet", "title": words("x"), "blocks": []}, "must be one of: modal, home"),
    ],
)
def test_views_that_slack_refuses_are_refused(view: Json, complaint: str) -> None:
    assert any(complaint in error for error in view_errors(view)), view_errors(view)


def test_markdown_blocks_share_one_limit() -> None:
    half = {"type": "markdown", "text": "x" * 6000}
    assert not too_much_markdown([half, half])
    assert too_much_markdown([half, half, {"type": "markdown", "text": "x"}])


def test_blocks_in_attachments_count_too() -> None:
    assert attachment_errors([{"color": "#f00", "blocks": [section("x")]}]) == []
    assert attachment_errors([{"blocks": [section("")]}]) == [
        "must be more than 0 characters [json-pointer:/attachments/0/blocks/0/text/text]"
    ]


def test_a_typeahead_may_offer_a_hundred_options_or_none() -> None:
    assert suggestion_errors({"options": []}) == []
    assert suggestion_errors({"options": [option(str(n)) for n in range(100)]}) == []
    assert suggestion_errors({"options": [option(str(n)) for n in range(101)]})
    assert suggestion_errors({"option_groups": [{"label": words("Push"), "options": [option()]}]}) == []
    assert suggestion_errors({})
