"""A database with many ended recalls in it: one that was really made, copied row by row under other ids."""

import sqlite3
from contextlib import closing
from pathlib import Path

TABLES = ("recall", "event", "card", "chunk", "chunk_items", "tally", "outbox")
"""What a recall leaves behind; a table whose rows refer to others comes after them."""


def copied(database: Path, into: Path) -> None:
    """Copy a database that a bot has open."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(into)) as target:
        source.backup(target)


def grow(database: Path, recalls: int) -> None:
    """Copy the one recall in a database until there are so many."""
    with closing(sqlite3.connect(database)) as connection:
        (recall,) = connection.execute("SELECT id FROM recall").fetchone()
        (card,) = connection.execute("SELECT id FROM card").fetchone()
        connection.execute("CREATE TEMP TABLE fresh (suffix INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO fresh VALUES (?)", ((n,) for n in range(1, recalls)))
        for table in TABLES:
            _copy(connection, table, recall, card)
        connection.commit()


def _copy(connection: sqlite3.Connection, table: str, recall: str, card: str) -> None:
    """Copy a table's rows once for each suffix; numbers that the database gives are given anew."""
    columns, values = [], []
    for _, name, kind, _, _, key in connection.execute(f"PRAGMA table_info({table})").fetchall():
        if key and kind == "INTEGER" and table in {"event", "card", "outbox"}:
            continue
        columns.append(name)
        if name == "target":
            values.append("target || '-' || fresh.suffix")
        elif kind == "TEXT":
            values.append(
                f"replace(replace({name}, :recall, :recall || '-' || fresh.suffix), :card, :card || '-' || fresh.suffix)"
            )
        else:
            values.append(name)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}, fresh",  # noqa: S608
        {"recall": recall, "card": card},
    )
