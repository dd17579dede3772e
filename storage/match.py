"""Search text: what people type, as safe full-text queries, and which of the found names fit best. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from storage.codec import clean

LONGEST = 200
"""Characters of a search that count; a campaign's name is rarely longer."""
MOST_WORDS = 12

PASTED = 4
"""From so many words on they are asked for side by side first: that is a third cheaper than in any order."""

INDEXED = 6
"""How many first letters of a word the index has ready (the `prefix` of `target_words`).

To find every word that begins with more letters than that, SQLite first merges the lists of all of them:
4 ms for a word in every eighth of a million names, against 0.2 ms.
"""

_WORD = re.compile(r"[^\W_]+")
_PIECES = 12


class Found(NamedTuple):
    """A name that a full-text query found. A plain tuple, since hundreds are made for each key that is pressed."""

    n: int
    name: str
    id: str
    provider: str


class _Unmarked(dict[int, str | None]):
    """What becomes of each character when accents are taken off: looked up once, then known."""

    def __missing__(self, key: int) -> str | None:
        kept = None if unicodedata.category(chr(key)) == "Mn" else chr(key)
        self[key] = kept
        return kept


_UNMARKED = _Unmarked()


def tidy(words: str) -> str:
    """Cut to a sensible length, compose accents, and drop what no column can hold."""
    text = clean(words.replace("\0", " "))[: LONGEST * 4]
    return unicodedata.normalize("NFC", text).strip()[:LONGEST]


def fold(text: str) -> str:
    """Make two spellings of the same words equal: no case, no accents."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text.casefold()).translate(_UNMARKED)


def tokens(words: str, *, most: int | None = MOST_WORDS) -> list[str]:
    """Take the letters and digits out of what was typed; nothing in them means anything to the query language."""
    return _WORD.findall(words)[:most]


@lru_cache(maxsize=4096)
def spelled(text: str) -> str:
    """Give nothing but the words: folded, one space before each, so that ` word` in it begins a word.

    Kept for the newest names, which every key that is pressed finds again; that is a megabyte at most.
    """
    return " ".join(["", *_WORD.findall(fold(text))])


def phrase_query(parts: list[str], *, loose: bool = False) -> str:
    """Ask for the words side by side in the name, the last one perhaps unfinished.

    Loosely: with no more of the last word than the index has ready. That streams, and finds more.
    """
    last = parts[-1][:INDEXED] if loose else parts[-1]
    return f'name : "{" ".join([*parts[:-1], last])}" *'


def prefix_query(parts: list[str], *, loose: bool = False) -> str:
    """Ask for all words, in any order, each perhaps unfinished, in name or id.

    Loosely: with no more of each word than the index has ready.
    """
    return "{name id} : (" + " ".join(f'"{part[:INDEXED] if loose else part}" *' for part in parts) + ")"


def group_query(groups: Iterable[Iterable[str]]) -> str:
    """Ask for one phrase out of each group, anywhere in name or id."""
    return "{name id} : (" + " AND ".join(f"({' OR '.join(group)})" for group in groups) + ")"


def only_query(providers: Iterable[str]) -> str:
    """Ask for nothing but some providers' targets. In the index a provider is one word that nobody can type."""
    return "provider : (" + " OR ".join(f'"\ue000{name.encode().hex()}"' for name in providers) + ")"


def begins(parts: list[str], row: Found) -> bool:
    """Say whether all the words that are longer than the index's own prefixes begin words of the name or the id."""
    wanted = [f" {fold(part)}" for part in parts if len(part) > INDEXED]
    found = spelled(f"{row.name} {row.id}") if wanted else ""
    return all(part in found for part in wanted)


def holds_phrase(parts: list[str], row: Found) -> bool:
    """Say whether the words stand side by side in the name, the last one perhaps unfinished."""
    return spelled(" ".join(parts)) in spelled(row.name)


def halves(word: str) -> list[str]:
    """List both halves of a longer word, and its middle: one slip leaves one of them whole."""
    size = len(word) // 2
    if size < 3:  # noqa: PLR2004 - the index holds pieces of three letters
        return []
    third = len(word) // 4
    return [word[:size], word[-size:], word[third : third + size]]


def ranked(words: str, rows: Iterable[Found]) -> list[int]:
    """Order what was found by its words: the same name, then one that begins the same, then more whole words.

    Signs tell names apart that have the same words.

    Names that fit equally well stay in the order in which they came.
    """
    wanted, letter = spelled(words), words.casefold()
    parts = set(wanted.split())

    def fit(name: str) -> tuple[bool, bool, bool, int]:
        found = spelled(name)
        return (
            name.casefold() == letter,
            found == wanted,
            found.startswith(wanted),
            len(parts.intersection(found.split())),
        )

    fits = [(fit(row.name), row.n) for row in rows]
    return [n for _, n in sorted(fits, key=lambda each: each[0], reverse=True)]


def quoted(piece: str) -> str:
    """Make one phrase of the query language out of any text."""
    return '"' + piece.replace('"', '""') + '"'
