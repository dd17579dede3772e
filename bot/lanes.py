"""Lanes: how many requests one vendor gets at a time, and whose turn it is.

All recalls at a vendor share its lane, one request each in turn, so a recall of a single message waits for one request
to end and never for fifty thousand mails. Each vendor has its own, so one vendor's trouble slows nobody else's.
"""

import asyncio
from collections import deque
from typing import Protocol

from bot.breaker import Breaker
from bot.errors import ProviderError
from bot.hand import Duty
from bot.ports import Accounts, Provider
from bot.right_of_way import RightOfWay
from bot.room import Room
from bot.target import Target
from bot.tasks import Tasks
from bot.turns import Turns

PATIENCE = 60.0
"""Seconds that one vendor call may take at most, whatever the provider's own limits are."""

IN_A_ROW = 2
"""Times the concurrency: so many items in a row that went wrong mean that the vendor is not well."""

GOOD_ROUNDS = 20
"""Rounds of requests that have to go well before a lane that was narrowed gets one slot more."""


def account_of(provider: Provider, target: Target) -> str:
    """Name what shares a vendor's limits: the provider, or one of its accounts."""
    return f"{provider.name}/{provider.account(target)}" if isinstance(provider, Accounts) else provider.name


class Call:
    """A worker, and since when its present request is under way."""

    __slots__ = ("abandoned", "crew", "now", "since", "task")

    def __init__(self) -> None:
        self.now = asyncio.get_running_loop().time
        self.task: asyncio.Task[None] | None = None
        self.crew: Crew | None = None
        self.since = 0.0
        self.abandoned = False

    def abandon(self) -> None:
        """End the request under way; the worker goes on."""
        if self.task is not None and not self.abandoned:
            self.abandoned = True
            self.task.cancel()


class Crew(Protocol):
    """One recall's requests, as a lane sees them."""

    def next(self) -> Duty | None:
        """Give the next request to be made; None where there is none just now."""
        ...

    async def carry(self, duty: Duty, call: Call) -> None:
        """Make a request, and as long as the lane is smooth more of them, saying since when in `call`.

        Whatever a vendor does wrong with it is the crew's own affair.
        """
        ...

    def break_off(self, error: Exception) -> None:
        """Hear that `carry` met an error of ours."""
        ...

    def halt(self, error: ProviderError) -> None:
        """Begin no more: the vendor is not well."""
        ...

    def heed(self) -> None:
        """Look at once whether somebody pressed Stop."""
        ...


