"""What a homeserver says about messages and about who may remove them, as values. Pure and tolerant.

Source: the Matrix client-server API, "Redactions" and "m.room.power_levels"; spec.matrix.org.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.providers.trouble import bounded

LONGEST = 4_000
CREATORS_RULE_FROM = 12
"""The room version from which a room's creators may do everything, whatever the power levels say."""

REDACTION = "m.room.redaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event of a room. Its text is foreign."""

    id: str
    sender: str
    text: str
    at: datetime | None
    ms: int  # the same, as the server wrote it: ms since 1970
    redacted_by: str | None  # id of the redaction's event, or "unknown"; None: it stands
    is_message: bool  # False: a change to the room, which has no content of its own to be taken back
    has_file: bool
    edits: str | None  # id of the message whose text this one replaces

    @property
    def gone(self) -> bool:
        """Whether its content has been removed."""
        return self.redacted_by is not None


def message(event: Mapping[str, Any]) -> Message:
    """Read an event."""
    given = event.get("content")
    content: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    unsigned = event.get("unsigned")
    sent = event.get("origin_server_ts")
    ms = sent if isinstance(sent, int) and not isinstance(sent, bool) else 0
    return Message(
        id=_text(event, "event_id"),
        sender=_text(event, "sender"),
        text=bounded(_text(content, "body"), LONGEST),
        at=_moment(ms),
        ms=ms,
        redacted_by=_redaction(unsigned) if isinstance(unsigned, Mapping) and not content else None,
        is_message="state_key" not in event and event.get("type") != REDACTION,
        has_file="url" in content or "file" in content,
        edits=_replaced(content),
    )


def newest_text(edit: Mapping[str, Any]) -> str:
    """Read what an edit made of a message."""
    content = edit.get("content")
    changed = content.get("m.new_content") if isinstance(content, Mapping) else None
    return bounded(_text(changed, "body"), LONGEST) if isinstance(changed, Mapping) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Who may do what in a room."""

    levels: Mapping[str, Any]
    creators: frozenset[str] = frozenset()  # of a room whose version gives them all power

    def may_redact(self, user: str, sender: str) -> bool:
        """Say whether `user` may remove what `sender` sent."""
        if user in self.creators:
            return True
        power = self._of("users", user, "users_default", 0)
        if power < self._of("events", REDACTION, "events_default", 0):
            return False
        return user == sender or power >= _level(self.levels.get("redact"), 50)

    def _of(self, table: str, name: str, default: str, otherwise: int) -> int:
        named = self.levels.get(table)
        given = named.get(name) if isinstance(named, Mapping) else None
        return _level(given, _level(self.levels.get(default), otherwise))


def creators(create: Mapping[str, Any]) -> frozenset[str]:
    """Read from m.room.create who may do everything; nobody in rooms of older versions."""
    content = create.get("content")
    if not isinstance(content, Mapping):
        return frozenset()
    if _level(content.get("room_version"), 1) < CREATORS_RULE_FROM:
        return frozenset()
    more = content.get("additional_creators")
    return frozenset([_text(create, "sender"), *(str(each) for each in more or ())])


def _redaction(unsigned: Mapping[str, Any]) -> str | None:
    because = unsigned.get("redacted_because")
    if isinstance(because, Mapping):
        return _text(because, "event_id") or "unknown"
    return _text(unsigned, "redacted_by") or None


def _replaced(content: Mapping[str, Any]) -> str | None:
    related = content.get("m.relates_to")
    if not isinstance(related, Mapping) or related.get("rel_type") != "m.replace":
        return None
    return _text(related, "event_id") or None


def _level(value: object, otherwise: int) -> int:
    """Read a power level; rooms of old versions hold some as text."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]  # JSON; whatever fits no number raises
    except (TypeError, ValueError, OverflowError):
        return otherwise


def _moment(ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    return value if isinstance(value, str) else ""
