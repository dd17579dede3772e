"""Search over everything that was ever seen, in stages, each with a bound on what it reads.

Two rules keep it quick among a million. Only the newest matches are read and ranked. And a question that SQLite
answers slowly (words longer than the index's own prefixes, a provider that has few of the matches) is first
asked loosely, so that it streams; what comes back is sifted here, and only where too little is left of too
much the exact question follows.
"""

import heapq
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.ports import Match
from bot.target import Target
from storage import match
from storage.codec import load
from storage.file import Connection

_NEWEST = 500
"""How many of the newest matches are ranked: ranking a short prefix over all takes 45 ms at a million rows."""

_SCANNED = 5000
"""How many of the newest names are looked through for signs that are no letters."""

_GUESSES = 300
"""How many names are compared with what may be misspelt, besides as many of the newest."""

_GREATEST = (1 << 63) - 1

_Found = tuple[int, str]  # row number and name


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody looks for."""

    typed: str  # tidied
    limit: int
    providers: Collection[str] | None  # None: all


def search(connection: Connection, asked: Question) -> list[Match]:
    """Go through the stages until one finds something."""
    if found := _by_id(connection, asked):
        return [Match(target=target, exact=True) for target in found]
    typed = asked.typed
    if not typed or (len(typed) == 1 and typed.isalnum()):
        return _fuzzy(connection, newest(connection, asked.providers, asked.limit))
    parts = match.tokens(typed)
    stages: list[Callable[[], list[_Found]]] = [
        lambda: _by_words(connection, asked, match.phrase_query),
        lambda: _by_words(connection, asked, match.prefix_query),
    ]
    for stage in stages if parts else [lambda: _by_signs(connection, asked)]:
        if rows := stage():
            chosen = read_targets(connection, match.ranked(typed, rows)[: asked.limit])
            return [Match(target=target, exact=False) for target in chosen]
    return _fuzzy(connection, [(n, "") for n in _alike(connection, asked)[: asked.limit]])


def newest(
    connection: Connection,
    providers: Collection[str] | None,
    limit: int,
    below: int = _GREATEST,
    least: int = 0,
) -> list[_Found]:
    """Read the newest targets' row numbers and names, from `below` (which is left out) down to `least`."""
    if providers is None:
        sql = "SELECT n, name FROM target WHERE n < ? AND n >= ? ORDER BY n DESC LIMIT ?"
        return connection.execute(sql, (below, least, limit)).fetchall()
    sql = "SELECT n, name FROM target WHERE provider = ? AND n < ? AND n >= ? ORDER BY n DESC LIMIT ?"
    each = [connection.execute(sql, (name, below, least, limit)).fetchall() for name in providers]
    return sorted(chain.from_iterable(each), reverse=True)[:limit]


