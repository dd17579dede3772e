"""A recall that is put off: whether it can begin at the moment that somebody names. Pure."""

from datetime import datetime, timedelta

from bot.errors import RecallError
from bot.target import Operation, Target

FURTHEST = timedelta(days=365)
"""A plan beyond that is a slip of the finger: nobody will remember it."""

WORTHWHILE = timedelta(minutes=15)
"""A window shorter than that leaves nothing to plan; it isn't offered."""


class UnfitTimeError(RecallError):
    """It can't begin then. Nothing was done; choose another time."""

    code = "unfit_time"


def can_wait(target: Target, now: datetime) -> bool:
    """Say whether planning is worth offering: a machine does it, and its time isn't nearly over."""
    closes = target.capability.closes_at
    return target.capability.operation is not Operation.MANUAL and (
        closes is None or closes - now >= WORTHWHILE
    )


def must_fit(target: Target, now: datetime, due: datetime | None) -> None:
    """Refuse a moment that is over, too far away, or after the end of the vendor's window.

    Raises:
        UnfitTimeError: with the sentence that says why.
    """
    if due is None:
        return
    closes = target.capability.closes_at
    if due <= now:
        raise UnfitTimeError("That time is over already. Choose one that is still to come.")
    if closes is not None and due >= closes:
        raise UnfitTimeError("The time for recalling this ends before then. Choose an earlier time.")
    if due - now > FURTHEST:
        raise UnfitTimeError("That is more than a year away. Choose an earlier time.")


def due_at(due: datetime | None) -> dict[str, str]:
    """Write the planned moment down as an event keeps it; nothing where there is none."""
    return {} if due is None else {"due": due.isoformat()}
