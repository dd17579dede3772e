"""What a workspace consists of: people, groups, channels, messages and views, as plain values.

Blocks, attachments and metadata stay as the JSON that went over the wire: they are Slack's language, not ours.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class Kind(StrEnum):
    """How a conversation is open to others."""

    PUBLIC = "public"
    PRIVATE = "private"
    IM = "im"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A member of the workspace, or the bot's own user."""

    id: str
    name: str
    real_name: str
    tz: str = "UTC"
    tz_offset: int = 0  # seconds east of UTC
    title: str = ""
    email: str = ""  # told to apps with the scope users:read.email only
    is_bot: bool = False
    is_restricted: bool = False  # a guest
    deleted: bool = False  # deactivated


@dataclass(frozen=True, kw_only=True, slots=True)
class UserGroup:
    """A user group, the @marketing of a workspace."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A conversation: a public or private channel, or a direct message between two."""

    id: str
    name: str  # empty for a direct message
    kind: Kind
    members: frozenset[str]
    shared_outside: bool = False  # with another organisation (Slack Connect)
    archived: bool = False
    topic: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One post. `seen_by` names the only person who sees an ephemeral one."""

    channel: str
    ts: str
    text: str = ""
    user: str | None = None
    bot_id: str | None = None
    username: str | None = None  # a webhook's display name
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None  # the root's ts, for a reply
    broadcast: bool = False  # a reply that is shown in the channel too
    edited: bool = False
    deleted: bool = False  # a tombstone: the root went, its replies stay
    seen_by: str | None = None
    hidden: bool = False  # an ephemeral in a thread that nobody has opened: accepted, never shown

    @property
    def root(self) -> str:
        """The ts to reply under."""
        return self.thread_ts or self.ts


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A modal or a home tab as one person has it in front of them."""

    id: str
    owner: str
    hash: str
    body: Json  # what the app sent: type, title, blocks, private_metadata, …
    root_id: str
    previous_id: str | None = None
    values: Json = field(default_factory=dict)  # block_id -> action_id -> what was filled in

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        blocks: list[Json] = self.body.get("blocks", [])
        return blocks

    @property
    def title(self) -> str:
        """The modal's title, empty for a home tab."""
        return str((self.body.get("title") or {}).get("text", ""))
