import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.upkeep import Upkeep
from tests.builders import FixedClock


class Memory:
    """A memory of two pieces."""

    def __init__(self, **wrong: str) -> None:
        self.wrong = wrong
        self.old = 3
        self.asked: list[datetime] = []
        self.looked: list[str] = []

    async def pieces(self) -> Sequence[str]:
        return ["event", "target"]

    async def damage(self, piece: str | None = None) -> str | None:
        assert piece is not None
        self.looked.append(piece)
        return self.wrong.get(piece)

    async def forget_old(self) -> None:
        pass

    async def forget(self, before: datetime) -> int:
        self.asked.append(before)
        self.old -= 1
        return max(self.old, 0)


async def test_each_sweep_looks_at_one_piece_and_all_are_looked_at_once_a_week() -> None:
    memory, clock = Memory(), FixedClock()
    upkeep = Upkeep(memory=memory, clock=clock, busy=lambda: False)

    for _ in range(5):
        await upkeep.look_on()
    assert memory.looked == ["event", "target"]

    clock.at += timedelta(days=7)
    await upkeep.look_on()
    assert memory.looked == ["event", "target", "event"]


async def test_nothing_is_looked_at_while_recalls_run() -> None:
    memory = Memory()
    upkeep = Upkeep(memory=memory, clock=FixedClock(), busy=lambda: True)

    await upkeep.look_on()

    assert memory.looked == []


async def test_damage_is_kept_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    memory = Memory(event="Recall's database is damaged.")
    upkeep = Upkeep(memory=memory, clock=FixedClock(), busy=lambda: False)

    for _ in range(3):
        await upkeep.look_on()

    assert upkeep.damage == "Recall's database is damaged."
    assert memory.looked == ["event"]
    assert [each.message for each in caplog.records if each.levelno == logging.ERROR] == [upkeep.damage]


async def test_what_is_old_goes_until_nothing_is_left() -> None:
    memory, clock = Memory(), FixedClock()
    upkeep = Upkeep(memory=memory, clock=clock, busy=lambda: False, keep=timedelta(days=400), breath=0)

    await upkeep.tidy()

    assert memory.asked == [clock.at - timedelta(days=400)] * 3


@pytest.mark.parametrize(("busy", "keep"), [(True, timedelta(days=1)), (False, None)])
async def test_nothing_goes_while_recalls_run_or_where_all_is_kept(
    busy: bool, keep: timedelta | None
) -> None:
    memory = Memory()
    await Upkeep(memory=memory, clock=FixedClock(), busy=lambda: busy, keep=keep).tidy()
    assert memory.asked == []
