"""Turns of the loop stay short at a vendor that answers at once, shorter still while a person waits; a slow vendor's slots stay full."""

import asyncio
from typing import cast

import pytest

from bot.errors import ProviderError
from bot.hand import Duty, Hand
from bot.lanes import Call, Lane
from bot.right_of_way import RightOfWay
from bot.room import Room
from bot.tasks import Tasks
from bot.turns import FEW, MOST

SLOTS = 4 * MOST


class Endless:
    """A recall that never ends. The vendor answers at once, or what `answers` let through."""

    def __init__(self) -> None:
        self.inside = 0
        self.ended = 0
        self.answers: asyncio.Semaphore | None = None

    def next(self) -> Duty | None:
        return cast("Hand", None), (self.ended,), False

    async def carry(self, duty: Duty, call: Call) -> None:
        del duty, call
        self.inside += 1
        try:
            await (self.answers.acquire() if self.answers else asyncio.sleep(0))
        finally:
            self.inside -= 1
        self.ended += 1

    def break_off(self, error: Exception) -> None:
        raise error

    def halt(self, error: ProviderError) -> None:
        raise error

    def heed(self) -> None:
        pass


class Road:
    """A lane with one recall in it."""

    def __init__(self, slots: int = SLOTS) -> None:
        self.way, self.tasks, self.recall = RightOfWay(), Tasks(), Endless()
        self.lane = Lane(slots, self.tasks, self.way, Room(slots))
        self.lane.enter(self.recall)

    async def most_in_a_turn(self, turns: int = 20) -> int:
        """Say how many requests ended in one turn of the loop at most; the first turns don't count."""
        found = []
        for _ in range(2 * turns):
            before = self.recall.ended
            await asyncio.sleep(0)
            found.append(self.recall.ended - before)
        return max(found[turns:])

    async def all_inside(self) -> None:
        async with asyncio.timeout(5):
            while self.recall.inside < SLOTS:  # noqa: ASYNC110 - nothing rings
                await asyncio.sleep(0.001)


async def test_a_turn_of_the_loop_is_no_longer_than_a_part_of_the_slots_takes() -> None:
    road = Road()

    assert FEW < await road.most_in_a_turn() <= MOST
    await road.tasks.drain(0)


async def test_while_a_person_waits_a_turn_is_shorter_still_and_the_recall_goes_on() -> None:
    road = Road()
    await road.most_in_a_turn()

    with road.way.taking(), road.way.taking():
        assert 0 < await road.most_in_a_turn() <= FEW
    assert FEW < await road.most_in_a_turn() <= MOST
    await road.tasks.drain(0)


@pytest.mark.parametrize("slots", [1, FEW])
async def test_a_few_slots_are_never_held_back(slots: int) -> None:
    road = Road(slots)

    with road.way.taking():
        assert await road.most_in_a_turn() == slots
    await road.tasks.drain(0)


async def test_a_slow_vendor_s_slots_stay_full_while_a_person_waits() -> None:
    road = Road()
    road.recall.answers = asyncio.Semaphore(0)
    await asyncio.sleep(0)

    with road.way.taking():
        for _ in range(SLOTS):
            road.recall.answers.release()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert (road.recall.inside, road.recall.ended) == (SLOTS, SLOTS)
    await road.tasks.drain(0)


async def test_a_vendor_that_becomes_slow_gets_all_its_requests_again() -> None:
    road = Road()
    await road.most_in_a_turn()

    road.recall.answers = asyncio.Semaphore(0)

    await road.all_inside()
    await road.tasks.drain(0)


async def test_a_stop_ends_those_that_wait_for_shorter_turns() -> None:
    road = Road()
    await road.most_in_a_turn()

    await road.tasks.drain(0)

    async with asyncio.timeout(5):
        await road.tasks.settle()