def read_targets(connection: Connection, numbers: Sequence[int]) -> list[Target]:
    """Read targets by row number, in the order asked for."""
    rows = connection.execute(
        "SELECT n, body FROM target_body WHERE n IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    bodies = dict(rows.fetchall())
    return [load(Target, bodies[n]) for n in numbers]


def _by_id(connection: Connection, asked: Question) -> list[Target]:
    rows = connection.execute(
        "SELECT n, provider FROM target WHERE id = ? COLLATE NOCASE ORDER BY n DESC", (asked.typed,)
    )
    numbers = [n for n, provider in rows if asked.providers is None or provider in asked.providers]
    return read_targets(connection, numbers[: asked.limit])


def _by_words(connection: Connection, asked: Question, query: "match.Query") -> list[_Found]:
    """Ask for the newest matches: loosely first, and exactly where that does not settle it."""
    parts, providers = match.tokens(asked.typed), asked.providers
    rows = _matching(connection, query(parts, loose=True))
    kept = [
        (n, name)
        for n, name, key, provider in rows
        if (providers is None or provider in providers) and match.begins(parts, f"{name} {key}")
    ]
    if not rows or (kept and (len(rows) < _NEWEST or len(kept) >= asked.limit)):
        return kept
    exact = query(parts)
    only = match.only_query(providers) if providers else None
    rows = _matching(connection, f"({exact}) AND {only}" if only else exact, providers)
    return [(n, name) for n, name, _, _ in rows]


def _matching(
    connection: Connection, query: str, providers: Collection[str] | None = None
) -> list[tuple[int, str, str, str]]:
    """Read row number, name, id and provider of the newest that a full-text query finds."""
    return connection.execute(
        "SELECT t.n, t.name, t.id, t.provider FROM target_words JOIN target t ON t.n = target_words.rowid"
        " WHERE target_words MATCH ?1 AND (?2 IS NULL OR t.provider IN (SELECT value FROM json_each(?2)))"
        " ORDER BY target_words.rowid DESC LIMIT ?3",
        (query, None if providers is None else json.dumps(list(providers)), _NEWEST),
    ).fetchall()


def _by_signs(connection: Connection, asked: Question) -> list[_Found]:
    """Look for emoji and other signs, which full-text search leaves out, among each provider's newest."""
    providers = _all_providers(connection) if asked.providers is None else asked.providers
    sql = (
        "SELECT n, name FROM (SELECT n, name FROM target WHERE provider = ? ORDER BY n DESC LIMIT ?)"
        " WHERE instr(name, ?) LIMIT ?"
    )
    each = [connection.execute(sql, (name, _SCANNED, asked.typed, _NEWEST)).fetchall() for name in providers]
    return sorted(chain.from_iterable(each), reverse=True)[:_NEWEST]


def _all_providers(connection: Connection) -> list[str]:
    """List the providers by stepping through the index, one seek each."""
    return [
        name
        for (name,) in connection.execute(
            "WITH RECURSIVE step (at_one) AS (SELECT min(provider) FROM target UNION ALL"
            " SELECT (SELECT min(provider) FROM target WHERE provider > at_one) FROM step WHERE at_one IS NOT NULL)"
            " SELECT at_one FROM step WHERE at_one IS NOT NULL"
        )
    ]


def _alike(connection: Connection, asked: Question) -> list[int]:
    """Compare with the names that share most with what was typed, and with the newest."""
    hits: Counter[int] = Counter()
    for weight, table, queries in _kinships(asked.typed):
        for query in queries:
            for (n,) in _newest_numbers(connection, table, query):
                hits[n] += weight
    likeliest = heapq.nlargest(_GUESSES, hits, key=lambda n: (hits[n], n))
    names = dict(newest(connection, asked.providers, _GUESSES))
    names.update(_names(connection, likeliest, asked.providers))
    return match.alike(asked.typed, names)


def _kinships(typed: str) -> Iterable[tuple[int, str, list[str]]]:
    """Say what a misspelt name may share with what was typed, and how much that tells."""
    parts = match.tokens(typed)
    yield 4, "target_words", match.all_but_one(parts)
    yield 3, "target_words", match.beginnings(parts)
    yield 3, "target_grams", match.halves(typed)
    yield 1, "target_grams", match.grams(typed)


def _newest_numbers(connection: Connection, table: str, query: str) -> list[tuple[int]]:
    return connection.execute(
        f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT 100",  # noqa: S608 - constants
        (query,),
    ).fetchall()


def _names(
    connection: Connection, numbers: Sequence[int], providers: Collection[str] | None
) -> Iterable[_Found]:
    rows = connection.execute(
        "SELECT n, name, provider FROM target WHERE n IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers),),
    )
    return [(n, name) for n, name, provider in rows if providers is None or provider in providers]


def _fuzzy(connection: Connection, rows: list[_Found]) -> list[Match]:
    return [
        Match(target=target, exact=False, fuzzy=True)
        for target in read_targets(connection, [row[0] for row in rows])
    ]
