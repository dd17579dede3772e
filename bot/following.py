"""What follows once a recall's requests went out, or could not: its moves, worked out from committed numbers. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.pacing import before_check
from bot.ports import TOLD, Move, NoticeKind, Tally
from bot.recall import Counts, Kind, Recall, State, step
from bot.tally import counts_of, end_of, ended, numbers, recipients_of
from bot.target import ItemState, Outcome

COUNTED = (NoticeKind.PROGRESS, *TOLD)

SHORT_WAIT = timedelta(seconds=15)
"""A recall of many items that waits no longer than this says nothing about it in the thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why and until when nothing is asked of the vendor."""

    why: str  # a full sentence
    until: datetime
    counted: bool = True  # it is one of the tries that are counted; not where the vendor asked us to wait


def told(recall: Recall) -> Sequence[NoticeKind]:
    """Name the notices of a recall's end: with many items the reply that counted them shows the last numbers."""
    return COUNTED if recall.target.items > 1 else TOLD


def waiting(recall: Recall, pause: Pause, deadline: datetime, *, at: datetime) -> Move:
    """Note that the vendor has to be asked again later; the thread hears it once per reason."""
    short = recall.target.items > 1 and pause.until - at <= SHORT_WAIT
    move = step(
        recall,
        Kind.WAITING,
        at=at,
        data={"why": pause.why, "until": deadline.isoformat(), "next": pause.until.isoformat()},
        not_before=pause.until,
        deadline=deadline,
        checks=recall.checks + int(pause.counted),
        detail=recall.detail if short else pause.why,
    )
    return Move(step=move, notices=() if short or recall.detail == pause.why else TOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The moves after a recall's requests, or while they go on."""

    at: datetime
    patience: timedelta  # how long a vendor that takes nothing is tried
    outcome_patience: timedelta  # how long its confirmation is awaited
    ready: Callable[[Recall, int], datetime | None]  # when the last of so many requests may go out
    went: bool = False  # something went through since the last move
    over: bool = True  # no requests are under way any more
    single: Outcome | None = None  # what became of a recall that is one call
    pause: Pause | None = None
    why: str = ""  # the last trouble
    retry: bool = (
        False  # it is a retry that comes to nothing: it has not begun, and what was done before stands
    )

    def __call__(self, recall: Recall, tally: Tally) -> Sequence[Move]:
        """Work them out; none where the recall is not running any more."""
        if recall.state is not (State.QUEUED if self.retry else State.RUNNING):
            return ()
        items = tally.items
        counts, doubtful = counts_of(items), bool(items.get(ItemState.INTENT))
        if self.over and self.single is not None and not self.retry and counts.total == 1 and not counts.left:
            return self._of_one(recall, self.single, counts, recipients_of(tally))
        if self.over and (not counts.left or ((recall.stopping or self.retry) and not doubtful)):
            return (self._end(recall, counts, recipients_of(tally)),)
        moves = []
        if recall.target.items > 1 and not self.retry and (self.went or not self.over):
            moves.append(self._progress(recall, counts))
            recall = moves[0].step.after
        if self.pause is not None and (doubtful or not recall.stopping):
            deadline = recall.deadline or self.at + self.patience
            if not self.pause.counted:
                deadline = max(deadline, self.pause.until)
            moves.append(waiting(recall, self.pause, deadline, at=self.at))
        return moves

    def _of_one(
        self, recall: Recall, outcome: Outcome, counts: Counts, recipients: Counts | None
    ) -> Sequence[Move]:
        """Tell of a recall that is one vendor call: that it was accepted, and how it ends."""
        if outcome.state not in {ItemState.ACCEPTED, ItemState.DONE}:
            kind = Kind.FAILED if outcome.state is ItemState.FAILED else Kind.UNKNOWN
            return (Move(step=ended(recall, kind, counts, at=self.at, why=outcome.reason), notices=TOLD),)
        confirmed = outcome.state is ItemState.DONE
        accepted = step(
            recall,
            Kind.ACCEPTED,
            at=self.at,
            data={"confirmed": True} if confirmed else {"evidence": outcome.evidence},
            audience=outcome.audience or recall.audience,
            remains=outcome.remains or recall.remains,
            detail=outcome.evidence or "",
        )
        end = self._end(accepted.after, counts, recipients)
        return (Move(step=accepted, notices=(NoticeKind.REPLY,)), end)

    def _end(self, recall: Recall, counts: Counts, recipients: Counts | None) -> Move:
        """End a recall whose items are settled, or which was stopped."""
        kind = Kind.STOPPED if counts.left else end_of(counts, recipients)
        awaited = self._awaited(recall) if counts.awaiting else {}
        if kind is not Kind.SUBMITTED:
            move = ended(
                recall,
                kind,
                counts,
                at=self.at,
                why=self.why or recall.detail,
                recipients=recipients,
                ready_at=None,
                **awaited,
            )
            return Move(step=move, notices=told(recall))
        move = step(
            recall,
            Kind.SUBMITTED,
            at=self.at,
            data=numbers(recall, counts, recipients),
            counts=counts,
            recipients=recipients,
            ready_at=None,
            **awaited,
        )
        # One vendor call is told as "accepted" in the same breath; saying the same again would be noise.
        return Move(step=move, notices=(NoticeKind.REFRESH,) if recall.target.items == 1 else told(recall))

    def _awaited(self, recall: Recall) -> dict[str, Any]:
        """Say when what was accepted is looked for, and until when."""
        deadline = self.at + self.outcome_patience
        # A person's word comes by itself; until the deadline there is nobody to ask.
        first = deadline if recall.by_hand else self.at + timedelta(seconds=before_check(0))
        return {"checks": 0, "not_before": first, "deadline": deadline}

    def _progress(self, recall: Recall, counts: Counts) -> Move:
        """Bring the thread's count up to date; where something went through, the patience begins anew."""
        news: dict[str, Any] = {"deadline": self.at + self.patience, "checks": 0, "detail": ""}
        move = step(
            recall,
            Kind.PROGRESS,
            at=self.at,
            counts=counts,
            ready_at=self.ready(recall, counts.left),
            **(news if self.went else {}),
        )
        return Move(step=move, notices=(NoticeKind.PROGRESS,))
