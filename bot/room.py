"""Room: how many requests the whole process has under way, over all vendors, and which of them has to make room.

A request takes room while it is young. One that has waited long for its vendor keeps the event loop from nothing, so a
vendor that hangs takes no room from the others for longer than that, however many of its requests hang.
"""

import asyncio
from collections import deque
from typing import Protocol

MOST = 64
"""Requests that keep one event loop busiest. With four times as many it made 30 % fewer in a second (aiohttp on uvloop)."""

LONG = 1.0
"""Seconds after which a request is old: it waits for its vendor and takes no room any more."""


class Tenant(Protocol):
    """One vendor's requests, as the room sees them."""

    @property
    def under_way(self) -> int:
        """How many there are."""
        ...

    def young(self, since: float) -> int:
        """Count those that were begun after that, by the loop's time."""
        ...

    def fill(self) -> None:
        """Begin more: there is room."""
        ...


class Room:
    """Counts requests. Who finds none waits and is called; each gets as many as the others, or as many as it wants."""

    def __init__(self, most: int = MOST) -> None:
        """Begin empty."""
        self._most = most
        self._tenants: list[Tenant] = []
        self._waiting: deque[Tenant] = deque()
        self._taken = 0
        self._over = 0  # too many by so many, when last looked
        self._look_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self.crowded = False  # somebody may have to make room: `asks_back` has to be asked

    @property
    def free(self) -> bool:
        """Whether there is room without looking further."""
        return self._taken < self._most and not self._waiting

    def add(self, tenant: Tenant) -> None:
        """Let somebody in, for good."""
        self._tenants.append(tenant)

    def grants(self, tenant: Tenant) -> bool:
        """Take room for one request; else its `fill` is called when there is some."""
        if self._closed:
            return False
        if self._taken >= self._most and self._young() >= self._most:
            self._wait(tenant)
            return False
        self._taken += 1
        self.crowded = bool(self._waiting) or self._taken > self._most
        return True

    def asks_back(self, tenant: Tenant) -> bool:
        """Say whether this one has to give back what its last request had: others have less, or there are too many."""
        if self._taken > self._most and self._too_many() > 0:
            self._over -= 1
        elif not self._waiting or self._waiting[0].under_way + 1 >= tenant.under_way:
            self._waiting.rotate(-1)  # the next request compares with the next one
            return False
        self._wait(tenant)
        return True

    def not_needed(self) -> None:
        """Undo a grant: there was nothing to be asked for after all."""
        self._taken -= 1

    def give_back(self) -> None:
        """Let the room of one request be somebody else's."""
        self._taken -= 1
        self._serve()

    def close(self) -> None:
        """Grant nothing more: this process ends."""
        self._closed = True
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, tenant: Tenant) -> None:
        if self._closed:
            return
        if tenant not in self._waiting:
            self._waiting.append(tenant)
        if self._timer is None:  # what is young now may be old then
            self._timer = asyncio.get_running_loop().call_later(LONG / 4, self._look_again)
        self.crowded = True

    def _serve(self) -> None:
        """Call who waits, in turn, as long as there is room."""
        for _ in range(len(self._waiting)):
            if self._taken >= self._most and self._young() >= self._most:
                break
            self._waiting.popleft().fill()
        self.crowded = bool(self._waiting) or self._taken > self._most

    def _look_again(self) -> None:
        self._timer = None
        self._serve()
        if self._waiting and self._timer is None:
            self._wait(self._waiting[0])

    def _young(self) -> int:
        since = asyncio.get_running_loop().time() - LONG
        return sum(each.young(since) for each in self._tenants)

    def _too_many(self) -> int:
        """Say by how many there are too many; counted now and then, since every request asks while a vendor hangs."""
        now = asyncio.get_running_loop().time()
        if now >= self._look_at:
            self._look_at = now + LONG / 10
            self._over = self._young() - self._most
        return self._over
