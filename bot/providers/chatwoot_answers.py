"""Chatwoot's conversations and messages, as values. All text in them is foreign.

The API and the webhooks spell the same things differently: types as numbers or words, times as seconds or ISO 8601.
Source: Chatwoot's API reference ("Messages", "Conversations") and its serialisers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import ProviderConfusingError
from bot.providers.base import bounded
from bot.providers.json_values import as_moment

LONGEST_TEXT = 20_000
LONGEST_NAME = 200


class Direction(StrEnum):
    """Who wrote a message."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    ACTIVITY = "activity"  # a remark of the system
    TEMPLATE = "template"  # an automatic answer


_NUMBERS = (Direction.INCOMING, Direction.OUTGOING, Direction.ACTIVITY, Direction.TEMPLATE)
_WORDS = {each.value: each for each in Direction}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One customer's conversation."""

    id: int
    channel: str  # the vendor's class name, "Channel::WebWidget"; empty where it does not tell
    contact: str  # the customer's name; may be empty
    online: bool | None  # None: the vendor does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message of a conversation."""

    id: int
    conversation: int
    direction: Direction
    text: str
    attachments: int
    private: bool
    deleted: bool  # the vendor marked it so, or nothing of it is left
    sent_at: datetime | None
    sender: str | None  # the agent's id; None: no agent sent it
    sender_name: str | None
    sender_email: str | None


def conversations(answer: Any, vendor: str) -> list[Conversation]:
    """Read a list of conversations. Raises ProviderConfusingError."""
    data = answer.get("data", answer) if isinstance(answer, Mapping) else None
    listed = data.get("payload") if isinstance(data, Mapping) else None
    if not isinstance(listed, list):
        raise _confusing(vendor, "its list of conversations")
    return [conversation(each, vendor) for each in listed]


def conversation(answer: Any, vendor: str) -> Conversation:
    """Read one conversation. Raises ProviderConfusingError."""
    found = _mapping(answer)
    number = whole(found.get("id"))
    if number is None:
        raise _confusing(vendor, "a conversation")
    meta = _mapping(found.get("meta"))
    contact = _mapping(meta.get("sender"))
    status = contact.get("availability_status")
    return Conversation(
        id=number,
        channel=_text(meta.get("channel") or found.get("channel"), 100),
        contact=_text(contact.get("name"), LONGEST_NAME),
        online=status == "online" if isinstance(status, str) and status else None,
    )


def messages(answer: Any, vendor: str) -> list[ChatMessage]:
    """Read a conversation's messages, oldest first. Raises ProviderConfusingError."""
    listed = answer.get("payload") if isinstance(answer, Mapping) else None
    if not isinstance(listed, list):
        raise _confusing(vendor, "its list of messages")
    return [message(each, vendor) for each in listed]


def message(answer: Any, vendor: str) -> ChatMessage:
    """Read one message, of an answer or of a webhook. Raises ProviderConfusingError."""
    found = _mapping(answer)
    number = whole(found.get("id"))
    talk = whole(found.get("conversation_id"))
    if talk is None:
        talk = whole(_mapping(found.get("conversation")).get("id"))
    direction = _direction(found.get("message_type"))
    if number is None or talk is None or direction is None:
        raise _confusing(vendor, "a message")
    text = _text(found.get("content"), LONGEST_TEXT)
    attached = found.get("attachments")
    attachments = len(attached) if isinstance(attached, list) else 0
    attributes = _mapping(found.get("content_attributes"))
    items = attributes.get("items")  # what cards, forms and lists of options are made of
    left = text.strip() or attachments or (isinstance(items, list) and items)
    sender = _mapping(found.get("sender"))
    is_agent = direction is Direction.OUTGOING and sender.get("type", "user") == "user"
    who = whole(sender.get("id")) if is_agent else None
    return ChatMessage(
        id=number,
        conversation=talk,
        direction=direction,
        text=text,
        attachments=attachments,
        private=found.get("private") is True,
        deleted=bool(attributes.get("deleted")) or not left,
        sent_at=as_moment(found.get("created_at")),
        sender=None if who is None else str(who),
        sender_name=_text(sender.get("name"), LONGEST_NAME) or None,
        sender_email=_text(sender.get("email"), LONGEST_NAME) or None if is_agent else None,
    )


def whole(value: object) -> int | None:
    """Take a positive whole number, written as a number or as digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:  # noqa: PLR2004 - int64
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 63 else None


def lines(listed: list[ChatMessage]) -> Iterator[ChatMessage]:
    """Give what agents said to customers, newest first."""
    for each in reversed(listed):
        if (
            each.direction in {Direction.OUTGOING, Direction.TEMPLATE}
            and not each.private
            and not each.deleted
        ):
            yield each


def _direction(value: object) -> Direction | None:
    if isinstance(value, str):
        return _WORDS.get(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(_NUMBERS):
        return _NUMBERS[value]
    return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object, limit: int) -> str:
    return bounded(value, limit) if isinstance(value, str) else ""


def _confusing(vendor: str, what: str) -> ProviderConfusingError:
    return ProviderConfusingError(
        f"{vendor} gave an answer that can't be understood: {what} has an unknown form."
    )
