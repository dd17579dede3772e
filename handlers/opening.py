"""Putting up a card, from wherever it was asked for."""

import asyncio
import logging
from typing import Final

from bot.ports import Card
from bot.target import TargetRef
from handlers.cards import listing, words
from handlers.desk import Desk
from handlers.payloads import Origin
from handlers.places import Placed, Standing
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)

PATIENCE: Final = 1.5
"""Seconds after which a person is told that the look-up goes on."""


async def open_card(desk: Desk, origin: Origin, ref: TargetRef) -> None:
    """Look a target up and put up its card, or lead to the one that stands. Raises what `propose` raises."""
    placed = await desk.places.for_card(origin)
    proposal = await desk.service.propose(origin.actor, ref, placed.place)
    if proposal.existing:  # told also while it is only on its way to Slack: nobody is left without a word
        there = await _permalink(desk, proposal.card)
        await desk.tell(origin, words.card_is_there(there, existing=True))
    elif (note := _note(origin, placed)) is not None:
        await desk.tell(origin, note)


async def open_patiently(desk: Desk, origin: Origin, ref: TargetRef) -> None:
    """Open a card as `open_card` does; where the vendor takes long, say that the look-up goes on."""

    def still_looking() -> None:
        desk.spawn(origin, desk.tell(origin, listing.with_search(words.LOOKING_UP)), "still looking")

    patience = asyncio.get_running_loop().call_later(PATIENCE, still_looking)
    try:
        await open_card(desk, origin, ref)
    finally:
        patience.cancel()


def _note(origin: Origin, placed: Placed) -> str | None:
    """Say where the card is, when it is not where the person looks."""
    channel = placed.place.channel
    if channel == origin.channel:
        return None
    if placed.instead_of is Standing.OUTSIDE and not channel.startswith("D"):
        return words.not_a_member(channel, None)
    if placed.instead_of is not None:
        return words.in_your_messages(can_invite=not (origin.channel or "D").startswith("D"))
    return None if channel.startswith("D") else words.card_is_there(None, existing=False, channel=channel)


async def _permalink(desk: Desk, card: Card) -> str | None:
    if card.ts is None:
        return None
    try:
        answer = await desk.client.chat_getPermalink(channel=card.place.channel, message_ts=card.ts)
    except FAILURES as error:
        log.info("no permalink: %s", trouble(error).code)
        return None
    link = answer.get("permalink")
    return link if isinstance(link, str) else None
