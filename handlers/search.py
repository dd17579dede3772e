"""The typeahead: answered within the ack, from the index only."""

import asyncio
import logging
from typing import Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import NotAllowedError, RecallError
from handlers import payloads
from handlers.cards import views
from handlers.command import LONGEST, said
from handlers.desk import Desk
from handlers.payloads import Json

log = logging.getLogger(__name__)

PATIENCE: Final = 2.0
"""Seconds; Slack waits three."""


async def suggest(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Offer what fits what was typed so far; nothing typed: the newest."""
    actor, typed = payloads.suggestion(body)
    try:
        async with asyncio.timeout(PATIENCE):
            targets = await desk.service.suggest(actor, said(typed)[:LONGEST])
    except NotAllowedError as error:
        log.info("a typeahead stayed empty: %s", error.code)
        targets = ()
    except (RecallError, TimeoutError):
        log.exception("a typeahead stayed empty")
        targets = ()
    await ack(options=views.options_for(targets))
