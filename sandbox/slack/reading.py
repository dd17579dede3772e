"""What a person reads on a message or a view, as plain text."""

import re
from collections.abc import Iterator

from sandbox.slack.screens import surface_of
from sandbox.slack.values import Json, Message, View

REFERENCE = re.compile(r"<([^<>]+)>")
INLINE = frozenset({"rich_text_section", "rich_text_quote", "rich_text_preformatted"})

MEANT = {
    "user": ("@", "user_id"),
    "usergroup": ("@", "usergroup_id"),
    "channel": ("#", "channel_id"),
    "broadcast": ("@", "range"),
}
"""Rich text's references: the sign before them, and the key of what they mean."""


def plain(shown: Message | View) -> str:
    """Return everything that can be read, one line per piece: buttons in [brackets], selects closed, in (parentheses)."""
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
    if kind in INLINE:
        yield "".join(_inline(element) for element in node.get("elements", []))
    elif kind in {"plain_text", "mrkdwn", "markdown", "raw_text", "text"} and isinstance(text, str):
        yield unmarked(text) if kind == "mrkdwn" else text
    elif kind == "button":
        yield f"[{_words(text)}]"
    elif kind == "image":
        yield f"({_words(node.get('title')) or node.get('alt_text', '')})"
    elif kind in {"static_select", "external_select"}:
        chosen = node.get("initial_option") or {}
        yield f"({_words(chosen.get('text')) or _words(node.get('placeholder'))})"
    elif "value" in node and isinstance(text, dict):  # an option
        yield f"({_words(text)})"
    else:
        for value in node.values():
            yield from _pieces(value)


def _inline(element: Json) -> str:
    """Read one piece of a rich text line; who or what is meant stands as its id, as in mrkdwn."""
    kind = str(element.get("type"))
    if kind in MEANT:
        sign, key = MEANT[kind]
        return f"{sign}{element.get(key)}"
    if kind == "emoji":
        return f":{element.get('name')}:"
    if kind == "date":
        return str(element.get("fallback", element.get("timestamp", "")))
    return str(element.get("text") or element.get("url") or "")


def _words(text: object) -> str:
    return str(text.get("text", "")) if isinstance(text, dict) else ""
