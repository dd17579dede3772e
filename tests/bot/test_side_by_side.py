"""Recalls at several vendors at once: one that never answers holds up no other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.policy import Policy, Rule
from bot.ports import ItemId
from bot.recall import Recall, State
from bot.target import Outcome, ProviderName, Target, TargetId
from tests.bot.conftest import House, build
from tests.bot.test_engine_items import MergeVendor
from tests.builders import ANN, BOB, FixedClock

LETTERS = 300


@dataclass
class MuteVendor(MergeVendor):
    """Takes every question of one kind, and never answers it. `reached` is set by the first."""

    silent_at: str = ""
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def get(self, target: TargetId) -> Target:
        await self._silence("get")
        return await super().get(target)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        await self._silence("items")
        async for page in super().items(target):
            yield page

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        await self._silence("recall")
        return await super().recall(target, items, key=key)

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        await self._silence("check")
        return await super().check(target, items)

    async def _silence(self, what: str) -> None:
        if what == self.silent_at:
            self.reached.set()
            await asyncio.Event().wait()


@dataclass
class Street:
    """One house, and two vendors at which it recalls."""

    house: House
    mute: MuteVendor
    well: MergeVendor

    async def confirmed_at_the_mute_one(self, silent_at: str) -> Recall:
        """Confirm a merge there, and let it go as far as it goes."""
        self.mute.sent("slow", items=LETTERS)
        recall = await self.house.confirmed(ANN, "slow")
        self.mute.silent_at = silent_at
        self.house.engine.wake()
        if silent_at == "check":
            await self.until(recall, State.SUBMITTED)
            self.house.passes(10)
            self.house.engine.wake()
        async with asyncio.timeout(5):
            await self.mute.reached.wait()
        return recall

    async def until(self, recall: Recall, state: State) -> Recall:
        async with asyncio.timeout(5):
            while (now := await self.house.now(recall)).state is not state:  # noqa: ASYNC110 - the store rings no bell
                await asyncio.sleep(0.01)
        return now


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    mute, well = MuteVendor(), MergeVendor(name=ProviderName("mail"))
    policy = Policy(allow=(Rule(who=frozenset({"S_MARKETING"})),))
    house = await build(tmp_path / "recall.db", FixedClock(), mute, policy, others=(well,))
    await house.engine.resume()
    running = asyncio.create_task(house.engine.run())
    yield Street(house, mute, well)
    await house.engine.drain(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await house.store.close()


@pytest.mark.parametrize("silent_at", ["get", "items", "recall", "check"])
async def test_a_vendor_that_never_answers_holds_up_no_recall_at_another(
    street: Street, silent_at: str
) -> None:
    slow = await street.confirmed_at_the_mute_one(silent_at)
    before = await street.house.now(slow)

    street.well.sent("quick", items=LETTERS)
    quick = await street.house.confirmed(BOB, "quick")
    street.house.engine.wake()

    ended = await street.until(quick, State.SUBMITTED)
    assert ended.counts.awaiting == LETTERS
    assert street.well.most_inside == street.well.traits.concurrency
    assert (await street.house.now(slow)).state is before.state