class Lane:
    """One vendor's slots. Narrowed at once where the vendor says that it is too much, widened slowly."""

    def __init__(
        self, slots: int, tasks: Tasks, way: RightOfWay | None = None, room: Room | None = None
    ) -> None:
        """Begin with all slots that the provider declares. `way`: who goes before its requests; `room`: shared by all."""
        self._most = slots
        self._slots = slots
        self._tasks = tasks
        self.turns = Turns(way or RightOfWay())
        self.room = room or Room()
        self.room.add(self)
        self._crews: deque[Crew] = deque()
        self._calls: set[Call] = set()
        self._good = 0
        self.narrowings = 0  # a request remembers it: what began before a narrowing causes no second one
        self.breaker = Breaker(IN_A_ROW * slots)
        self.calm = True  # all slots are there, and nothing has to be told of what goes well
        self.shared = False  # several recalls take turns

    @property
    def slots(self) -> int:
        """How many requests may be under way at a time just now."""
        return 1 if self.breaker.open else self._slots

    @property
    def free(self) -> bool:
        """Whether a request would be begun at once."""
        return len(self._calls) < self.slots and self.room.free

    @property
    def under_way(self) -> int:
        """How many requests are under way."""
        return len(self._calls)

    def young(self, since: float) -> int:
        """Count the requests that were begun after that, by the loop's time."""
        return sum(call.crew is None or call.since > since for call in self._calls)

    def enter(self, crew: Crew) -> None:
        """Give a recall its turns; the newest is the next."""
        self._crews.appendleft(crew)
        self.shared = len(self._crews) > 1
        self.fill()

    def leave(self, crew: Crew) -> None:
        """Give it no more turns, and end what it has under way."""
        if crew in self._crews:
            self._crews.remove(crew)
            self.shared = len(self._crews) > 1
        self.abandon(crew)

    def fill(self) -> None:
        """Begin requests as far as there are slots and work."""
        while len(self._calls) < self.slots and self.room.grants(self):
            if (turn := self._next()) is None:
                self.room.not_needed()
                return
            call = Call()
            self._calls.add(call)
            self._tasks.spawn(self._work(call, *turn), "requests")

    def abandon(self, crew: Crew) -> None:
        """End the requests of a recall that are under way: what they did is not known then."""
        for call in tuple(self._calls):
            if call.crew is crew:
                call.abandon()

    def abandon_overdue(self) -> None:
        """End requests that take longer than any may."""
        now = asyncio.get_running_loop().time()
        for call in tuple(self._calls):
            if call.crew is not None and now - call.since > PATIENCE:
                call.abandon()

    def heed(self) -> None:
        """Have every recall look at once whether somebody pressed Stop."""
        for crew in self._crews:
            crew.heed()

    def narrow(self, seen: int) -> bool:
        """Halve the slots: the vendor said that it is too much. False: there is only one left.

        `seen`: `narrowings` as it was when the request began.
        """
        if seen != self.narrowings:
            return True
        if self._slots == 1:
            return False
        self._slots //= 2
        self.narrowings += 1
        self._good = 0
        self.calm = False
        return True

    def went(self) -> None:
        """Hear that a request went well, while the lane is not calm."""
        self.breaker.succeeded()
        self._good += 1
        if self._good >= GOOD_ROUNDS * self._slots:
            self._good = 0
            self._slots = min(self._most, self._slots + 1)
        self.calm = self._slots == self._most
        self.fill()

    def halt(self, error: ProviderError) -> None:
        """Have every recall at this vendor begin no more."""
        for crew in tuple(self._crews):
            crew.halt(error)

    def _next(self) -> tuple[Crew, Duty] | None:
        crews = self._crews
        for _ in range(len(crews)):
            crew = crews[0]
            crews.rotate(-1)
            if (duty := crew.next()) is not None:
                return crew, duty
        return None

    async def _work(self, call: Call, crew: Crew, duty: Duty) -> None:
        """Make one request after another, as long as this slot is there and there is work."""
        call.task = asyncio.current_task()
        assert call.task is not None
        try:
            while True:
                call.crew, call.since = crew, call.now()
                try:
                    await crew.carry(duty, call)
                except asyncio.CancelledError:
                    if not call.abandoned:
                        raise
                    call.abandoned = False
                    call.task.uncancel()
                except Exception as error:  # noqa: BLE001 - handed to the engine
                    crew.break_off(error)
                call.crew = None
                if not self.calm and len(self._calls) > self.slots:  # calm: all slots are there
                    break
                if self.turns.free:
                    self.turns.free -= 1
                elif self.turns.crowded():
                    await self.turns.wait()
                if self.room.crowded and self.room.asks_back(self):
                    break
                if (turn := self._next()) is None:
                    break
                crew, duty = turn
        finally:
            self._calls.discard(call)
            self.room.give_back()


class Lanes:
    """Every account's lane, made when it is first needed."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._tasks = Tasks()
        self.room = Room()
        self.way = RightOfWay()

    def of(self, provider: Provider, target: Target) -> Lane:
        """Give the lane that recalling a target uses."""
        account = account_of(provider, target)
        if account not in self._lanes:
            self._lanes[account] = Lane(provider.traits.concurrency, self._tasks, self.way, self.room)
        return self._lanes[account]

    def heed(self) -> None:
        """Have every recall that runs look at once whether somebody pressed Stop."""
        for lane in self._lanes.values():
            lane.heed()

    async def drain(self, seconds: float) -> None:
        """Begin no more; wait for the requests under way, at most this long; then end them."""
        self.room.close()
        await self._tasks.drain(seconds)
