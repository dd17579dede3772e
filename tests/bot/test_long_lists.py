"""A long list of items, whose reading a crash cuts short."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

import storage.chunks
from bot import preparing
from bot.ports import ItemId
from bot.recall import State
from bot.target import ItemState, Target
from tests.bot.conftest import restarted
from tests.bot.test_engine_items import Merge, merge
from tests.rewritten import note_what_is_written, written

__all__ = ["merge"]


class Lists:
    """A vendor's list, page by page; it breaks off for ever after so many pages."""

    def __init__(self, mails: Sequence[str], *, breaks_off_after: int | None = None) -> None:
        self.mails = mails
        self.stuck = asyncio.Event()
        self._pages = breaks_off_after

    async def __call__(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        del target
        for page, at in enumerate(range(0, len(self.mails), 15)):
            if page == self._pages:
                self.stuck.set()
                await asyncio.Event().wait()
            yield [ItemId(each) for each in self.mails[at : at + 15]]


@pytest.mark.parametrize("changed", [False, True], ids=["the same list", "a list that has changed meanwhile"])
async def test_after_a_crash_the_plan_goes_on_behind_what_is_kept_of_the_same_list(
    merge: Merge, monkeypatch: pytest.MonkeyPatch, *, changed: bool
) -> None:
    monkeypatch.setattr(storage.chunks, "CHUNK", 10)
    monkeypatch.setattr(preparing, "PLANNED_AT_A_TIME", 20)
    mails = [f"mail-{n}" for n in range(100)]
    first = Lists(mails, breaks_off_after=4)
    merge.vendor.items = first  # type: ignore[method-assign]
    recall = await merge.confirmed(100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await asyncio.wait_for(first.stuck.wait(), 5)
    assert not merge.vendor.asked
    await merge.house.engine.drain(0)
    running.cancel()
    assert await merge.house.store.counts(recall.id) == {ItemState.PENDING: 60}
    note_what_is_written(merge.house.path)

    mails = [each for each in mails if not changed or each != "mail-25"]
    merge.vendor.items = Lists(mails)  # type: ignore[method-assign]
    again = await restarted(merge.house)
    await again.engine.run_due()

    assert (await again.now(recall)).state is State.SUBMITTED
    assert sorted(merge.vendor.asked) == sorted(mails)
    assert min(written(merge.house.path)) == (2 if changed else 6)
    assert [each.item for each in await again.store.outcomes(recall.id)] == mails
    await again.store.close()
