"""Yes, No, Schedule, Approve, Decline, Stop, Retry, Done and Could not: kept before the ack, carried out once, answered always.

A decision that was kept and not carried out, because the process died, is carried out at the next start.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import StorageError
from bot.ports import OpenRecallError, Request
from bot.recall import NotNowError, Recall, RecallId
from bot.service import RecallService
from handlers import ids
from handlers.cards import words
from handlers.desk import Desk, Kept
from handlers.payloads import Origin

log = logging.getLogger(__name__)

VERBS: Final[Mapping[str, str]] = {
    ids.YES: "confirm",
    ids.NO: "decline",
    ids.APPROVE: "approve",
    ids.DECLINE: "decline",
    ids.STOP: "stop",
    ids.RETRY: "retry",
    ids.DONE: "done_by_hand",
    ids.COULD_NOT: "could_not",
}
"""What each button of a card decides."""

ENDING: Final = frozenset({"stop", "decline"})
"""Decisions after which nothing more may be sent."""

SAID: Final = "said"
"""Under which a kept decision has the person's own words."""

DUE: Final = "due"
"""Under which a kept decision has the moment that it is for, as ISO 8601."""

PLAN: Final = "plan"
"""What the window for a date and a time decides: a yes for later."""

LATER: Final = (
    "Recall can't write to its database just now. What you pressed was kept before that: it is carried out when "
    "Recall starts again, unless the card has closed by then."
)


async def decide(
    desk: Desk,
    ack: AsyncAck,
    *,
    origin: Origin,
    verb: str,
    recall: RecallId,
    key: str,
    more: Mapping[str, str] | None = None,
) -> None:
    """Keep a decision, hand it on and acknowledge it. `more`: what belongs to it, besides who and which recall."""
    body = {"recall": recall, "origin": origin.as_json(), **(more or {})}
    match await desk.keep(key, verb, body):
        case Kept.NEW:
            request = Request(key=key, verb=verb, body=body, at=desk.clock.now())
            desk.spawn(origin, carry_out(desk, request), f"{verb} {recall}")
        case Kept.LOST:
            desk.spawn(origin, desk.tell(origin, words.NOT_KEPT), "not kept")
        case Kept.REPEATED:
            log.info("a repeated %s was ignored", verb)
    await ack()


async def carry_out(desk: Desk, request: Request) -> None:
    """Do what was decided. A success marks the request answered in the same transaction; else it is done here."""
    origin = Origin.from_json(request.body["origin"])
    recall = RecallId(str(request.body["recall"]))
    move = _moves(desk.service, request)[request.verb]
    try:
        await move(origin.actor, recall, request=request.key)
    except OpenRecallError as other:
        await desk.inbox.answered(request.key)
        raise NotNowError(await desk.service.recall(other.recall)) from None
    except StorageError as error:
        await _withdraw(desk, request, error)
        raise
    except Exception:
        # First it is made sure that this never runs later: the person is told now that nothing was done.
        await desk.inbox.answered(request.key)
        raise


def ended_by(left: Sequence[Request]) -> frozenset[RecallId]:
    """Name the recalls that somebody wanted ended by what was kept: nothing may go on there before `replay`."""
    return frozenset(
        RecallId(str(each.body["recall"])) for each in left if each.verb in ENDING and "recall" in each.body
    )


async def replay(desk: Desk, left: Sequence[Request]) -> None:
    """At start: carry out what was decided and not answered before the last process ended, oldest first."""
    for request in left:
        try:
            origin = Origin.from_json(request.body["origin"])
            known = request.verb in _moves(desk.service, request) and "recall" in request.body
        except Exception:  # a row of another version must not keep the others from being carried out
            log.exception("a kept request can't be read: %s", request.key)
            continue
        if known:
            await desk.guarded(origin, carry_out(desk, request))


async def _withdraw(desk: Desk, request: Request, error: StorageError) -> None:
    """Nothing could be written. Take the request back, or say that it will be carried out later."""
    try:
        await desk.inbox.answered(request.key)
    except StorageError:
        log.exception("a decision stays open until the next start: %s", request.verb)
        raise StorageError(LATER) from error


def _moves(service: RecallService, request: Request) -> Mapping[str, Callable[..., Awaitable[Recall]]]:
    body = request.body
    due = datetime.fromisoformat(str(body[DUE])) if DUE in body else None
    moves: dict[str, Callable[..., Any]] = {
        "confirm": service.confirm,
        PLAN: partial(service.confirm, due=due, decided=request.at),
        "decline": service.decline,
        "approve": service.approve,
        "stop": service.stop,
        "retry": service.retry,
        "done_by_hand": partial(service.report, done=True),
        "could_not": partial(service.report, done=False, said=str(body.get(SAID, ""))),
    }
    return moves
