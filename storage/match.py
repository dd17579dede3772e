"""Search text: what people type, as safe full-text queries, and which of the found names fit best. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Protocol

from rapidfuzz import fuzz, process

from storage.codec import clean

LONGEST = 200
"""Characters of a search that count; a campaign's name is rarely longer."""
MOST_WORDS = 12
ALIKE = 72.0
"""From this similarity (0 to 100) on a name counts as a misspelling of what was typed."""

INDEXED = 6
"""How many first letters of a word the index has ready (the `prefix` of `target_words`).

To find every word that begins with more letters than that, SQLite first merges the lists of all of them:
4 ms for a word in every eighth of a million names, against 0.2 ms.
"""

_WORD = re.compile(r"[^\W_]+")
_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]")
_MARK = "Mn"
_PART = 24
_PIECES = 12
_GRAMS = 16


class Query(Protocol):
    """Makes a full-text query of words."""

    def __call__(self, parts: list[str], *, loose: bool = False) -> str:
        """Write the query; a loose one streams and finds more."""
        ...


def tidy(words: str) -> str:
    """Cut to a sensible length, compose accents, and drop what no column can hold."""
    text = clean(words.replace("\0", " "))[: LONGEST * 4]
    return unicodedata.normalize("NFC", text).strip()[:LONGEST]


def fold(text: str) -> str:
    """Make two spellings of the same words equal: no case, no accents, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(_BEYOND_LATIN.sub(_unmarked, apart).split())


def tokens(words: str, *, most: int | None = MOST_WORDS) -> list[str]:
    """Take the letters and digits out of what was typed; nothing in them means anything to the query language."""
    return _WORD.findall(words)[:most]


def phrase_query(parts: list[str], *, loose: bool = False) -> str:
    """Ask for the words side by side in the name, the last one perhaps unfinished.

    Loosely: with no more of the last word than the index has ready.
    """
    last = parts[-1][:INDEXED] if loose else parts[-1]
    return f'name : "{" ".join([*parts[:-1], last])}" *'


def prefix_query(parts: list[str], *, loose: bool = False) -> str:
    """Ask for all words, in any order, each perhaps unfinished, in name or id.

    Loosely: with no more of each word than the index has ready.
    """
    return "{name id} : (" + " ".join(f'"{part[:INDEXED] if loose else part}" *' for part in parts) + ")"


def only_query(providers: Iterable[str]) -> str | None:
    """Ask for nothing but some providers' targets. None: one of the names has no letters to ask for."""
    phrases = [" ".join(tokens(name)) for name in providers]
    return "provider : (" + " OR ".join(f'"{each}"' for each in phrases) + ")" if all(phrases) else None


def begins(parts: list[str], name: str) -> bool:
    """Say whether all the words that are longer than the index's own prefixes begin words of the name."""
    wanted = [fold(part) for part in parts if len(part) > INDEXED]
    found = tokens(fold(name), most=None) if wanted else []
    return all(any(each.startswith(part) for each in found) for part in wanted)


def grams(words: str) -> list[str]:
    """List the three-character pieces of what was typed as queries of one piece each."""
    folded = words.casefold()
    return [_quoted(piece) for piece in _every(folded, 3) if piece.strip()][:_GRAMS]


def halves(words: str) -> list[str]:
    """List the halves of each longer word, and its middle, as queries: one slip leaves one of them whole.

    Three letters of a word stand in many names; half of it in few, old ones included.
    """
    pieces: dict[str, None] = {}
    for word in tokens(words.casefold()):
        size = len(word) // 2
        if size > 3:  # noqa: PLR2004 - shorter ones are among the grams
            third = len(word) // 4
            for piece in (word[:size], word[-size:], word[third : third + size]):
                pieces[piece] = None
    return [_quoted(piece) for piece in pieces][:_PIECES]


def beginnings(parts: list[str]) -> list[str]:
    """Ask for names with words that begin like all of these: fingers seldom slip on the first letters."""
    return [prefix_query([part[:3] for part in parts])] if parts else []


def all_but_one(parts: list[str]) -> list[str]:
    """Ask for all words but one, for each of them: the one may be the misspelt one."""
    if len(parts) < 2:  # noqa: PLR2004 - nothing would be left
        return []
    return [prefix_query([*parts[:at], *parts[at + 1 :]], loose=True) for at in range(len(parts))]


def ranked(words: str, names: Iterable[tuple[int, str]]) -> list[int]:
    """Order what was found by its words: the same name, then one that begins the same, then more whole words.

    Names that fit equally well stay in the order in which they came.
    """
    wanted = fold(words)
    parts = set(tokens(wanted))

    def fit(name: str) -> tuple[bool, bool, int]:
        found = fold(name)
        return found == wanted, found.startswith(wanted), len(parts.intersection(_WORD.findall(found)))

    fits = [(fit(name), key) for key, name in names]
    return [key for _, key in sorted(fits, key=itemgetter(0), reverse=True)]


def alike(words: str, names: Mapping[int, str]) -> list[int]:
    """Choose the names that may be a misspelling of what was typed, the likeliest first, then the greatest key.

    A part of the name counts nearly as the whole.
    """
    wanted = fold(words)
    if not wanted:
        return []
    folded = {key: fold(name) for key, name in names.items()}
    scores = {key: 100.0 for key, name in folded.items() if wanted in name}
    # A part of three letters fits anywhere.
    for scorer in (fuzz.WRatio, fuzz.partial_ratio)[: 2 if len(wanted) > 3 else 1]:  # noqa: PLR2004
        for _, score, key in process.extract(wanted, folded, scorer=scorer, score_cutoff=ALIKE, limit=None):
            scores[key] = max(score, scores.get(key, 0.0))
    return sorted(scores, key=lambda key: (scores[key], key), reverse=True)


def _unmarked(found: re.Match[str]) -> str:
    return "" if unicodedata.category(found[0]) == _MARK else found[0]


def _every(text: str, size: int) -> dict[str, None]:
    return dict.fromkeys(text[at : at + size] for at in range(len(text) - size + 1))


def _quoted(piece: str) -> str:
    return '"' + piece.replace('"', '""') + '"'
