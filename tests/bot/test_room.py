"""At most so many requests are under way in the whole process, in turn, and a vendor that hangs keeps nobody back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from bot import room
from bot.errors import ProviderError
from bot.hand import Duty, Hand
from bot.lanes import Call, Lane
from bot.room import MOST, Room
from bot.tasks import Tasks


@dataclass
class Floor:
    """What all vendors have under way together."""

    inside: int = 0
    most: int = 0


@dataclass
class Vendor:
    """A recall of so many requests; each takes a few turns of the loop, or never ends where its vendor hangs."""

    floor: Floor
    left: int
    hangs: bool = False
    inside: int = 0
    made: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self) -> Duty | None:
        if not self.left:
            return None
        self.left -= 1
        return cast("Hand", None), (self.left,), False

    async def carry(self, duty: Duty, call: Call) -> None:
        del duty, call
        self.inside += 1
        self.floor.inside += 1
        self.floor.most = max(self.floor.most, self.floor.inside)
        try:
            if self.hangs:
                await self.open.wait()
            for _ in range(3):
                await asyncio.sleep(0)
        finally:
            self.inside -= 1
            self.floor.inside -= 1
        self.made += 1

    def break_off(self, error: Exception) -> None:
        raise error

    def halt(self, error: ProviderError) -> None:
        raise error

    def heed(self) -> None:
        pass


@dataclass
class House:
    """Vendors of 64 slots each in one room."""

    floor: Floor = field(default_factory=Floor)
    room: Room = field(default_factory=Room)
    tasks: Tasks = field(default_factory=Tasks)

    def vendor(self, requests: int, *, hangs: bool = False, slots: int = 64) -> tuple[Lane, Vendor]:
        return Lane(slots, self.tasks, room=self.room), Vendor(self.floor, requests, hangs)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    house.room.close()
    await house.tasks.drain(0)


async def turns(many: int = 200) -> None:
    for _ in range(many):
        await asyncio.sleep(0)


async def until_made(vendor: Vendor, many: int) -> None:
    async with asyncio.timeout(10):
        while vendor.made < many:  # noqa: ASYNC110 - a vendor rings no bell
            await asyncio.sleep(0.001)


async def test_three_vendors_together_have_no_more_under_way_than_one_loop_can_do(house: House) -> None:
    three = [house.vendor(2_000) for _ in range(3)]
    for lane, crew in three:
        lane.enter(crew)

    await house.tasks.settle()

    assert house.floor.most == MOST
    assert [crew.made for _, crew in three] == [2_000] * 3


async def test_who_comes_later_soon_has_as_many_as_who_was_there(house: House) -> None:
    first, second, small = house.vendor(10_000), house.vendor(10_000), house.vendor(10_000, slots=4)
    first[0].enter(first[1])
    await turns()
    assert first[0].under_way == MOST

    for lane, crew in (second, small):
        lane.enter(crew)
    await turns()

    assert small[0].under_way == 4
    assert abs(first[0].under_way - second[0].under_way) <= 1
    assert first[0].under_way + second[0].under_way == MOST - 4


async def test_what_one_leaves_the_others_have(house: House) -> None:
    short, long = house.vendor(200), house.vendor(20_000)
    for lane, crew in (short, long):
        lane.enter(crew)
    await turns()

    await until_made(short[1], 200)
    await turns()

    assert long[0].under_way == MOST


async def test_a_vendor_that_hangs_with_all_its_slots_soon_keeps_nobody_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LONG", 0.04)
    hung, well = house.vendor(1_000, hangs=True), house.vendor(500)
    hung[0].enter(hung[1])
    await turns()
    assert hung[1].inside == MOST

    well[0].enter(well[1])
    await until_made(well[1], 500)

    assert hung[1].made == 0


async def test_what_hung_for_long_and_goes_on_makes_room_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "LONG", 0.04)
    hung, well = house.vendor(100_000, hangs=True), house.vendor(100_000)
    hung[0].enter(hung[1])
    await turns()
    well[0].enter(well[1])
    await until_made(well[1], 500)
    assert hung[0].under_way + well[0].under_way == 2 * MOST

    hung[1].hangs = False
    hung[1].open.set()

    async with asyncio.timeout(10):
        while hung[0].under_way + well[0].under_way > MOST:  # noqa: ASYNC110 - same
            await asyncio.sleep(0.001)


async def test_nothing_more_is_begun_once_the_process_ends(house: House) -> None:
    lane, crew = house.vendor(100)
    house.room.close()

    lane.enter(crew)
    await turns()

    assert crew.made == 0
