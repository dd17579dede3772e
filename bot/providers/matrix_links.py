"""Which message, or whose messages in which room, is meant: ids, matrix.to links and words. Pure; never raises.

A target's id is one of
    ROOM/$event             one message
    $event                  one message, in whichever of the settings' rooms it is
    ROOM/@user:server       everything that this person sent in the room
    ROOM/@user:server/TIME  the same, up to that moment (ms since 1970): what a card is about does not grow
where ROOM is an id (!…) or an alias (#name:server).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from bot.target import SlackPost, TargetId

LONGEST = 255
"""Characters of a Matrix id; the specification's limit is as many bytes."""

_ROOM = r"(?:![^\s/?]+|\#[^\s/:?]+:[^\s/?]+)"
_EVENT = r"\$[^\s?]+"
_HASH_EVENT = r"\$[A-Za-z0-9_+/-]{43}(?![A-Za-z0-9_+/-])"
_USER = r"@[^\s:]+:[^\s/,;?)]+"
_WHERE = re.compile(rf"({_ROOM})/(?:({_EVENT})|({_USER})(?:/(\d{{1,16}}))?)")
_SENT_IN = re.compile(rf"({_USER})\s+in\s+(![^\s/,;?)]+|#[^\s/,;?)]+)", re.IGNORECASE)
_BARE = re.compile(_HASH_EVENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What an id names."""

    room: str | None = None  # an id or an alias; None: to be found among the settings' rooms
    event: str | None = None
    user: str | None = None  # set exactly where `event` is not
    until: int | None = None  # ms since 1970, the newest message that is meant

    def __str__(self) -> str:
        if self.event is not None:
            return f"{self.room}/{self.event}" if self.room else self.event
        whose = f"{self.room}/{self.user}"
        return whose if self.until is None else f"{whose}/{self.until}"

    @classmethod
    def read(cls, text: str) -> "Meant | None":
        """Read an id as `str` writes it; None for anything else."""
        if _BARE.fullmatch(text):
            return cls(event=text)
        match = _WHERE.fullmatch(text)
        if match is None or any(len(part or "") > LONGEST for part in match.groups()):
            return None
        until = int(match[4]) if match[4] else None
        return cls(room=match[1], event=match[2], user=match[3], until=until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Knows the settings' rooms, so that "#general" needs no server."""

    rooms: tuple[str, ...]

    def in_words(self, words: str) -> TargetId | None:
        """Read a link, an id, or "@user:server in #room"."""
        words = words.strip()
        spoken = _SENT_IN.fullmatch(words)
        found = Meant.read(words) or _in_link(words) or (self._spoken(spoken) if spoken else None)
        return TargetId(str(found)) if found else None

    def in_post(self, post: SlackPost) -> tuple[TargetId, ...]:
        """Find messages that a post links to, then those that its text names."""
        return tuple(dict.fromkeys(TargetId(str(each)) for each in self._all(post)))

    def _all(self, post: SlackPost) -> Iterator[Meant]:
        for link in post.links:
            if (found := _in_link(link)) is not None:
                yield found
        for match in _SENT_IN.finditer(post.text):
            if (spoken := self._spoken(match)) is not None:
                yield spoken
        whole = [found for word in post.text.split() if (found := Meant.read(word)) is not None]
        yield from whole
        named = {each.event for each in whole}
        yield from (
            Meant(event=match[0])
            for match in _BARE.finditer(post.text)
            if match[0] not in named and not post.text[: match.start()].endswith("/")
        )

    def _spoken(self, match: re.Match[str]) -> Meant | None:
        user, room = match[1], match[2]
        if len(user) > LONGEST or len(room) > LONGEST:
            return None
        if room.startswith("#") and ":" not in room:
            server = user.partition(":")[2]
            known = (each for each in self.rooms if each.partition(":")[0] == room)
            room = next(known, f"{room}:{server}")
        return Meant(room=room, user=user)


def _in_link(link: str) -> Meant | None:
    """Read https://matrix.to/#/ROOM/EVENT and matrix:roomid/…/e/… ; a link to a person names no room."""
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme == "https" and host == "matrix.to" and parts.fragment.startswith("/"):
        room, _, event = parts.fragment[1:].partition("?")[0].partition("/")
        return Meant.read(f"{unquote(room)}/{unquote(event)}")
    if parts.scheme == "matrix":
        match = re.fullmatch(r"(roomid|r)/([^/]+)/e(?:vent)?/([^/]+)", parts.path)
        sign = {"roomid": "!", "r": "#"}
        return Meant.read(f"{sign[match[1]]}{unquote(match[2])}/${unquote(match[3])}") if match else None
    return None
