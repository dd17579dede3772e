"""A chunk in hand: which of its items have not been asked for, and what is known of the others."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.ports import Chunk, Written
from bot.target import ItemState, Outcome

_PENDING, _INTENT = bytes([ItemState.PENDING]), bytes([ItemState.INTENT])


Duty = tuple["Hand", Sequence[int], bool]
"""One request: the chunk, the places of the items in it, and whether an earlier request may have gone out."""


class Hand:
    """One claimed chunk while its requests go out. `codes` is what its row on disk shall say."""

    __slots__ = (
        "_again",
        "_at",
        "_doubtful",
        "_unsent",
        "chunk",
        "codes",
        "dirty",
        "flying",
        "intended",
        "left",
        "news",
    )

    def __init__(self, chunk: Chunk, *, intended: bool) -> None:
        """Take a chunk in hand; `intended`: its row says INTENT for all that is open."""
        self.chunk = chunk
        self.intended = intended
        self.codes = bytearray(chunk.codes.replace(_PENDING, _INTENT) if intended else chunk.codes)
        self._doubtful = _places(chunk.codes, _INTENT)
        self._unsent = _places(chunk.codes, _PENDING)
        self._at = 0
        self._again: deque[Sequence[int]] = deque()
        self.news: dict[int, Outcome] = {}  # outcomes that are to be noted and have not been
        self.flying = 0  # requests under way
        self.dirty = False  # its row is behind
        self.left = False  # something is put back or in doubt, to be tried another time

    def open(self) -> None:
        """Have the items at hand: it is the next whose items are asked for."""
        self.chunk = replace(self.chunk, items=tuple(self.chunk.items))

    @property
    def unsent(self) -> int:
        """How many items have not been asked for."""
        return (
            len(self._doubtful)
            + len(self._unsent)
            - min(self._at, len(self._unsent))
            + sum(map(len, self._again))
        )

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return not (self.flying or self._doubtful or self._again or self._at < len(self._unsent))

    def take(self, size: int) -> Duty | None:
        """Take items for one request, and whether an earlier request for them may have gone out. The two never mix."""
        if self._doubtful:
            some, self._doubtful = self._doubtful[:size], self._doubtful[size:]
            self.flying += 1
            return self, some, True
        if self._again:
            some = self._again.popleft()
        else:
            at = self._at
            some = self._unsent[at : at + size]
            if not some:
                return None
            self._at = at + len(some)
        self.flying += 1
        return self, some, False

    def again(self, numbers: Sequence[int], *, doubtful: bool) -> None:
        """Have items asked for once more while the chunk is in hand: their request had no effect.

        `doubtful`: an earlier one may have had, so they stay in doubt.
        """
        if doubtful:
            self._doubtful = [*self._doubtful, *numbers]
        else:
            self._again.append(numbers)

    def put_back(self, numbers: Iterable[int]) -> None:
        """Leave items for another time: their request had no effect, or never went out."""
        self._mark(numbers, ItemState.PENDING)
        self.left = True

    def doubt(self, numbers: Iterable[int]) -> None:
        """Leave items for another time: what became of their request is not known."""
        self._mark(numbers, ItemState.INTENT)
        self.left = True

    def settle_alike(self, numbers: Sequence[int], state: ItemState) -> None:
        """Note one state of many items, about which there is nothing else to be kept."""
        if len(numbers) == 1:
            self.codes[numbers[0]] = state
        elif isinstance(numbers, range):  # neighbours are written at once: a batch costs what one item does
            self.codes[numbers.start : numbers.stop] = bytes((state,)) * len(numbers)
        else:
            for n in numbers:
                self.codes[n] = state
        self.dirty = True

    def intend(self, numbers: Iterable[int]) -> None:
        """Note that a request for these items is about to go out."""
        self._mark(numbers, ItemState.INTENT)

    def settle(self, n: int, outcome: Outcome) -> None:
        """Note what became of one item."""
        self.codes[n] = outcome.state
        self.news[n] = outcome
        self.dirty = True

    def learn(self, n: int, outcome: Outcome) -> None:
        """Note what was found out about one item in doubt; it may have been left as it was."""
        if outcome.state > ItemState.INTENT:
            self.settle(n, outcome)
        else:
            self._mark((n,), outcome.state)

    def unknown(self, why: str, code: str) -> dict[int, Outcome]:
        """Give what is in doubt as unknown."""
        unknown = Outcome(state=ItemState.UNKNOWN, reason=why, code=code)
        return {n: unknown for n, state in enumerate(self.codes) if state == ItemState.INTENT}

    def fail_unsent(self, why: str | None, code: str) -> None:
        """Let items fail that were not asked for; what is in doubt stays so."""
        failed = Outcome(state=ItemState.FAILED, reason=why, code=code)
        for n in [*self._unsent[self._at :], *(n for some in self._again for n in some)]:
            self.settle(n, failed)
        self._at = len(self._unsent)
        self._again.clear()

    def give_up(self, why: str | None, code: str) -> None:
        """The time to try is over: what is open has failed, or is unknown where a request may have taken effect."""
        self.drop()
        failed = Outcome(state=ItemState.FAILED, reason=why, code=code)
        unknown = Outcome(state=ItemState.UNKNOWN, reason=why, code=code)
        for n, state in enumerate(self.codes):
            if state <= ItemState.INTENT:
                self.settle(n, failed if state == ItemState.PENDING else unknown)

    def drop(self) -> None:
        """Ask for nothing more: what never went out is as it was."""
        self.put_back(self._unsent[self._at :])
        for some in self._again:
            self.put_back(some)
        self._at = len(self._unsent)
        self._again.clear()
        self._doubtful = ()

    def written(self, *, back: bool) -> Written:
        """Give what has to be written now; from here on only what comes is news."""
        news, self.news, self.dirty = self.news, {}, False
        return Written(chunk=self.chunk, codes=bytes(self.codes), outcomes=news, back=back)

    def not_written(self, written: Written) -> None:
        """Take back what could not be written."""
        self.news = {**written.outcomes, **self.news}
        self.dirty = True

    def _mark(self, numbers: Iterable[int], state: ItemState) -> None:
        for n in numbers:
            self.codes[n] = state
        self.dirty = True


def _places(codes: bytes, code: bytes) -> Sequence[int]:
    """Say where a code stands. A fresh chunk is all alike, and a range spares a list of a thousand numbers."""
    many = codes.count(code)
    if many == len(codes):
        return range(many)
    return [n for n, each in enumerate(codes) if each == code[0]] if many else ()
