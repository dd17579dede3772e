"""How much one account at a vendor is asked at a time: look-ups, checks and recalls share this."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from bot.errors import ProviderBusyError


class Urgency(IntEnum):
    """Who goes first when not all can go."""

    PERSON = 0  # somebody looks at a screen and waits
    RECALL = 1
    CHECK = 2


@dataclass(order=True, slots=True)
class _Waiting:
    urgency: Urgency
    number: int
    turn: asyncio.Future[None] = field(compare=False)


class Limiter:
    """Lets `concurrency` calls run at a time and `per_second` begin, from a bucket of `burst` that starts full.

    A vendor's `Retry-After` holds everybody back (`hold`). `now` gives seconds; by default the loop's time.
    """

    def __init__(
        self,
        *,
        vendor: str,
        concurrency: int = 4,
        per_second: float | None = None,
        burst: float = 1.0,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._vendor = vendor
        self._free = concurrency
        self._rate = per_second
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._now = now
        self._filled_at: float | None = None
        self._held_until = 0.0
        self._queue: list[_Waiting] = []
        self._numbers = count()
        self._alarm: asyncio.TimerHandle | None = None

    def hold(self, seconds: float) -> None:
        """Begin nothing for so many seconds: the vendor asked for it."""
        self._held_until = max(self._held_until, self._time() + seconds)

    @property
    def held(self) -> float:
        """Seconds for which nothing begins, since the vendor asked for it."""
        return max(0.0, self._held_until - self._time())

    def seconds_for(self, calls: int) -> float:
        """Seconds until the last of so many calls may begin, if nobody else asks; how long they take is not known."""
        self._fill()
        lacking = calls - self._tokens if self._rate is not None else 0.0
        return self.held + max(0.0, lacking) / (self._rate or 1.0)

    @asynccontextmanager
    async def turn(self, urgency: Urgency, *, patience: float) -> AsyncIterator[None]:
        """Wait for a turn, and give the place back afterwards.

        Raises ProviderBusyError where the turn does not come within `patience` seconds, at once where a hold
        makes that certain. Nothing was sent then.
        """
        held = self._held_until - self._time()
        if held > patience:
            raise self._busy(held)
        waiting = _Waiting(urgency, next(self._numbers), asyncio.get_running_loop().create_future())
        heapq.heappush(self._queue, waiting)
        self._let_in()
        try:
            async with asyncio.timeout(patience):
                await waiting.turn
        except BaseException as error:
            self._give_up(waiting)
            if isinstance(error, TimeoutError):
                raise self._busy(max(0.0, self._held_until - self._time()) or None) from None
            raise
        try:
            yield
        finally:
            self._free += 1
            self._let_in()

    def _busy(self, seconds: float | None) -> ProviderBusyError:
        return ProviderBusyError(
            f"{self._vendor} asks to wait before the next request."
            if seconds
            else f"Too much is being asked of {self._vendor} at the moment.",
            retry_after=seconds,
        )

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting.turn.done() and not waiting.turn.cancelled():
            self._free += 1  # its turn came in the very moment in which it left
        elif waiting in self._queue:
            self._queue.remove(waiting)
            heapq.heapify(self._queue)
        self._let_in()

    def _let_in(self) -> None:
        """Give turns to whoever may go now, the most urgent first; else set the alarm for when one may."""
        self._fill()
        now = self._time()
        while self._queue and self._free > 0 and self._tokens >= 1 and now >= self._held_until:
            turn = heapq.heappop(self._queue).turn
            if turn.done():
                continue  # whoever waited was cancelled and is about to leave
            self._free -= 1
            if self._rate is not None:
                self._tokens -= 1
            turn.set_result(None)
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if self._queue and self._free > 0:
            wait = max(self._held_until - now, (1 - self._tokens) / self._rate if self._rate else 0.0)
            self._alarm = asyncio.get_running_loop().call_later(max(wait, 0.001), self._let_in)

    def _fill(self) -> None:
        now = self._time()
        if self._rate is not None and self._filled_at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now

    def _time(self) -> float:
        return self._now() if self._now else asyncio.get_running_loop().time()
