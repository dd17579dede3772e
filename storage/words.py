"""The words that names are made of: what was misspelt, or typed from the middle of a word, is told by them.

A million names are made of some ten thousands of words, so a word is compared with words, never with names. Each
known word stands with everything that is left of it when one letter is left out (Symmetric Delete,
https://github.com/wolfgarbe/SymSpell): a letter too few, too many, wrong or swapped is found by equality. What
is further off shares half of the word, or its beginning.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from storage.file import Connection
from storage.match import INDEXED, fold, halves, prefix_query, quoted, tokens

_LONGEST = 100
_LONGEST_WITH_PIECES = 32
"""Letters of a word that people misspell; longer ones are sentences without spaces, and found by their parts."""
_READ = 500
"""How many words of each kind of kinship are compared."""
_CHOSEN = 8
"""How many words are asked for in place of one."""
_CLOSE = 1.0
"""How much further off than the nearest word another may be."""
_BEGINNING = 3
_INSIDE = 0.75
_INSIDE_SHORT = 1.5
_UNFINISHED = 0.5
_LAST_LETTER = "\U0010ffff"
_BATCH = 5000

_KIN = (
    "SELECT n, folded, spelt FROM word WHERE n IN ("
    " SELECT * FROM (SELECT n FROM word_piece WHERE piece IN (SELECT value FROM json_each(?1)) LIMIT ?5)"
    " UNION SELECT * FROM (SELECT rowid FROM word_grams WHERE word_grams MATCH ?2 LIMIT ?5)"
    " UNION SELECT * FROM (SELECT rowid FROM word_grams WHERE word_grams MATCH ?6 LIMIT ?5)"
    " UNION SELECT * FROM (SELECT n FROM word WHERE folded >= ?3 AND folded < ?4 LIMIT ?5))"
)
_ANY_ROW = "SELECT 1 FROM target_words WHERE target_words MATCH ? LIMIT 1"
_ANY_WORD = "SELECT 1 FROM word WHERE folded >= ? AND folded < ? LIMIT 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """A known word that may be meant."""

    folded: str
    spelt: str  # as the names have it, in small letters
    off: float  # how far from what was typed, in slips


def learn(connection: Connection, names: Iterable[str]) -> None:
    """Take in the words of names; those that are known already cost a look-up."""
    words = {word for name in names for word in _words(name)}
    added = connection.execute(
        "INSERT INTO word (folded, spelt) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
        " WHERE true ON CONFLICT DO NOTHING RETURNING n, folded",
        (json.dumps(sorted(words)),),
    ).fetchall()
    connection.executemany(
        "INSERT INTO word_piece (piece, n) VALUES (?, ?)",
        [(piece, n) for n, word in added if len(word) <= _LONGEST_WITH_PIECES for piece in _pieces(word)],
    )


def learn_all(connection: Connection) -> None:
    """Take in the words of everything remembered; for databases that were written before words were kept."""
    rows = iter(connection.execute("SELECT name FROM target"))
    while names := [name for (name,) in islice(rows, _BATCH)]:
        learn(connection, names)


def begins_known(connection: Connection, part: str) -> bool:
    """Say whether a known word begins with this one; of one with digits: whether any name or id has its beginning."""
    folded = fold(part)
    if _has_digit(folded):
        sql, values = _ANY_ROW, [prefix_query([folded], loose=True)]
    else:
        sql, values = _ANY_WORD, [folded, folded + _LAST_LETTER]
    return bool(connection.execute(sql, values).fetchall())


def stands_nowhere(connection: Connection, part: str) -> bool:
    """Say whether no name and no id has a word that begins like this one, which is longer than the index has ready.

    The names' words are asked first: it takes 4 ms to find out that a common word does stand somewhere.
    """
    if len(part) <= INDEXED or begins_known(connection, part):
        return False
    return not connection.execute(_ANY_ROW, (prefix_query([part]),)).fetchall()


def known(connection: Connection, words: list[str]) -> list[str]:
    """Leave out those that are no known words; the order stays."""
    rows = connection.execute(
        "SELECT folded FROM word WHERE folded IN (SELECT value FROM json_each(?))", (json.dumps(words),)
    )
    there = {word for (word,) in rows}
    return [word for word in words if word in there]


def kin(connection: Connection, part: str) -> list[Kin]:
    """List the few known words that are likeliest meant, the nearest first."""
    folded = fold(part)
    if len(folded) < _BEGINNING and folded.isascii():
        return []
    start, whole = folded[:_BEGINNING], quoted(folded)
    shared = " OR ".join(map(quoted, halves(folded))) or whole
    asked = json.dumps(sorted(_pieces(folded))), shared, start, start + _LAST_LETTER, _READ, whole
    rows = connection.execute(_KIN, asked).fetchall()
    off = _distances(folded, sorted({word for _, word, _ in rows}))
    nearest = min(off.values(), default=0.0)
    found = [
        Kin(folded=word, spelt=spelt, off=off[word])
        for _, word, spelt in rows
        if word in off and off[word] < nearest + _CLOSE
    ]
    return sorted(found, key=lambda one: (one.off, one.folded, one.spelt))[:_CHOSEN]


def _distances(typed: str, words: list[str]) -> dict[str, float]:
    """Count the slips between what was typed and words; of an unfinished word only as much as was typed."""
    size = len(typed)
    most = size // 3 if size < 9 else 3  # noqa: PLR2004 - three slips in a long word at most
    off: dict[str, float] = {}
    for more, compared in ((0.0, words), (_UNFINISHED, [word[:size] for word in words] if size > 4 else [])):  # noqa: PLR2004 - a short beginning is near to everything
        for _, slips, at in process.extract(
            typed, compared, scorer=OSA.distance, processor=None, score_cutoff=max(most, 1), limit=None
        ):
            off[words[at]] = min(slips + more, off.get(words[at], _LONGEST))
    for word in words:
        if typed in word:
            off[word] = min(_INSIDE if size > _BEGINNING else _INSIDE_SHORT, off.get(word, _LONGEST))
    return off


def _words(name: str) -> Iterator[tuple[str, str]]:
    for spelt in tokens(name.lower(), most=None):
        folded = fold(spelt)
        if 1 < len(folded) <= _LONGEST and not _has_digit(folded):
            yield folded, spelt


def _has_digit(word: str) -> bool:
    return any(each.isdigit() for each in word)


def _pieces(word: str) -> set[str]:
    """The word, and what is left of it without one of its letters."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
