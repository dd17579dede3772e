"""What a card says: the question before anybody has said yes, and then the present state of the recall."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from bot.recall import Recall, State
from bot.target import Operation
from handlers.cards import words_by_hand
from handlers.cards.kit import date, escape, mention, number, one_line
from handlers.cards.words import (
    ASK,
    CONFIRMED,
    STATUSES,
    WINDOW_OVER,
    going,
    named,
    nothing_done,
    noun,
    numbers,
    operation,
    reason,
    vendor,
    window_over,
)
from handlers.cards.words_outcome import confirmed, not_done, recipients, submitted, tally, unknown

UNDONE: Final = "This can't be undone."
WHAT_HAPPENS: Final = "What Yes does"
CHECKED: Final = "Checked:"
NO_IMAGE: Final = "Slack could not show the picture."

_DOES: Final[Mapping[Operation, str]] = {
    Operation.RECALL: "{vendor} is asked to remove it wherever it was delivered.",
    Operation.HALT: "It is still being sent. {vendor} is asked to halt it.",
    Operation.OVERWRITE: "{vendor} is asked to replace it where it is shown.",
    Operation.REDACT: "{vendor} is asked to remove its own copy.",
    Operation.MANUAL: "Recall shows the steps in the thread, and records what a person says became of it.",
}

_LIMITS: Final[Mapping[Operation, list[str]]] = {
    Operation.HALT: ["Nothing more is sent.", "What was delivered stays."],
    Operation.REDACT: ["What people have stays."],
}
"""Said where the provider names no limits of its own."""


_HEADERS: Final[Mapping[State, str]] = {
    State.APPROVING: "Waiting for a second yes",
    State.SCHEDULED: "Planned",
    State.QUEUED: "Starting",
    State.RUNNING: "Running",
    State.SUBMITTED: "Submitted, not yet confirmed",
    State.FAILED: "Failed",
    State.UNKNOWN: "Not confirmed, outcome unknown",
    State.STOPPED: "Stopped",
    State.DECLINED: "Declined",
    State.EXPIRED: "Closed, no answer in time",
    State.REFUSED: "Refused",
    State.CANCELLED: "Cancelled",
}


SOON: Final = 3600
"""Seconds; a window that ends sooner is shown to the second."""


def title(recall: Recall) -> str:
    """Head the card: the question, or the present state. Plain text."""
    what = operation(recall.target)
    if recall.by_hand and (by_hand := words_by_hand.TITLES.get(recall.state)):
        return by_hand
    if recall.state is State.PROPOSED:
        return ASK[what].format(noun=one_line(recall.target.noun, 60) or "message")
    if recall.state is State.DONE:
        return CONFIRMED[what]
    if recall.state is State.EXPIRED and window_over(recall):
        return "Closed, the time for recalling is over"
    if recall.state is State.PARTIAL:
        gone = recall.counts.done or (recall.recipients is not None and recall.recipients.done)
        return f"{CONFIRMED[what]} in part" if gone else "Not confirmed"
    return _HEADERS[recall.state]


def notification(recall: Recall) -> str:
    """Say in one text what the card says, for notifications and screen readers."""
    what = f"{noun(recall.target)} {named(recall.target)}"
    if recall.state is State.PROPOSED:
        sent = recall.target.audience.sent
        reach = f", {going(recall.target).lower()} {number(sent)}" if sent is not None else ""
        return f"{mention(recall.asked_by)} asks whether to take back the {what}{reach}. Nothing has happened yet."
    return f"{escape(title(recall), 100)}: {what}. {' '.join(state(recall))}"


def deed(recall: Recall) -> list[str]:
    """Say what a yes does, with its limits."""
    target = recall.target
    told = ["First a second person has to approve."] if recall.needs_second else []
    told += [_DOES[operation(target)].format(vendor=vendor(target))]
    limits = [limit for each in target.capability.limits[:5] if (limit := escape(each, 300))]
    told += limits or _LIMITS.get(operation(target), [])
    if target.items > 1:
        told.append(f"It is {number(target.items)} single sendings, each taken back on its own.")
    if not recall.by_hand and not any("undone" in each.lower() for each in told):
        told.append(UNDONE)
    return told


def checks(recall: Recall) -> list[str]:
    """List every check with its result."""
    target = recall.target
    closes = target.capability.closes_at
    window = f"Possible until {_until(recall, closes)}." if closes else "No time limit is known."
    return [
        f"{mention(recall.asked_by)} asked, and may recall this.",
        f"Recall can't look into {vendor(target)}."
        if recall.by_hand
        else f"{vendor(target)} lists it as {STATUSES[target.status]}.",
        window,
        _second(recall),
    ]


def closing(recall: Recall) -> str:
    """Say when the card closes, and that it is safe until then."""
    closes = f"This card closes {date(recall.expires_at)}. " if recall.expires_at else ""
    if recall.expires_at and recall.expires_at == recall.target.capability.closes_at:
        closes = f"The time for recalling ends {date(recall.expires_at, 'exact')}; this card closes with it. "
    return f"{closes}Until somebody says yes, nothing happens."


def state(recall: Recall) -> list[str]:
    """Say how the recall stands, in sentences, most important first. Empty while it is only proposed."""
    if recall.by_hand and (told := words_by_hand.state(recall)) is not None:
        return told
    return [sentence for sentence in _STATES[recall.state](recall) if sentence]


def people(recall: Recall) -> str:
    """Say who wanted it, why, and who agreed."""
    told = []
    if recall.confirmed_by:
        when = f", {date(recall.confirmed_at)}" if recall.confirmed_at else ""
        told.append(f"{mention(recall.confirmed_by)} said yes{when}.")
    else:
        told.append(f"Asked by {mention(recall.asked_by)}, {date(recall.asked_at)}.")
    if recall.approved_by:
        told.append(f"Approved by {mention(recall.approved_by)}.")
    told.append(f"Reason: {reason(recall)}.")
    if recall.attempt > 1:
        told.append(f"Attempt {number(recall.attempt)}.")
    return " ".join(told)


# The states -----------------------------------------------------------------------------------------------


def _second(recall: Recall) -> str:
    if not recall.needs_second:
        return "One yes is enough."
    if recall.target.audience.sent is None:
        return "A second person has to approve, since its audience is not known."
    return "A second person has to approve, since its audience is large."


def _until(recall: Recall, closes: datetime) -> str:
    """Give the end of the window, and, where it is near, how much time was left when the card went up."""
    left = int((closes - recall.asked_at).total_seconds())
    if not 0 <= left < SOON:
        return date(closes)
    minutes, seconds = divmod(left, 60)
    return f"{date(closes, 'exact')} ({minutes} min {seconds} s left when this was asked)"


def _detail(recall: Recall) -> str:
    return escape(recall.detail, 800)


def _proposed(recall: Recall) -> list[str]:
    del recall
    return []


def _approving(recall: Recall) -> list[str]:
    who = mention(recall.confirmed_by) if recall.confirmed_by else "Somebody"
    until = f" until {date(recall.expires_at)}" if recall.expires_at else ""
    later = f" It shall begin {date(recall.not_before)}." if recall.not_before else ""
    return [f"{who} said yes.{later} A second person has to approve{until}. Nothing has happened yet."]


def _scheduled(recall: Recall) -> list[str]:
    when = f"It begins {date(recall.not_before)}, by itself." if recall.not_before else ""
    return [when, "Nothing has happened yet."]


def _queued(recall: Recall) -> list[str]:
    return [f"First {vendor(recall.target)} is asked how it stands now.", _detail(recall)]


def _running(recall: Recall) -> list[str]:
    yet = "" if recall.counts.done else " Nothing is confirmed yet."
    asked = f"{vendor(recall.target)} is being asked to do it.{yet}"
    stopping = "Stop was pressed: nothing further is sent." if recall.stopping else ""
    return [stopping or asked, _detail(recall), tally(recall.counts)]


def _submitted(recall: Recall) -> list[str]:
    return [submitted(recall.target), "Recall keeps looking.", tally(recall.counts), recipients(recall)]


def _done(recall: Recall) -> list[str]:
    return [
        *confirmed(recall.target, recall.audience),
        escape(recall.remains, 800),
        tally(recall.counts),
        recipients(recall),
    ]


def _partial(recall: Recall) -> list[str]:
    told = numbers(recall.audience) if recall.audience else ""
    return [
        tally(recall.counts),
        recipients(recall),
        _detail(recall),
        f"{vendor(recall.target)} says: {told}." if told else "",
    ]


def _failed(recall: Recall) -> list[str]:
    counts = recall.counts
    return [_detail(recall), not_done(recall, counts), tally(counts), recipients(recall)]


def _unknown(recall: Recall) -> list[str]:
    return [unknown(recall.target), _detail(recall), tally(recall.counts), recipients(recall)]


def _stopped(recall: Recall) -> list[str]:
    by = f" by {mention(recall.moved_by)}" if recall.moved_by else ""
    return [
        f"Stopped{by}, {date(recall.moved_at)}. Nothing further is sent.",
        tally(recall.counts),
        recipients(recall),
    ]


def _declined(recall: Recall) -> list[str]:
    who = mention(recall.moved_by) if recall.moved_by else "Somebody"
    return [f"{who} said no, {date(recall.moved_at)}. {nothing_done(recall)}"]


def _expired(recall: Recall) -> list[str]:
    if window_over(recall):
        return [f"{WINDOW_OVER} This card closed by itself {date(recall.moved_at)}. {nothing_done(recall)}"]
    missing = "approved it" if recall.confirmed_by else "said yes"
    return [f"Nobody {missing} in time, so this card closed {date(recall.moved_at)}. {nothing_done(recall)}"]


def _refused(recall: Recall) -> list[str]:
    return [_detail(recall) or "It could not be started.", nothing_done(recall)]


def _cancelled(recall: Recall) -> list[str]:
    by = f" by {mention(recall.moved_by)}" if recall.moved_by else ""
    return [f"Cancelled{by}, {date(recall.moved_at)}. {nothing_done(recall)}"]


_STATES: Final[Mapping[State, Callable[[Recall], list[str]]]] = {
    State.PROPOSED: _proposed,
    State.APPROVING: _approving,
    State.SCHEDULED: _scheduled,
    State.QUEUED: _queued,
    State.RUNNING: _running,
    State.SUBMITTED: _submitted,
    State.DONE: _done,
    State.PARTIAL: _partial,
    State.FAILED: _failed,
    State.UNKNOWN: _unknown,
    State.STOPPED: _stopped,
    State.DECLINED: _declined,
    State.EXPIRED: _expired,
    State.REFUSED: _refused,
    State.CANCELLED: _cancelled,
}
