"""Everything that was ever seen at a vendor: typeahead and search."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from bot.ports import Match
from bot.target import ProviderName, Target, TargetRef
from storage import match
from storage.codec import clean, dump, instant, load
from storage.database import Database
from storage.entries import TOGETHER, Changes, Entry, tidy
from storage.file import Connection
from storage.finding import find
from storage.matching import Question
from storage.search import newest, read_targets
from storage.words import learn

STEP = 1 << 20
"""Row numbers of a millisecond. Those below the first one are of targets that have no time of sending."""
_LAST_MILLISECOND = (1 << 43) - 1

Row = tuple[str, str, str, str, int]  # provider, id, name, body, first row number


class SqliteIndex:
    """`bot.ports.Index` on SQLite. Row numbers grow with the time of sending, so the newest is the greatest."""

    _database: Database
    _untidied: int = 0  # targets since the index was put in order

    async def remember(self, targets: Iterable[Target]) -> None:
        """Add or renew targets, a few in each transaction, so that nobody's click waits long for its turn to be written.

        Where that fails, or is cancelled, those before it stay remembered.
        """
        rows = await asyncio.to_thread(rows_of, list(targets))
        for start in range(0, len(rows), TOGETHER):
            await self._database.write(partial(remember_all, rows=rows[start : start + TOGETHER]))
            await self._tidy(len(rows[start : start + TOGETHER]))

    async def recent(
        self, limit: int, before: datetime | None = None, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Target]:
        """List what is known, newest first; with `before`, only what is known to be sent earlier than that."""
        names = _names(providers)
        below, least = (first_row(before), STEP) if before else (1 << 62, 0)

        def work(connection: Connection) -> Sequence[Target]:
            return read_targets(connection, newest(connection, names, limit, below, least))

        return await self._database.read(work)

    async def search(
        self, words: str, limit: int, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Match]:
        """Find by exact id; else the whole phrase; else all words as prefixes; else by the nearest known words, as a guess.

        One letter or none gives the newest, marked as fuzzy since nothing in them was asked for.
        """
        asked = Question(typed=match.tidy(words), limit=limit, providers=_names(providers))
        return await self._database.read(lambda connection: find(connection, asked))

    async def known(self, ref: TargetRef) -> Target | None:
        """Return a target as it was last seen."""

        def work(connection: Connection) -> Target | None:
            row = connection.execute(
                "SELECT body FROM target JOIN target_body USING (n) WHERE provider = ? AND id = ?",
                (clean(ref.provider), clean(ref.id)),
            ).fetchone()
            return load(Target, row[0]) if row else None

        return await self._database.read(work)

    async def _tidy(self, targets: int) -> None:
        """Put the index in order after so many targets, in a transaction of its own."""
        self._untidied += targets
        if self._untidied >= TOGETHER:
            self._untidied = 0
            await self._database.write(tidy)


def rows_of(targets: list[Target]) -> list[Row]:
    """Make of targets what `remember_all` writes."""
    return [
        (clean(one.ref.provider), clean(one.ref.id), clean(one.name), dump(one), first_row(one.sent_at))
        for one in targets
    ]


def _names(providers: Iterable[ProviderName] | None) -> frozenset[str] | None:
    return None if providers is None else frozenset(clean(name) for name in providers)


def first_row(sent_at: datetime | None) -> int:
    """Return the first row number of a millisecond; what has no time of sending comes last."""
    if sent_at is None:
        return 0
    return min(max(instant(sent_at) // 1000, 1), _LAST_MILLISECOND) * STEP


def remember_all(connection: Connection, rows: list[Row]) -> None:
    """Write targets, and what they are found by, in the transaction that is open."""
    learn(connection, [name for _, _, name, _, _ in rows])
    changes = Changes()
    for row in rows:
        _remember(connection, changes, *row)
    changes.write(connection)


def _remember(
    connection: Connection, changes: Changes, provider: str, key: str, name: str, body: str, slot: int
) -> None:
    """Write one target, moving it to another row number where its time of sending has changed."""
    row = connection.execute(
        "SELECT n, name, body FROM target JOIN target_body USING (n) WHERE provider = ? AND id = ?",
        (provider, key),
    ).fetchone()
    entry = Entry(name=name, id=key, provider=provider)
    old = Entry(name=row[1], id=key, provider=provider) if row else None
    if row and slot <= row[0] < slot + STEP:
        if row[1] != name:
            connection.execute("UPDATE target SET name = ? WHERE n = ?", (name, row[0])).fetchall()
            changes.note(row[0], old, entry)
        if row[2] != body:
            connection.execute("UPDATE target_body SET body = ? WHERE n = ?", (body, row[0])).fetchall()
        return
    if row:
        connection.execute("DELETE FROM target WHERE n = ?", (row[0],)).fetchall()
        changes.note(row[0], old, None)
    last = connection.execute(
        "SELECT max(n) FROM target WHERE n >= ? AND n < ?", (slot, slot + STEP)
    ).fetchone()[0]
    n = slot if last is None else last + 1
    connection.execute(
        "INSERT INTO target (n, provider, id, name) VALUES (?, ?, ?, ?)", (n, provider, key, name)
    ).fetchall()
    connection.execute("INSERT INTO target_body (n, body) VALUES (?, ?)", (n, body)).fetchall()
    changes.note(n, None, entry)
