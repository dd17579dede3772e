"""A person waits for an acknowledgement: a vendor's requests make way, a few go on, and afterwards all do."""

import asyncio
from typing import cast

import pytest

from bot.errors import ProviderError
from bot.hand import Hand
from bot.lanes import Duty, Lane
from bot.right_of_way import FEW, RightOfWay
from bot.tasks import Tasks

TURNS = 50


class Busy:
    """A recall that never ends, at a vendor that answers at once."""

    def __init__(self) -> None:
        self.inside = 0
        self.made = 0

    def next(self) -> Duty | None:
        return cast("Hand", None), (self.made,), False

    async def carry(self, duty: Duty) -> None:
        del duty
        self.inside += 1
        await asyncio.sleep(0)
        self.inside -= 1
        self.made += 1

    def halt(self, error: ProviderError) -> None:
        raise error

    def heed(self) -> None:
        pass


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


@pytest.mark.parametrize("slots", [2, 4 * FEW])
async def test_requests_make_way_for_a_person_and_a_few_go_on(slots: int) -> None:
    way, tasks, crew = RightOfWay(), Tasks(), Busy()
    lane = Lane(slots, tasks, way)
    lane.enter(crew)
    await turns()
    assert crew.inside == slots

    with way.taking():
        await turns()
        assert crew.inside == min(slots, FEW)
        before = crew.made
        await turns()
        assert crew.made > before
    await turns()

    assert crew.inside == slots
    await tasks.drain(0)


async def test_requests_wait_for_the_last_person() -> None:
    way, tasks, crew = RightOfWay(), Tasks(), Busy()
    Lane(4 * FEW, tasks, way).enter(crew)
    way.take()
    way.take()
    await turns()

    way.give_back()
    await turns()
    assert crew.inside == FEW
    way.give_back()
    await turns()

    assert crew.inside == 4 * FEW
    await tasks.drain(0)


async def test_a_stop_ends_those_that_make_way() -> None:
    way, tasks = RightOfWay(), Tasks()
    Lane(4 * FEW, tasks, way).enter(Busy())
    with way.taking():
        await turns()
        await tasks.drain(0)

        async with asyncio.timeout(5):
            await tasks.settle()
