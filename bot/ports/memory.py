"""What the bot asks of its memory: requests, the index, records and the outbox; work is in `bot.ports.work`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.ports.notices import Card, CardId, NoticeKind
from bot.ports.vendors import ItemId
from bot.ports.work import Work
from bot.recall import Event, Kind, Place, Recall, RecallId, Step
from bot.target import (
    ItemState,
    Outcome,
    ProviderName,
    Target,
    TargetRef,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something a person asked for, kept before it is acknowledged, so that a crash can't lose it."""

    key: str  # the same for a repeated envelope: dedupe works on it
    verb: str  # "confirm", "decline" …; empty for a look-up, which is only deduped and never replayed
    body: Mapping[str, Any] = field(default_factory=dict)  # JSON: all that is needed to carry it out later
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One row of the outbox: something that Slack must be told once, in order, in its thread."""

    id: int
    key: str  # unique and stable; goes into the message's metadata, to find it again
    kind: NoticeKind
    card: Card
    event: Event | None  # set for REPLY
    tries: int
    ambiguous: bool  # an earlier try may have reached Slack: look for the key before posting
    ts: str | None = None  # PROGRESS: the reply that stands already, to be edited in place; None: post it
    behind: tuple[Kind, ...] = ()  # REPLY: what the same thread is to hear after it, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A target found in the index."""

    target: Target
    exact: bool  # an exact id; else by words
    fuzzy: bool = False  # only found by misspelling: never straight to a card


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item of a recall, and what became of it."""

    number: int  # its place in the recall, from 0
    item: ItemId
    state: ItemState
    outcome: Outcome | None  # None: nothing is noted yet


class OpenRecallError(Exception):
    """Another recall of the same target is open; `recall` says which."""

    def __init__(self, recall: RecallId) -> None:
        """Keep the id of the one that is open."""
        super().__init__(recall)
        self.recall = recall


class Inbox(Protocol):
    """Requests of people: kept before they are acknowledged."""

    async def keep(self, request: Request) -> bool:
        """Write a request durably. False: its key was kept before. Raises StorageError."""
        ...

    async def answered(self, key: str) -> None:
        """Mark a request as carried out and answered: it will not be replayed."""
        ...

    async def unanswered(self) -> Sequence[Request]:
        """List requests with a verb that were kept and never answered, oldest first."""
        ...


class Index(Protocol):
    """Everything that was ever seen at a vendor: makes typeahead and search quick."""

    async def remember(self, targets: Iterable[Target]) -> None:
        """Add or renew targets."""
        ...

    async def recent(
        self, limit: int, before: datetime | None = None, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Target]:
        """List what is known, newest first."""
        ...

    async def search(
        self, words: str, limit: int, providers: Iterable[ProviderName] | None = None
    ) -> Sequence[Match]:
        """Find by exact id; else the whole phrase; else all words as prefixes; fuzzy only if these find none."""
        ...

    async def known(self, ref: TargetRef) -> Target | None:
        """Return a target as it was last seen."""
        ...


class Records(Protocol):
    """Recalls and what happened to them. Every write is one transaction: state, event, outbox."""

    async def propose(self, step: Step, card: Card) -> None:
        """Write a new recall with its first event and its card (and the notice that posts it).

        `step.after` is the recall; `step.before` equals it. Raises OpenRecallError.
        """
        ...

    async def add_card(self, card: Card) -> None:
        """Show an existing recall in one more place."""
        ...

    async def move(
        self, step: Step, notices: Sequence[NoticeKind] = (), *, answers: str | None = None
    ) -> bool:
        """Write a move by compare-and-set on the version it started from; False: somebody was faster.

        REFRESH and REPLY are written for every card of the recall. A REFRESH that is still waiting is not
        written twice. `answers` marks that request as answered in the same transaction.
        """
        ...

    async def recall(self, recall: RecallId) -> Recall | None:
        """Read one recall."""
        ...

    async def open_recall(self, ref: TargetRef) -> Recall | None:
        """Read the open recall of a target, if there is one."""
        ...

    async def last_recall(self, ref: TargetRef) -> Recall | None:
        """Read the newest recall of a target that was confirmed (not merely shown), if there is one."""
        ...

    async def recalls(
        self, *, open_only: bool = False, limit: int = 20, before: datetime | None = None
    ) -> Sequence[Recall]:
        """List recalls that were confirmed, newest first; with `open_only`, those that run or wait."""
        ...

    async def overdue(self, now: datetime) -> Sequence[Recall]:
        """List recalls whose card or approval has expired, or whose schedule is due."""
        ...

    async def events(self, recall: RecallId) -> Sequence[Event]:
        """Read a recall's record, oldest first."""
        ...

    async def outcomes(
        self, recall: RecallId, limit: int | None = None, *, after: int = -1
    ) -> Sequence[ItemResult]:
        """Read items with what was noted about them, in their order, from behind the number `after`."""
        ...

    async def cards(self, recall: RecallId) -> Sequence[Card]:
        """List the cards that show a recall, oldest first."""
        ...

    async def card_at(self, channel: str, ts: str) -> Card | None:
        """Find a card, or the card of a thread reply of ours, by the Slack message."""
        ...

    async def copy_at(self, channel: str, ts: str) -> TargetRef | None:
        """Find what a copy of ours (`bot.mirror`) is about, by its Slack message."""
        ...


