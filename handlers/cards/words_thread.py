"""What the thread is told: one short message for each step, in order."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.pacing import STOP_PATIENCE_UNREADABLE
from bot.recall import Counts, Event, Kind, Recall, State
from bot.target import Audience
from handlers.cards import words_by_hand
from handlers.cards.kit import called, date, escape, mention, number
from handlers.cards.words import nothing_done, numbers, reason, vendor
from handlers.cards.words_card import title
from handlers.cards.words_outcome import (
    confirmed,
    done_word,
    heads,
    not_done,
    recipients,
    submitted,
    tally,
    unknown,
)


def told(event: Event, recall: Recall) -> list[str]:
    """Put an event into sentences; empty where the card alone tells it."""
    if recall.by_hand and (by_hand := words_by_hand.told(event, recall)) is not None:
        return by_hand
    teller = _TELLERS.get(event.kind)
    return [sentence for sentence in teller(event, recall) if sentence] if teller else []


def progress(recall: Recall) -> str:
    """Say how far a recall of many items is; when it has ended, how far it went."""
    if recall.state is not State.RUNNING:
        told = " ".join(each for each in (tally(recall.counts), recipients(recall)) if each)
        return told or escape(title(recall), 150)
    ready = f" By its limits this goes on until about {date(recall.ready_at)}." if recall.ready_at else ""
    asking = "Stop was pressed." if recall.stopping else f"{vendor(recall.target)} is being asked."
    return f"{asking} {tally(recall.counts)}{ready}".rstrip()


def evidence(event: Event, recall: Recall) -> str:
    """Quote what the vendor's record said, for the small print; empty where it said nothing."""
    said = escape(str(event.data.get("evidence") or ""), 400)
    return f"{vendor(recall.target)}: {said}" if said else ""


def late(event: Event) -> str:
    """Say when something really happened that the thread could not be told of in time."""
    return f"This happened {date(event.at)}; Slack could not be told before."


def _who(event: Event, otherwise: str = "Somebody") -> str:
    return mention(event.by) if event.by else otherwise


def _why(event: Event) -> str:
    return escape(str(event.data.get("why") or ""), 800)


def _counts(event: Event) -> Counts:
    return _numbers(event.data.get("counts"))


def _numbers(given: Any) -> Counts:
    return Counts(**_whole(given, ("total", "done", "failed", "unknown", "awaiting", "skipped", "left"), 0))


def _heads(event: Event, recall: Recall) -> str:
    """Count recipients, where the event tells them apart."""
    given = event.data.get("recipients")
    return heads(_numbers(given), recall.target) if given else ""


def _audience(event: Event) -> Audience | None:
    given = event.data.get("audience")
    return Audience(**_whole(given, ("sent", "delivered", "opened"), None)) if given else None


def _whole(given: Any, keys: tuple[str, ...], otherwise: int | None) -> dict[str, Any]:
    """Take whole numbers out of an event's data, which was written by an earlier version perhaps."""
    found = given if isinstance(given, Mapping) else {}
    return {key: found[key] if isinstance(found.get(key), int) else otherwise for key in keys}


LONG_WAIT = timedelta(minutes=2)
"""So long a wait is told with its end; of a shorter one, how long the vendor is tried in all."""


def _until(event: Event) -> str:
    """Say until when a vendor is tried, and when next where that is minutes away."""
    until, following = _moment(event, "until"), _moment(event, "next")
    if following is not None and following - event.at >= LONG_WAIT:
        return f" It is tried again {date(following)}."
    return f" It is tried again until {date(until)}." if until else ""


def _moment(event: Event, name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(event.data.get(name)))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


# The tellers ----------------------------------------------------------------------------------------------


def _approval_asked(event: Event, recall: Recall) -> list[str]:
    return [
        f"{_who(event)} said yes: {reason(recall)}.{f' It shall begin {_due(event)}.' if _due(event) else ''}",
        f"A second person has to approve before anything happens{_approvers(recall)}.",
    ]


def _due(event: Event) -> str:
    try:
        due = datetime.fromisoformat(str(event.data.get("due")))
    except ValueError:
        return ""
    return date(due) if due.tzinfo else ""


def _scheduled(event: Event, recall: Recall) -> list[str]:
    when = f" It begins {_due(event)}." if _due(event) else ""
    said = "approved it" if recall.approved_by == event.by else f"said yes, for later: {reason(recall)}"
    return [
        f"{_who(event)} {said}.{when}",
        "Until then nothing happens, and it can be cancelled on the card.",
    ]


def _time_came(event: Event, recall: Recall) -> list[str]:
    del event
    return [f"Its time has come. {vendor(recall.target)} is asked how it stands now."]


def _approvers(recall: Recall) -> str:
    return f": {' or '.join(called(each) for each in recall.approvers)}" if recall.approvers else ""


def _approved(event: Event, recall: Recall) -> list[str]:
    del recall
    return [f"{_who(event)} approved it."]


def _declined(event: Event, recall: Recall) -> list[str]:
    return [f"{_who(event)} said no. {nothing_done(recall)}"]


def _cancelled(event: Event, recall: Recall) -> list[str]:
    return [f"{_who(event)} cancelled it. {nothing_done(recall)}"]


