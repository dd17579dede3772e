"""From words, signs and ids to row numbers, and from these to targets."""

import json
from collections.abc import Collection, Sequence
from itertools import chain

from bot.target import Target
from storage import match
from storage.codec import load
from storage.file import Connection
from storage.matching import Question, in_any_order, matching, side_by_side

_SCANNED = 2000
"""How many of each provider's newest names are looked through for signs that are no letters."""

_GREATEST = (1 << 63) - 1


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
    folded = match.words(asked.typed)
    if len(parts) >= match.PASTED:
        rows, _ = matching(connection, asked, side_by_side(parts, folded))
        if rows:
            return match.ranked(asked.typed, rows)[: asked.limit]
    rows, complete = matching(connection, asked, in_any_order(parts, folded))
    phrases = [row for row in rows if match.holds_phrase(folded, row)]
    if not complete and len(phrases) < asked.limit and len(parts) < match.PASTED:
        phrases, _ = matching(connection, asked, side_by_side(parts, folded))
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
