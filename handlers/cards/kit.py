"""Block Kit: messages, and builders for the blocks that our cards are made of.

Our sentences are Slack mrkdwn with three kinds of token only: a mention, a date, a link. No other marks are
used, so that the same sentence serves as a notification's text and, taken apart by `paragraph`, as rich text,
in which foreign text can't format anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from bot.recall import Actor
from handlers.cards.foreign import clip, escape, length, lines, one_line, unescape
from handlers.cards.limits import check_limits, check_view

__all__ = [
    "Block",
    "Message",
    "actions",
    "button",
    "called",
    "check_limits",
    "check_view",
    "clip",
    "context",
    "date",
    "escape",
    "finder",
    "header",
    "image",
    "length",
    "lines",
    "link",
    "mention",
    "number",
    "one_line",
    "option",
    "paragraph",
    "plain",
    "quote",
    "section",
    "select",
]

Block = dict[str, Any]
ADDRESS_LIMIT: Final = 3000  # Slack's own, for pictures and links

DateStyle = Literal["moment", "exact", "time", "day"]
_FORMATS: Final[Mapping[str, tuple[str, str]]] = {
    "moment": ("{date_short_pretty} at {time}", "%-d %b %Y, %H:%M UTC"),
    "exact": ("{date_short_pretty} at {time_secs}", "%-d %b %Y, %H:%M:%S UTC"),
    "time": ("{time}", "%H:%M UTC"),
    "day": ("{date_short_pretty}", "%-d %b %Y"),
}
_TOKEN: Final = re.compile(
    r"<@(?P<user>[A-Z0-9]+)>"
    r"|<!subteam\^(?P<group>[A-Z0-9]+)>"
    r"|<#(?P<channel>[A-Z0-9]+)>"
    r"|<!date\^(?P<stamp>-?\d+)\^(?P<format>[^|>]+)\|(?P<fallback>[^>]*)>"
    r"|<(?P<url>https?://[^|>]+)\|(?P<label>[^>]*)>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A Slack message: blocks for the screen, and the same in one text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: Mapping[str, Any] | None = field(default=None)

    def with_metadata(self, event_type: str, payload: Mapping[str, Any]) -> "Message":
        """Mark the message, so that it can be found and recognised again. No secrets: other apps can read it."""
        return replace(self, metadata={"event_type": event_type, "event_payload": dict(payload)})

    def arguments(self) -> dict[str, Any]:
        """Give the arguments of chat.postMessage, chat.update and response URLs that carry content."""
        content: dict[str, Any] = {"text": self.text, "blocks": list(self.blocks)}
        if self.metadata is not None:
            content["metadata"] = self.metadata
        return content


# Parts of sentences -------------------------------------------------------------------------------------


def number(count: int) -> str:
    """Group thousands: 48,210."""
    return f"{count:,}"


def date(at: datetime, style: DateStyle = "moment") -> str:
    """Write an instant so that everybody reads it in their own time zone; UTC where Slack can't."""
    shown, fallback = _FORMATS[style]
    at = at.astimezone(UTC)
    return f"<!date^{int(at.timestamp())}^{shown}|{at.strftime(fallback)}>"


def mention(actor: Actor) -> str:
    """Name a person."""
    return f"<@{actor.user}>"


def called(user_or_group: str) -> str:
    """Name a user or a user group by id."""
    return f"<!subteam^{user_or_group}>" if user_or_group.startswith("S") else f"<@{user_or_group}>"


def link(url: str | None, label: str) -> str:
    """Link an already escaped label; only the label where the address is no plain web address."""
    address = web_address(url)
    return f"<{address.replace('&', '&amp;')}|{label}>" if address else label


