"""The "Recall" shortcuts: on a Slack post, which finds out by itself what the post is about; and the global one."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import NotFoundError
from bot.found import Found
from bot.recall import RecallId
from bot.target import TargetRef
from handlers import modals, payloads
from handlers.cards import listing, words
from handlers.desk import Desk, Kept
from handlers.metadata import with_metadata
from handlers.opening import open_patiently
from handlers.payloads import Json, Origin, Pointed
from handlers.posts import own_recall, slack_post


async def pointed_at(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Take the message shortcut."""
    pointed = payloads.pointed(body)
    if await desk.keep(pointed.key) is not Kept.REPEATED:
        desk.spawn(pointed.origin, _lead_on(desk, pointed), "shortcut")
    await ack()


async def summoned(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Take the global shortcut: nothing is pointed at, so the person searches."""
    click = payloads.summoned(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, modals.open_searcher(desk, click.origin, click.trigger, None), "summoned")
    await ack()


async def unknown(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """A shortcut that this version does not know."""
    origin = payloads.asker(body)
    if origin is not None:
        desk.spawn(origin, desk.tell(origin, words.UNKNOWN_BUTTON), "unknown shortcut")
    await ack()


async def _lead_on(desk: Desk, pointed: Pointed) -> None:
    refs = await _candidates(desk, pointed)
    itself = desk.service.post_itself(pointed.origin.channel or "", pointed.ts)
    match refs:
        case ():
            looked_for = words.NOTHING_IN_POST
            await modals.open_searcher(desk, pointed.origin, pointed.trigger, looked_for, itself=itself)
        case (ref,):
            await _open(desk, pointed.origin, ref, itself)
        case _:
            last = itself if itself not in refs else None
            await modals.open_chooser(desk, pointed.origin, pointed.trigger, refs, itself=last)


async def _candidates(desk: Desk, pointed: Pointed) -> tuple[TargetRef, ...]:
    """Name what a post may be about: our own cards and statuses first, then what the providers recognise."""
    card = await desk.service.card_at(pointed.origin.channel or "", pointed.ts)
    recall = card.recall if card else own_recall(pointed.post)
    if recall is not None and (ref := await _target_of(desk, recall)) is not None:
        return (ref,)
    if (copied := await desk.service.copy_at(pointed.origin.channel or "", pointed.ts)) is not None:
        return (copied,)
    return _named(desk, pointed.post) or _named(desk, await with_metadata(desk.client, pointed))


def _named(desk: Desk, post: Json) -> tuple[TargetRef, ...]:
    return tuple(dict.fromkeys(desk.service.candidates(slack_post(post))))


async def _target_of(desk: Desk, recall: RecallId) -> TargetRef | None:
    try:
        return (await desk.service.recall(recall)).target.ref
    except NotFoundError:
        return None


async def _open(desk: Desk, origin: Origin, ref: TargetRef, itself: TargetRef | None) -> None:
    try:
        await open_patiently(desk, origin, ref)
    except NotFoundError:
        await desk.tell(origin, listing.nothing(ref.id, Found(), itself))
