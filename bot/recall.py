"""The life of one recall: values, and the one table of allowed moves. Pure: no clock, no I/O.

Every move is `step(recall, kind, …)`, which gives the recall after it or raises `NotNowError`. Storage writes
the recall, its event and its notices in one transaction, by compare-and-set on `version`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from bot.errors import RecallError
from bot.target import Audience, Operation, Reason, Target

RecallId = NewType("RecallId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person: the pair is needed, for user ids are unique within a team only."""

    team: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a card stands. Opaque to the bot: channel id, and the thread's root when it hangs below a post."""

    channel: str
    thread: str | None = None


class State(StrEnum):
    """Where a recall stands."""

    PROPOSED = "proposed"  # the card is up; nothing has happened
    APPROVING = "approving"  # one person said yes, a second one has to
    SCHEDULED = "scheduled"  # confirmed for later
    QUEUED = "queued"  # confirmed; the vendor has not been asked yet
    RUNNING = "running"  # the vendor's present state fits; requests go out
    SUBMITTED = "submitted"  # the vendor took it and has not confirmed it
    DONE = "done"  # confirmed by the vendor's own record
    PARTIAL = "partial"  # some items done, some failed
    FAILED = "failed"
    UNKNOWN = "unknown"  # the vendor never told
    STOPPED = "stopped"  # a person interrupted it
    DECLINED = "declined"  # a person said no
    EXPIRED = "expired"  # nobody said anything in time
    REFUSED = "refused"  # rights, window or fingerprint did not fit at the last check
    CANCELLED = "cancelled"  # taken off the schedule or the queue by a person


OPEN = frozenset(
    {State.PROPOSED, State.APPROVING, State.SCHEDULED, State.QUEUED, State.RUNNING, State.SUBMITTED}
)
"""States in which a second recall of the same target leads to this one."""

WORD_COUNTS = frozenset({State.RUNNING, State.SUBMITTED, State.UNKNOWN})
"""States in which a person may say what became of what is taken back by hand."""

RETRYABLE = frozenset({State.FAILED, State.PARTIAL, State.STOPPED, State.SUBMITTED, State.UNKNOWN})


class Kind(StrEnum):
    """What happened. The first group moves the state, the second only adds to the record."""

    PROPOSED = "proposed"
    APPROVAL_ASKED = "approval_asked"
    SCHEDULED = "scheduled"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    DUE = "due"
    DECLINED = "declined"
    EXPIRED = "expired"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    STARTED = "started"
    GAVE_UP = "gave_up"  # the vendor did not answer until the deadline
    SUBMITTED = "submitted"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    RETRIED = "retried"

    CORRECTION = "correction"  # what shall be sent instead was prepared
    REASON = "reason"  # a reason was chosen on the card
    WAITING = "waiting"  # the vendor does not answer; tried again later
    ACCEPTED = "accepted"  # the vendor took the request
    RESUMED = "resumed"  # picked up again after a restart
    CHECKED = "checked"  # an outcome check; how many items stand how
    PROGRESS = "progress"  # so many requests have gone out
    REACHED = "reached"  # who was offline has lost it too
    STOPPING = "stopping"  # a person pressed Stop; requests in hand are finished


MOVES: Mapping[tuple[State, Kind], State] = {
    **{(State.PROPOSED, Kind(s)): State(s) for s in ("scheduled", "declined", "expired", "refused")},
    (State.PROPOSED, Kind.APPROVAL_ASKED): State.APPROVING,
    (State.PROPOSED, Kind.CONFIRMED): State.QUEUED,
    (State.APPROVING, Kind.APPROVED): State.QUEUED,
    **{(State.APPROVING, Kind(s)): State(s) for s in ("scheduled", "declined", "expired")},
    (State.SCHEDULED, Kind.DUE): State.QUEUED,
    **{(State.SCHEDULED, Kind(s)): State(s) for s in ("cancelled", "refused", "expired")},
    (State.QUEUED, Kind.STARTED): State.RUNNING,
    (State.QUEUED, Kind.GAVE_UP): State.FAILED,
    **{(State.QUEUED, Kind(s)): State(s) for s in ("cancelled", "refused", "expired")},
    **{
        (State.RUNNING, Kind(s)): State(s)
        for s in ("submitted", "done", "partial", "failed", "unknown", "stopped")
    },
    **{
        (before, Kind(after)): State(after)
        for before in (State.SUBMITTED, State.PARTIAL, State.UNKNOWN)
        for after in ("done", "partial", "failed", "unknown")
    },
    **{(before, Kind.RETRIED): State.QUEUED for before in RETRYABLE},
}
"""The only moves there are. A pair that is not in here is refused with the present state."""

RETRY_MOVES: Mapping[tuple[State, Kind], State] = {
    (State.QUEUED, Kind(s)): State(s)
    for s in ("submitted", "done", "partial", "failed", "unknown", "stopped")
}
"""Besides, where a retry comes to nothing: what the attempts before it did stands (`Recall.did_before`)."""

