"""Graph's limits to the letter: a merge of ten thousand without one needless 429, and four requests at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from bot.attempt import Attempt
from bot.engine import Engine
from bot.lookup import Lookup
from bot.policy import Policy, Rule
from bot.ports import Viewer
from bot.proposal import Terms
from bot.providers.graph import GraphProvider
from bot.providers.graph_settings import GraphSettings
from bot.recall import Place, Recall, State
from bot.service import RecallService
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.graph import CLIENT, SECRET, TENANT, Graph
from sandbox.vendors.graph_books import Books, Mailbox
from sandbox.vendors.graph_seed import ANN, mail
from sandbox.vendors.graph_throttle import AT_A_TIME
from storage import open_store
from tests.bot.conftest import Members
from tests.builders import ANN as ANN_IN_SLACK

MANY = 10_000
SUBJECT = "Your invoice"


FEW = 300


@dataclass(kw_only=True)
class Merge:
    """A practice Graph with one merge in it, and the engine that takes it back."""

    graph: Graph
    clock: SandboxClock
    provider: GraphProvider
    service: RecallService
    engine: Engine

    async def recalled(self) -> Recall:
        """Find the merge, confirm its recall and let all requests go out."""
        (found,) = await self.provider.search("invoice", 5, viewer=Viewer(identity=ANN))
        target = await self.provider.get(found.ref.id)
        recall = (await self.service.propose(ANN_IN_SLACK, target.ref, Place(channel="C1"))).recall
        await self.service.confirm(ANN_IN_SLACK, recall.id)
        await self.engine.run_due()
        return await self.service.recall(recall.id)


@asynccontextmanager
async def merge_of(mails: int, folder: Path, **limits: float) -> AsyncIterator[Merge]:
    """Open everything around a merge of so many mails."""
    clock = SandboxClock()
    books = Books()
    books.mailboxes[ANN] = Mailbox(address=ANN, owner="Ann Berg")
    begun = clock.now() - timedelta(hours=2)
    for number in range(mails):
        to = (f"customer-{number}@elsewhere.example",)
        books.post(mail(number, SUBJECT, "Wrong sum", to, begun + timedelta(milliseconds=200 * number)))
    graph = Graph(clock=clock, feed=Feed(), settle_after=60, books=books)
    await graph.start()
    place = {"root": graph.url, "authority": graph.url, "tenant": TENANT}
    settings = GraphSettings.model_validate({**place, "client_id": CLIENT, "client_secret": SECRET, **limits})
    provider = GraphProvider(ProviderName("mail"), settings, clock)
    store = await open_store(f"sqlite:///{folder}/recall.db", clock=clock)
    policy = Policy(allow=(Rule(who=frozenset({"U_ANN"})),), people={"U_ANN": {"mail": ANN}})
    lookup = Lookup(providers={provider.name: provider}, index=store)
    ids = count()
    service = RecallService(
        records=store,
        lookup=lookup,
        people=Members(),
        terms=Terms(policy=policy),
        work=store,
        clock=clock,
        new_id=lambda: f"r{next(ids)}",
        wake=lambda: None,
    )
    attempt = Attempt(
        records=store, work=store, lookup=lookup, policy=policy, clock=clock, random=Random(1), owner="one"
    )
    engine = Engine(attempt=attempt, told=lambda: None)
    try:
        yield Merge(graph=graph, clock=clock, provider=provider, service=service, engine=engine)
    finally:
        await provider.close()
        await store.close()
        await graph.stop()


@pytest.mark.timeout(240)
async def test_a_merge_of_ten_thousand_meets_no_429(tmp_path: Path) -> None:
    async with merge_of(MANY, tmp_path) as merge:
        ended = await merge.recalled()

        assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, MANY)
        assert len(merge.graph.recalled) == len(set(merge.graph.recalled)) == MANY
        assert [each for each in merge.graph.calls if each.status == 429] == []
        assert merge.graph.limit(ANN).most_inside <= AT_A_TIME


async def test_four_requests_are_always_under_way(tmp_path: Path) -> None:
    async with merge_of(FEW, tmp_path) as merge:
        merge.graph.before = asyncio.Barrier(AT_A_TIME).wait  # nobody is answered before there are four

        ended = await merge.recalled()

        assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, FEW)
        assert merge.graph.limit(ANN).most_inside == AT_A_TIME


async def test_how_long_a_large_merge_takes_by_the_limits_is_said_on_the_card(tmp_path: Path) -> None:
    async with merge_of(FEW, tmp_path, requests_per_10_minutes=100) as merge:
        (found,) = await merge.provider.search("invoice", 5, viewer=Viewer(identity=ANN))

        target = await merge.provider.get(found.ref.id)

        # 300 less what is left of the 100 that are free at once, at 10 a minute.
        assert "takes about 20 minutes" in " ".join(target.capability.limits)


@pytest.mark.parametrize("seconds", [0.4, 30.0])
async def test_retry_after_is_obeyed_also_with_a_fraction(tmp_path: Path, seconds: float) -> None:
    async with merge_of(20, tmp_path) as merge:
        merge.graph.faults.add("rate_limited", tool="recall", seconds=seconds)

        ended = await merge.recalled()
        assert ended.state is State.RUNNING
        before = merge.graph.count("recall")
        await merge.engine.run_due()
        assert merge.graph.count("recall") == before

        merge.clock.advance(seconds + 0.1)
        await merge.engine.run_due()

        assert (await merge.service.recall(ended.id)).state is State.SUBMITTED
        assert len(set(merge.graph.recalled)) == 20
