import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.upkeep import Upkeep
from tests.builders import FixedClock


class Memory:
    """A memory of two pieces."""

    def __init__(self, **wrong: str) -> None:
        self.wrong = wrong
        self.looked: list[str] = []

    async def pieces(self) -> Sequence[str]:
        return ["event", "target"]

    async def damage(self, piece: str | None = None) -> str | None:
        assert piece is not None
        self.looked.append(piece)
        return self.wrong.get(piece)


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