NOTES: Mapping[Kind, frozenset[State]] = {
    Kind.REASON: frozenset({State.PROPOSED}),
    Kind.CORRECTION: frozenset(
        {
            State.PROPOSED,
            State.APPROVING,
            State.SCHEDULED,
            State.QUEUED,
            State.RUNNING,
            State.SUBMITTED,
        }
    ),
    Kind.WAITING: frozenset({State.QUEUED, State.RUNNING}),
    Kind.ACCEPTED: frozenset({State.RUNNING}),
    Kind.RESUMED: frozenset({State.RUNNING}),
    Kind.CHECKED: frozenset({State.RUNNING, State.SUBMITTED, State.PARTIAL, State.UNKNOWN, State.STOPPED}),
    Kind.PROGRESS: frozenset({State.RUNNING}),
    Kind.REACHED: frozenset({State.DONE}),
    Kind.STOPPING: frozenset({State.QUEUED, State.RUNNING}),
}
"""Events that leave the state as it is, and the states in which they make sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Items by what became of them; from committed rows only, never by subtraction."""

    total: int = 0
    done: int = 0
    failed: int = 0
    unknown: int = 0
    awaiting: int = 0
    skipped: int = 0
    left: int = 0  # not sent: still to go, or never to be sent after a Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """One job on one target."""

    id: RecallId
    target: Target  # as it was shown on the card
    state: State
    version: int = 1  # goes up with every event; compare-and-set works on it
    attempt: int = 1  # a retry is a new attempt of the same recall
    asked_by: Actor
    asked_at: datetime
    reason: Reason = Reason.WRONG_INFORMATION
    reason_text: str = ""  # the person's own words, for Reason.OTHER; foreign text
    correction: str = ""  # what shall be sent instead, prepared before or while it runs; a person's own words
    corrected_by: Actor | None = None
    needs_second: bool = False  # one yes is not enough for this audience
    approvers: tuple[str, ...] = ()  # ids of users and user groups that may give the second yes
    confirmed_by: Actor | None = None
    confirmed_at: datetime | None = None
    approved_by: Actor | None = None
    moved_by: Actor | None = None  # who caused the present state; None: nobody, time or the vendor did
    moved_at: datetime
    started_at: datetime | None = None  # when the present attempt began; no request of it went out before
    expires_at: datetime | None = None  # the card closes itself then
    not_before: datetime | None = None  # the engine leaves it alone until then
    deadline: datetime | None = None  # after that: give up (queued), or unknown (submitted)
    stopping: bool = False  # a person pressed Stop while it ran: nothing further is sent
    checks: int = 0  # outcome checks made in this attempt
    counts: Counts = field(default_factory=Counts)
    recipients: Counts | None = (
        None  # by what became of their copies; None: the vendor doesn't tell them apart
    )
    ready_at: datetime | None = None  # when the last request may go out, by the vendor's limits
    audience: Audience | None = None  # the vendor's own numbers with the last outcome
    remains: str = ""  # who has it removed and who will, where the vendor tells; full sentences
    detail: str = ""  # the present state in more words: a refusal, a failure, the vendor's evidence

    @property
    def by_hand(self) -> bool:
        """Whether a person takes it back in the vendor's panel, and only their word tells the outcome."""
        return self.target.capability.operation is Operation.MANUAL

    @property
    def can_retry(self) -> bool:
        """Whether a new attempt has something to do: what failed, and what is unknown where a repeat is safe."""
        unknown = self.counts.unknown if self.target.capability.repeatable else 0
        return self.state in RETRYABLE and bool(self.counts.failed or unknown)

    @property
    def did_before(self) -> bool:
        """Whether an earlier attempt took something back, or may have: it can't end as if nothing had been done."""
        return self.attempt > 1 and self.counts.total > self.counts.failed + self.counts.left

    @property
    def why(self) -> str:
        """The reason in words, for a vendor that keeps it; the person's own where they gave any."""
        return self.reason_text.strip() or self.reason.value.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the record: what happened to a recall, when, by whom. Append-only, hash-chained by storage."""

    recall: RecallId
    seq: int  # equals the recall's version after it
    kind: Kind
    at: datetime
    by: Actor | None  # None: nobody, time or the vendor did
    data: Mapping[str, Any] = field(default_factory=dict)  # JSON: the numbers and words to be told


class NotNowError(RecallError):
    """That is no longer possible: this recall has moved on."""

    code = "not_now"

    def __init__(self, recall: Recall) -> None:
        """Keep the recall as it is now: the answer names its state and who caused it."""
        super().__init__()
        self.recall = recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move that has been worked out but not yet written."""

    before: Recall
    after: Recall
    event: Event


def step(
    recall: Recall,
    kind: Kind,
    *,
    at: datetime,
    by: Actor | None = None,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Step:
    """Work out what `kind` does to `recall`.

    Args:
        recall: as it stands.
        kind: what happened.
        at: aware UTC.
        by: who did it; None for time, the vendor or the engine.
        data: JSON for the event, beside what the changes say.
        changes: further fields of the recall that change with it.

    Raises:
        NotNowError: the table has no such move from the present state.
    """
    after = MOVES.get((recall.state, kind))
    if after is None and recall.did_before:
        after = RETRY_MOVES.get((recall.state, kind))
    if after is None:
        if recall.state not in NOTES.get(kind, frozenset()):
            raise NotNowError(recall)
        moved: dict[str, Any] = {}
    else:
        moved = {"state": after, "moved_by": by, "moved_at": at}
    new = replace(recall, version=recall.version + 1, **{**moved, **changes})
    event = Event(recall=recall.id, seq=new.version, kind=kind, at=at, by=by, data=dict(data or {}))
    return Step(before=recall, after=new, event=event)
