"""How much one account at a vendor is asked at a time: look-ups, checks and recalls share this."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from bot.errors import ProviderBusyError
from bot.providers.window import Window


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
    """Lets `concurrency` calls run at a time, and as many begin as the `windows` allow.

    A vendor's `Retry-After` holds everybody back (`hold`). Of each window `kept` calls are for people alone, so that
    a look-up finds room while a long recall uses the rest up. `now` gives seconds; by default the loop's time.
    """

    def __init__(
        self,
        *,
        vendor: str,
        concurrency: int = 4,
        windows: Sequence[Window] = (),
        kept: int = 0,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._vendor = vendor
        self._concurrency = self._free = concurrency
        self._windows = tuple(windows)
        self._kept = kept
        self._now = now
        self._held_until = 0.0
        self._queue: list[_Waiting] = []
        self._numbers = count()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waits, and nothing is counted: one made anew would do the same."""
        now = self._time()
        still = self._free == self._concurrency and not self._queue and self._held_until <= now
        return still and all(window.empty(now) for window in self._windows)

    def hold(self, seconds: float) -> None:
        """Begin nothing for so many seconds: the vendor asked for it."""
        self._held_until = max(self._held_until, self._time() + seconds)

    def went(self, calls: int, seconds_ago: float) -> None:
        """Count calls that an earlier process made, the last of them so long ago; what is kept stays free."""
        for window in self._windows:
            counted = min(calls, window.room(kept=self._kept))
            if counted > 0 and seconds_ago < window.seconds:
                window.take(self._time() - seconds_ago, counted)

    def certain(self, urgency: Urgency, patience: float, now: float | None = None) -> float:
        """Seconds that a call of this urgency waits for certain, by holds and windows.

        Raises ProviderBusyError where that is longer than `patience`.
        """
        wait = self._wait(urgency, self._time() if now is None else now)
        if wait > patience:
            raise self._busy(wait)
        return wait

    def seconds_for(self, calls: int) -> float:
        """Seconds until the last of so many recalls may begin, if nobody else asks; how long they take is not known."""
        now = self._time()
        waits = [window.seconds_for(now, calls, kept=self._kept) for window in self._windows]
        return max([self._held_until - now, 0.0, *waits])

    @asynccontextmanager
    async def turn(self, urgency: Urgency, *, patience: float) -> AsyncIterator[None]:
        """Wait for a turn as `enter` does, and give the place back afterwards."""
        await self.enter(urgency, patience=patience)
        try:
            yield
        finally:
            self.leave()

    async def enter(self, urgency: Urgency, *, patience: float) -> None:
        """Wait for a turn; whoever gets it calls `leave` afterwards.

        Raises ProviderBusyError where the turn does not come within `patience` seconds, at once where a hold or a
        window makes that certain. Nothing was sent then.
        """
        now = self._time()
        if self.certain(urgency, patience, now) <= 0 and self._free > 0 and not self._queue:
            self._begin(now)
            return
        waiting = _Waiting(urgency, next(self._numbers), asyncio.get_running_loop().create_future())
        heapq.heappush(self._queue, waiting)
        self._let_in()
        try:
            async with asyncio.timeout(patience):
                await waiting.turn
        except BaseException as error:
            self._give_up(waiting)
            if isinstance(error, TimeoutError):
                raise self._busy(self._wait(urgency, self._time()) or None) from None
            raise

    def leave(self) -> None:
        """Give a place back."""
        self._free += 1
        if self._queue:
            self._let_in()

    def _begin(self, now: float) -> None:
        self._free -= 1
        for window in self._windows:
            window.take(now)

    def _wait(self, urgency: Urgency, now: float) -> float:
        wait = max(0.0, self._held_until - now)
        kept = 0 if urgency is Urgency.PERSON else self._kept
        for window in self._windows:
            wait = max(wait, window.wait(now, kept=kept))
        return wait

    def _busy(self, seconds: float | None) -> ProviderBusyError:
        if seconds is None:
            words = f"Too much is being asked of {self._vendor} at the moment."
        elif self._held_until > self._time():
            words = f"{self._vendor} asks to wait before the next request."
        else:
            words = f"{self._vendor} lets no more requests through for the moment."
        return ProviderBusyError(words, retry_after=seconds)

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting.turn.done() and not waiting.turn.cancelled():
            self._free += 1  # its turn came in the very moment in which it left
        elif waiting in self._queue:
            self._queue.remove(waiting)
            heapq.heapify(self._queue)
        self._let_in()

    def _let_in(self) -> None:
        """Give turns to whoever may go now, the most urgent first; else set the alarm for when one may."""
        now = self._time()
        wait = 0.0
        while self._queue and self._free > 0:
            if self._queue[0].turn.done():  # whoever waited was cancelled and is about to leave
                heapq.heappop(self._queue)
                continue
            wait = self._wait(self._queue[0].urgency, now)
            if wait > 0:
                break
            turn = heapq.heappop(self._queue).turn
            self._begin(now)
            turn.set_result(None)
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        if self._queue and self._free > 0:
            self._alarm = asyncio.get_running_loop().call_later(max(wait, 0.001), self._let_in)

    def _time(self) -> float:
        return self._now() if self._now else asyncio.get_running_loop().time()