class Outbox(Protocol):
    """What Slack has yet to be told."""

    async def pending(self, now: datetime, limit: int = 100) -> Sequence[Notice]:
        """List what may be sent now: of each card the first post, the first refresh and the first edit of its count.

        Posts (CARD, REPLY, a PROGRESS that does not stand) come in order: nothing overtakes an earlier one. Edits show
        the present state and wait for no post. Nothing but its CARD is listed for a card that does not stand yet.
        """
        ...

    async def sending(self, notice: int) -> None:
        """Note durably that a try begins. After a crash it is ambiguous.

        Read the recall after this, not before: only from here on a REFRESH or PROGRESS that is asked for is
        written anew, so what was rendered earlier could be the last that the card ever shows.
        """
        ...

    async def sent(self, notice: int, *, channel: str, ts: str) -> None:
        """Note that it stands. For a CARD this is the card's message from now on."""
        ...

    async def later(self, notice: int, not_before: datetime, *, ambiguous: bool) -> None:
        """Try again at that time."""
        ...

    async def moved(self, notice: int, place: Place) -> None:
        """Post the card somewhere else instead, since it can't stand where it was meant to."""
        ...

    async def drop(self, notice: int, why: str) -> None:
        """Give up on a notice: its channel or card is gone. Kept with the reason."""
        ...

    async def rehome(self, card: CardId, fresh: Card | None, why: str) -> None:
        """Tell a recall in `fresh` from now on, since the place of `card` is gone; None: it is told elsewhere already.

        What the thread was still to hear goes along. Twice is harmless.
        """
        ...


class Upkept(Protocol):
    """What a memory needs so that it stays sound and does not grow for ever."""

    async def pieces(self) -> Sequence[str]:
        """Name the pieces in which damage is looked for, one after another."""
        ...

    async def damage(self, piece: str | None = None) -> str | None:
        """Read a piece, or everything, behind everything else; returns what is wrong as a full sentence."""
        ...

    async def forget_old(self) -> None:
        """Drop requests that are a week old and answered, or that need no answer: Slack repeats none of them."""
        ...

    async def forget(self, before: datetime) -> int:
        """Let a small piece go of what is older than that; returns how many rows went, 0 when nothing is left to go.

        A recall, its events and its counts always stay.
        """
        ...


class Store(Inbox, Index, Records, Work, Outbox, Upkept, Protocol):
    """All of memory. One object implements it; callers ask for the part they need."""

    async def refusal(self) -> str | None:
        """Say why nothing can be kept just now, as a full sentence; None where all is well."""
        ...

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        ...
