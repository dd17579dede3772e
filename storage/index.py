"""Everything that was ever seen at a vendor: typeahead and search."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bot.ports import Match
from bot.target import ProviderName, Target, TargetRef
from storage import match
from storage.codec import clean, dump, instant, load
from storage.database import Database
from storage.file import Connection

_NEWEST = 500
"""How many of the newest matches are ranked: ranking a short prefix over all takes 45 ms at a million rows."""
_PER_GRAM = 100
_SCANNED = 5000
"""How many of the newest names are looked through for signs that are no letters."""

_STEP = 1 << 20
_LAST_MILLISECOND = (1 << 43) - 1

_Found = tuple[int, str]  # row number and name


class SqliteIndex:
    """`bot.ports.Index` on SQLite. Row numbers grow with the time of sending, so the newest is the greatest."""

    _database: Database

    async def remember(self, targets: Iterable[Target]) -> None:
        """Add or renew targets."""
        rows = [
            (clean(one.ref.provider), clean(one.ref.id), clean(one.name), dump(one), _slot(one.sent_at))
            for one in targets
        ]

        def work(connection: Connection) -> None:
            for row in rows:
                _remember(connection, *row)

        if rows:
            await self._database.write(work)

    async def recent(
        self, limit: int, before: datetime | None = None, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Target]:
        """List what is known, newest first; with `before`, only what is known to be sent earlier than that."""
        names = _names(providers)

        def work(connection: Connection) -> Sequence[Target]:
            rows = connection.execute(
                f"SELECT n FROM target t WHERE {_ONLY} AND n < ? AND n >= ? ORDER BY n DESC LIMIT ?",  # noqa: S608 - a constant
                (names, _slot(before) if before else 1 << 62, _STEP if before else 0, limit),
            )
            return _targets(connection, [row[0] for row in rows])

        return await self._database.read(work)

    async def search(
        self, words: str, limit: int, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Match]:
        """Find by exact id; else the whole phrase; else all words as prefixes; fuzzy only if these find none.

        One letter or none gives the newest, marked as fuzzy since nothing in them was asked for.
        """
        names, typed = _names(providers), match.tidy(words)
        return await self._database.read(lambda connection: _search(connection, typed, limit, names))

    async def known(self, ref: TargetRef) -> Target | None:
        """Return a target as it was last seen."""

        def work(connection: Connection) -> Target | None:
            row = connection.execute(
                "SELECT body FROM target WHERE provider = ? AND id = ?", (clean(ref.provider), clean(ref.id))
            ).fetchone()
            return load(Target, row[0]) if row else None

        return await self._database.read(work)


_ONLY = "(?1 IS NULL OR t.provider IN (SELECT value FROM json_each(?1)))"


def _names(providers: Iterable[ProviderName] | None) -> str | None:
    return None if providers is None else json.dumps([clean(name) for name in providers])


def _slot(sent_at: datetime | None) -> int:
    """Return the first row number of a millisecond; what has no time of sending comes last."""
    if sent_at is None:
        return 0
    return min(max(instant(sent_at) // 1000, 1), _LAST_MILLISECOND) * _STEP


def _remember(connection: Connection, provider: str, key: str, name: str, body: str, slot: int) -> None:
    """Write one target, moving it to another row number where its time of sending has changed."""
    row = connection.execute(
        "SELECT n, name, body FROM target WHERE provider = ? AND id = ?", (provider, key)
    ).fetchone()
    if row and slot <= row[0] < slot + _STEP:
        if row[2] != body:
            sql = (
                "UPDATE target SET body = ?, name = ? WHERE n = ?"
                if row[1] != name
                else ("UPDATE target SET body = ?1 WHERE n = ?3 AND ?2 IS NOT NULL")
            )
            connection.execute(sql, (body, name, row[0])).fetchall()
        return
    if row:
        connection.execute("DELETE FROM target WHERE n = ?", (row[0],)).fetchall()
    last = connection.execute(
        "SELECT max(n) FROM target WHERE n >= ? AND n < ?", (slot, slot + _STEP)
    ).fetchone()[0]
    connection.execute(
        "INSERT INTO target (n, provider, id, name, body) VALUES (?, ?, ?, ?, ?)",
        (slot if last is None else last + 1, provider, key, name, body),
    ).fetchall()


def _search(connection: Connection, typed: str, limit: int, names: str | None) -> list[Match]:
    """Go through the stages until one finds something."""
    if found := _by_id(connection, typed, limit, names):
        return [Match(target=target, exact=True) for target in found]
    if not typed or (len(typed) == 1 and typed.isalnum()):
        return _fuzzy(connection, _newest(connection, names, limit))
    parts = match.tokens(typed)
    stages: list[Callable[[], list[_Found]]] = [
        lambda: _by_query(connection, match.phrase_query(parts), names),
        lambda: _by_query(connection, match.prefix_query(parts), names),
    ]
    for stage in stages if parts else [lambda: _by_signs(connection, typed, names)]:
        if rows := stage():
            rows.sort(key=lambda row: match.fit(typed, row[1]), reverse=True)
            chosen = _targets(connection, [row[0] for row in rows[:limit]])
            return [Match(target=target, exact=False) for target in chosen]
    return _fuzzy(connection, _alike(connection, typed, names)[:limit])


def _by_id(connection: Connection, typed: str, limit: int, names: str | None) -> list[Target]:
    rows = connection.execute(
        f"SELECT n FROM target t WHERE {_ONLY} AND t.id = ?2 COLLATE NOCASE ORDER BY n DESC LIMIT ?3",  # noqa: S608 - a constant
        (names, typed, limit),
    )
    return _targets(connection, [row[0] for row in rows])


def _by_query(connection: Connection, query: str, names: str | None) -> list[_Found]:
    rows = connection.execute(
        "SELECT t.n, t.name FROM target_words JOIN target t ON t.n = target_words.rowid"  # noqa: S608 - a constant
        f" WHERE {_ONLY} AND target_words MATCH ?2 ORDER BY target_words.rowid DESC LIMIT ?3",
        (names, query, _NEWEST),
    )
    return rows.fetchall()


def _by_signs(connection: Connection, typed: str, names: str | None) -> list[_Found]:
    """Look for emoji and other signs, which full-text search leaves out."""
    return [row for row in _newest(connection, names, _SCANNED) if typed in row[1]]


def _newest(connection: Connection, names: str | None, limit: int) -> list[_Found]:
    rows = connection.execute(
        f"SELECT t.n, t.name FROM target t WHERE {_ONLY} ORDER BY t.n DESC LIMIT ?2",  # noqa: S608 - a constant
        (names, limit),
    )
    return rows.fetchall()


def _alike(connection: Connection, typed: str, names: str | None) -> list[_Found]:
    """Rank what shares three letters with the words, and the newest, by likeness."""
    candidates = dict(_newest(connection, names, _NEWEST))
    for gram in match.grams(typed):
        rows = connection.execute(
            "SELECT t.n, t.name FROM target_grams JOIN target t ON t.n = target_grams.rowid"  # noqa: S608 - a constant
            f" WHERE {_ONLY} AND target_grams MATCH ?2 ORDER BY target_grams.rowid DESC LIMIT ?3",
            (names, gram, _PER_GRAM),
        )
        candidates.update(rows.fetchall())
    scored = [(match.likeness(typed, name), n, name) for n, name in candidates.items()]
    scored.sort(reverse=True)
    return [(n, name) for score, n, name in scored if score >= match.ALIKE]


def _fuzzy(connection: Connection, rows: list[_Found]) -> list[Match]:
    return [
        Match(target=target, exact=False, fuzzy=True)
        for target in _targets(connection, [row[0] for row in rows])
    ]


def _targets(connection: Connection, numbers: Sequence[int]) -> list[Target]:
    """Read targets by row number, in the order asked for."""
    rows = connection.execute(
        "SELECT n, body FROM target WHERE n IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),)
    )
    bodies = dict(rows.fetchall())
    return [load(Target, bodies[n]) for n in numbers]
