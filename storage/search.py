"""Search over everything that was ever seen, in stages, each with a bound on what it reads.

Two rules keep it quick among a million. Only the newest matches are read and ranked. And a question that SQLite
answers slowly (words longer than the index's own prefixes, a provider that has few of the matches) is first
asked loosely, so that it streams; what comes back is sifted here, and only where too little is left of too
much the exact question follows.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.target import Target
from storage import match
from storage.codec import load
from storage.file import Connection
from storage.match import Found

_NEWEST = 200
"""How many of the newest matches are ranked: ranking a short prefix over all takes 45 ms at a million rows."""

_SCANNED = 2000
"""How many of each provider's newest names are looked through for signs that are no letters."""

_GREATEST = (1 << 63) - 1

_Numbered = tuple[int, str]  # row number and name


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody looks for."""

    typed: str  # tidied
    limit: int
    providers: Collection[str] | None  # None: all


def by_id(connection: Connection, asked: Question) -> list[Target]:
    """Read the targets of exactly this id, whatever its case."""
    rows = connection.execute(
        "SELECT n, provider FROM target WHERE id = ? COLLATE NOCASE ORDER BY n DESC", (asked.typed,)
    )
    numbers = [n for n, provider in rows if asked.providers is None or provider in asked.providers]
    return read_targets(connection, numbers[: asked.limit])


def by_words(connection: Connection, asked: Question, parts: list[str]) -> list[int]:
    """Find names that hold the words side by side; where there are none, all words in any order. The best first.

    Of a few words, any order is asked for first: where they are nowhere, or few, no second question is needed. Many
    words are a name that was pasted.
    """
    if len(parts) >= match.PASTED:
        rows, _ = matching(connection, asked, match.phrase_query, parts, match.holds_phrase)
        if rows:
            return match.ranked(asked.typed, rows)[: asked.limit]
    rows, complete = matching(connection, asked, match.prefix_query, parts, match.begins)
    phrases = [row for row in rows if match.holds_phrase(parts, row)]
    if not complete and len(phrases) < asked.limit and len(parts) < match.PASTED:
        phrases, _ = matching(connection, asked, match.phrase_query, parts, match.holds_phrase)
    return match.ranked(asked.typed, phrases or rows)[: asked.limit]


def by_signs(connection: Connection, asked: Question) -> list[int]:
    """Look for emoji and other signs, which full-text search leaves out, among each provider's newest."""
    providers = _all_providers(connection) if asked.providers is None else asked.providers
    sql = (
        "SELECT n, name FROM (SELECT n, name FROM target WHERE provider = ? ORDER BY n DESC LIMIT ?)"
        " WHERE instr(name, ?) LIMIT ?"
    )
    each = [
        connection.execute(sql, (name, _SCANNED, asked.typed, asked.limit)).fetchall() for name in providers
    ]
    return [n for n, _ in sorted(chain.from_iterable(each), reverse=True)[: asked.limit]]


def newest(
    connection: Connection,
    providers: Collection[str] | None,
    limit: int,
    below: int = _GREATEST,
    least: int = 0,
) -> list[int]:
    """List the newest targets' row numbers, from `below` (which is left out) down to `least`."""
    if providers is None:
        sql = "SELECT n FROM target WHERE n < ? AND n >= ? ORDER BY n DESC LIMIT ?"
        return [n for (n,) in connection.execute(sql, (below, least, limit))]
    sql = "SELECT n FROM target WHERE provider = ? AND n < ? AND n >= ? ORDER BY n DESC LIMIT ?"
    each = [connection.execute(sql, (name, below, least, limit)).fetchall() for name in providers]
    return [n for (n,) in sorted(chain.from_iterable(each), reverse=True)[:limit]]


def read_targets(connection: Connection, numbers: Sequence[int]) -> list[Target]:
    """Read targets by row number, in the order asked for."""
    rows = connection.execute(
        "SELECT n, body FROM target_body WHERE n IN (SELECT value FROM json_each(?))",
        (json.dumps(list(numbers)),),
    )
    bodies = dict(rows.fetchall())
    return [load(Target, bodies[n]) for n in numbers]


def matching(
    connection: Connection,
    asked: Question,
    query: Callable[..., str],
    parts: list[str],
    fits: Callable[[list[str], Found], bool],
) -> tuple[list[Found], bool]:
    """Ask for the newest matches: loosely first, and exactly where that does not settle it.

    Returns the matches, newest first, and whether these are all that there are.
    """
    rows = newest_matching(connection, query(parts, loose=True), None, _NEWEST)
    kept = [row for row in _of(asked.providers, rows) if fits(parts, row)]
    if len(rows) < _NEWEST or len(kept) >= asked.limit:
        return kept, len(rows) < _NEWEST
    rows = newest_matching(connection, query(parts), asked.providers, _NEWEST)
    return rows, len(rows) < _NEWEST


def newest_of_providers(connection: Connection, asked: Question, query: str, limit: int) -> list[Found]:
    """Read the newest names of the asked providers: out of everybody's newest, where these are enough.

    To merge the list of all that a large provider has costs 20 ms among a million.
    """
    rows = newest_matching(connection, query, None, limit)
    kept = _of(asked.providers, rows)
    if len(rows) < limit or len(kept) >= asked.limit:
        return kept
    return newest_matching(connection, query, asked.providers, limit)


def newest_matching(
    connection: Connection, query: str, providers: Collection[str] | None, limit: int
) -> list[Found]:
    """Read the newest names that a full-text query finds among these providers' (None: all)."""
    if providers is not None:
        query = f"({query}) AND {match.only_query(providers)}"
    rows = connection.execute(
        "SELECT t.n, t.name, t.id, t.provider FROM target_words JOIN target t ON t.n = target_words.rowid"
        " WHERE target_words MATCH ? ORDER BY target_words.rowid DESC LIMIT ?",
        (query, limit),
    )
    return [Found(*row) for row in rows]


def _of(providers: Collection[str] | None, rows: list[Found]) -> list[Found]:
    return [row for row in rows if providers is None or row.provider in providers]


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
