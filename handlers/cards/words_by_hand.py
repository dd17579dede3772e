"""What is said of something that a person takes back in the vendor's panel: their word, and never "confirmed"."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.recall import Event, Kind, Recall, State
from bot.target import Target
from handlers.cards.kit import date, escape, link, mention
from handlers.cards.words import vendor

TITLES: Final[Mapping[State, str]] = {
    State.RUNNING: "To be taken back by hand",
    State.SUBMITTED: "To be taken back by hand",
    State.DONE: "Taken back by hand, on a person's word",
    State.FAILED: "Could not be taken back by hand",
    State.UNKNOWN: "Nobody has said whether it was taken back",
}


def steps(target: Target) -> list[str]:
    """Number the steps, and link the panel where there is one."""
    told = [f"{n}. {escape(each, 300)}" for n, each in enumerate(target.capability.steps, 1)]
    there = link(target.url, f"Open {vendor(target)}")
    return [*told, there] if there.startswith("<") else told


def heading(target: Target) -> str:
    """Head the steps on a card that is still a question."""
    return f"The steps in {target.vendor}"


def state(recall: Recall) -> list[str] | None:
    """Say how it stands; None where nothing is special about it."""
    teller = _STATES.get(recall.state)
    return teller(recall) if teller else None


def told(event: Event, recall: Recall) -> list[str] | None:
    """Put an event into sentences; None where nothing is special about it."""
    teller = _TELLERS.get(event.kind)
    return teller(event, recall) if teller else None


def standing(recall: Recall) -> str | None:
    """Tell somebody whose click came too late; None where nothing is special about it."""
    if recall.state is State.DONE:
        return f"{_word(recall)} Your click changed nothing."
    if recall.state in {State.RUNNING, State.SUBMITTED}:
        return f"This waits for somebody to take it back in {vendor(recall.target)} and to say so."
    if recall.state is State.FAILED:
        return f"{_word(recall)} Retry failed begins anew."
    return None


def _who(recall: Recall) -> str:
    return mention(recall.moved_by) if recall.moved_by else "somebody"


def _why(said: str) -> str:
    """Quote why it could not be taken back, where the person said so."""
    return f" They say: “{escape(said, 400)}”" if said.strip() else ""


def _word(recall: Recall) -> str:
    when = f", {date(recall.moved_at)}"
    if recall.state is State.DONE:
        return f"Done, by {_who(recall)}'s word{when}."
    return f"It could not be taken back, by {_who(recall)}'s word{when}.{_why(recall.detail)}"


def _waiting(recall: Recall) -> list[str]:
    name = vendor(recall.target)
    return [
        f"Somebody has to take it back in {name} now:",
        *steps(recall.target),
        "Then say here what became of it.",
    ]


def _done(recall: Recall) -> list[str]:
    return [
        _word(recall),
        f"Recall can't look into {vendor(recall.target)}, so nothing but that word is known.",
    ]


def _failed(recall: Recall) -> list[str]:
    return [_word(recall), "It may still be visible."]


def _unknown(recall: Recall) -> list[str]:
    return [
        f"Nobody has said in time whether it was taken back in {vendor(recall.target)}, so it may still be visible.",
        "Whoever knows can still say so.",
    ]


def _queued(recall: Recall) -> list[str]:
    del recall
    return ["The steps follow in the thread."]


_STATES: Final[Mapping[State, Callable[[Recall], list[str]]]] = {
    State.QUEUED: _queued,
    State.RUNNING: _waiting,
    State.SUBMITTED: _waiting,
    State.DONE: _done,
    State.FAILED: _failed,
    State.UNKNOWN: _unknown,
}


def _by(event: Event) -> str:
    return mention(event.by) if event.by else "somebody"


def _told_waiting(event: Event, recall: Recall) -> list[str]:
    del event
    return _waiting(recall)


def _told_done(event: Event, recall: Recall) -> list[str]:
    return [f"Done, by {_by(event)}'s word.", _done(recall)[1]]


def _told_failed(event: Event, recall: Recall) -> list[str]:
    del recall
    said = _why(str(event.data.get("why") or ""))
    return [f"It could not be taken back, by {_by(event)}'s word.{said}", "It may still be visible."]


def _told_unknown(event: Event, recall: Recall) -> list[str]:
    del event
    return _unknown(recall)


_TELLERS: Final[Mapping[Kind, Callable[[Event, Recall], list[str]]]] = {
    Kind.ACCEPTED: _told_waiting,
    Kind.DONE: _told_done,
    Kind.FAILED: _told_failed,
    Kind.UNKNOWN: _told_unknown,
}
