"""Knows what the database held after each commit that the bot was told of, and finds it again after a power cut."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.target import ItemState
from storage.file import Connection, Cursor
from tests.crash.invariants import Kept
from tests.fetched import Fetched
from tests.power.disk import Disk

TABLES = ("request", "target", "recall", "event", "card", "item", "chunk", "item_note", "outbox", "copy")


@dataclass
class Witness:
    """Digests of everything that was kept, and the place in the disk's journal at which each was acknowledged."""

    disk: Disk
    digests: list[str] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)  # deeds done by then, for each digest
    left: list[tuple[int, str]] = field(
        default_factory=list
    )  # deeds done when an item was asked for, and which

    def saw(self, connection: Connection) -> None:
        """Take note of a commit that has returned."""
        self.acknowledged.append(len(self.disk.deeds))
        self.digests.append(digest(connection))

    def owed(self, cut: int) -> int:
        """How many commits had been acknowledged when the power went."""
        return sum(place <= cut for place in self.acknowledged)

    def asked(self, cut: int) -> set[str]:
        """Which items had been asked for when the power went."""
        return {item for place, item in self.left if place <= cut}

    def found(self, connection: Connection) -> int | None:
        """How many of the commits a database holds; None where it is a state that there never was."""
        mine = digest(connection)
        return next((n + 1 for n in reversed(range(len(self.digests))) if self.digests[n] == mine), None)


@dataclass
class WitnessedConnection:
    """The writer's connection, with a witness of its commits. `synchronous`: what to say instead of FULL."""

    real: Connection
    witness: Witness
    synchronous: str = "FULL"

    @property
    def in_transaction(self) -> bool:
        return self.real.in_transaction

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        if sql == "PRAGMA synchronous = FULL":
            return self.real.execute(f"PRAGMA synchronous = {self.synchronous}")
        if sql == "COMMIT" or (sql.startswith("INSERT") and not self.real.in_transaction):
            rows = self.real.execute(sql, parameters).fetchall()
            self.witness.saw(self.real)
            return Fetched(rows)
        return self.real.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        return self.real.executemany(sql, parameters)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()


def digest(connection: Connection) -> str:
    """Hash everything in our tables."""
    whole = hashlib.sha256()
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall():
            whole.update(repr(tuple(row)).encode())
    return whole.hexdigest()


def laid_out(files: Mapping[str, bytes | None], folder: Path) -> Path:
    """Write files as a power cut left them into a folder; returns the database."""
    folder.mkdir()
    for name, data in files.items():
        if data is not None:
            (folder / Path(name).name).write_bytes(data)
    return folder / "recall.db"


def intended(database: Path) -> set[str]:
    """The items that a database calls more than untouched."""
    kept = Kept(database)
    return {
        item
        for recall in kept.recalls
        for item, state in kept.items_of(recall["id"]).items()
        if state is not ItemState.PENDING
    }


def sound(database: Path, witness: Witness) -> int | None:
    """Open a database after a power cut; returns how many commits it holds. Raises AssertionError for a damaged one."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return witness.found(connection)
    finally:
        connection.close()
