"""What a person reads on a message or a view, as plain text."""

import re
from collections.abc import Iterator

from sandbox.slack.screens import surface_of
from sandbox.slack.values import Json, Message, View

REFERENCE = re.compile(r"<([^<>]+)>")


def plain(shown: Message | View) -> str:
    """Return everything that can be read, one line per piece; buttons stand in [brackets]."""
    lines = [line for block in surface_of(shown).blocks for line in block_lines(block)]
    if isinstance(shown, View):
        return "\n".join([shown.title, *lines]).strip()
    bare = [
        unmarked(str(attachment.get(key, "")))
        for attachment in shown.attachments
        for key in ("pretext", "title", "text")
        if attachment.get(key)
    ]
    if not shown.blocks:
        lines = [unmarked(shown.text), *lines]
    return "\n".join([*lines, *bare])


def block_lines(block: Json) -> Iterator[str]:
    """Yield the readable pieces of one block, in the order in which they stand."""
    yield from _pieces(block)


def unmarked(mrkdwn: str) -> str:
    """Return mrkdwn as it reads: references resolved to what they show, entities decoded."""
    text = REFERENCE.sub(_reference, mrkdwn)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _reference(match: re.Match[str]) -> str:
    target, bar, label = match.group(1).partition("|")
    if bar:
        return label
    return target.replace("!", "@", 1) if target.startswith("!") else target


def _pieces(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _pieces(item)
    elif isinstance(node, dict):
        yield from _of_object(node)


def _of_object(node: Json) -> Iterator[str]:
    kind, text = node.get("type"), node.get("text")
    if kind in {"plain_text", "mrkdwn", "markdown", "raw_text", "text"} and isinstance(text, str):
        yield unmarked(text) if kind == "mrkdwn" else text
    elif kind == "button":
        yield f"[{_words(text)}]"
    elif kind == "image":
        yield f"({_words(node.get('title')) or node.get('alt_text', '')})"
    elif "value" in node and isinstance(text, dict):  # an option
        yield f"({_words(text)})"
    else:
        for value in node.values():
            yield from _pieces(value)


def _words(text: object) -> str:
    return str(text.get("text", "")) if isinstance(text, dict) else ""
