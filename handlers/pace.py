"""How often cards may be edited: chat.update is about 50 a minute for the whole workspace."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

UPDATES_A_MINUTE: Final = 45
"""A little below Slack's tier 3, since our clock and Slack's cut minutes differently."""

MINUTE: Final = timedelta(minutes=1)


class Pace:
    """Lets a burst through at once and never more than so many within any minute.

    A bucket that refills would let twice as many through within the minute after a burst.
    """

    def __init__(self, *, a_minute: int = UPDATES_A_MINUTE) -> None:
        self._most = a_minute
        self._taken: deque[datetime] = deque()
        self._held: datetime | None = None

    def take(self, now: datetime) -> datetime | None:
        """Take one; None: go ahead. Else the instant at which to ask again."""
        if self._held is not None and now < self._held:
            return self._held
        while self._taken and now - self._taken[0] >= MINUTE:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return self._taken[0] + MINUTE
        self._taken.append(now)
        return None

    def hold(self, until: datetime) -> None:
        """Let nothing through before `until`: Slack answered with a 429."""
        self._held = until
