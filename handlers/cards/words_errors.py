"""What a person is told when something can't be done: what is the case, and what to do next."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.errors import RecallError
from bot.proposal import AlreadyRecalledError
from bot.recall import NotNowError, Recall, State
from handlers.cards import words_by_hand
from handlers.cards.kit import date, escape, mention
from handlers.cards.words import WINDOW_OVER, named, nothing_done, vendor, window_over


def error_sentence(error: RecallError) -> str:
    """Put an error into words, as a sentence that may hold mentions and dates and is safe to show."""
    if isinstance(error, NotNowError):
        return standing(error.recall)
    if isinstance(error, AlreadyRecalledError):
        return already(error)
    return escape(error.sentence, 1500) or RecallError().sentence


def already(error: AlreadyRecalledError) -> str:
    """Say that it is gone, and whose doing that was where it was ours."""
    said = escape(error.sentence, 800)
    earlier = error.earlier
    if earlier is None or earlier.confirmed_by is None:
        return f"{said} It was not done with Recall, so who did it isn't known here."
    when = f", {date(earlier.confirmed_at)}" if earlier.confirmed_at else ""
    return f"{said} {mention(earlier.confirmed_by)} said yes to that{when}."


def reason_too_late(recall: Recall) -> str:
    """Say that a reason came after the decision, and how the recall stands."""
    return f"Your reason was not kept, since it can only be chosen before somebody has decided. {standing(recall)}"


def standing(recall: Recall) -> str:
    """Say how a recall stands and who caused that, to somebody whose click came too late."""
    by_hand = words_by_hand.standing(recall) if recall.by_hand else None
    return by_hand or _STANDING[recall.state](recall)


def _by(recall: Recall) -> str:
    return f" by {mention(recall.moved_by)}" if recall.moved_by else ""


def _at(recall: Recall) -> str:
    return date(recall.moved_at)


def _said_yes(recall: Recall) -> str:
    if recall.confirmed_by is None:
        return ""
    when = f", {date(recall.confirmed_at)}" if recall.confirmed_at else ""
    approved = f" {mention(recall.approved_by)} approved it." if recall.approved_by else ""
    return f" {mention(recall.confirmed_by)} said yes{when}.{approved}"


def _proposed(recall: Recall) -> str:
    return f"Nobody has said yes to {named(recall.target)} yet. Use the buttons on its card."


def _approving(recall: Recall) -> str:
    return (
        f"One yes is there already.{_said_yes(recall)} Now a second person has to approve or decline. "
        "Your click changed nothing."
    )


def _scheduled(recall: Recall) -> str:
    when = f" for {date(recall.not_before)}" if recall.not_before else ""
    return f"This is planned{when}{_by(recall)}. Your click changed nothing."


def _queued(recall: Recall) -> str:
    return f"This has been confirmed already.{_said_yes(recall)} The card shows how it goes."


def _running(recall: Recall) -> str:
    if recall.stopping:
        return "Stop was pressed before: nothing further is sent. Your click changed nothing; the thread shows how it ends."
    return f"This is running already.{_said_yes(recall)} The thread shows how it goes."


def _submitted(recall: Recall) -> str:
    return (
        f"This was handed to {vendor(recall.target)} {_at(recall)}; its confirmation is awaited."
        f"{_said_yes(recall)}"
    )


def _done(recall: Recall) -> str:
    return (
        f"This is finished: {vendor(recall.target)} confirmed it {_at(recall)}.{_said_yes(recall)} "
        "Your click changed nothing."
    )


def _partial(recall: Recall) -> str:
    return f"This ended in part {_at(recall)}.{_said_yes(recall)} The card shows what failed."


def _failed(recall: Recall) -> str:
    return f"This failed {_at(recall)}.{_said_yes(recall)} The card says why and what can be done."


def _unknown(recall: Recall) -> str:
    return (
        f"This ended without a confirmation from {vendor(recall.target)} {_at(recall)}.{_said_yes(recall)} "
        "The card says what can be done."
    )


def _stopped(recall: Recall) -> str:
    return f"This was stopped{_by(recall)}, {_at(recall)}. Your click changed nothing."


def _declined(recall: Recall) -> str:
    who = mention(recall.moved_by) if recall.moved_by else "Somebody"
    return f"{who} said no, {_at(recall)}. {nothing_done(recall)} Use /recall to ask again."


def _expired(recall: Recall) -> str:
    if window_over(recall):
        return f"{WINDOW_OVER} This card closed by itself {_at(recall)}, so nothing was done."
    return f"This card closed by itself {_at(recall)}, so nothing was done. Ask again to see it as it is now."


def _refused(recall: Recall) -> str:
    why = escape(recall.detail, 800)
    return f"This was refused {_at(recall)}. {why + ' ' if why else ''}{nothing_done(recall)}"


def _cancelled(recall: Recall) -> str:
    return f"This was cancelled{_by(recall)}, {_at(recall)}. {nothing_done(recall)}"


_STANDING: Final[Mapping[State, Callable[[Recall], str]]] = {
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
