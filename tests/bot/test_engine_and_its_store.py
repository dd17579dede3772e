"""What the engine does while its store is not well, or is overtaken."""

import asyncio
from dataclasses import replace

from bot.errors import StorageError
from bot.ports import ItemId
from bot.recall import State
from bot.stock import LEASE, Stock
from bot.target import ItemState, Outcome, RepeatClass
from tests.bot.conftest import House
from tests.bot.test_engine_items import Merge, merge
from tests.bot.unwell import UnwellStore, unwell
from tests.builders import ANN, claim

__all__ = ["merge"]


async def called(store: UnwellStore, name: str, times: int) -> None:
    """Wait until a method was called so often."""
    async with asyncio.timeout(10):
        while store.calls[name] < times:  # noqa: ASYNC110 - the store rings no bell
            await asyncio.sleep(0.01)


async def test_a_look_that_fails_cuts_nothing_off_that_is_under_way(merge: Merge) -> None:
    merge.vendor.traits = replace(merge.vendor.traits, repeat=RepeatClass.NEITHER)
    merge.vendor.blocks_after = 30
    store = unwell(merge.house)
    recall = await merge.confirmed(100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(34)

    store.wrong["recall"] = [StorageError()]
    looks = store.calls["recall"]
    merge.house.engine.wake()
    await called(store, "recall", looks + 1)
    await asyncio.sleep(0.05)  # time for the worst
    merge.vendor.open.set()
    await asyncio.wait_for(running, 5)

    ended = await merge.now(recall)
    assert (ended.state, ended.counts.awaiting, ended.counts.unknown) == (State.SUBMITTED, 100, 0)


async def test_a_count_that_could_not_be_written_is_written_later(merge: Merge) -> None:
    merge.vendor.blocks_after = 30
    store = unwell(merge.house)
    recall = await merge.confirmed(100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(34)

    store.wrong["reckon"] = [StorageError()]
    await called(store, "reckon", 1)
    merge.vendor.open.set()
    await asyncio.wait_for(running, 5)

    assert (await merge.now(recall)).counts.awaiting == 100
    assert len(merge.vendor.asked) == 100


async def test_what_was_answered_before_a_bug_of_ours_is_kept(merge: Merge) -> None:
    merge.vendor.blocks_after = 20
    store = unwell(merge.house)
    store.wrong["hold"] = [StorageError()]
    recall = await merge.confirmed(100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await called(store, "hold", 1)
    answered = merge.vendor.asked[:20]
    store.wrong["recall"] = [ValueError("a bug")]
    await asyncio.wait_for(running, 5)

    merge.vendor.open.set()
    merge.house.passes(10)
    await merge.house.engine.run_due()

    assert (await merge.now(recall)).state is State.SUBMITTED
    assert all(merge.vendor.asked.count(each) == 1 for each in answered)


async def test_a_look_at_the_outcome_counts_everything_once(merge: Merge) -> None:
    recall = await merge.confirmed(2_500)
    await merge.house.engine.run_due()
    merge.vendor.answers = {each: Outcome(state=ItemState.DONE) for each in merge.vendor.asked}
    store = unwell(merge.house)

    merge.house.passes(10)
    await merge.house.engine.run_due()

    assert (await merge.now(recall)).counts.done == 2_500
    assert store.calls["reckon"] == 1


async def test_a_request_for_a_chunk_that_somebody_else_took_does_not_wait_for_ever(house: House) -> None:
    house.vendor.sent(items=3)
    recall = await house.confirmed(ANN)
    await house.store.plan(recall.id, [ItemId(f"mail-{n}") for n in range(3)])
    stock = Stock(work=house.store, clock=house.clock, recall=recall.id, owner="first", least=4, intend=False)
    await stock.turn()
    house.passes(2 * LEASE.total_seconds())
    await claim(house.store, recall.id, "second", house.clock.now(), 60)
    stock.renew()
    lost = asyncio.create_task(stock.turn())
    await asyncio.sleep(0)  # it is being written
    duty = stock.take(1)
    assert duty is not None
    may = asyncio.create_task(stock.intended(duty[0], duty[1]))

    await lost
    await stock.turn()

    assert not await asyncio.wait_for(may, 2)
