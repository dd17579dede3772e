"""What the engine does while its store is not well, or is overtaken."""

import asyncio
from dataclasses import replace

from bot.errors import StorageError
from bot.recall import State
from bot.target import RepeatClass
from tests.bot.test_engine_items import Merge, merge
from tests.bot.unwell import UnwellStore, unwell

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
    store.wrong["hold"] = [None, StorageError()]
    recall = await merge.confirmed(100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await called(store, "hold", 2)
    answered = merge.vendor.asked[:20]
    store.wrong["recall"] = [ValueError("a bug")]
    await asyncio.wait_for(running, 5)

    merge.vendor.open.set()
    merge.house.passes(10)
    await merge.house.engine.run_due()

    assert (await merge.now(recall)).state is State.SUBMITTED
    assert all(merge.vendor.asked.count(each) == 1 for each in answered)
