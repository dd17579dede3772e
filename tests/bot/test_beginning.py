"""From the present state to the first request: one write, and it is durable before the request goes out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.ports import ItemId
from bot.recall import State
from bot.target import Audience, ItemState, Outcome, RepeatClass, Target, TargetId
from tests.bot.conftest import House, died, restarted
from tests.bot.unwell import unwell
from tests.builders import ANN, BOB

EVERY_CLASS = list(RepeatClass)
WRITES = {"begin", "plan", "skip_done", "move", "hold", "reckon", "settle", "add_card", "remember", "reopen"}


@dataclass
class Witness:
    """Looks at what is kept in the moment in which the vendor is asked."""

    house: House
    states: list[State] = field(default_factory=list)
    items: list[dict[ItemState, int]] = field(default_factory=list)
    writes: list[set[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._recall = self.house.vendor.recall
        self._store = unwell(self.house)
        self.house.lookup._index = self._store  # type: ignore[assignment]
        self.house.vendor.recall = self  # type: ignore[method-assign, assignment]

    async def __call__(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        self.writes.append(WRITES & self._store.calls.keys())
        (recall,) = await self.house.store.recalls()
        self.states.append(recall.state)
        self.items.append(dict(await self.house.store.counts(recall.id)))
        return await self._recall(target, items, key=key)


@pytest.mark.parametrize("repeat", EVERY_CLASS)
async def test_start_items_and_intent_are_one_write_and_durable_before_the_request(
    house: House, repeat: RepeatClass
) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=repeat)
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    witness = Witness(house)

    await house.engine.run_due()

    assert witness.writes == [{"begin"}]
    assert witness.states == [State.RUNNING]
    assert witness.items == [{ItemState.INTENT: 1}]
    assert (await house.now(recall)).state is State.DONE


async def test_what_the_vendor_shows_at_the_start_is_found_afterwards(house: House) -> None:
    target = house.vendor.sent()
    await house.confirmed(ANN)
    newer = Audience(sent=50_000, delivered=49_000, opened=2_000)
    house.vendor.campaigns["4711"] = replace(target, audience=newer)

    await house.engine.run_due()

    known = await house.lookup.known(target.ref)
    assert known is not None
    assert known.audience == newer


@pytest.mark.parametrize("repeat", EVERY_CLASS)
async def test_a_crash_in_the_first_request_leaves_a_doubt_and_no_second_effect(
    house: House, repeat: RepeatClass
) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=repeat)
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await died(house, recall, "behind")

    again = await restarted(house)
    for _ in range(40):
        await again.engine.run_due()
        again.passes(60)

    unknown = repeat is RepeatClass.NEITHER
    assert (await again.now(recall)).state is (State.UNKNOWN if unknown else State.DONE)
    assert again.vendor.effects() == (2 if repeat is RepeatClass.HARMLESS else 1)
    await again.store.close()


async def test_a_stop_that_comes_just_before_the_start_wins(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    store = unwell(house)
    store.first["begin"] = lambda: house.service.stop(BOB, recall.id)

    await house.engine.run_due()

    assert (await house.now(recall)).state is State.CANCELLED
    assert ("recall", "4711") not in house.vendor.calls


async def test_a_process_that_ends_in_the_moment_of_the_start_sends_nothing(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    store = unwell(house)

    async def ending() -> None:
        house.engine._attempt.pausing.set()

    store.first["begin"] = ending
    await house.engine.run_due()

    assert ("recall", "4711") not in house.vendor.calls
    assert await house.store.counts(recall.id) == {ItemState.PENDING: 1}


async def test_the_thread_hears_of_the_start_while_the_first_request_is_under_way(house: House) -> None:
    house.vendor.sent()
    house.vendor.hangs = "before"
    await house.confirmed(ANN)
    heard = asyncio.Event()
    house.engine._told = heard.set
    running = asyncio.create_task(house.engine.run_due())

    await asyncio.wait_for(heard.wait(), 5)

    assert "effect" not in dict(house.vendor.calls)
    house.vendor.hangs = ""
    await running


@dataclass
class Running:
    """A house whose engine runs by itself; what happened stands in `order`."""

    house: House
    order: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def hears(self) -> None:
        self.order.append("slack")
        self.told.set()


@pytest.fixture
async def running(house: House) -> AsyncIterator[Running]:
    going = Running(house)
    house.engine._told = going.hears
    house.service._wake = house.engine.rouse
    house.vendor.sent()
    task = asyncio.create_task(house.engine.run())
    yield going
    await house.engine.drain(1)
    task.cancel()


async def test_slack_is_told_of_a_yes_after_the_vendor_was_asked(running: Running) -> None:
    house = running.house
    recall = await house.proposed(ANN)
    await asyncio.wait_for(running.told.wait(), 5)
    running.order.clear()
    running.told.clear()
    asked = house.vendor.recall

    async def noted(target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        running.order.append("vendor")
        return await asked(target, items, key=key)

    house.vendor.recall = noted  # type: ignore[method-assign]
    await house.service.confirm(ANN, recall.id)
    await asyncio.wait_for(running.told.wait(), 5)

    assert running.order[0] == "vendor"


async def test_slack_is_told_of_a_yes_at_once_where_the_vendor_does_not_answer(running: Running) -> None:
    house = running.house
    recall = await house.proposed(ANN)
    await asyncio.wait_for(running.told.wait(), 5)
    running.told.clear()
    never = asyncio.Event()

    async def silent(target: TargetId) -> Target:
        await never.wait()
        return house.vendor.campaigns[target]

    house.vendor.get = silent  # type: ignore[method-assign]
    await house.service.confirm(ANN, recall.id)

    await asyncio.wait_for(running.told.wait(), 5)
    assert (await house.now(recall)).state is State.QUEUED


async def test_slack_is_told_of_a_no_though_nothing_is_due(running: Running) -> None:
    recall = await running.house.proposed(ANN)
    await asyncio.wait_for(running.told.wait(), 5)
    running.told.clear()

    await running.house.service.decline(ANN, recall.id)

    await asyncio.wait_for(running.told.wait(), 5)
