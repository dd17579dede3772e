"""Right of way: while somebody waits for an acknowledgement, only a few requests to a vendor go on at a time.

Everything runs on one event loop. At a vendor that answers at once, a fan-out of 64 requests has 64 answers to deal with in
each turn of the loop, 8 ms long, and every step on the way to an acknowledgement waits for such a turn. With a few
under way the loop is just as busy, so hardly anything is lost, but its turns are short.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

FEW = 8
"""Requests of each lane that go on meanwhile: enough to keep the loop busy, and a turn of it short (1 ms)."""


class RightOfWay:
    """Counts the requests of people that wait for their acknowledgement; who is to make way asks here."""

    def __init__(self) -> None:
        """Begin with nobody on the way."""
        self._people = 0
        self._nobody = asyncio.Event()

    @property
    def taken(self) -> bool:
        """Whether somebody waits for an acknowledgement."""
        return self._people > 0

    def take(self) -> None:
        """Have others make way, until `give_back`."""
        self._people += 1
        self._nobody.clear()

    def give_back(self) -> None:
        """Let others go on, where nobody else is on the way."""
        self._people -= 1
        if not self._people:
            self._nobody.set()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Have others make way for a while."""
        self.take()
        try:
            yield
        finally:
            self.give_back()

    async def free(self) -> None:
        """Wait until nobody is on the way."""
        if self._people:
            await self._nobody.wait()
