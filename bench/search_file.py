"""Databases with so many campaigns, filled once and kept between runs in the system's folder for what is temporary.

A million take a few minutes to fill, longer than their measurement. As a program, `python -m bench.search_file [SECONDS]`
fills what is missing, stops after so many seconds and goes on there the next time; 0 once everything is filled. What the
product would write 25 targets at a time goes through the same statements, a thousand to a transaction.
"""

import asyncio
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from zlib import crc32

from bench.campaigns import NEWEST, campaigns
from bot.ports import SystemClock
from bot.target import Target, TargetId, TargetRef
from storage import open_store
from storage.entries import TOGETHER, tidy
from storage.file import connect, prepare
from storage.index import remember_all, rows_of
from storage.schema import MIGRATIONS
from storage.search import read_targets

SIZES = (10_000, 100_000, 1_000_000)
_STOCK = 1_200_000
_AFTER = timedelta(days=600)  # the whole stock is of less
_AT_ONCE = 1000
_CACHE = 200_000  # kilobytes of pages


def filled(size: int, *, until: float | None = None) -> Path:
    """Fill a file of that size where there is none; returns it. Raises TimeoutError at that `perf_counter`."""
    path = _folder() / f"{size}.db"
    if path.exists():
        return path
    growing = _folder() / "growing.db"
    _fill(growing, size, until)
    being_copied = path.with_suffix(".copied")
    shutil.copyfile(growing, being_copied)
    being_copied.rename(path)
    return path


def sample(path: Path, count: int, providers: Sequence[str]) -> list[Target]:
    """Read about so many of those providers' campaigns, evenly from the oldest to the newest."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as reading:
        marks = ", ".join("?" * len(providers))
        sql = f"SELECT n FROM target WHERE provider IN ({marks}) ORDER BY n"  # noqa: S608 - question marks
        numbers = [n for (n,) in reading.execute(sql, providers)]
        return read_targets(reading, numbers[:: max(1, len(numbers) // count)])


def fresh() -> Iterator[Target]:
    """Yield campaigns that none of the files has, newer than theirs."""
    for one in campaigns(_STOCK):
        key = TargetId(f"9{one.ref.id}")
        yield replace(
            one, ref=TargetRef(provider=one.ref.provider, id=key), sent_at=(one.sent_at or NEWEST) + _AFTER
        )


def _folder() -> Path:
    """Name a folder for this version of the tables: another version fills anew."""
    version = " ".join(migration.name for migration in MIGRATIONS._migrations)  # noqa: SLF001 - offers no other way
    folder = Path(tempfile.gettempdir()) / f"recall-bench-search-{crc32(version.encode()):08x}"
    folder.mkdir(exist_ok=True)
    return folder


def _fill(path: Path, size: int, until: float | None) -> None:
    asyncio.run(_made(path))
    with closing(connect(path, read_only=False)) as writing:
        prepare(writing, read_only=False)
        writing.execute("PRAGMA synchronous = OFF").fetchall()
        writing.execute(f"PRAGMA cache_size = -{_CACHE}").fetchall()
        there: int = writing.execute("SELECT count(*) FROM target").fetchone()[0]
        for page in _pages(islice(campaigns(_STOCK), there, size)):
            if until is not None and perf_counter() > until:
                raise TimeoutError(f"{there:,} of {size:,} are filled; the next run goes on there.")
            writing.execute("BEGIN IMMEDIATE").fetchall()
            remember_all(writing, rows_of(page))
            tidy(writing, steps=max(1, len(page) // TOGETHER))
            writing.execute("COMMIT").fetchall()
            there += len(page)
        writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _pages(stock: Iterator[Target]) -> Iterator[list[Target]]:
    while page := list(islice(stock, _AT_ONCE)):
        yield page


async def _made(path: Path) -> None:
    store = await open_store(f"sqlite:///{path}", clock=SystemClock())
    await store.close()


def _main() -> int:
    until = perf_counter() + float(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        for size in SIZES:
            print(f"{size:,}: {filled(size, until=until)}", flush=True)
    except TimeoutError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main())
