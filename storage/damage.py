"""Looking for damage in the file: what a start rests on before anything is done, the rest while the bot runs.

Reading a whole file of 1.9 GB that is not in the system's memory took 23 seconds, so a start does not wait for it.
"""

from collections.abc import Sequence

from storage.file import Connection

SMALL_PAGES = 4_096
"""A file of up to so many pages (16 MB) is looked through as a whole before anything is done."""

BEARING = ("recall", "event", "request", "card", "outbox")
"""What a start decides by. Looked at first."""

MOST_ROWS = 5_000
"""A table with more rows than this (some 5 MB with its indexes) is left for later, too."""


def before_start(connection: Connection) -> str | None:
    """Look at what a start rests on, for a fraction of a second at most; returns what is wrong there."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    if pages <= SMALL_PAGES:
        return in_all(connection)
    there = set(tables(connection))
    for table in BEARING:
        if table in there and _most_rows(connection, table) <= MOST_ROWS:
            found = in_table(connection, table)
            if found is not None:
                return found
    return None


def in_all(connection: Connection) -> str | None:
    """Read the whole file; returns the first thing that is wrong."""
    return _said(connection, "PRAGMA quick_check(1)")


def in_table(connection: Connection, table: str) -> str | None:
    """Read one table with its indexes; returns what is wrong there."""
    found = _said(connection, f"PRAGMA quick_check('{table}')")
    return None if found is None else f"{table}: {found}"


def tables(connection: Connection) -> Sequence[str]:
    """List all tables that take room in the file, those that decisions rest on first."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
    return sorted((name for (name,) in rows), key=lambda name: (name not in BEARING, name))


def _most_rows(connection: Connection, table: str) -> int:
    """Tell how many rows there can be, without counting them."""
    first, last = connection.execute(
        f"SELECT (SELECT min(rowid) FROM {table}), (SELECT max(rowid) FROM {table})"  # noqa: S608 - names of ours
    ).fetchone()
    return 0 if first is None else last - first + 1


def sentence(found: str) -> str:
    """Say what is wrong, and what to do."""
    return f"Recall's database is damaged ({found}). Please restore a backup."


def _said(connection: Connection, check: str) -> str | None:
    found: str = connection.execute(check).fetchone()[0]
    return None if found == "ok" else found.strip().replace("\n", " ")
