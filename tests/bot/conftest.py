"""The bot without Slack: real service, real engine, real store, a vendor in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from bot.attempt import Attempt
from bot.engine import Engine
from bot.lookup import Lookup
from bot.policy import Policy, Rule, SecondPerson
from bot.ports import Person, Store
from bot.proposal import Terms
from bot.recall import Actor, Event, Place, Recall, RecallId
from bot.service import RecallService
from storage import open_store
from tests.builders import FixedClock
from tests.vendor import MemoryVendor


class Members:
    """Everybody is an active member; groups by user id."""

    def __init__(self) -> None:
        self.groups: dict[str, frozenset[str] | None] = {
            "U_ANN": frozenset({"S_MARKETING"}),
            "U_BOB": frozenset({"S_MARKETING", "S_LEADS"}),
        }

    async def person(self, actor: Actor) -> Person:
        return Person(actor=actor, groups=self.groups.get(actor.user, frozenset()))


@dataclass
class House:
    """All parts of the bot that know no Slack."""

    path: Path
    clock: FixedClock
    vendor: MemoryVendor
    policy: Policy
    store: Store
    lookup: Lookup
    service: RecallService
    engine: Engine
    people: Members
    others: Sequence[MemoryVendor] = ()  # further vendors

    def passes(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)

    async def proposed(self, actor: Actor, id: str = "4711") -> Recall:  # noqa: A002
        ref = next(each.campaigns[id].ref for each in (self.vendor, *self.others) if id in each.campaigns)
        return (await self.service.propose(actor, ref, Place(channel="C1"))).recall

    async def confirmed(self, actor: Actor, id: str = "4711") -> Recall:  # noqa: A002
        return await self.service.confirm(actor, (await self.proposed(actor, id)).id)

    async def now(self, recall: Recall | RecallId) -> Recall:
        return await self.service.recall(recall.id if isinstance(recall, Recall) else recall)

    async def events(self, recall: Recall) -> list[Event]:
        return list(await self.store.events(recall.id))

    async def kinds(self, recall: Recall) -> list[str]:
        return [event.kind.value for event in await self.events(recall)]


async def build(
    path: Path,
    clock: FixedClock,
    vendor: MemoryVendor,
    policy: Policy,
    owner: str = "first",
    others: Sequence[MemoryVendor] = (),
) -> House:
    store = await open_store(f"sqlite:///{path}", clock=clock)
    people = Members()
    ids = count()
    lookup = Lookup(providers={each.name: each for each in (vendor, *others)}, index=store)
    attempt = Attempt(
        records=store, work=store, lookup=lookup, policy=policy, clock=clock, random=Random(1), owner=owner
    )
    engine = Engine(attempt=attempt, told=lambda: None)
    service = RecallService(
        records=store,
        work=store,
        lookup=lookup,
        people=people,
        terms=Terms(policy=policy),
        clock=clock,
        new_id=lambda: f"{owner}-{next(ids)}",
        wake=lambda: None,
    )
    return House(path, clock, vendor, policy, store, lookup, service, engine, people, tuple(others))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    policy = Policy(
        allow=(Rule(who=frozenset({"S_MARKETING"})),),
        second_person=SecondPerson(audience_over=1_000_000, who=frozenset({"S_LEADS"})),
    )
    house = await build(tmp_path / "recall.db", FixedClock(), MemoryVendor(), policy)
    yield house
    await house.store.close()


async def died(house: House, recall: Recall, where: str) -> None:
    """Let the process end while a request is under way: "before" it takes effect, or "behind" that."""
    house.vendor.hangs = where
    running = asyncio.create_task(house.engine.run_due())
    async with asyncio.timeout(10):
        while ("recall" if where == "before" else "effect", recall.target.ref.id) not in house.vendor.calls:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await house.engine.drain(0)
    running.cancel()
    house.vendor.hangs = ""


async def restarted(house: House, owner: str = "second") -> House:
    """The same database in a new process's hands."""
    await house.store.close()
    again = await build(house.path, house.clock, house.vendor, house.policy, owner, house.others)
    await again.engine.resume()
    return again
