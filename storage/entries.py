"""What the full-text indexes hold of targets: written with them, and taken out with them.

Not by triggers: pairs are made in Python, and the indexes want one transaction's rows in the order of their numbers. A
vendor's list comes newest first, and each step backwards made a piece of index of its own, to be merged later.
"""

from itertools import islice
from typing import NamedTuple

from storage.file import Connection
from storage.match import provider_sign
from storage.pairs import entry

TOGETHER = 25
"""Targets in one transaction, after which a step of tidying is due: among a million a hundred hold the writer four to five times
as long."""
_BATCH = 5000
_STEP = 16
"""Pages that one step of tidying writes: 2 ms among a million, where SQLite's own merging held the writer for up to 125.

Each page of index is written some eight times before it has found its place, and 25 targets make one or two.
"""

_TABLES = ("target_words", "target_pairs")
_ADD = (
    "INSERT INTO target_words (rowid, name, id, provider) VALUES (?, ?, ?, ?)",
    "INSERT INTO target_pairs (rowid, pairs) VALUES (?, ?)",
)
_REMOVE = (
    "INSERT INTO target_words (target_words, rowid, name, id, provider) VALUES ('delete', ?, ?, ?, ?)",
    "INSERT INTO target_pairs (target_pairs, rowid, pairs) VALUES ('delete', ?, ?)",
)


class Entry(NamedTuple):
    """What can be found of a target. A plain tuple, since a million are made of a file that an earlier version wrote."""

    name: str
    id: str
    provider: str


class Changes:
    """What a transaction does to the indexes, collected until its end."""

    def __init__(self) -> None:
        self._before: dict[int, Entry | None] = {}
        self._after: dict[int, Entry | None] = {}

    def note(self, n: int, before: Entry | None, after: Entry | None) -> None:
        """Remember what a row number stood for, and what it stands for now."""
        self._before.setdefault(n, before)
        self._after[n] = after

    def write(self, connection: Connection) -> None:
        """Bring both indexes up to date."""
        for words in (True, False):
            for n, after in sorted(self._after.items()):
                before = self._before[n]
                if before != after:
                    _write(connection, _REMOVE, n, before, words=words)
                    _write(connection, _ADD, n, after, words=words)


def index_all(connection: Connection) -> None:
    """Write the entries of everything remembered; for databases that were written before there were these indexes."""
    for at, sql in enumerate(_ADD):
        rows = iter(connection.execute("SELECT n, name, id, provider FROM target ORDER BY n"))
        while some := list(islice(rows, _BATCH)):
            connection.executemany(sql, [_values(n, Entry(*said), words=not at) for n, *said in some])

    for table in _TABLES:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')").fetchall()  # noqa: S608 - names of ours


def tidy(connection: Connection, steps: int = 1) -> None:
    """Merge a little of what was written last into what is there: a question looks into each piece of index.

    In a transaction of its own, so that no click waits for more than this. Due after every 25 targets (`TOGETHER`).
    """
    for table in _TABLES:
        sql = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)"  # noqa: S608 - names of ours
        connection.execute(sql, (_STEP * steps,)).fetchall()


def _write(
    connection: Connection, orders: tuple[str, str], n: int, one: Entry | None, *, words: bool
) -> None:
    if one is not None:
        connection.execute(orders[0 if words else 1], _values(n, one, words=words)).fetchall()


def _values(n: int, one: Entry, *, words: bool) -> tuple[object, ...]:
    if words:
        return n, one.name, one.id, provider_sign(one.provider)
    return n, entry(one.name, one.id)
