"""Graph's limits to the letter: a merge larger than the limit without one needless 429, four requests at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random

import pytest

from bot.attempt import Attempt
from bot.engine import Engine
from bot.lookup import Lookup
from bot.policy import Policy, Rule
from bot.ports import Store, Viewer
from bot.proposal import Terms
from bot.providers.graph import GraphProvider
from bot.providers.graph_settings import GraphSettings
from bot.recall import Place, Recall, State
from bot.service import RecallService
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.graph import Graph
from sandbox.vendors.graph_books import Books, Mailbox
from sandbox.vendors.graph_seed import ANN, mail
from sandbox.vendors.graph_throttle import AT_A_TIME, MOST
from sandbox.vendors.graph_tokens import CLIENT, SECRET, TENANT
from storage import open_store
from tests.bot.conftest import Members
from tests.builders import ANN as ANN_IN_SLACK

MANY, LIMIT = 1_000, 400
SUBJECT = "Your invoice"


FEW = 300


@dataclass(kw_only=True)
class Merge:
    """A practice Graph with one merge in it, and the engine that takes it back."""

    graph: Graph
    clock: SandboxClock
    settings: GraphSettings
    store: Store
    owners: Iterator[int] = field(default_factory=count)
    provider: GraphProvider = field(init=False)
    service: RecallService = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self._wire()

    async def restarts(self) -> None:
        """Go on as a new process would."""
        await self.provider.close()
        self._wire()
        await self.engine.resume()

    async def recalled(self) -> Recall:
        """Find the merge, confirm its recall and let all requests go out."""
        (found,) = await self.provider.search("invoice", 5, viewer=Viewer(identity=ANN))
        target = await self.provider.get(found.ref.id)
        recall = (await self.service.propose(ANN_IN_SLACK, target.ref, Place(channel="C1"))).recall
        await self.service.confirm(ANN_IN_SLACK, recall.id)
        await self.engine.run_due()
        return await self.service.recall(recall.id)

    def _wire(self) -> None:
        store, clock = self.store, self.clock
        self.provider = GraphProvider(ProviderName("mail"), self.settings, clock)
        policy = Policy(allow=(Rule(who=frozenset({"U_ANN"})),), people={"U_ANN": {"mail": ANN}})
        lookup = Lookup(providers={self.provider.name: self.provider}, index=store)
        ids = count()
        self.service = RecallService(
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
            records=store,
            work=store,
            lookup=lookup,
            policy=policy,
            clock=clock,
            random=Random(1),
            owner=f"process {next(self.owners)}",
        )
        self.engine = Engine(attempt=attempt, told=lambda: None)


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
    graph.requests_per_10_minutes = int(limits.get("requests_per_10_minutes", MOST))
    await graph.start()
    place = {"root": graph.url, "authority": graph.url, "tenant": TENANT}
    settings = GraphSettings.model_validate({**place, "client_id": CLIENT, "client_secret": SECRET, **limits})
    store = await open_store(f"sqlite:///{folder}/recall.db", clock=clock)
    merge = Merge(graph=graph, clock=clock, settings=settings, store=store)
    try:
        yield merge
    finally:
        await merge.provider.close()
        await store.close()
        await graph.stop()


async def test_a_merge_larger_than_the_limit_meets_no_429_also_over_a_restart(tmp_path: Path) -> None:
    async with merge_of(MANY, tmp_path, requests_per_10_minutes=LIMIT) as merge:
        going = await merge.recalled()
        rounds, before = 0, len(merge.graph.recalled)
        assert 0.9 * LIMIT < before < LIMIT, "as many as the limit allows go at once"
        assert going.ready_at is not None
        while going.state is State.RUNNING:
            assert going.not_before is not None
            said = (going.ready_at - merge.clock.now()).total_seconds()
            windows = -(-going.counts.left // (LIMIT - LIMIT // 50))
            assert 610 * (windows - 1) < said <= 610 * windows  # real time passes meanwhile, too
            if rounds == 1:
                await merge.restarts()
                assert 300 < merge.provider.seconds_for(going.target, 1) <= 610
            await merge.provider.search("invoice", 5, viewer=Viewer(identity=ANN))  # people still find room
            merge.clock.advance((going.not_before - merge.clock.now()).total_seconds() + 0.1)
            await merge.engine.run_due()
            going = await merge.service.recall(going.id)
            rounds += 1
            assert rounds <= 4

        assert (going.state, going.counts.awaiting) == (State.SUBMITTED, MANY)
        assert len(merge.graph.recalled) == len(set(merge.graph.recalled)) == MANY
        assert [each for each in merge.graph.calls if each.status == 429] == []
        assert merge.graph.limit(ANN).most_inside <= AT_A_TIME


async def test_a_merge_as_large_as_the_limit_meets_no_429_and_its_last_mails_wait_for_one_window(
    tmp_path: Path,
) -> None:
    async with merge_of(LIMIT, tmp_path, requests_per_10_minutes=LIMIT) as merge:
        begun = merge.clock.now()
        going = await merge.recalled()
        assert going.state is State.RUNNING
        assert 0 < going.counts.left <= 0.04 * LIMIT, "what is kept for people, and what the look-up took"
        assert going.not_before is not None
        merge.clock.advance((going.not_before - merge.clock.now()).total_seconds() + 0.1)
        await merge.engine.run_due()

        ended = await merge.service.recall(going.id)
        assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, LIMIT)
        assert [each for each in merge.graph.calls if each.status == 429] == []
        assert timedelta(seconds=600) < merge.clock.now() - begun < timedelta(seconds=640)


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

        # 98 of 100 are for recalls, and some are used up by the look-up: three more windows, of 610 seconds.
        assert "takes about 30 minutes" in " ".join(target.capability.limits)


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