def _refused(event: Event, recall: Recall) -> list[str]:
    return [_why(event) or escape(recall.detail, 800), nothing_done(recall)]


def _started(event: Event, recall: Recall) -> list[str]:
    who = f" by {mention(recall.confirmed_by)}" if recall.confirmed_by else ""
    also = f", approved by {mention(recall.approved_by)}" if recall.approved_by else ""
    left_out = _whole(event.data, ("skipped",), 0)["skipped"]
    told = (
        f"{number(left_out)} of {number(recall.target.items)}, taken back before, left out."
        if left_out
        else ""
    )
    return [f"Started{who}{also}. Reason: {reason(recall)}.", told]


def _waiting(event: Event, recall: Recall) -> list[str]:
    return [
        f"{_why(event) or vendor(recall.target) + ' does not answer.'}{_until(event)}",
        "Nothing is lost; nobody has to do anything." if _until(event) else "It is tried again by itself.",
    ]


def _accepted(event: Event, recall: Recall) -> list[str]:
    awaited = "" if event.data.get("confirmed") else " Its confirmation is awaited."
    return [f"{vendor(recall.target)} accepted the request.{awaited}"]


def _resumed(event: Event, recall: Recall) -> list[str]:
    del event, recall
    return ["Recall was restarted and goes on from where it was."]


def _reached(event: Event, recall: Recall) -> list[str]:
    del recall
    return [escape(str(event.data.get("remains") or ""), 800)]


def _stopping(event: Event, recall: Recall) -> list[str]:
    return [
        f"{_who(event)} pressed Stop. Requests already at {vendor(recall.target)} are finished; no new ones go out.",
        ""
        if recall.target.capability.repeatable
        else f"What became of them can't be asked later, so their answers are waited for, {STOP_PATIENCE_UNREADABLE:.0f} seconds"
        " at most, before the numbers are told; what is not answered by then stays unknown.",
    ]


def _submitted(event: Event, recall: Recall) -> list[str]:
    return [
        f"Submitted, not yet confirmed. {submitted(recall.target)}",
        tally(_counts(event)),
        _heads(event, recall),
        "Recall keeps looking and says here what it finds.",
    ]


def _done(event: Event, recall: Recall) -> list[str]:
    return [
        f"{title_of_done(recall)}. {' '.join(confirmed(recall.target, _audience(event)))}",
        escape(str(event.data.get("remains") or ""), 800),
        tally(_counts(event)),
        _heads(event, recall),
    ]


def title_of_done(recall: Recall) -> str:
    """The operation's word for a confirmed result, in capitals where the sentence begins."""
    word = done_word(recall.target)
    return word[:1].upper() + word[1:]


def _partial(event: Event, recall: Recall) -> list[str]:
    audience, counts = _audience(event), _counts(event)
    gone = counts.done or _numbers(event.data.get("recipients")).done
    said = numbers(audience) if audience else ""
    return [
        f"{title_of_done(recall)} in part." if gone else "Not confirmed.",
        tally(counts),
        _heads(event, recall),
        _why(event),
        f"{vendor(recall.target)} says: {said}." if said else "",
    ]


def _failed(event: Event, recall: Recall) -> list[str]:
    counts = _counts(event)
    return ["Failed.", _why(event), not_done(recall, counts), tally(counts), _heads(event, recall)]


def _gave_up(event: Event, recall: Recall) -> list[str]:
    return ["Failed.", _why(event), f"Nothing was sent to {vendor(recall.target)} in this attempt."]


def _unknown(event: Event, recall: Recall) -> list[str]:
    return [
        f"Outcome unknown. {unknown(recall.target)}",
        _why(event),
        tally(_counts(event)),
        _heads(event, recall),
    ]


def _stopped(event: Event, recall: Recall) -> list[str]:
    by = f" by {mention(recall.moved_by)}" if recall.moved_by else ""
    return [f"Stopped{by}. Nothing further is sent.", tally(_counts(event)), _heads(event, recall)]


def _retried(event: Event, recall: Recall) -> list[str]:
    return [
        f"{_who(event)} pressed Retry failed. Attempt {number(recall.attempt)} begins; only what is not confirmed is tried."
    ]


_TELLERS: Final[Mapping[Kind, Callable[[Event, Recall], list[str]]]] = {
    Kind.APPROVAL_ASKED: _approval_asked,
    Kind.APPROVED: _approved,
    Kind.SCHEDULED: _scheduled,
    Kind.DUE: _time_came,
    Kind.DECLINED: _declined,
    Kind.CANCELLED: _cancelled,
    Kind.REFUSED: _refused,
    Kind.STARTED: _started,
    Kind.WAITING: _waiting,
    Kind.ACCEPTED: _accepted,
    Kind.RESUMED: _resumed,
    Kind.REACHED: _reached,
    Kind.STOPPING: _stopping,
    Kind.SUBMITTED: _submitted,
    Kind.DONE: _done,
    Kind.PARTIAL: _partial,
    Kind.FAILED: _failed,
    Kind.GAVE_UP: _gave_up,
    Kind.UNKNOWN: _unknown,
    Kind.STOPPED: _stopped,
    Kind.RETRIED: _retried,
}
"""CONFIRMED is not among them: the card shows it at once, and STARTED says by whom and why."""