def web_address(url: str | None) -> str | None:
    """Return a foreign address when it is http(s) and short enough for Slack, else None."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        ok = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    safe = percent(url, safe=":/?#[]@!$&'()*+,;=%-._~", errors="ignore")
    return safe if ok and length(safe) <= ADDRESS_LIMIT else None


# Blocks -------------------------------------------------------------------------------------------------


def plain(text: str) -> Block:
    """Text that Slack shows as it is: no marks, no mentions, no emoji codes."""
    return {"type": "plain_text", "text": text, "emoji": False}


def header(text: str) -> Block:
    """The line in large letters."""
    return {"type": "header", "text": plain(clip(text, 150))}


def paragraph(*sentences: str, lead: str | None = None) -> Block:
    """Sentences of ours, one to a line, below a bold lead (which may be foreign: it is shown literally)."""
    elements: list[Block] = []
    if lead:
        elements.append({"type": "text", "text": lead + ("\n" if sentences else ""), "style": {"bold": True}})
    return _rich({"type": "rich_text_section", "elements": elements + _elements("\n".join(sentences))})


def quote(foreign: str, limit: int = 700) -> Block:
    """Foreign text as a quotation, literally."""
    text = lines(foreign, limit) or "(no text)"
    return _rich({"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]})


def context(*sentences: str) -> Block:
    """Small print."""
    return {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": " ".join(sentences), "verbatim": True}],
    }


def section(text: Block, accessory: Block | None = None) -> Block:
    """Plain text, with something to use beside it."""
    block: Block = {"type": "section", "text": text}
    return {**block, "accessory": accessory} if accessory else block


def image(url: str, alt: str) -> Block:
    """A picture; `alt` is foreign text."""
    return {"type": "image", "image_url": url, "alt_text": one_line(alt, 300)}


def actions(*elements: Block) -> Block:
    """A row of things to press."""
    return {"type": "actions", "elements": list(elements)}


def button(
    label: str, action_id: str, value: str, *, style: str | None = None, says: str | None = None
) -> Block:
    """A button; `says` is what a screen reader reads out where the label alone would not be clear."""
    block: Block = {"type": "button", "text": plain(label), "action_id": action_id, "value": value}
    if style:
        block["style"] = style
    if says:
        block["accessibility_label"] = clip(says, 75)
    return block


def option(label: str, value: str, description: str | None = None) -> Block:
    """One line of a select; label and description are cut to what Slack takes."""
    block: Block = {"text": plain(clip(label, 75)), "value": value}
    return {**block, "description": plain(clip(description, 75))} if description else block


def select(
    action_id: str, options: Sequence[Block], *, placeholder: str, initial: Block | None = None
) -> Block:
    """A select with a fixed list."""
    block: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain(placeholder),
        "options": list(options),
    }
    return {**block, "initial_option": initial} if initial else block


def finder(action_id: str, *, placeholder: str) -> Block:
    """A select that asks us while the person types, and when it is opened: nothing typed brings the newest."""
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": plain(placeholder),
        "min_query_length": 0,
    }


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _elements(sentence: str) -> list[Block]:
    """Take a sentence of ours apart into rich text elements."""
    found: list[Block] = []
    end = 0
    for token in _TOKEN.finditer(sentence):
        found += _run(sentence[end : token.start()])
        found.append(_token(token))
        end = token.end()
    return [*found, *_run(sentence[end:])]


def _run(text: str) -> list[Block]:
    return [{"type": "text", "text": unescape(text)}] if text else []


def _token(token: re.Match[str]) -> Block:
    part = token.groupdict()
    if part["user"]:
        return {"type": "user", "user_id": part["user"]}
    if part["group"]:
        return {"type": "usergroup", "usergroup_id": part["group"]}
    if part["channel"]:
        return {"type": "channel", "channel_id": part["channel"]}
    if part["stamp"]:
        return {
            "type": "date",
            "timestamp": int(part["stamp"]),
            "format": part["format"],
            "fallback": part["fallback"],
        }
    return {"type": "link", "url": unescape(part["url"]), "text": unescape(part["label"])}
