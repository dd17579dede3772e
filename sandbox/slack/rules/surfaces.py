"""Whole messages and views: how many blocks, which kinds where, and ids that must not repeat."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.slack.elements import VALUE_KEYS
from sandbox.slack.rules.blocks import BLOCKS, MARKDOWN
from sandbox.slack.rules.shapes import ID, Report, among, boolean, complain, items, only, shape, string, walk
from sandbox.slack.rules.texts import OPTION_GROUPS, OPTION_LIST, plain
from sandbox.slack.values import Json

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
CHARTS = 2  # in one message
MODAL_ONLY = {"alert"}
MESSAGE_ONLY = {
    "markdown",
    "context_actions",
    "task_card",
    "plan",
    "table",
    "data_table",
    "data_visualization",
}
ACTING = {*VALUE_KEYS, "button", "overflow", "file_input", "icon_button", "feedback_buttons"}

_IN_MESSAGES = items(only(BLOCKS, *(BLOCKS.keys() - MODAL_ONLY)), MESSAGE_BLOCKS, 0)
_IN_VIEWS = items(only(BLOCKS, *(BLOCKS.keys() - MESSAGE_ONLY)), VIEW_BLOCKS, 0)
_OPTIONAL = {
    "private_metadata": string(3000, 0),
    "callback_id": string(ID, 0),
    "external_id": string(ID, 0),
}
_MODAL = shape(
    required={"title": plain(24), "blocks": _IN_VIEWS},
    optional={
        **_OPTIONAL,
        "close": plain(24),
        "submit": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = shape(required={"blocks": _IN_VIEWS}, optional=_OPTIONAL)


def message_errors(blocks: Any) -> list[str]:
    """Return what is wrong with a message's blocks."""
    report: Report = []
    _IN_MESSAGES(blocks, "/blocks", report)
    if isinstance(blocks, list):
        _unique(blocks, "/blocks", report)
        _limited(blocks, "table", 1, "only_one_table_allowed", report)
        _limited(blocks, "data_visualization", CHARTS, f"no more than {CHARTS} charts allowed", report)
    return report


def attachment_errors(attachments: list[Json]) -> list[str]:
    """Return what is wrong with the blocks inside a message's attachments."""
    report: Report = []
    for number, attachment in enumerate(attachments):
        pointer = f"/attachments/{number}"
        if not isinstance(attachment, dict):
            complain(report, pointer, "must provide an object")
        elif attachment.get("blocks"):
            _IN_MESSAGES(attachment["blocks"], f"{pointer}/blocks", report)
    return report


def too_much_markdown(blocks: list[Json]) -> bool:
    """Whether all markdown blocks of a message together are longer than Slack takes."""
    texts = (block.get("text") for block in _objects(blocks) if block.get("type") == "markdown")
    return sum(len(text) for text in texts if isinstance(text, str)) > MARKDOWN


def view_errors(view: Any) -> list[str]:
    """Return what is wrong with a modal or home tab."""
    report: Report = []
    if not isinstance(view, dict):
        complain(report, "/view", "must provide an object")
        return report
    among("modal", "home")(view.get("type"), "/view/type", report)
    (_HOME if view.get("type") == "home" else _MODAL)(view, "/view", report)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        _unique(blocks, "/view/blocks", report)
        asks = any(block.get("type") == "input" for block in _objects(blocks))
        if asks and view.get("type") == "modal" and not view.get("submit"):
            complain(report, "/view", "missing required field: submit (a modal with inputs needs it)")
    return report


def suggestion_errors(answer: Json) -> list[str]:
    """Return what is wrong with a typeahead's answer; no options at all is fine."""
    report: Report = []
    if answer.get("options"):
        OPTION_LIST(answer["options"], "/options", report)
    if answer.get("option_groups"):
        OPTION_GROUPS(answer["option_groups"], "/option_groups", report)
    if not answer.keys() & {"options", "option_groups"}:
        complain(report, "", "missing required field: options or option_groups")
    return report


def _objects(blocks: list[Any]) -> Iterator[Json]:
    return (block for block in blocks if isinstance(block, dict))


def _unique(blocks: list[Any], pointer: str, report: Report) -> None:
    """Check that no block id repeats on the surface, and no action id in a block."""
    block_ids = Counter(block.get("block_id") for block in _objects(blocks) if block.get("block_id"))
    for block_id in (block_id for block_id, times in block_ids.items() if times > 1):
        complain(report, pointer, f"`block_id` {block_id} already exists")
    for position, block in enumerate(_objects(blocks)):
        acting = (node for node in walk(block) if node.get("type") in ACTING)
        action_ids = Counter(node["action_id"] for node in acting if node.get("action_id"))
        for action_id in (action_id for action_id, times in action_ids.items() if times > 1):
            complain(report, f"{pointer}/{position}", f"`action_id` {action_id} already exists")


def _limited(blocks: list[Any], kind: str, most: int, words: str, report: Report) -> None:
    if sum(block.get("type") == kind for block in _objects(blocks)) > most:
        complain(report, "/blocks", words)
