"""How many calls a vendor lets through in a time: a window that slides, so that no stretch of it ever holds more."""

from collections import deque
from dataclasses import dataclass

SLOTS = 600
"""Pieces of a window that are counted together, which bounds memory; each is over when its last call is."""


@dataclass(slots=True)
class _Slot:
    first: float
    last: float
    calls: int


class Window:
    """At most `calls` within any `seconds`. A bucket that refills would let through twice as many after a pause."""

    def __init__(self, *, calls: int, seconds: float) -> None:
        self._most = max(1, calls)
        self.seconds = seconds
        self._slots: deque[_Slot] = deque()
        self._taken = 0

    @classmethod
    def a_second(cls, rate: float) -> "Window":
        """Make the window of a vendor that lets so many calls a second through; the rate may be a fraction."""
        calls = max(1, int(rate))
        return cls(calls=calls, seconds=calls / rate)

    def take(self, now: float, calls: int = 1) -> None:
        """Count calls that begin at `now` (seconds, never earlier than before), or began then."""
        newest = self._slots[-1] if self._slots else None
        if newest is not None and now - newest.first < self.seconds / SLOTS:
            newest.last = max(now, newest.last)
            newest.calls += calls
        else:
            self._slots.append(_Slot(now, now, calls))
        self._taken += calls

    def empty(self, now: float) -> bool:
        """Say whether no call counts any more."""
        self._forget(now)
        return not self._taken

    def room(self, *, kept: int = 0) -> int:
        """How many calls are still free, but for `kept`."""
        return max(0, self._most - kept - self._taken)

    def wait(self, now: float, *, kept: int = 0) -> float:
        """Seconds until a call may begin that leaves `kept` others free; 0: at once."""
        if self._taken < self._most - kept:
            return 0.0
        self._forget(now)
        over = self._taken - (self._most - kept) + 1
        if over <= 0:
            return 0.0
        return max(0.0, self._time_of(over) + self.seconds - now)

    def seconds_for(self, now: float, calls: int, *, kept: int = 0) -> float:
        """Seconds until the last of so many calls may begin, where each begins as soon as it may."""
        self._forget(now)
        most = max(1, self._most - kept)
        number, rounds = self._taken + calls, 0
        if number > max(most, self._taken):  # each call waits for the one `most` before it to be over
            rounds = -(-(number - max(most, self._taken)) // most)
            number -= rounds * most
        if number > self._taken:
            return rounds * self.seconds
        return max(0.0, self._time_of(number) + rounds * self.seconds - now)

    def _time_of(self, number: int) -> float:
        """When the call with this number, from 1 for the oldest, is taken to have begun."""
        for slot in self._slots:
            number -= slot.calls
            if number <= 0:
                return slot.last
        return self._slots[-1].last if self._slots else 0.0

    def _forget(self, now: float) -> None:
        while self._slots and self._slots[0].last + self.seconds <= now:
            self._taken -= self._slots.popleft().calls
