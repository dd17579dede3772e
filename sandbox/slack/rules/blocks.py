"""Blocks, by type."""

from typing import Any

from sandbox.slack.rules.charts import DATA_BLOCKS, RICH_TEXT
from sandbox.slack.rules.elements import (
    BUTTON,
    CHOICES,
    ELEMENTS,
    IMAGE,
    INPUTS,
    MULTI_SELECTS,
    PICKERS,
    SELECTS,
)
from sandbox.slack.rules.shapes import (
    ID,
    Report,
    Rule,
    among,
    anything,
    boolean,
    complain,
    items,
    only,
    shape,
    string,
    typed,
    url,
)
from sandbox.slack.rules.texts import IMAGE_SOURCE, plain, text

ANYTHING_TEXT = 3000  # characters of a text object where a block sets no limit of its own
MARKDOWN = 12_000

_ID: dict[str, Rule] = {"block_id": string(ID)}
_ACCESSORIES = only(ELEMENTS, "button", "image", "overflow", *SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES)
_ACTIONS = only(ELEMENTS, "button", "overflow", *SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES)
_INPUTS = only(ELEMENTS, *INPUTS, *SELECTS, *MULTI_SELECTS, *PICKERS, *CHOICES)
_TEXT_OBJECT = text(ANYTHING_TEXT)


def _context_element(value: Any, pointer: str, report: Report) -> None:
    if isinstance(value, dict) and value.get("type") == "image":
        IMAGE(value, pointer, report)
    else:
        _TEXT_OBJECT(value, pointer, report)


def _input_fits(value: Any, pointer: str, report: Report) -> None:
    """Check what an input block forbids its element."""
    element = value.get("element")
    if isinstance(element, dict) and "confirm" in element:
        complain(report, f"{pointer}/element", "confirm is not allowed in an input")


_CARD = shape(
    optional={
        **_ID,
        "hero_image": IMAGE,
        "icon": IMAGE,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": items(typed({"button": BUTTON}), 5),
    },
    one_of=("hero_image", "title", "actions", "body"),
)
_TASK = shape(
    required={
        "task_id": string(ID),
        "title": string(ANYTHING_TEXT),
        "status": among("pending", "in_progress", "complete", "error"),
    },
    optional={**_ID, "details": RICH_TEXT, "output": RICH_TEXT, "sources": anything},
)
_RICH_PARTS = typed(
    dict.fromkeys(
        ("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"), anything
    )
)

PLAIN_BLOCKS: dict[str, Rule] = {
    "section": shape(
        optional={
            **_ID,
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": _ACCESSORIES,
            "expand": boolean,
        },
        one_of=("text", "fields"),
    ),
    "divider": shape(optional=_ID),
    "header": shape(required={"text": plain(150)}, optional=_ID),
    "image": shape(
        required={"alt_text": string(2000)},
        optional={**_ID, **IMAGE_SOURCE, "title": plain(2000)},
        one_of=("image_url", "slack_file"),
    ),
    "context": shape(required={"elements": items(_context_element, 10)}, optional=_ID),
    "context_actions": shape(
        required={"elements": items(only(ELEMENTS, "feedback_buttons", "icon_button"), 5)}, optional=_ID
    ),
    "actions": shape(required={"elements": items(_ACTIONS, 25)}, optional=_ID),
    "input": shape(
        required={"label": plain(2000), "element": _INPUTS},
        optional={**_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        also=_input_fits,
    ),
    "markdown": shape(required={"text": string(MARKDOWN)}, optional=_ID),
    "rich_text": shape(required={"elements": items(_RICH_PARTS, ANYTHING_TEXT, 0)}, optional=_ID),
    "video": shape(
        required={
            "alt_text": string(2000),
            "title": plain(199),
            "thumbnail_url": url,
            "video_url": url,
        },
        optional={
            **_ID,
            "author_name": string(49),
            "description": plain(ANYTHING_TEXT),
            "provider_icon_url": url,
            "provider_name": string(ANYTHING_TEXT),
            "title_url": url,
        },
    ),
    "alert": shape(
        required={"text": text(ANYTHING_TEXT)},
        optional={**_ID, "level": among("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": shape(required={"elements": items(typed({"card": _CARD}), 10)}, optional=_ID),
    "task_card": _TASK,
    "plan": shape(
        required={"title": string(ANYTHING_TEXT)},
        optional={**_ID, "tasks": items(typed({"task_card": _TASK}), 50, 0)},
    ),
    **DATA_BLOCKS,
}
_CHILDREN = only(PLAIN_BLOCKS, *(name for name in PLAIN_BLOCKS if name != "alert"))
BLOCKS: dict[str, Rule] = PLAIN_BLOCKS | {
    "container": shape(
        required={"child_blocks": items(_CHILDREN, 10)},
        optional={
            **_ID,
            "title": plain(150),
            "rich_text_title": RICH_TEXT,
            "subtitle": text(150),
            "width": among("narrow", "standard", "wide", "full"),
            "icon": IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        one_of=("title", "rich_text_title"),
    )
}
