"""What the bot asks of the rooms around it, as Protocols. Implemented by storage/, handlers/ and bot/providers/."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, runtime_checkable

from bot.recall import Actor, Event, Place, Recall, RecallId, Step
from bot.target import (
    ItemState,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
    TargetRef,
)

CardId = NewType("CardId", str)
ItemId = NewType("ItemId", str)
"""What one vendor call acts on; for a push campaign the target's own id."""


class Clock(Protocol):
    """Tells the time. Passed in everywhere, so that tests advance it and nothing sleeps."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        return datetime.now(UTC)


# Vendors ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a provider declares about itself instead of coding it."""

    vendor: str  # how people call it: "Netmera"
    noun: str  # what it sends: "push campaign"
    repeat: RepeatClass
    listing_is_open: bool = True  # every member may list; else only whom a rule covers
    sender_only: bool = False  # only who sent it may take it back, or somebody with an on_behalf rule
    slack_ids: bool = False  # it knows people by their Slack ids, so [people] needn't name anybody
    others: str = ""  # who else can take it back, and where, as a full sentence; told with a refusal
    takes_posts: bool = False  # its targets are Slack posts: offered on one that is about nothing else
    match_by_email: bool = False  # whom [people] does not name is matched by the e-mail address in Slack
    concurrency: int = 4  # vendor calls at a time, per account
    batch: int = 1  # items per vendor call
    by_hand: bool = False  # people take things back themselves: `get` makes a target of any words
    outcome_deadline: float = 1800.0  # seconds to wait for the vendor's confirmation
    queue_deadline: float = 900.0  # seconds to keep trying while the vendor does not answer at all
    look_up: float = 8.0  # seconds that the look-up of one target takes at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One line of `app.py check`."""

    ok: bool
    what: str  # what was looked at: "provider push: sign-in"
    found: str  # what was found, in plain words
    mend: str | None = None  # what to do about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks a provider, as that vendor knows them. From `[people]` and the rules of the settings."""

    identity: str | None = None  # their id at the vendor: an agent's number, a mailbox
    on_behalf: bool = False  # a rule lets them act for others
    email: str | None = None  # as Slack knows them; only where some provider matches by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something that a vendor sent by itself, as it came: nothing in it is to be believed yet."""

    headers: Mapping[str, str]  # names in small letters
    body: bytes = field(repr=False)
    token: str = field(default="", repr=False)  # the secret end of the address that it was sent to


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Something that a vendor says was just sent, and the channel that shall have a copy of it."""

    target: Target
    channel: str


NOBODY = Viewer()


class Provider(Protocol):
    """A configured connection to a vendor.

    Every method but `recognise` may raise any `bot.errors.ProviderError`; none raises anything else on
    purpose. Look-ups answer within seconds: callers put their own time-out around them.
    """

    name: ProviderName
    traits: Traits

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what was sent, newest first; with `before`, only what was sent earlier than that.

        Where sendings belong to somebody (mails, chat messages), only what this viewer may see.
        """
        ...

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Ask the vendor's own search, within what this viewer may see; empty where it has none."""
        ...

    async def get(self, target: TargetId) -> Target:
        """Fetch one target as it is now. Raises NotFoundError where the vendor has none of that id."""
        ...

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find ids of this provider in a Slack post, most certain first. Pure: no network, no errors."""
        ...

    def link_to(self, words: str) -> TargetId | None:
        """Take the id out of a vendor link or an id-shaped word that a person typed; None where it is neither."""
        ...

    def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Stream the items in pages. A single campaign gives itself."""
        ...

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Take the items back with `target.capability.operation`; one outcome each, in order.

        `key` is stable over repeats of the same request (an idempotency key). "Already recalled" is success.
        ACCEPTED means that the vendor took it without showing that it is gone. A raised error means that none
        was done, or, where the error says `maybe_applied`, that this is not known.
        """
        ...

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Ask what became of items: DONE or FAILED by the vendor's own record, else ACCEPTED or UNKNOWN.

        PENDING says that the vendor's record shows that the request never took effect: it may be sent (again).
        """
        ...

    async def preview(self, target: Target) -> str:
        """Fetch the text of a target whose text may not stand on a card, for its asker's eyes only."""
        ...

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Say in plain words whether this provider is ready for a first real use."""
        ...

    async def close(self) -> None:
        """Let go of connections. Called once, at the end."""
        ...


@runtime_checkable
class Listener(Protocol):
    """What a provider has besides, whose vendor tells by itself what was sent."""

    def hear(self, letter: Letter) -> Sequence[Sighting]:
        """Read what a vendor sent. Pure: no network.

        Raises:
            NotAllowedError: it is not proven to come from the vendor, or nothing is to be heard.
            ProviderConfusingError: it does, and can't be understood.
        """
        ...


@runtime_checkable
class TakesReason(Protocol):
    """What a provider can do besides where its vendor keeps why something was taken back."""

    async def recall_because(
        self, target: Target, items: Sequence[ItemId], *, key: str, why: str
    ) -> Sequence[Outcome]:
        """Do what `Provider.recall` does, and hand the reason on. `why` is short text of ours or of a person's."""
        ...


@runtime_checkable
class Personal(Protocol):
    """What a provider besides offers whose sendings lie in people's own boxes: ids that name no box get the asker's."""

    def own(self, target: TargetId, viewer: Viewer) -> TargetId:
        """Put the viewer's box into an id that names none; any other id is given back. Pure: no network."""
        ...


