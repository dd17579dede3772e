"""Graph's limits to the letter: a merge of ten thousand without one needless 429, and four requests at a time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.attempt import Attempt
from bot.engine import Engine
from bot.lookup import Lookup
from bot.policy import Policy, Rule
from bot.ports import Viewer
from bot.providers.graph import GraphProvider
from bot.providers.graph_settings import GraphSettings
from bot.recall import State
from bot.service import RecallService, Terms
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.graph import CLIENT, SECRET, TENANT, Graph
from sandbox.vendors.graph_books import Books, Mailbox
from sandbox.vendors.graph_seed import ANN, mail
from storage import open_store
from tests.bot.conftest import House, Members
from tests.builders import ANN as ANN_IN_SLACK
from tests.builders import FixedClock
from random import Random
from itertools import count
from typing import cast

MANY = 10_000
SUBJECT = "Your invoice"


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    clock = SandboxClock()
    books = Books()
    books.mailboxes[ANN] = Mailbox(address=ANN, owner="Ann Berg")
    begun = clock.now() - timedelta(hours=2)
    for number in range(MANY):
        to = (f"customer-{number}@elsewhere.example",)
        books.post(mail(number, SUBJECT, "Wrong sum", to, begun + timedelta(milliseconds=200 * number)))
    vendor = Graph(clock=clock, feed=Feed(), settle_after=60, books=books)
    await vendor.start()
    yield vendor
    await vendor.stop()


async def test_a_merge_of_ten_thousand_meets_no_429_and_keeps_four_requests_under_way(
    graph: Graph, tmp_path: Path
) -> None:
    clock = SandboxClock()
    settings = GraphSettings.model_validate(
        {
            "root": graph.url,
            "authority": graph.url,
            "tenant": TENANT,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
    )
    provider = GraphProvider(ProviderName("mail"), settings, clock)
    (found,) = await provider.search("invoice", 5, viewer=Viewer(identity=ANN))
    target = await provider.get(found.ref.id)
    assert target.items == MANY

    graph.latency = 0.002
    store = await open_store(f"sqlite:///{tmp_path}/recall.db", clock=clock)
    policy = Policy(
        allow=(Rule(who=frozenset({"U_ANN"})),), people={"U_ANN": {"mail": ANN}}
    )
    lookup = Lookup(providers={provider.name: provider}, index=store)
    ids = count()
    service = RecallService(
        records=store,
        lookup=lookup,
        people=Members(),
        terms=Terms(policy=policy),
        clock=clock,
        new_id=lambda: f"r{next(ids)}",
        wake=lambda: None,
    )
    attempt = Attempt(
        records=store, work=store, lookup=lookup, policy=policy, clock=clock, random=Random(1), owner="one"
    )
    engine = Engine(attempt=attempt, told=lambda: None)
    from bot.recall import Place

    recall = (await service.propose(ANN_IN_SLACK, target.ref, Place(channel="C1"))).recall
    await service.confirm(ANN_IN_SLACK, recall.id)
    await engine.run_due()

    ended = await service.recall(recall.id)
    assert ended.state is State.SUBMITTED
    assert ended.counts.awaiting == MANY
    assert len(graph.recalled) == len(set(graph.recalled)) == MANY
    assert graph.count("recall", 429) + graph.count("list", 429) == 0
    assert graph.limit(ANN).most_inside == 4
    under_way = graph.limit(ANN).begun_with[-MANY:]
    assert sum(each == AT_A_TIME for each in under_way) / MANY > 0.95
    await provider.close()
    await store.close()
