"""Search text: what people type, as safe full-text queries, and which of the found names fit best. Pure."""

import re
import unicodedata

from rapidfuzz import fuzz

from storage.codec import clean

LONGEST = 200
"""Characters of a search that count; a campaign's name is rarely longer."""
MOST_WORDS = 12
ALIKE = 72.0
"""From this similarity (0 to 100) on a name counts as a misspelling of what was typed."""

_WORD = re.compile(r"[^\W_]+")
_MARK = "Mn"


def tidy(words: str) -> str:
    """Cut to a sensible length, compose accents, and drop what no column can hold."""
    text = clean(words.replace("\0", " "))[: LONGEST * 4]
    return unicodedata.normalize("NFC", text).strip()[:LONGEST]


def fold(text: str) -> str:
    """Make two spellings of the same words equal: no case, no accents, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if unicodedata.category(c) != _MARK).split())


def tokens(words: str) -> list[str]:
    """Take the letters and digits out of what was typed; nothing in them means anything to the query language."""
    return _WORD.findall(words)[:MOST_WORDS]


def phrase_query(parts: list[str]) -> str:
    """Ask for the words side by side in the name, the last one perhaps unfinished."""
    return f'name : "{" ".join(parts)}" *'


def prefix_query(parts: list[str]) -> str:
    """Ask for all words, in any order, each perhaps unfinished, in name or id."""
    return " ".join(f'"{part}" *' for part in parts)


def grams(words: str) -> list[str]:
    """List the three-character pieces of what was typed as queries of one piece each."""
    folded = words.casefold()
    pieces = dict.fromkeys(folded[at : at + 3] for at in range(len(folded) - 2))
    quoted = ('"' + piece.replace('"', '""') + '"' for piece in pieces if piece.strip())
    return list(quoted)[:24]


def fit(words: str, name: str) -> tuple[bool, bool, int]:
    """Order names that were found by their words: the same, then begins the same, then more whole words."""
    wanted, found = fold(words), fold(name)
    whole = set(tokens(found)) & set(tokens(wanted))
    return found == wanted, found.startswith(wanted), len(whole)


def likeness(words: str, name: str) -> float:
    """Say how alike a name is to what was typed, 0 to 100; a part of the name counts nearly as the whole."""
    wanted, found = fold(words), fold(name)
    if not wanted or not found:
        return 0.0
    if wanted in found:
        return 100.0
    return max(fuzz.WRatio(wanted, found), fuzz.partial_ratio(wanted, found) if len(wanted) > 3 else 0.0)  # noqa: PLR2004 - a part of three letters fits anywhere
