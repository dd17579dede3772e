"""How often cards may be edited: chat.update is about 50 a minute for the whole workspace."""

from datetime import datetime, timedelta
from typing import Final

UPDATES_A_MINUTE: Final = 45
"""A little below Slack's tier 3, since other code of the workspace's own app may edit too."""


class Pace:
    """A bucket that starts full: a burst goes out at once, a flood is spread."""

    def __init__(self, *, a_minute: int = UPDATES_A_MINUTE) -> None:
        self._size = float(a_minute)
        self._left = float(a_minute)
        self._seen: datetime | None = None
        self._held: datetime | None = None

    def take(self, now: datetime) -> datetime | None:
        """Take one; None: go ahead. Else the instant at which to ask again."""
        if self._held is not None and now < self._held:
            return self._held
        if self._seen is not None and now > self._seen:
            gained = (now - self._seen).total_seconds() * self._size / 60.0
            self._left = min(self._size, self._left + gained)
        self._seen = now
        if self._left >= 1.0:
            self._left -= 1.0
            return None
        return now + timedelta(seconds=(1.0 - self._left) * 60.0 / self._size)

    def hold(self, until: datetime) -> None:
        """Let nothing through before `until`: Slack answered with a 429."""
        self._held = until
