# ruff: noqa: PLR2004 – the figures here are what this module is about
"""Slack's limits on messages and views, as assertions: tests hold everything we render against them.

Figures: Slack's Block Kit reference; lengths are counted in UTF-16 units, the stricter reading.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from handlers.cards.foreign import length


class Rendered(Protocol):
    """What is checked: a message's text and blocks."""

    @property
    def text(self) -> str:
        """The notification's text."""
        ...

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """What stands on the screen."""
        ...


def check_limits(message: Rendered) -> None:
    """Raise AssertionError where Slack would refuse or cut a message."""
    _within("text", message.text, 1, 4000)
    assert len(message.blocks) <= 50, "more than 50 blocks"
    _check_blocks(message.blocks)


def check_view(view: Mapping[str, Any]) -> None:
    """Raise AssertionError where Slack would refuse a modal or a home tab."""
    blocks = view["blocks"]
    assert len(blocks) <= 100, "more than 100 blocks"
    _check_blocks(blocks)
    assert len(json.dumps(view)) <= 250_000, "view over 250 kB"
    assert length(view.get("private_metadata", "")) <= 3000, "private_metadata over 3000"
    if view["type"] == "modal":
        for key in ("title", "submit", "close"):
            if key in view:
                _within(key, view[key]["text"], 1, 24)
        asks = any(block["type"] == "input" for block in blocks)
        assert not asks or "submit" in view, "an input without submit"


def _check_blocks(blocks: Sequence[Mapping[str, Any]]) -> None:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids)), "the same block_id twice"
    for block in blocks:
        _BLOCKS[block["type"]](block)
        actions = [each["action_id"] for each in _walk(block) if "action_id" in each]
        assert len(actions) == len(set(actions)), f"the same action_id twice in {block['type']}"
        for each in _walk(block):
            if each.get("type") in _PARTS:
                _PARTS[each["type"]](each)


def _walk(node: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for each in node.values():
            yield from _walk(each)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _walk(each)


def _within(what: str, text: str, least: int, most: int) -> None:
    assert least <= length(text) <= most, (
        f"{what} has {length(text)} characters, allowed are {least} to {most}"
    )
    assert text.strip() or not least, f"{what} is blank"
    text.encode("utf-8")


def _section(block: Mapping[str, Any]) -> None:
    assert block.get("text") or block.get("fields"), "a section needs text or fields"
    if "text" in block:
        _within("section text", block["text"]["text"], 1, 3000)


def _actions(block: Mapping[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 25, "actions hold 1 to 25 elements"


def _context(block: Mapping[str, Any]) -> None:
    assert 1 <= len(block["elements"]) <= 10, "a context holds 1 to 10 elements"


def _image(block: Mapping[str, Any]) -> None:
    _within("alt_text", block["alt_text"], 1, 2000)
    _within("image_url", block["image_url"], 1, 3000)
    assert block["image_url"].startswith(("https://", "http://")), "a picture's address is no web address"


def _rich(block: Mapping[str, Any]) -> None:
    assert block["elements"], "empty rich text"
    for each in _walk(block):
        if each.get("type") == "text":
            assert each["text"], "an empty run of rich text"
        if each.get("type", "").startswith("rich_text"):
            assert each["elements"], f"empty {each['type']}"


def _input(block: Mapping[str, Any]) -> None:
    _within("label", block["label"]["text"], 1, 2000)
    if "hint" in block:
        _within("hint", block["hint"]["text"], 1, 2000)


def _button(button: Mapping[str, Any]) -> None:
    _within("button text", button["text"]["text"], 1, 75)
    assert length(button.get("value", "")) <= 2000, "button value over 2000"
    assert length(button.get("url", "")) <= 3000, "button address over 3000"
    assert button.get("style", "primary") in {"primary", "danger"}, "unknown button style"
    if "accessibility_label" in button:
        _within("accessibility_label", button["accessibility_label"], 1, 75)


def _select(element: Mapping[str, Any]) -> None:
    if "placeholder" in element:
        _within("placeholder", element["placeholder"]["text"], 1, 150)
    if "options" not in element:
        return
    most = 10 if element["type"] == "radio_buttons" else 100
    assert 1 <= len(element["options"]) <= most, f"1 to {most} options"
    for each in element["options"]:
        check_option(each)
    values = [each["value"] for each in element["options"]]
    assert len(values) == len(set(values)), "the same option twice"
    assert element.get("initial_option") in [None, *element["options"]], (
        "initial_option is none of the options"
    )


def check_option(option: Mapping[str, Any]) -> None:
    """Raise AssertionError where Slack would refuse an option."""
    _within("option text", option["text"]["text"], 1, 75)
    _within("option value", option["value"], 1, 150)
    if "description" in option:
        _within("option description", option["description"]["text"], 1, 75)


def _mrkdwn(text: Mapping[str, Any]) -> None:
    _within("text", text["text"], 1, 3000)


def _header(block: Mapping[str, Any]) -> None:
    _within("header", block["text"]["text"], 1, 150)


def _nothing(block: Mapping[str, Any]) -> None:
    del block


_BLOCKS: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "header": _header,
    "section": _section,
    "actions": _actions,
    "context": _context,
    "image": _image,
    "rich_text": _rich,
    "input": _input,
    "divider": _nothing,
}
_PARTS: Final[Mapping[str, Callable[[Mapping[str, Any]], None]]] = {
    "button": _button,
    "static_select": _select,
    "external_select": _select,
    "radio_buttons": _select,
    "mrkdwn": _mrkdwn,
    "plain_text": _mrkdwn,
}
