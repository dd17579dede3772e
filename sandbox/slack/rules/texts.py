"""Composition objects: texts, options, confirm dialogs, filters."""

from typing import Any

from sandbox.slack.rules.shapes import (
    Report,
    Rule,
    among,
    anything,
    boolean,
    complain,
    items,
    shape,
    string,
    typed,
    url,
)

OPTION_TEXT = 75
OPTION_VALUE = 150
OPTIONS = 100


def plain(most: int, least: int = 1) -> Rule:
    """Return a rule for a plain_text object."""
    return typed({"plain_text": shape(required={"text": string(most, least)}, optional={"emoji": boolean})})


def text(most: int, least: int = 1) -> Rule:
    """Return a rule for a plain_text or mrkdwn object."""
    content = string(most, least)
    return typed(
        {
            "plain_text": shape(required={"text": content}, optional={"emoji": boolean}),
            "mrkdwn": shape(required={"text": content}, optional={"verbatim": boolean}),
        }
    )


def option(words: Rule, *, link: bool = False) -> Rule:
    """Return a rule for one option; only an overflow menu's may carry a link."""
    described = {"description": text(OPTION_TEXT), **({"url": url} if link else {})}
    return shape(required={"text": words, "value": string(OPTION_VALUE)}, optional=described)


PLAIN_OPTION = option(plain(OPTION_TEXT))
MARKED_OPTION = option(text(OPTION_TEXT))
LINKED_OPTION = option(plain(OPTION_TEXT), link=True)
OPTION_LIST = items(PLAIN_OPTION, OPTIONS)
OPTION_GROUPS = items(shape(required={"label": plain(OPTION_TEXT), "options": OPTION_LIST}), OPTIONS)
STYLE = among("primary", "danger")
CONFIRM = shape(
    required={"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    optional={"style": STYLE},
)
PLACEHOLDER = plain(150)
SLACK_FILE = shape(optional={"id": string(255), "url": url}, one_of=("id", "url"))
FILTER = shape(
    optional={
        "include": items(among("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
DISPATCH = shape(optional={"trigger_actions_on": items(among("on_enter_pressed", "on_character_entered"), 2)})
IMAGE_SOURCE = {
    "image_url": url,
    "slack_file": SLACK_FILE,
    "image_width": anything,
    "image_height": anything,
    "image_bytes": anything,
}


def initial_among_options(value: Any, pointer: str, report: Report) -> None:
    """Check that what is chosen at first is one of the options, to the letter."""
    groups = value.get("option_groups") or []
    offered = [
        *(value.get("options") or []),
        *(choice for group in groups if isinstance(group, dict) for choice in group.get("options") or []),
    ]
    first = value.get("initial_option")
    chosen = [first] if first else []
    chosen += value.get("initial_options") or []
    if any(choice not in offered for choice in chosen):
        complain(report, pointer, "initial options must be among the options")
    if value.get("options") and groups:
        complain(report, pointer, "options and option_groups exclude each other")
