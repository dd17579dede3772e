"""The home tab: what was sent lately, and what runs."""

import logging

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import NotAllowedError
from bot.found import Found
from bot.recall import Actor
from handlers import payloads
from handlers.cards import views
from handlers.desk import Desk, Kept
from handlers.payloads import Json, Origin
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)


async def opened(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Fill the tab when somebody opens it."""

    async def work() -> None:
        try:
            found = await desk.service.recent(actor)
        except NotAllowedError as no:
            await _put(desk, actor, views.closed_home(no.sentence))
        else:
            await publish(desk, actor, found)

    actor, key, home = payloads.home_opened(body)
    if home and await desk.keep(key) is not Kept.REPEATED:
        desk.spawn(Origin(actor=actor), work(), "home tab")
    await ack()


async def publish(desk: Desk, actor: Actor, found: Found) -> None:
    """Show a list and what runs now on somebody's home tab."""
    await _put(desk, actor, views.home(found, await desk.service.history(open_only=True)))


async def _put(desk: Desk, actor: Actor, view: views.View) -> None:
    try:
        await desk.client.views_publish(user_id=actor.user, view=view)
    except FAILURES as error:  # the tab keeps what it showed; opening it again tries again
        log.warning("a home tab could not be filled: %s", trouble(error).code)
