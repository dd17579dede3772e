"""The boundary to Bolt: a payload that can't be read, or a bug before the ack, still gets an ack and an answer."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from handlers import payloads
from handlers.cards import words
from handlers.desk import Desk
from handlers.payloads import Json, MalformedError

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Desk, Json, AsyncAck], Awaitable[None]]
Listener: TypeAlias = Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]
Stray: TypeAlias = Callable[[Exception, dict[str, Any]], Awaitable[BoltResponse]]


def bounded(desk: Desk, handler: Handler) -> Listener:
    """Make Bolt's listener of a handler. Nothing gets through: Slack's client would say "operation timed out"."""

    async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            with desk.precedence.acknowledging():
                await handler(desk, body, ack)
        except Exception as error:  # the boundary towards Slack
            incident = desk.new_id()
            if isinstance(error, MalformedError):
                log.warning("incident %s: %s in %s", incident, error, body.get("type") or body.get("command"))
            else:
                log.exception("incident %s", incident)
            await ack()
            if (origin := payloads.asker(body)) is not None:
                desk.spawn(origin, desk.tell(origin, words.went_wrong(incident)), "incident")

    return listen


def stray(desk: Desk) -> Stray:
    """Make Bolt's error handler, for what no listener takes and what Bolt itself trips over."""

    async def answer(error: Exception, body: dict[str, Any]) -> BoltResponse:
        incident = desk.new_id()
        log.warning("incident %s: nobody takes %s (%s)", incident, body.get("type"), type(error).__name__)
        if (origin := payloads.asker(body)) is not None:
            desk.spawn(origin, desk.tell(origin, words.went_wrong(incident)), "incident")
        return BoltResponse(status=200)

    return answer


async def ignored(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Something that Slack sends and nobody asked for: acknowledged, so that it is not sent again."""
    del desk
    log.info("ignored: %s", body.get("type"))
    await ack()
