"""One process of Recall in a simulated world: real service, engine, store, outbox and desk."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from random import Random

from bot.attempt import Attempt
from bot.engine import Engine
from bot.errors import StorageError
from bot.lookup import Lookup
from bot.policy import Policy, Rule, SecondPerson
from bot.ports import Person, Request
from bot.proposal import Terms
from bot.recall import Actor
from bot.service import RecallService
from bot.target import ProviderName
from bot.tasks import Tasks
from handlers import decisions
from handlers.answers import Answers
from handlers.desk import Desk
from handlers.places import Places
from handlers.thread import Threads
from storage.store import SqliteStore
from tests.simulation.disk import Disk, SteppedWriter
from tests.simulation.slack import Life, ModelSlack, SimulatedClient
from tests.simulation.vendor import Connection, Vendor
from tests.simulation.virtual import VirtualClock

TEAM = "T1"
GROUPS: Mapping[str, frozenset[str]] = {
    "U_ANN": frozenset({"S_MARKETING"}),
    "U_BOB": frozenset({"S_MARKETING", "S_LEADS"}),
    "U_CAT": frozenset({"S_LEADS"}),
    "U_EVE": frozenset(),
}
ANN, BOB, CAT, EVE = (Actor(team=TEAM, user=each) for each in GROUPS)
LARGE = 10_000
POLICY = Policy(
    allow=(Rule(who=frozenset({"S_MARKETING"})),),
    second_person=SecondPerson(audience_over=LARGE, who=frozenset({"S_LEADS"})),
)
TICK = 4.0
"""Seconds between two looks at the timers: in earnest one, but hours pass here, and each look costs."""


class People:
    """Everybody is an active member, with the groups above."""

    async def person(self, actor: Actor) -> Person:
        return Person(actor=actor, groups=GROUPS[actor.user])


@dataclass
class Process:
    """Everything that dies together."""

    life: Life
    disk: Disk
    store: SqliteStore
    writer: SteppedWriter
    service: RecallService
    engine: Engine
    threads: Threads
    desk: Desk
    running: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Begin as `front.bot` does."""
        left = await self.store.unanswered()
        self.engine.leave_alone(decisions.ended_by(left))
        await self.engine.resume()
        loop = asyncio.get_running_loop()
        works = (self.engine.run(), self.threads.run(), self._ticks())
        self.running = [loop.create_task(each) for each in works]
        self.desk.tasks.spawn(self._replay(left), "replay")

    async def _replay(self, left: Sequence[Request]) -> None:
        await decisions.replay(self.desk, left)
        self.engine.leave_alone(())

    async def kill(self) -> None:
        """End at this instant: nothing that it still does has any effect."""
        self.life.alive = False
        self.writer.die()
        for _ in range(20):
            others = asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]
            if not others:
                break
            for each in others:
                each.cancel()
            await asyncio.wait(others, timeout=1)
        self.disk.closed(self.store)

    async def _ticks(self) -> None:
        while True:
            self.engine.wake()
            self.threads.wake()
            with suppress(StorageError):
                await self.service.sweep()
            await asyncio.sleep(TICK)


def begun(
    number: int, *, disk: Disk, slack: ModelSlack, vendors: Mapping[str, Vendor], clock: VirtualClock
) -> Process:
    """Build a process as `app.build` does."""
    life = Life(number=number)
    store, writer = disk.opened()
    client = SimulatedClient(slack, life)
    lookup = Lookup(
        providers={ProviderName(name): Connection(each, life) for name, each in vendors.items()}, index=store
    )
    places = Places(client=client, clock=clock, channel="C_RECALLS")
    threads = Threads(outbox=store, records=store, places=places, client=client, clock=clock)
    engine = Engine(
        attempt=Attempt(
            records=store,
            work=store,
            lookup=lookup,
            policy=POLICY,
            clock=clock,
            random=Random(number),
            owner=f"process {number}",
        ),
        told=threads.wake,
    )
    ids = count(1)

    def wake() -> None:
        engine.wake()
        threads.wake()

    service = RecallService(
        records=store,
        work=store,
        lookup=lookup,
        people=People(),
        terms=Terms(policy=POLICY),
        clock=clock,
        new_id=lambda: f"{number}-{next(ids)}",
        wake=wake,
    )
    desk = Desk(
        service=service,
        inbox=store,
        tasks=Tasks(),
        clock=clock,
        places=places,
        client=client,
        answers=Answers(client=client),
        new_id=lambda: f"incident {next(ids)}",
    )
    return Process(life, disk, store, writer, service, engine, threads, desk)
