"""A file that is damaged: what a start rests on is looked at before anything is done, the rest afterwards."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from bot.errors import StorageDamagedError, StorageError
from bot.ports import Request
from storage import damage, open_reader, open_store
from storage.file import Connection
from tests.builders import T0, FixedClock, make_target


async def written(url: str, path: Path, table: str) -> None:
    """Make a file, and spoil every page of one table but its root."""
    store = await open_store(url, clock=FixedClock())
    await store.remember(make_target(id=str(n), text="x" * 900) for n in range(200))
    for n in range(200):
        await store.keep(Request(key=str(n), verb="confirm", body={"x": "x" * 900}, at=T0))
    await store.close()
    reading = sqlite3.connect(path)
    root, size = reading.execute(
        "SELECT rootpage, (SELECT * FROM pragma_page_size) FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    reading.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        page = file.read(size)
        children = [int.from_bytes(page[at : at + 4], "big") for at in _cells(page)]
        for child in children[1:4]:
            file.seek((child - 1) * size)
            file.write(b"\xee" * size)


def _cells(page: bytes) -> list[int]:
    assert page[0] == 5, "the table has to be larger than one page"
    return [
        int.from_bytes(page[12 + 2 * n : 14 + 2 * n], "big") for n in range(int.from_bytes(page[3:5], "big"))
    ]


async def test_a_large_file_is_opened_without_reading_what_no_start_rests_on(
    url: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(url, path, "target_body")
    monkeypatch.setattr(damage, "SMALL_PAGES", 10)

    store = await open_store(url, clock=FixedClock())

    found = {piece: await store.damage(piece) for piece in await store.pieces()}
    assert [piece for piece, what in found.items() if what] == ["target_body"]
    assert "restore a backup" in (found["target_body"] or "")
    assert await store.damage() is not None
    await store.close()


async def test_a_large_file_whose_decisions_are_damaged_is_refused(
    url: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(url, path, "request")
    monkeypatch.setattr(damage, "SMALL_PAGES", 10)

    with pytest.raises(StorageDamagedError, match="damaged"):
        await open_store(url, clock=FixedClock())


async def test_tables_that_grew_large_are_left_for_later(
    url: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(url, path, "request")
    monkeypatch.setattr(damage, "SMALL_PAGES", 10)
    monkeypatch.setattr(damage, "MOST_ROWS", 100)

    store = await open_store(url, clock=FixedClock())

    assert (await store.pieces())[:5] == sorted(damage.BEARING)
    assert await store.damage("request") is not None
    await store.close()


async def test_a_reader_beside_a_running_recall_can_look_through_everything(url: str) -> None:
    store = await open_store(url, clock=FixedClock())
    await store.remember([make_target()])
    reader = await open_reader(url)

    assert await reader.damage() is None

    await reader.close()
    await store.close()


async def test_closing_does_not_wait_for_what_reads_on_for_ever(url: str) -> None:
    store = await open_store(url, clock=FixedClock())
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    began = threading.Event()

    def work(connection: Connection) -> None:
        began.set()
        connection.execute(endless).fetchone()

    job = asyncio.ensure_future(store._database.aside(work))
    assert await asyncio.to_thread(began.wait, 20)

    async with asyncio.timeout(20):
        await store.close()

    with pytest.raises(StorageError):
        await job
