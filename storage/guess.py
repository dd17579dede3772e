"""What may be meant by words that no name has: each is put right by the known words, and asked for anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from storage import match
from storage.file import Connection
from storage.match import Choice, Found
from storage.matching import NEWEST, Question, matching, one_of_each, side_by_side
from storage.words import Kin, begins_known, kin, known

_ENOUGH = 0.5
"""What part of the letters typed must be understood; less is no search any more."""
_MISSING = 3.0
"""How far off a name is that lacks a word altogether, in slips."""
_MOST_LEFT_OUT = 8
_SHORTEST_HALF = 3
_HARDLY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One typed word and what may be meant by it."""

    typed: str  # folded
    known: bool  # some known word begins with it
    certain: bool  # and it is what was typed, so that it was asked for already
    kin: Sequence[Kin]

    @property
    def clear(self) -> str | None:
        """The word itself, or the one known word that is nearest to it; None: several are."""
        if self.known:
            return self.typed
        return self.kin[0].spelt if len(self.kin) == 1 or self.kin[0].off < self.kin[1].off else None

    @property
    def shaky(self) -> bool:
        """Whether it is the first to be left out: hardly a word, a number, or put right."""
        return not self.known or len(self.typed) <= _HARDLY or not self.typed.isalpha()

    def choices(self, *, doubted: bool) -> list[Choice]:
        """List what to ask for; a known word is asked for as it stands, unless it is doubted."""
        own = [Choice(text=self.typed, whole=False)] if self.known else []
        return own + [Choice(text=one.spelt, whole=True) for one in self.kin if doubted or not self.known]

    def off(self, words: str) -> float:
        """Say how far off a name is by this word, in slips."""
        if self.known and f" {self.typed}" in words:
            return 0.0
        return min((one.off for one in self.kin if f" {one.folded} " in f"{words} "), default=_MISSING)


def by_kin(connection: Connection, asked: Question, parts: list[str]) -> list[int]:
    """Find names whose words are near to those typed, the nearest first.

    First as a whole name with the unknown words put right, then in any order; then with every word doubted; then
    without any one of them.
    """
    mended = list(_mended(connection, parts))
    rows: list[Found] = []
    clear = [part.clear for part in mended if part.clear]
    if len(mended) == len(clear) >= match.PASTED:
        rows, _ = matching(connection, asked, side_by_side(clear, match.words(" ".join(clear))))
    if rows:
        return _nearest(asked, mended, rows)
    for groups in _attempts(mended, sum(map(len, parts))):
        limit = max(NEWEST // len(groups), asked.limit)
        for group in groups:
            rows += matching(connection, asked, one_of_each(group), limit)[0]
        if rows:
            return _nearest(asked, mended, rows)
    return []


def _mended(connection: Connection, parts: list[str]) -> Iterator[_Part]:
    """Read each word's kin; what is no word with its space, or without one, is put together or taken apart."""
    rest = [match.fold(part) for part in parts]
    while rest:
        typed = rest.pop(0)
        if begins_known(connection, typed):
            others = [one for one in kin(connection, typed) if not one.folded.startswith(typed)]
            yield _Part(typed=typed, known=True, certain=True, kin=others)
        elif rest and (typed + rest[0]).isalpha() and begins_known(connection, typed + rest[0]):
            yield _Part(typed=typed + rest.pop(0), known=True, certain=False, kin=())
        elif near := kin(connection, typed):
            yield _Part(typed=typed, known=False, certain=False, kin=near)
        elif pair := _taken_apart(connection, typed):
            yield from (_Part(typed=each, known=True, certain=False, kin=()) for each in pair)


def _taken_apart(connection: Connection, typed: str) -> tuple[str, str] | None:
    """Find the two known words that were typed without a space between them."""
    ends = range(_SHORTEST_HALF, len(typed) - _SHORTEST_HALF + 1)
    for head in known(connection, [typed[:end] for end in reversed(ends)]):
        if begins_known(connection, typed[len(head) :]):
            return head, typed[len(head) :]
    return None


def _attempts(parts: list[_Part], letters: int) -> Iterator[list[list[list[Choice]]]]:
    """List what to ask for, attempt by attempt: each is some questions, a question is groups of words."""
    if sum(len(part.typed) for part in parts) < letters * _ENOUGH or not parts:
        return
    strict = [part.choices(doubted=False) for part in parts]
    if not all(part.certain for part in parts):
        yield [strict]
    if any(part.known and part.kin for part in parts):
        yield [[part.choices(doubted=True) for part in parts]]
    if len(parts) > 1:
        without = {at: [*strict[:at], *strict[at + 1 :]] for at in range(len(parts))}
        shaky = [at for at, part in enumerate(parts) if part.shaky]
        yield from ([without.pop(at)] for at in shaky)
        if without:
            yield list(without.values())[:_MOST_LEFT_OUT]


def _nearest(asked: Question, parts: list[_Part], rows: list[Found]) -> list[int]:
    """Order names by the slips in their words, then by how much of the name several of them are, then the newest first."""
    several = len(parts) > 1
    wanted = asked.typed.casefold()

    def off(row: Found) -> tuple[float, int, int]:
        words = match.spelled(row.name)
        share = round(fuzz.ratio(wanted, row.name.casefold())) if several else 0
        return sum(part.off(words) for part in parts), -share, -row.n

    return [-n for _, _, n in sorted({off(row) for row in rows})][: asked.limit]
