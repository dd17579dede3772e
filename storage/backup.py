"""A copy of the database as it is at one instant, made beside a running bot."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import StorageError
from storage.file import connect, path_of
from storage.trouble import translate

PAGES = 2_000
"""Pages copied at a time; the running bot writes in between."""


async def back_up(url: str, to: Path) -> int:
    """Copy the database into a new file that only its owner can read; returns its size in bytes.

    The copy is whole and checked, or there is none. Its name must be free: no earlier backup is written over.

    Raises:
        StorageError: there is no database, the name is taken, or it can't be written.
    """
    path = path_of(url)
    if not path.is_file():
        raise StorageError(f"There is no database at {path} yet.")
    return await asyncio.to_thread(_copy, path, to)


def _copy(path: Path, to: Path) -> int:
    try:
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StorageError(f"{to} exists already, and a backup never writes over a file.") from None
    except OSError as error:
        raise StorageError(f"{to} can't be written: {error.strerror}.") from None
    try:
        with closing(connect(path, read_only=True)) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy, pages=PAGES)
            _insist_on_whole(copy)
        with to.open("rb+") as written:
            os.fsync(written.fileno())
        return to.stat().st_size
    except Exception as error:
        to.unlink(missing_ok=True)
        translated = translate(error)
        if translated is error:
            raise
        raise translated from error


def _insist_on_whole(copy: sqlite3.Connection) -> None:
    damage = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise StorageError(f"The copy would be damaged ({damage}), so it was not kept.")
