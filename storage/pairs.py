"""Which two words stand in one name: what lets a question of several common words be answered without reading their lists.

Each of "weekly", "sale" and "iOS" stands in a hundred thousand of a million names; to cut such lists takes SQLite 7 to
20 ms. So the index also holds, of each target, the beginnings of every two words as one token, and of every two that
stand side by side another one: the list of a pair is a hundredth as long. A pair finds others, too, that begin the same;
these are sifted by their names, in Python.
"""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise, product
from zlib import crc32

from storage.match import Choice, spell

_LETTERS = 2
"""Letters of a word that may be unfinished. More would tell more, but then "v8" and "US" could not be asked for."""
_LETTERS_BEFORE = 4
"""Letters of a word that another one follows, and that is finished therefore."""
_MOST = 16
"""Different beginnings in a name and its id that are paired: 120 pairs. What has more is looked at in every question."""
_LONG = "long"


def entry(name: str, key: str) -> str:
    """Write down the pairs of a target's name and id, as the index takes them."""
    words = spell(name).split()
    found = {word[:_LETTERS] for word in [*words, *spell(key).split()] if len(word) >= _LETTERS}
    if len(found) > _MOST:
        return _LONG
    together = {_together(*pair) for pair in combinations(found, 2)}
    return " ".join(sorted(together.union(_beside(*pair) for pair in pairwise(words))))


def side_by_side_query(folded: Sequence[str]) -> str | None:
    """Ask for names with these words side by side, the last one perhaps unfinished: all of them, and others.

    None: too little is said for a pair.
    """
    words = folded if len(folded[-1]) >= _LETTERS else folded[:-1]
    if len(words) < 2:  # noqa: PLR2004 - two make a pair
        return None
    couples = list(pairwise(words))
    asked = dict.fromkeys(_beside(*pair) for pair in [*couples[::2], couples[-1]])  # each word once is enough
    return f"({' AND '.join(asked)}) OR {_LONG}"


def together_query(groups: Iterable[Iterable[Choice]]) -> str | None:
    """Ask for targets that have one word of each group: all of them, and others. None: too little is said for a pair.

    What has both beginnings has their pair, so that each word in one pair is enough. Neighbours are not paired: words
    that follow each other in many names tell less.
    """
    told: list[set[str]] = []
    for group in groups:
        found = _beginnings(group)
        if found and not any(found & other for other in told):  # two words that begin the same make no pair
            told.append(found)
    half = len(told) // 2
    if not half:
        return None
    couples = [(told[at], told[at + half]) for at in range(half)]
    if len(told) % 2:
        couples.append((told[0], told[-1]))
    return f"({' AND '.join(_either(one, other) for one, other in couples)}) OR {_LONG}"


def _either(one: Iterable[str], other: Iterable[str]) -> str:
    return f"({' OR '.join(sorted({_together(*pair) for pair in product(one, other)}))})"


def _beginnings(group: Iterable[Choice]) -> set[str]:
    """Give the beginnings of which a target has one; none where one of the words is too short to have any."""
    found = [
        [word[:_LETTERS] for word in spell(each.text).split() if len(word) >= _LETTERS] for each in group
    ]
    return {each[0] for each in found} if all(found) else set()


def _together(one: str, other: str) -> str:
    return _token(f"{one} {other}" if one < other else f"{other} {one}")


def _beside(first: str, second: str) -> str:
    return _token(f"{first[:_LETTERS_BEFORE]}>{second[:_LETTERS]}")


def _token(said: str) -> str:
    """Make a short word of a pair; a million of them are told apart."""
    return f"{crc32(said.encode()) & 0xFFFFF:05x}"
