"""Slack's rate limits: per method and minute, by tier; a post in one channel about once a second."""

import math
from collections import defaultdict, deque
from datetime import datetime, timedelta
from enum import IntEnum

from sandbox.clock import SandboxClock

MINUTE = timedelta(minutes=1)
POSTS_A_MINUTE_PER_CHANNEL = 60  # "1 per second per channel, short bursts allowed", as a minute's sum


class Tier(IntEnum):
    """Calls a minute that Slack promises at least."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600  # auth.test, chat.postMessage: "several hundred"


class RateLimits:
    """Counts calls in a sliding minute of the practice world's clock."""

    def __init__(self, *, clock: SandboxClock) -> None:
        self.enabled = True
        self._clock = clock
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def wait_for(self, key: str, allowed: int) -> int | None:
        """Count a call; returns None, or the whole seconds to wait when it is one too many."""
        if not self.enabled:
            return None
        now = self._clock.now()
        calls = self._calls[key]
        while calls and now - calls[0] >= MINUTE:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil((calls[0] + MINUTE - now).total_seconds()))
        calls.append(now)
        return None
