"""Search text: what people type, as safe full-text queries, and which of the found names fit best. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

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


class Found(NamedTuple):
    """A name that a full-text query found. A plain tuple, since hundreds are made for each key that is pressed."""

    n: int
    name: str
    id: str
    provider: str


class Choice(NamedTuple):
    """A word that may be meant."""

    text: str
    whole: bool  # else it is perhaps unfinished


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


def spell(text: str) -> str:
    """Give nothing but the words: folded, one space before each, so that ` word` in it begins a word."""
    return " ".join(["", *_WORD.findall(fold(text))])


def words(typed: str) -> list[str]:
    """Take the words out of what was typed as names are compared with them: folded as a whole, then split."""
    return spell(typed).split()[:MOST_WORDS]


spelled = lru_cache(maxsize=4096)(spell)
"""The same, kept for the newest names, which every key that is pressed finds again; that is a megabyte at most."""


def phrase_query(parts: Sequence[str], *, loose: bool = False) -> str:
    """Ask for the words side by side in the name, the last one perhaps unfinished.

    Loosely: with no more of the last word than the index has ready. That streams, and finds more.
    """
    last = parts[-1][:INDEXED] if loose else parts[-1]
    return f'name : "{" ".join([*parts[:-1], last])}" *'


def prefix_query(parts: Sequence[str], *, loose: bool = False) -> str:
    """Ask for all words, in any order, each perhaps unfinished, in name or id.

    Loosely: with no more of each word than the index has ready.
    """
    return "{name id} : (" + " ".join(f'"{part[:INDEXED] if loose else part}" *' for part in parts) + ")"


def group_query(groups: Iterable[Iterable[Choice]]) -> str:
    """Ask for one word out of each group, anywhere in name or id."""
    each = (" OR ".join(_choice(choice) for choice in group) for group in groups)
    return "{name id} : (" + " AND ".join(f"({group})" for group in each) + ")"


def _choice(choice: Choice) -> str:
    return quoted(choice.text) if choice.whole else f"{quoted(choice.text[:INDEXED])} *"


def only_query(providers: Iterable[str]) -> str:
    """Ask for nothing but some providers' targets, and perhaps a few of another one."""
    return "provider : (" + " OR ".join(f'"{provider_sign(name)}"' for name in providers) + ")"


def provider_sign(provider: str) -> str:
    """Give the one sign that stands for a provider in the index. Nobody can type it, and it has no beginnings to be indexed."""
    return chr(0xE000 + crc32(provider.encode()) % 6400)


def begins(parts: Sequence[str], row: Found) -> bool:
    """Say whether all the words, which are folded, begin words of the name or the id."""
    found = spelled(row.name)
    missing = [part for part in parts if f" {part}" not in found]
    return not missing or all(f" {part}" in spell(row.id) for part in missing)


def holds_phrase(parts: Sequence[str], row: Found) -> bool:
    """Say whether the words, which are folded, stand side by side in the name, the last one perhaps unfinished."""
    return " ".join(["", *parts]) in spelled(row.name)


def holds_each(groups: Iterable[Iterable[Choice]], row: Found) -> bool:
    """Say whether the name or the id has one word of each group."""
    found = f"{spelled(row.name)} {spell(row.id)} "
    return all(any(_shown(choice) in found for choice in group) for group in groups)


def _shown(choice: Choice) -> str:
    return spelled(choice.text) + (" " if choice.whole else "")


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
