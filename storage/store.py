"""The whole of memory on one SQLite file: opening it, and the one object that stands for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import sqlite_utils

from bot.errors import StorageDamagedError, StorageError, StorageFullError
from bot.ports import Clock, Request, SystemClock
from storage import damage
from storage.copies import SqliteCopies, doubt_interrupted_copies
from storage.database import Database
from storage.file import Connect, Connection, FileLock, connect, path_of, prepare, refuse_network
from storage.gates import SqliteGates
from storage.inbox import SqliteInbox
from storage.index import SqliteIndex
from storage.intake import Intake
from storage.outbox import SqliteOutbox, doubt_interrupted
from storage.outcomes import SqliteOutcomes
from storage.overlap import SqliteOverlap
from storage.plan import SqlitePlan
from storage.records import SqliteRecords
from storage.retention import SqliteRetention
from storage.schema import MIGRATIONS, is_current
from storage.trouble import translate
from storage.work import SqliteWork
from storage.writer import Writer

Recovery = Callable[[Connection], None]
"""The transaction with which a start takes note of what the last process left half done."""


class SqliteStore(
    SqliteInbox,
    SqliteIndex,
    SqliteRecords,
    SqlitePlan,
    SqliteWork,
    SqliteGates,
    SqliteOverlap,
    SqliteOutcomes,
    SqliteOutbox,
    SqliteCopies,
    SqliteRetention,
):
    """`bot.ports.Store` on one SQLite file."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._intake = Intake(database)
        self._clock = clock

    async def refusal(self) -> str | None:
        """Say why nothing can be kept, as a full sentence; None where nothing was refused, or not any more."""
        if not self._database.refused:
            return None
        now = self._clock.now()
        try:  # the row says nothing: it is written to see whether one can be, and goes with the old look-ups
            await self.keep(Request(key=f"health {now.isoformat()}", verb="", at=now))
        except StorageError as error:
            return error.sentence
        self._database.refused = False
        return None

    async def pieces(self) -> Sequence[str]:
        """Name the pieces in which damage is looked for, one after another."""
        return await self._database.read(damage.tables)

    async def damage(self, piece: str | None = None) -> str | None:
        """Read a piece of the file, or all of it, behind everything else; returns what is wrong as a full sentence."""

        def work(connection: Connection) -> str | None:
            return damage.in_all(connection) if piece is None else damage.in_table(connection, piece)

        try:
            found = await self._database.aside(work)
        except StorageDamagedError as error:
            return error.sentence
        return None if found is None else damage.sentence(found)

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        await self._database.close()


async def open_store(url: str, *, clock: Clock, connect: Connect = connect) -> SqliteStore:
    """Open the database for this process alone, making or migrating it where needed.

    What was being sent to Slack when the last process died becomes ambiguous here, and waits until it has arrived;
    on a full disk that is written before anything else, once there is room.

    Args:
        url: `sqlite:///relative.db` or `sqlite:////absolute.db`.
        clock: tells the time.
        connect: opens the file; another one puts another file system underneath.

    Raises:
        StorageError: or one of its kinds, with a sentence that says what to do.
    """
    path = path_of(url)
    database = await asyncio.to_thread(_open, path, connect, clock.now())
    return SqliteStore(database, clock)


async def open_reader(url: str, *, connect: Connect = connect) -> SqliteStore:
    """Open the database to read from, beside a running Recall or without one. Every write raises StorageReadOnlyError.

    Raises:
        StorageError: there is no such file, or its tables are not those of this version.
    """
    path = path_of(url)
    await asyncio.to_thread(_check_readable, path, connect)
    return SqliteStore(Database(path, connect), SystemClock())


def _open(path: Path, connect: Connect, now: datetime) -> Database:
    if not path.parent.is_dir():
        raise StorageError(f"The folder {path.parent} does not exist. Make it, or change storage.url.")
    refuse_network(path)
    lock = FileLock(path.resolve())  # two names of one file are one database
    lock.take()
    try:
        _migrate(path, connect)
        writing = connect(path, read_only=False)
        try:
            prepare(writing, read_only=False)
            owed = _recover_or_owe(writing, partial(_recover, now=now))
        except BaseException:
            writing.close()
            raise
    except Exception as error:
        lock.free()
        translated = translate(error)
        if translated is error:
            raise
        raise translated from error
    database = Database(path, connect, writer=Writer(writing, first=owed), lock=lock)
    database.refused = owed is not None
    return database


def _migrate(path: Path, connect: Connect) -> None:
    """Bring the tables up to date in one transaction; a newer or foreign file is left untouched."""
    if path.exists() and path.stat().st_size and _is_current(path, connect):
        return
    database = sqlite_utils.Database(path)
    try:
        database.conn.isolation_level = None
        prepare(database.conn, read_only=False)
        database.conn.execute("BEGIN IMMEDIATE")
        MIGRATIONS.apply(database)
        database.conn.execute("COMMIT")
    finally:
        database.conn.close()


def _is_current(path: Path, connect: Connect) -> bool:
    connection = connect(path, read_only=True)
    try:
        prepare(connection, read_only=True)
        found = damage.before_start(connection)
        if found is not None:
            raise StorageDamagedError(damage.sentence(found))
        return is_current(connection)
    finally:
        connection.close()


def _recover_or_owe(connection: Connection, recover: Recovery) -> Recovery | None:
    """Recover now; on a full disk give it back, to be done before anything else is written, once there is room."""
    try:
        recover(connection)
    except Exception as error:
        if not isinstance(translate(error), StorageFullError):
            raise
        with suppress(Exception):  # SQLite has undone it by itself, as a rule
            connection.execute("ROLLBACK").fetchall()
        return recover
    return None


def _recover(connection: Connection, now: datetime) -> None:
    connection.execute("BEGIN IMMEDIATE").fetchall()
    doubt_interrupted(connection, now)
    doubt_interrupted_copies(connection, now)
    connection.execute("COMMIT").fetchall()


def _check_readable(path: Path, connect: Connect) -> None:
    if not path.is_file():
        raise StorageError(f"There is no database at {path} yet. Start Recall once, or change storage.url.")
    try:
        connection = connect(path, read_only=True)
        try:
            prepare(connection, read_only=True)
            current = is_current(connection)
        finally:
            connection.close()
    except Exception as error:
        translated = translate(error)
        if translated is error:
            raise
        raise translated from error
    if not current:
        raise StorageError(
            "This database was written by an older Recall. Start this version once to renew it."
        )
