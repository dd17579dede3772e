"""Who goes first: acknowledgements, then what was asked for.

Slack waits three seconds for an acknowledgement and a person for the answer behind it, but both run on one event loop, and an
answer costs several times as much. So in a burst the answers wait until every acknowledgement is out.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from bot.right_of_way import RightOfWay

LONGEST: Final = 0.1
"""Seconds that an answer waits at most: where requests come without a pause, it goes beside their acknowledgements."""

AT_A_TIME: Final = 4
"""Answers that begin in one turn of the loop: a request that comes meanwhile does not wait for hundreds."""


class Precedence:
    """Counts the requests that wait for their acknowledgement, and lets answers begin when there are none."""

    def __init__(self, way: RightOfWay | None = None) -> None:
        """Begin with nothing in hand. `way`: what requests to vendors make for an acknowledgement."""
        self._way = way or RightOfWay()
        self._in_hand = 0
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._next: asyncio.Handle | None = None

    @contextmanager
    def acknowledging(self) -> Iterator[None]:
        """Hold answers back while a request is on its way to its acknowledgement."""
        self._in_hand += 1
        try:
            with self._way.taking():
                yield
        finally:
            self._in_hand -= 1
            if not self._in_hand and self._waiting:
                self._soon()

    async def turn(self) -> None:
        """Wait until an answer may begin."""
        loop = asyncio.get_running_loop()
        may: asyncio.Future[None] = loop.create_future()
        self._waiting.append((loop.time() + LONGEST, may))
        if self._next is None:
            self._soon()
        await may

    def _soon(self) -> None:
        """Look in the loop's next turn, or, while acknowledgements are awaited, when the first answer has waited long enough."""
        if self._next is not None:
            self._next.cancel()
        loop = asyncio.get_running_loop()
        if self._in_hand:
            self._next = loop.call_at(self._waiting[0][0], self._begin)
        else:
            self._next = loop.call_soon(self._begin)

    def _begin(self) -> None:
        """Let the next few begin."""
        self._next = None
        now = asyncio.get_running_loop().time()
        for _ in range(AT_A_TIME):
            if not self._waiting or (self._in_hand and self._waiting[0][0] > now):
                break
            _, may = self._waiting.popleft()
            if not may.done():
                may.set_result(None)
        if self._waiting:
            self._soon()
