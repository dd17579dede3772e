"""The workspace's memory: who is in it, which conversations there are, and what was said."""

from collections.abc import Iterable
from dataclasses import replace

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.slack.values import Channel, Kind, Message, User, UserGroup


class Workspace:
    """Everything that is said and who can see it. Each change rings the feed."""

    def __init__(self, *, clock: SandboxClock, feed: Feed) -> None:
        self.clock = clock
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self._feed = feed
        self._messages: dict[str, dict[str, Message]] = {}
        self._last_microsecond = 0

    # who and where

    def user(self, name_or_id: str) -> User:
        """Return a person by id or name; LookupError when there is none."""
        wanted = name_or_id.removeprefix("@")
        for user in self.users.values():
            if wanted in {user.id, user.name}:
                return user
        raise LookupError(f"There is nobody called {name_or_id} in this workspace.")

    def channel(self, name_or_id: str) -> Channel:
        """Return a conversation by id or "#name"; LookupError when there is none."""
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if wanted == channel.id or (wanted and wanted == channel.name):
                return channel
        raise LookupError(f"There is no conversation {name_or_id} in this workspace.")

    def direct(self, one: str, other: str) -> Channel | None:
        """Return the direct message between two people, if they have one."""
        pair = frozenset({one, other})
        return next((c for c in self.channels.values() if c.kind is Kind.IM and c.members == pair), None)

    def open_direct(self, one: str, other: str) -> Channel:
        """Return the direct message between two people, made if need be."""
        existing = self.direct(one, other)
        if existing:
            return existing
        person = one if self.users[other].is_bot else other
        channel = Channel(
            id=f"D{person.removeprefix('U')}", name="", kind=Kind.IM, members=frozenset({one, other})
        )
        if channel.id in self.channels:
            channel = replace(channel, id=f"D{one.removeprefix('U')}{other.removeprefix('U')}")
        self.add_channel(channel)
        return channel

    def add_channel(self, channel: Channel) -> None:
        """Add a conversation."""
        self.channels[channel.id] = channel
        self._feed.changed()

    def join(self, user: str, channel: str) -> None:
        """Make somebody a member."""
        here = self.channels[channel]
        self.channels[channel] = replace(here, members=here.members | {user})
        self._feed.changed()

    def leave(self, user: str, channel: str) -> None:
        """End somebody's membership."""
        here = self.channels[channel]
        self.channels[channel] = replace(here, members=here.members - {user})
        self._feed.changed()

    def set_user(self, user: User) -> None:
        """Add a person or change what is known of them."""
        self.users[user.id] = user
        self._feed.changed()

    def set_group(self, group: UserGroup) -> None:
        """Add a user group or change its members."""
        self.groups[group.id] = group
        self._feed.changed()

    # what was said

    def next_ts(self) -> str:
        """Return a timestamp in Slack's form that no other message has."""
        now = round(self.clock.now().timestamp() * 1_000_000)
        self._last_microsecond = max(now, self._last_microsecond + 1)
        return format_ts(self._last_microsecond)

    def post(self, message: Message) -> Message:
        """Add a message, or put a newer version of it in its place."""
        kept = self._messages.setdefault(message.channel, {})
        late = bool(kept) and message.ts not in kept and ts_order(message.ts) < ts_order(next(reversed(kept)))
        kept[message.ts] = message
        if late:
            self._messages[message.channel] = dict(sorted(kept.items(), key=lambda item: ts_order(item[0])))
        self._feed.changed()
        return message

    def remove(self, message: Message) -> None:
        """Delete a message; a root with replies leaves a tombstone, as in Slack."""
        if message.seen_by is None and self.replies(message.channel, message.ts):
            self.post(
                replace(message, deleted=True, text="This message was deleted.", blocks=(), attachments=())
            )
            return
        self._messages.get(message.channel, {}).pop(message.ts, None)
        self._feed.changed()

    def message(self, channel: str, ts: str) -> Message | None:
        """Return one message, ephemeral ones included."""
        return self._messages.get(channel, {}).get(ts)

    def messages(self, channel: str) -> list[Message]:
        """Return everything in a conversation, oldest first, replies and ephemerals included."""
        return list(self._messages.get(channel, {}).values())

    def public(self, channel: str) -> list[Message]:
        """Return what everybody in the conversation can see, oldest first."""
        return [message for message in self.messages(channel) if message.seen_by is None]

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return a thread's replies, without the root and without ephemerals."""
        return [message for message in self.public(channel) if message.thread_ts == root]

    def visible(self, channel: str, user: str) -> Iterable[Message]:
        """Return what one person can see: everybody's posts and their own ephemerals."""
        return (
            message
            for message in self.messages(channel)
            if message.seen_by in {None, user} and not message.hidden
        )


def format_ts(microseconds: int) -> str:
    """Return a moment in Slack's form, "seconds.microseconds"."""
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def ts_order(ts: str) -> tuple[int, int]:
    """Return a key that sorts timestamps; text that is no timestamp sorts first."""
    seconds, _, micros = ts.partition(".")
    return (int(seconds), int(micros or 0)) if seconds.isdigit() and (micros or "0").isdigit() else (0, 0)
