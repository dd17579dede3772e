"""How often Slack may be written to: edits share one budget for the workspace, posts have one for each channel.

Slack's documentation: chat.update is tier 3, "50+ per minute" for a method in a workspace; chat.postMessage "generally
1 message per second per channel, short bursts allowed". Our clock and Slack's cut minutes differently, so both
budgets stay a little below. A turn that lies ahead is promised: whoever comes back then has it, whatever came between.
"""

from bisect import bisect_right, insort
from datetime import datetime, timedelta
from typing import Final

MINUTE: Final = timedelta(minutes=1)

EDITS_A_MINUTE: Final = 45
"""All edits: cards that show a new state, and counts."""

COUNTS_A_MINUTE: Final = 30
"""Above so many edits within a minute no count goes out: the rest is kept for cards that show a new state."""

COUNT_EVERY: Final = timedelta(seconds=2)
"""Counts are spread over the minute, or ten recalls would use it up in its first seconds and then seem dead."""

POSTS_AT_ONCE: Final = 8
POST_EVERY: Final = timedelta(seconds=1.2)
"""At most 58 within any minute."""


class Edits:
    """The workspace's budget for chat.update. Cards go before counts; counts take turns, first come, first served."""

    def __init__(self) -> None:
        self._turns: list[datetime] = []  # taken and promised, rising
        self._promised: dict[int, datetime] = {}
        self._next_count: datetime | None = None
        self._held: datetime | None = None

    def card(self, notice: int, now: datetime) -> datetime | None:
        """Take a turn for a card's new state. None: go ahead; else the instant at which it may."""
        if (promised := self._kept(notice, now)) is not None:
            return promised if promised > now else None
        turn = max(now, self._held or now)
        if len(self._turns) >= EDITS_A_MINUTE:
            turn = max(turn, self._turns[-EDITS_A_MINUTE] + MINUTE)
        insort(self._turns, turn)
        return self._promise(notice, turn, now)

    def count(self, notice: int, now: datetime) -> datetime | None:
        """Take a turn for an edit of a count, behind those that asked before. None: go ahead."""
        promised = self._kept(notice, now)
        if promised is not None and promised > now:
            return promised
        turn = max(now, self._held or now)
        if len(self._turns) >= COUNTS_A_MINUTE:
            turn = max(turn, self._turns[-COUNTS_A_MINUTE] + MINUTE)
        if promised is None and self._next_count is not None:
            turn = max(turn, self._next_count)
        if turn > now:
            self._next_count = turn + COUNT_EVERY
            return self._promise(notice, turn, now)
        insort(self._turns, now)
        if promised is None:
            self._next_count = now + COUNT_EVERY
        return None

    def hold(self, until: datetime) -> None:
        """Let nothing through before `until`: Slack answered with a 429."""
        self._held = until
        self._promised = {notice: max(turn, until) for notice, turn in self._promised.items()}

    def _kept(self, notice: int, now: datetime) -> datetime | None:
        del self._turns[: bisect_right(self._turns, now - MINUTE)]
        turn = self._promised.get(notice)
        if turn is not None and turn <= now:
            del self._promised[notice]
        return turn

    def _promise(self, notice: int, turn: datetime, now: datetime) -> datetime | None:
        if turn <= now:
            return None
        self._promised = {each: at for each, at in self._promised.items() if at > now - MINUTE}
        self._promised[notice] = turn
        return turn


class Posts:
    """Each channel's budget for chat.postMessage: a few at once, then about one a second. Other channels go on."""

    def __init__(self) -> None:
        self._spent: dict[str, datetime] = {}  # when a channel's budget is whole again
        self._promised: dict[int, datetime] = {}
        self._held: dict[str, datetime] = {}

    def turn(self, notice: int, channel: str, now: datetime) -> datetime | None:
        """Take a turn in a channel. None: go ahead; else the instant at which it may."""
        held = self._held.get(channel)
        if held is not None and held > now:
            return held
        turn = self._promised.get(notice)
        if turn is None:
            spent = max(self._spent.get(channel, now), now)
            turn = spent - (POSTS_AT_ONCE - 1) * POST_EVERY
            self._spent[channel] = spent + POST_EVERY
        if turn <= now:
            self._promised.pop(notice, None)
            return None
        self._promised = {each: at for each, at in self._promised.items() if at > now - MINUTE}
        self._promised[notice] = turn
        return turn

    def hold(self, channel: str, until: datetime) -> None:
        """Let nothing through in one channel before `until`: Slack answered with a 429."""
        self._held[channel] = until
