"""A database with many ended recalls: as many as were asked for, each whole, and none that anybody still works on."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.first_call_file import TABLES, copied, grow
from bot.recall import RecallId, State
from bot.target import ItemState
from storage import open_store
from tests.bot.conftest import House, house
from tests.builders import ANN

__all__ = ["house"]


async def test_copies_of_an_ended_recall_are_ended_recalls_of_their_own(house: House, tmp_path: Path) -> None:
    house.vendor.sent()
    one = await house.confirmed(ANN)
    await house.engine.run_due()
    many = tmp_path / "many.db"
    copied(tmp_path / "recall.db", many)

    grow(many, 5)

    store = await open_store(f"sqlite:///{many}", clock=house.clock)
    try:
        kept = await store.recalls(limit=10)
        assert len({each.id for each in kept}) == 5
        assert {each.state for each in kept} == {(await house.now(one)).state} != {State.RUNNING}
        for each in kept:
            assert await store.counts(RecallId(each.id)) == {ItemState.DONE: 1}
            assert len(await store.events(each.id)) == len(await house.events(one))
    finally:
        await store.close()


async def test_every_table_that_knows_a_recall_is_copied(house: House, tmp_path: Path) -> None:
    house.vendor.sent()
    await house.confirmed(ANN)
    with closing(sqlite3.connect(tmp_path / "recall.db")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        of_recalls = {
            table
            for table in tables
            if any(row[1] == "recall" for row in connection.execute(f"PRAGMA table_info({table})"))
        }

    assert of_recalls - set(TABLES) == {"item_note", "copy"}  # what a plain recall leaves empty
