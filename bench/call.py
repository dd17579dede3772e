"""The one vendor call that all contestants make, and the plain loop that makes it and keeps nothing.

The plain loop is the limit: nothing that makes the same calls with the same client can be faster. It reads its items from
a table while it runs, for whoever has something to take back has it somewhere, and seldom in memory.
"""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import aiohttp

Answer = TypeVar("Answer")

PAGE = 5000
"""Items in one page of what a vendor lists."""

_OK = 200


@asynccontextmanager
async def client(concurrency: int) -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session that keeps so many connections."""
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def ask(session: aiohttp.ClientSession, url: str, items: Sequence[str], gone: Answer) -> list[Answer]:
    """Take items back with one request; returns `gone` for each of them.

    Raises where the vendor did not say that they are.
    """
    body = json.dumps({"items": items}).encode()
    async with session.post(url, data=body) as answer:
        said = await answer.read()
        if answer.status != _OK or b"true" not in said:
            raise AssertionError(f"the practice vendor answered {answer.status}")
    return [gone] * len(items)


def item_ids(items: int) -> Iterator[str]:
    """Name items one by one: nobody holds them all."""
    return (f"item-{n}" for n in range(items))


@contextmanager
def stored_items(items: int) -> Iterator[Iterator[str]]:
    """Keep so many items in an SQLite file, a row each, and give them as a cursor does, in their order."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "items.db")) as file:
        with file:
            file.execute("CREATE TABLE item (n INTEGER PRIMARY KEY, id TEXT NOT NULL)")
            file.executemany("INSERT INTO item (id) VALUES (?)", ((each,) for each in item_ids(items)))
        yield (each for (each,) in file.execute("SELECT id FROM item ORDER BY n"))


async def plain_loop(
    session: aiohttp.ClientSession, url: str, left: Iterator[str], *, batch: int, concurrency: int
) -> float:
    """Make all calls and keep nothing; returns the seconds from the first to the last.

    Args:
        session: of `client`.
        url: the vendor's.
        left: the items to be taken back.
        batch: items in a call.
        concurrency: calls under way at a time.
    """

    async def work() -> None:
        while part := list(islice(left, batch)):
            await ask(session, url, part, True)

    began = perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return perf_counter() - began
