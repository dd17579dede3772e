"""The newest targets that fit what is asked for: asked in the cheapest way first, and exactly where that does not settle it.

Only the newest matches are read. The cheap ways (pairs of words; a rare word; words cut to the letters that the
index has ready) stream, and find more than was meant; what comes back is sifted here, and only where too little is left of
too much the next question follows.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from storage import match
from storage.file import Connection
from storage.match import Choice, Found
from storage.pairs import side_by_side_query, together_query

NEWEST = 200
"""How many of the newest matches are ranked: ranking a short prefix over all takes 45 ms at a million rows."""


_DEEPER = 4
"""How many times as many are read of several pairs before the lists of all words are asked, for 7 ms and more."""
_TRIED = 4
"""How many of the words, the longest first, are looked at for being rare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody looks for."""

    typed: str  # tidied
    limit: int
    providers: Collection[str] | None  # None: all
    read: dict[tuple[str, str, int], list[Found]] = field(default_factory=dict, compare=False)
    """What was read for it already: a misspelling is asked much the same several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the names that are looked for have, in the languages of both indexes."""

    words: Sequence[str]  # each of them, perhaps unfinished
    pairs: str | None  # finds all of them and some others, quickly; None: no pair can be made
    loose: str  # finds all of them and some others, in the words' index
    exact: str  # finds nothing else
    fits: Callable[[Found], bool]  # sifts what the first two found


def side_by_side(parts: Sequence[str], folded: Sequence[str]) -> Wanted:
    """Want the words side by side in the name, the last one perhaps unfinished.

    Args:
        parts: the words as the words' index splits them.
        folded: the same as they are compared here; marks that SQLite takes for spaces are left out of them.
    """
    return Wanted(
        words=parts,
        pairs=side_by_side_query(folded),
        loose=match.phrase_query(parts, loose=True),
        exact=match.phrase_query(parts),
        fits=partial(match.holds_phrase, folded),
    )


def in_any_order(parts: Sequence[str], folded: Sequence[str]) -> Wanted:
    """Want all words, each perhaps unfinished, in name or id."""
    return Wanted(
        words=parts,
        pairs=together_query([Choice(text=part, whole=False)] for part in folded),
        loose=match.prefix_query(parts, loose=True),
        exact=match.prefix_query(parts),
        fits=partial(match.begins, folded),
    )


def one_of_each(groups: Sequence[Sequence[Choice]]) -> Wanted:
    """Want one word out of each group, anywhere in name or id."""
    query = match.group_query(groups)
    return Wanted(
        words=[group[0].text for group in groups if len(group) == 1],
        pairs=together_query(groups),
        loose=query,
        exact=query,
        fits=partial(match.holds_each, groups),
    )


def matching(
    connection: Connection, asked: Question, wanted: Wanted, limit: int = NEWEST
) -> tuple[list[Found], bool]:
    """Read the newest matches. Returns them, newest first, and whether these are all that there are."""
    kept: list[Found] = []
    for sql, query, most in _ways(connection, wanted, limit):
        rows = _newest(connection, asked, sql, query, most)
        mine = _of(asked.providers, rows)
        kept = [row for row in mine if query == wanted.exact or wanted.fits(row)]
        if len(rows) < most or len(kept) >= asked.limit:
            return kept, len(rows) < most
        if len(mine) < len(rows) / 2:
            break  # only here the providers are asked for: to merge the list of all that a large one has costs 20 ms
    if asked.providers is None:
        return kept, False
    query = f"({wanted.exact}) AND {match.only_query(asked.providers)}"
    rows = _newest(connection, asked, _OF_WORDS, query, limit)
    return _of(asked.providers, rows), len(rows) < limit


def _ways(connection: Connection, wanted: Wanted, limit: int) -> Iterator[tuple[str, str, int]]:
    """List what to ask and how many to read, the cheapest first. All of it finds what is wanted, and something else."""
    if wanted.pairs:
        yield _OF_PAIRS, wanted.pairs, limit
        if rare := _rare_word(connection, wanted, limit):
            yield _OF_WORDS, rare, limit
        if " AND " in wanted.pairs:  # several pairs leave little to be sifted out
            yield _OF_PAIRS, wanted.pairs, _DEEPER * limit
    yield _OF_WORDS, wanted.loose, limit
    if wanted.exact != wanted.loose:
        yield _OF_WORDS, wanted.exact, limit


def _rare_word(connection: Connection, wanted: Wanted, limit: int) -> str | None:
    """Ask for the one of the words that few have, if there is one. In its pairs, which say two letters of it, it is not rare."""
    for word in sorted(wanted.words, key=len, reverse=True)[:_TRIED]:
        query = match.prefix_query([word], loose=True)
        if connection.execute(_COUNTED, (query, limit)).fetchone()[0] < limit:
            return query
    return None


_COUNTED = "SELECT count(*) FROM (SELECT 1 FROM target_words WHERE target_words MATCH ? LIMIT ?)"
_OF_WORDS = (
    "SELECT t.n, t.name, t.id, t.provider FROM target_words JOIN target t ON t.n = target_words.rowid"
    " WHERE target_words MATCH ? ORDER BY target_words.rowid DESC LIMIT ?"
)
_OF_PAIRS = (
    "SELECT t.n, t.name, t.id, t.provider FROM target_pairs JOIN target t ON t.n = target_pairs.rowid"
    " WHERE target_pairs MATCH ? ORDER BY target_pairs.rowid DESC LIMIT ?"
)


def _newest(connection: Connection, asked: Question, sql: str, query: str, limit: int) -> list[Found]:
    key = (sql, query, limit)
    if key not in asked.read:
        asked.read[key] = [Found(*row) for row in connection.execute(sql, (query, limit))]
    return asked.read[key]


def _of(providers: Collection[str] | None, rows: list[Found]) -> list[Found]:
    return [row for row in rows if providers is None or row.provider in providers]
