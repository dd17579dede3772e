"""What the engine asks of memory: who runs which chunk, what became of its items, what has to wait."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.ports.notices import Card, NoticeKind
from bot.ports.vendors import ItemId
from bot.recall import Recall, RecallId, Step
from bot.target import ItemState, Outcome

_STATES = tuple(ItemState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a recall: up to 1,000 items, one status byte each. The unit of durability."""

    recall: RecallId
    number: int
    items: Sequence[ItemId]
    codes: bytes  # an ItemState each, as they stood when claimed; what was PENDING may be INTENT on disk now
    fence: int  # goes up with every claim; a write with an older one is refused

    def pick(self, numbers: Sequence[int]) -> Sequence[ItemId]:
        """Give the items in these places; a range goes up by one."""
        if isinstance(numbers, range):
            return self.items[numbers.start : numbers.stop]
        return [self.items[n] for n in numbers]

    @property
    def states(self) -> tuple[ItemState, ...]:
        """The codes as what they stand for."""
        return tuple(_STATES[code] for code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is known of a chunk by now."""

    chunk: Chunk
    codes: bytes  # one ItemState per item, as it shall stand on disk
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)  # by position; only what says something
    back: bool = False  # give the claim back

    def __post_init__(self) -> None:
        if len(self.codes) != len(self.chunk.items):
            raise ValueError(f"{len(self.codes)} states for {len(self.chunk.items)} items")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which chunks somebody wants to run."""

    owner: str  # the name of this process's engine
    at: datetime
    until: datetime  # somebody else may take them then
    most: int = 1
    besides: frozenset[int] = frozenset()  # numbers of chunks that are in hand already
    intend: bool = True  # PENDING becomes INTENT in the same transaction: requests for all of it may go out
    doubtful: bool = False  # only chunks with items that are INTENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a write of chunks, and a claim with it, led to."""

    lost: frozenset[int]  # numbers of chunks that are somebody else's by now: nothing was written of them
    chunks: Sequence[Chunk]  # claimed


class Tally(Protocol):
    """How many items, and recipients where they are told apart, stand how; from the rows of one transaction.

    Counted when asked for, within that transaction: recipients are counted by reading everything that was noted,
    0.3 s for 50,000 mails.
    """

    @property
    def items(self) -> Mapping[ItemState, int]:
        """Count the items."""
        ...

    @property
    def recipients(self) -> Mapping[ItemState, int]:
        """Count the recipients; empty where no outcome tells them apart."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step of a recall, and what Slack has to be told of it."""

    step: Step
    notices: Sequence[NoticeKind] = ()


Follow = Callable[[Recall, Tally], Sequence[Move]]
"""Works out the moves that follow from the numbers. Pure: it runs inside the transaction, maybe twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What is written before a recall's first request, at once: each commit that it waits for costs a millisecond."""

    start: Move
    account: str  # nothing is claimed while its vendor asks to wait
    claim: Claim | None = None  # the first chunks, so that their requests may go out; None: none yet
    items: Sequence[ItemId] | None = None  # all there is to do, in the place of any plan; None: it is planned
    card: Card | None = None  # one more place that hears of it; one that is there stays as it is


Onward = Callable[[Recall], Sequence[Move]]
"""Works out the moves of a recall that is taken up again. Pure, as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A vendor's word to wait."""

    account: str  # whom it was said to: a provider, or one of its accounts
    until: datetime
    why: str  # a full sentence


class Work(Protocol):
    """The engine's side of memory."""

    async def due(self, now: datetime) -> Sequence[RecallId]:
        """List recalls that the engine has to look at, longest waiting first.

        Queued and running ones unless their `not_before` lies ahead; submitted, partial and unknown ones only
        if they have a `not_before` and it has passed.
        """
        ...

    async def plan(
        self, recall: RecallId, items: Sequence[ItemId], *, start: int = 0, last: bool = False
    ) -> None:
        """Have these items stand in the plan from number `start` on. One transaction.

        What an earlier process kept there stays as far as it is the same; from the first chunk on that differs it
        is written anew. `last`: nothing comes behind them.
        """
        ...

    async def begin(self, beginning: Beginning) -> Sequence[Chunk] | None:
        """Plan what is still to be planned, make the move that starts a recall, and claim. One transaction.

        Returns what was claimed. None: the recall has moved on; nothing was written.
        """
        ...

    async def skip_done(self, recall: Recall) -> int:
        """Mark planned items that a recall of another target has done as SKIPPED; returns how many are."""
        ...

    async def hold(
        self, recall: RecallId, written: Sequence[Written], *, until: datetime, claim: Claim | None = None
    ) -> Kept:
        """Write what is known of claimed chunks, hold their claims until then, and claim more. One transaction.

        A receipt that was noted once is kept.
        """
        ...

    async def reckon(
        self,
        recall: RecallId,
        written: Sequence[Written],
        follow: Follow,
        *,
        version: int | None = None,
        gate: Gate | None = None,
        answers: str | None = None,
    ) -> Recall | None:
        """Write chunks, count, and make the moves that follow from the numbers. One transaction.

        What is written of chunks stands even where no move follows. Returns the recall as it is afterwards.
        `version`: all or nothing; None, and nothing was written, where the recall has moved on from there or a chunk
        is somebody else's by now. In the same transaction `gate` is noted, and the request `answers` marked as answered.
        """
        ...

    async def holding(
        self, recall: RecallId, states: Iterable[ItemState], *, after: int = -1, limit: int | None = None
    ) -> Sequence[Chunk]:
        """Read chunks that have items of these states, from behind the number `after`, without claiming them."""
        ...

    async def counts(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count items by state, from committed rows."""
        ...

    async def reopen(self, recall: RecallId, states: Iterable[ItemState]) -> int:
        """Put items of these states back to PENDING for a new attempt, UNKNOWN ones to INTENT; returns how many.

        A request for an UNKNOWN item may have gone out, so it is as doubtful as after a crash.
        """
        ...

    async def release(self, owner: str, onward: Onward) -> Sequence[RecallId]:
        """At start: give back chunks that other owners left claimed, and move their recalls on. One transaction.

        Returns the recalls concerned.
        """
        ...

    async def gate(self, account: str, now: datetime) -> Gate | None:
        """Read until when a vendor asked us to wait; None where it does not, or the time is over."""
        ...
