"""Everything that is pressed or chosen in a message, a modal or the home tab."""

from datetime import datetime
from typing import Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.lookup import reference
from bot.recall import NotNowError, RecallId, State
from bot.target import Reason
from handlers import ids, modals, payloads, plan
from handlers.cards import listing, words
from handlers.decisions import SAID, VERBS, decide
from handlers.desk import Desk, Kept
from handlers.opening import open_card
from handlers.payloads import Click, Json

OLDER: Final = 5
"""How many more a "Show more" brings."""


async def decision(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Yes, No, Approve, Decline, Stop, Retry."""
    click = payloads.click(body)
    if not click.value:
        await unknown(desk, body, ack)
        return
    recall = RecallId(click.value)
    said = click.typed.strip() if click.action == ids.COULD_NOT else ""
    more = {SAID: said} if said else {}
    verb = VERBS[click.action]
    await decide(desk, ack, origin=click.origin, verb=verb, recall=recall, key=click.key, more=more)


async def reason(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Note the chosen reason; "Other…" asks for words, while the click's trigger is still good."""
    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, _reason(desk, click), "reason")
    await ack()


async def menu(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Open the window that the "…" menu offers, while the click's trigger is still good."""
    click = payloads.click(body)
    windows = {ids.CORRECT: modals.open_correction, ids.PLAN: plan.open_plan}
    what, _, recall = click.value.partition(":")
    if what not in windows or not recall:
        await unknown(desk, body, ack)
        return
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, windows[what](desk, click, RecallId(recall)), f"window {what}")
    await ack()


async def ask_again(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Look the target of a closed card up anew and put up a fresh one in the same place."""

    async def work() -> None:
        recall = await desk.service.recall(RecallId(click.value))
        await open_card(desk, click.origin, recall.target.ref)

    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, work(), "ask again")
    await ack()


async def check_now(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Ask the vendor now what became of it, not at the next check."""

    async def work() -> None:
        await desk.service.admit(click.origin.actor)
        recall = await desk.service.recall(RecallId(click.value))
        if recall.state not in {State.SUBMITTED, State.UNKNOWN}:
            raise NotNowError(recall)
        await desk.service.check_now((recall,))
        await desk.tell(click.origin, words.CHECKING)

    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, work(), "check now")
    await ack()


async def chosen(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Open the card of what a Recall button or the typeahead names."""
    click = payloads.click(body)
    ref = reference(click.value)
    if ref is None:
        await unknown(desk, body, ack)
        return
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, modals.open_itself(desk, click, ref), "card")
    await ack()


async def more(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Show what was sent before the last one of the list."""

    async def work(before: datetime) -> None:
        found = await desk.service.recent(click.origin.actor, limit=OLDER, before=before)
        await desk.tell(click.origin, listing.recents(found, earlier=True))

    click = payloads.click(body)
    before = _instant(click.value)
    if before is None:
        await unknown(desk, body, ack)
        return
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, work(before), "more")
    await ack()


async def search(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Open the search modal, with the click's own trigger."""
    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, modals.open_searcher(desk, click.origin, click.trigger, ""), "search modal")
    await ack()


async def link(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """A button that only opened a page."""
    del desk, body
    await ack()


async def unknown(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """A button that this version does not know, or one without what it must carry."""
    origin = payloads.asker(body)
    if origin is not None:
        desk.spawn(origin, desk.tell(origin, words.UNKNOWN_BUTTON), "unknown button")
    await ack()


async def _reason(desk: Desk, click: Click) -> None:
    head, _, tail = click.value.rpartition(":")
    recall = RecallId(head) if head else await _shown_by(desk, click)
    picked = next((each for each in Reason if each.value == tail), None)
    if recall is None or picked is None:
        await desk.tell(click.origin, words.UNKNOWN_BUTTON)
    elif picked is Reason.OTHER:
        await modals.open_reason(desk, click, recall)
    else:
        await modals.keep_reason(desk, click.origin, recall, picked)


async def _shown_by(desk: Desk, click: Click) -> RecallId | None:
    if click.origin.channel is None or click.message is None:
        return None
    card = await desk.service.card_at(click.origin.channel, click.message)
    return card.recall if card else None


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
