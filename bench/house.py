"""The whole bot without Slack, as `app.build` wires it: real store, service and engine over a lean provider."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

import aiohttp

from bench.call import PAGE, ask, item_ids
from bot.attempt import Attempt
from bot.engine import Engine
from bot.lookup import Lookup
from bot.policy import Policy, Rule
from bot.ports import NOBODY, Diagnosis, ItemId, Person, Provider, Store, SystemClock, Traits, Viewer
from bot.proposal import Terms
from bot.recall import Actor, Place, Recall, RecallId, State
from bot.service import RecallService
from bot.target import (
    Capability,
    ItemState,
    Operation,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Status,
    Target,
    TargetId,
    TargetRef,
)
from storage import open_store, share_the_interpreter

ANN = Actor(team="T1", user="U1")
NAME = ProviderName("push")
CAMPAIGN = TargetRef(provider=NAME, id=TargetId("1"))
GOING = frozenset({State.QUEUED, State.RUNNING, State.SUBMITTED})

_GONE = Outcome(state=ItemState.DONE)
_TICK = 1.0


@dataclass
class LeanProvider:
    """A vendor whose call is the plain loop's; it proves at once that an item is gone."""

    session: aiohttp.ClientSession
    url: str
    items_in_all: int
    traits: Traits
    name: ProviderName = NAME
    first_call: float = 0.0  # when the first request of a run went out, by `perf_counter`
    first_work: float = 0.0  # the same by `process_time`

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List nothing."""
        del limit, before, viewer
        return ()

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Find nothing."""
        del words, limit, viewer
        return ()

    async def get(self, target: TargetId) -> Target:
        """Describe the campaign without asking anybody."""
        return Target(
            ref=TargetRef(provider=self.name, id=target),
            vendor=self.traits.vendor,
            noun=self.traits.noun,
            name="Spring sale",
            status=Status.SENT,
            sent_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
            capability=Capability(operation=Operation.RECALL),
            items=self.items_in_all,
        )

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Recognise nothing."""
        del post
        return ()

    def link_to(self, words: str) -> TargetId | None:
        """Recognise nothing."""
        del words
        return None

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Stream the items page by page."""
        del target
        page: list[ItemId] = []
        for each in item_ids(self.items_in_all):
            page.append(ItemId(each))
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    def recall(
        self, target: Target, items: Sequence[ItemId], *, key: str
    ) -> Coroutine[Any, Any, Sequence[Outcome]]:
        """Make the plain loop's call: the very same coroutine."""
        del target, key
        if not self.first_call:
            self.first_call, self.first_work = perf_counter(), process_time()
        return ask(self.session, self.url, items, _GONE)

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Confirm everything."""
        del target
        return [_GONE] * len(items)

    async def preview(self, target: Target) -> str:
        """Give what the card shows."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Say nothing."""
        return ()

    async def close(self) -> None:
        """Leave the session to whoever made it."""


def traits(*, batch: int, concurrency: int) -> Traits:
    """Declare the practice vendor: a repeat is harmless there."""
    return Traits(
        vendor="Practice vendor",
        noun="push campaign",
        repeat=RepeatClass.HARMLESS,
        batch=batch,
        concurrency=concurrency,
    )


@dataclass(kw_only=True)
class House:
    """The parts, wired. `told` is set whenever the engine moved something."""

    store: Store
    service: RecallService
    engine: Engine
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def proposed(self) -> RecallId:
        """Put up the campaign's card, ready for a Yes."""
        return (await self.service.propose(ANN, CAMPAIGN, Place(channel="C1"))).recall.id

    async def confirmed(self, recall: RecallId) -> None:
        """Press Yes."""
        await self.service.confirm(ANN, recall)

    async def ended(self, recall: RecallId) -> Recall:
        """Wait for a recall's end."""
        while (now := await self.service.recall(recall)).state in GOING:
            await self.told.wait()
            self.told.clear()
        return now

    async def durable(self, recall: RecallId) -> int:
        """Count the items that are kept as done; read from the file, not from memory."""
        return (await self.store.counts(recall)).get(ItemState.DONE, 0)


class _Everybody:
    """Everybody is an active member."""

    async def person(self, actor: Actor) -> Person:
        return Person(actor=actor, groups=frozenset())


@asynccontextmanager
async def house(path: Path, provider: Provider, *, owner: str = "bench") -> AsyncIterator[House]:
    """Open the store, wire the parts and let the engine run, with the bot's own tick."""
    share_the_interpreter()
    clock, ids = SystemClock(), count()
    store = await open_store(f"sqlite:///{path}", clock=clock)
    lookup = Lookup(providers={provider.name: provider}, index=store)
    policy = Policy(allow=(Rule(who=frozenset({ANN.user})),))
    attempt = Attempt(
        records=store, work=store, lookup=lookup, policy=policy, clock=clock, random=Random(1), owner=owner
    )
    told = asyncio.Event()
    engine = Engine(attempt=attempt, told=told.set)
    service = RecallService(
        records=store,
        work=store,
        lookup=lookup,
        people=_Everybody(),
        terms=Terms(policy=policy),
        clock=clock,
        new_id=lambda: f"{owner}-{next(ids)}",
        wake=engine.wake,
    )
    await engine.resume()
    running = [asyncio.create_task(engine.run()), asyncio.create_task(_tick(engine.wake))]
    try:
        yield House(store=store, service=service, engine=engine, told=told)
    finally:
        await engine.drain(1.0)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await store.close()


async def _tick(wake: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(_TICK)
        wake()
