"""Turns of the event loop, kept short: of one lane's requests only so many end and begin again in each.

Everything runs on one loop. At a vendor that answers at once, 64 requests under way are 64 answers to deal with in every turn,
8 ms long, and each step on the way to a person's acknowledgement waits for such a turn. With 36 the loop is just as
busy (measured: as many items a second) and a turn takes half as long. At a vendor that takes its time few answers come in one turn, and nobody waits.
"""

import asyncio
from collections import deque

from bot.right_of_way import RightOfWay

MOST = 36
"""Requests that end in one turn of the loop, while nobody waits for an acknowledgement."""

FEW = 4
"""The same while somebody does."""

STEP = 2
"""Workers that go on again in one turn: more at once would only wait again soon, and waiting costs something."""

STILL = 0.002
"""Seconds without an end after which those that wait go on: the vendor takes its time now."""


class Turns:
    """Counts what ends in each turn of the loop; workers beyond the number wait until turns are shorter."""

    def __init__(self, way: RightOfWay) -> None:
        """Begin with all workers going on. `way`: whether a person waits."""
        self._way = way
        self.free = 0  # so many may end yet in this turn without asking; who takes one counts it
        self._most = 0  # so many may in all; 0: nothing ended in this turn
        self._over = 0  # so many more did
        self._lately = False  # something ended since the last look
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._look: asyncio.TimerHandle | None = None

    def crowded(self) -> bool:
        """Count a request that ended where none was `free`; says whether its worker has to wait."""
        if self._most:
            self._over += 1
            return True
        self._most = FEW if self._way.taken else MOST
        self.free = self._most - 1
        asyncio.get_running_loop().call_soon(self._turned)
        return False

    async def wait(self) -> None:
        """Wait until turns are shorter."""
        loop = asyncio.get_running_loop()
        may: asyncio.Future[None] = loop.create_future()
        self._waiting.append(may)
        if self._look is None:
            self._look = loop.call_later(STILL, self._look_again)
        await may

    def _turned(self) -> None:
        """Begin to count anew; where only half as many ended as may, a few more go on."""
        most, ended = self._most, self._most - self.free + self._over
        self._most = self.free = self._over = 0
        self._lately = True
        if self._waiting and ended <= most // 2:
            self._go_on(min(STEP, most - ended))

    def _look_again(self) -> None:
        self._look = None
        if not self._lately:
            self._go_on(FEW if self._way.taken else MOST)
        self._lately = False
        if self._waiting:
            self._look = asyncio.get_running_loop().call_later(STILL, self._look_again)

    def _go_on(self, many: int) -> None:
        for _ in range(min(many, len(self._waiting))):
            may = self._waiting.popleft()
            if not may.done():
                may.set_result(None)