@runtime_checkable
class Paced(Protocol):
    """What a provider besides offers whose vendor lets only so many calls through in a time."""

    def seconds_for(self, target: Target, calls: int) -> float:
        """Say how long so many calls for this target take at least, by the limits as they are used up now."""
        ...


# People -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member as policy sees them."""

    actor: Actor
    groups: frozenset[str] | None  # ids of user groups; None: they could not be read
    home: bool = True  # belongs to the team that Recall is installed in
    guest: bool = False
    active: bool = True
    email: str | None = None  # only where Slack may tell; never logged
    known: bool = True  # False: Slack did not tell whether this is a guest or deactivated


class People(Protocol):
    """Knows who somebody is. Implemented on Slack, cached for at most 60 seconds."""

    async def person(self, actor: Actor) -> Person:
        """Look a person up. Never raises for Slack's trouble: `groups` is None then."""
        ...


# Memory -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something a person asked for, kept before it is acknowledged, so that a crash can't lose it."""

    key: str  # the same for a repeated envelope: dedupe works on it
    verb: str  # "confirm", "decline" …; empty for a look-up, which is only deduped and never replayed
    body: Mapping[str, Any] = field(default_factory=dict)  # JSON: all that is needed to carry it out later
    at: datetime


class NoticeKind(StrEnum):
    """What has to be told in Slack."""

    CARD = "card"  # post the card: it does not stand yet
    REFRESH = "refresh"  # edit the card so that it shows the present state
    REPLY = "reply"  # one event as a reply in the card's thread
    PROGRESS = "progress"  # the one reply that is edited in place while the recall runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A Slack message that shows a recall. `ts` is None until it has been posted."""

    id: CardId
    recall: RecallId
    place: Place
    ts: str | None = None
    asked_by: Actor


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A target found in the index."""

    target: Target
    exact: bool  # an exact id; else by words
    fuzzy: bool = False  # only found by misspelling: never straight to a card


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A claimed piece of a recall: up to 1,000 items, one status byte each. The unit of durability."""

    recall: RecallId
    number: int
    items: tuple[ItemId, ...]
    states: tuple[ItemState, ...]  # as they stood when claimed; what was PENDING is INTENT on disk now
    fence: int  # goes up with every claim; a write with an older one is refused


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

    async def forget_old(self) -> None:
        """Drop requests that are a week old and answered, or that need no answer: Slack repeats none of them."""
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


class Work(Protocol):
    """The engine's side of memory: who runs which chunk."""

    async def due(self, now: datetime) -> Sequence[RecallId]:
        """List recalls that the engine has to look at, longest waiting first.

        Queued and running ones unless their `not_before` lies ahead; submitted, partial and unknown ones only
        if they have a `not_before` and it has passed.
        """
        ...

    async def plan(self, recall: RecallId, items: Sequence[ItemId], *, first: bool) -> None:
        """Append items and their chunks; `first` forgets an unfinished earlier plan. One transaction."""
        ...

    async def claim(self, recall: RecallId, owner: str, now: datetime, lease: float) -> Chunk | None:
        """Take a chunk with PENDING or INTENT items: lease (seconds), new fence, PENDING becomes INTENT.

        One transaction. Chunks that another owner holds are passed over until their lease has run out; our
        own are taken again.
        """
        ...

    async def settle(
        self,
        chunk: Chunk,
        states: Sequence[ItemState],
        outcomes: Mapping[int, Outcome],
        *,
        step: Step | None = None,
        notices: Sequence[NoticeKind] = (),
        answers: str | None = None,
    ) -> bool:
        """Write a chunk's outcomes, give the claim back and make the move that follows, all or nothing.

        False: the fence is old or the recall has moved on; nothing was written. A state of PENDING puts the
        item back. `outcomes` (by position in the chunk) keeps reasons and evidence; a receipt that was noted once
        is kept. `answers` marks that request as answered in the same transaction.
        """
        ...

    async def hold(
        self,
        chunk: Chunk,
        states: Sequence[ItemState],
        outcomes: Mapping[int, Outcome],
        *,
        until: datetime,
    ) -> bool:
        """Write what is known of a claimed chunk so far, and keep the claim until then. False: the fence is old.

        What is still PENDING in `states` stays intended on disk.
        """
        ...

    async def recipients(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count recipients by what became of their copies; empty where no outcome tells them apart."""
        ...

    async def holding(self, recall: RecallId, states: Iterable[ItemState]) -> Sequence[Chunk]:
        """Read chunks that have items of these states, without claiming them."""
        ...

    async def counts(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count items by state, from committed rows."""
        ...

    async def reopen(self, recall: RecallId, states: Iterable[ItemState]) -> int:
        """Put items of these states back to PENDING for a new attempt, UNKNOWN ones to INTENT; returns how many.

        A request for an UNKNOWN item may have gone out, so it is as doubtful as after a crash.
        """
        ...

    async def release(self, owner: str) -> Sequence[RecallId]:
        """At start: give back chunks that other owners left claimed; returns the recalls concerned."""
        ...


class Outbox(Protocol):
    """What Slack has yet to be told."""

    async def pending(self, now: datetime, limit: int = 100) -> Sequence[Notice]:
        """List what may be sent now, in order: per card nothing overtakes an earlier notice.

        Nothing but its CARD is listed for a card that does not stand yet.
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


class Store(Inbox, Index, Records, Work, Outbox, Protocol):
    """All of memory. One object implements it; callers ask for the part they need."""

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        ...
