"""Visitors of the practice shop's website: what stands in each one's chat window.

A window that is offline keeps what it shows and catches up when it comes back, as real ones do. So a message that
was taken back is only gone where its reader was online, and elsewhere on the reader's return.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sandbox.feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message in a chat window; one that was taken back leaves the vendor's remark in its place."""

    message: int
    author: str
    from_shop: bool
    text: str
    at: datetime
    deleted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The form in which the page reads it; the time is ISO 8601 in UTC."""
        return {
            "message": self.message,
            "author": self.author,
            "from_shop": self.from_shop,
            "text": self.text,
            "at": self.at.isoformat(),
            "deleted": self.deleted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One visitor's chat: `showing` is what the visitor sees, `pending` what the vendor has for it meanwhile."""

    id: int  # the conversation's
    owner: str
    channel: str  # as people say it: "website", "LINE"
    online: bool = True
    showing: tuple[Line, ...] = ()
    pending: tuple[Line, ...] = field(default=(), repr=False)

    def with_lines(self, lines: tuple[Line, ...]) -> "Window":
        """The window after the vendor changed what should stand in it: seen at once only when it is online."""
        return replace(self, pending=lines, showing=lines if self.online else self.showing)

    def shows(self, message: int) -> bool:
        """Whether its owner can still read that message."""
        return any(one.message == message and not one.deleted for one in self.showing)

    def as_json(self) -> dict[str, Any]:
        """The form in which the page reads it."""
        return {
            "id": self.id,
            "owner": self.owner,
            "channel": self.channel,
            "online": self.online,
            "lines": [one.as_json() for one in self.showing],
            "waiting": self.pending != self.showing,
        }


class Visitors:
    """All chat windows of the practice world; every change is told to the feed, so that pages redraw."""

    def __init__(self, *, feed: Feed) -> None:
        self._feed = feed
        self._windows: dict[int, Window] = {}

    def __getitem__(self, conversation: int) -> Window:
        return self._windows[conversation]

    def comes(self, window: Window) -> None:
        """Adds a visitor; what is pending already stands in the window, online or not."""
        self._keep(replace(window, showing=window.pending))

    def sync(self, conversation: int, lines: Iterable[Line]) -> None:
        """What the vendor wants to stand in a window."""
        if conversation in self._windows:
            self._keep(self._windows[conversation].with_lines(tuple(lines)))

    def set_online(self, conversation: int, *, online: bool) -> None:
        """Switches a visitor's connection; on the way back the window catches up with the vendor."""
        known = replace(self._windows[conversation], online=online)
        self._keep(known.with_lines(known.pending))

    def showing(self, message: int) -> list[str]:
        """Who can still read a message."""
        return [window.owner for window in self._windows.values() if window.shows(message)]

    def snapshot(self) -> list[dict[str, Any]]:
        """All windows as the page reads them."""
        return [window.as_json() for window in self._windows.values()]

    def _keep(self, window: Window) -> None:
        if self._windows.get(window.id) != window:
            self._windows[window.id] = window
            self._feed.changed()
