"""What is not told any more when the thread could not be told in time, and what is told all the same.

After an hour without Slack nobody wants to read an hour's lines: they want to see what people did, how it ended, and
where it stands. So of what waited too long, a line that a later one has made untrue is left out; everything that somebody
pressed, the start, what the vendor accepted and the end stay, in order, each with the time at which it happened.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Notice, NoticeKind
from bot.recall import Kind, Recall, State

LATE: Final = timedelta(seconds=60)
"""How long a line may wait until it counts as late. Until then everything is told."""

ENDS: Final = frozenset({Kind.DONE, Kind.PARTIAL, Kind.FAILED, Kind.UNKNOWN, Kind.STOPPED})
PASSING: Final = frozenset({Kind.WAITING, Kind.RESUMED})
"""They say how it stands for the moment."""

UNSETTLED: Final = frozenset({Kind.PARTIAL, Kind.UNKNOWN})
"""Ends that a later look at the vendor may replace by another."""


def late(notice: Notice, now: datetime) -> bool:
    """Say whether an event is told so late that its time has to be said too."""
    return notice.event is not None and now - notice.event.at > LATE


def folded(notice: Notice, recall: Recall, now: datetime) -> bool:
    """Say whether a notice is left out, since what waits behind it says it better."""
    if notice.kind is NoticeKind.PROGRESS:  # a count that never stood: the end tells the numbers
        return notice.ts is None and recall.state not in {State.QUEUED, State.RUNNING}
    return notice.event is not None and late(notice, now) and _overtaken(notice.event.kind, notice.behind)


def _overtaken(kind: Kind, behind: Sequence[Kind]) -> bool:
    if kind is Kind.RESUMED:
        return bool(behind)
    if kind is Kind.WAITING:  # that Recall was restarted says nothing about the vendor
        return any(each is not Kind.RESUMED for each in behind)
    if kind in UNSETTLED:  # an end that somebody retried is why they did
        return next((each in ENDS for each in behind if each not in PASSING), False)
    return False
