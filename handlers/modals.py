"""Modals: choosing among several, searching, and giving a reason in one's own words.

A trigger is good for three seconds and one modal, so opening comes before anything else that waits.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import NotFoundError, RecallError
from bot.lookup import unquoted
from bot.recall import NOTES, Kind, NotNowError, RecallId, State
from bot.target import Reason, Target, TargetRef
from handlers import choice, payloads
from handlers.cards import correction, listing, views, words
from handlers.cards.words_errors import reason_too_late
from handlers.command import find, said
from handlers.desk import Desk, Kept
from handlers.opening import open_card
from handlers.payloads import Click, Json, Origin
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)


async def open_searcher(
    desk: Desk, origin: Origin, trigger: str, looked_for: str | None, *, itself: TargetRef | None = None
) -> None:
    """Open the search modal, saying what was looked for in vain where something was.

    `itself`: the Slack post that was pointed at, where it can be asked for too.
    """
    await open_modal(desk, origin, trigger, views.searcher(looked_for or "", origin.packed(), itself))


async def open_itself(desk: Desk, click: Click, ref: TargetRef) -> None:
    """Put up the card of what a button in a modal names, and let the modal say that it has done its part."""
    if click.modal is not None:
        await _update(desk, click.modal, views.message_view(words.SEARCHER_TITLE, words.LOOKING_AT_POST))
    await open_card(desk, click.origin, ref)


async def open_chooser(
    desk: Desk, origin: Origin, trigger: str, refs: Sequence[TargetRef], *, itself: TargetRef | None
) -> None:
    """Open a modal with all candidates at once; names and numbers follow as the vendors answer.

    `itself`: the Slack post that was pointed at, where it can be asked for too.
    """
    offer = choice.among(origin, refs, places=views.RADIOS - (itself is not None))
    note = "" if offer.whole else words.CHOOSER_MORE
    known: dict[TargetRef, Target | None] = dict.fromkeys(offer.refs)

    def content() -> views.View:
        if not known and offer.whole:
            return views.searcher(words.NOTHING_IN_POST, origin.packed(), itself)
        return views.chooser(list(known.items()), offer.note, note, itself)

    view = await open_modal(desk, origin, trigger, content())
    if view is None:
        return
    for answer in asyncio.as_completed([_look_up(desk, origin, ref) for ref in offer.refs]):
        ref, found = await answer
        if isinstance(found, NotFoundError):
            del known[ref]
        elif isinstance(found, Target):
            known[ref] = found
        else:
            continue  # it stays on the list by its id; its card will say what the matter is
        if not await _update(desk, view, content()):
            return


async def open_reason(desk: Desk, click: Click, recall_id: RecallId) -> None:
    """Ask for the reason in the person's own words, while it can still be kept."""
    recall = await desk.service.recall(recall_id)
    if recall.state is not State.PROPOSED:
        await desk.tell(click.origin, reason_too_late(recall))
        return
    note = json.dumps({**click.origin.as_json(), "recall": recall_id})
    await open_modal(desk, click.origin, click.trigger, views.reason_text(recall, note))


async def open_correction(desk: Desk, click: Click, recall_id: RecallId) -> None:
    """Ask for the message that shall be sent instead, while it can still be kept."""
    recall = await desk.service.recall(recall_id)
    if recall.state not in NOTES[Kind.CORRECTION]:
        await desk.tell(click.origin, correction.too_late(recall))
        return
    note = json.dumps({**click.origin.as_json(), "recall": recall_id})
    await open_modal(desk, click.origin, click.trigger, correction.view(recall, note))


async def correction_given(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Keep a corrected message."""
    form = payloads.submission(body)
    recall = form.note.get("recall")
    if not isinstance(recall, str):
        await unknown(desk, body, ack)
        return
    if await desk.keep(form.key) is not Kept.REPEATED:
        desk.spawn(
            form.origin, _keep_correction(desk, form.origin, RecallId(recall), form.typed), "correction"
        )
    await ack()


async def _keep_correction(desk: Desk, origin: Origin, recall: RecallId, text: str) -> None:
    try:
        await desk.service.prepare_correction(origin.actor, recall, text.strip())
    except NotNowError as late:
        await desk.tell(origin, correction.too_late(late.recall))


async def keep_reason(desk: Desk, origin: Origin, recall: RecallId, reason: Reason, text: str = "") -> None:
    """Note why, or say that somebody has decided meanwhile."""
    try:
        await desk.service.choose_reason(origin.actor, recall, reason, text)
    except NotNowError as late:
        await desk.tell(origin, reason_too_late(late.recall))


async def submitted(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Take what was chosen or searched for in a modal; mistakes are shown in it, within the ack."""
    form = payloads.submission(body)
    ref, typed = choice.chosen(form), said(form.typed)
    if ref is None and not unquoted(typed)[0]:
        await ack(response_action="errors", errors=dict.fromkeys(form.inputs[:1], words.NOTHING_CHOSEN))
        return
    if await desk.keep(form.key) is not Kept.REPEATED:
        work = open_card(desk, form.origin, ref) if ref else find(desk, form.origin, typed)
        desk.spawn(form.origin, work, "modal")
    await ack()


async def reason_given(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Note a reason in the person's own words."""
    form = payloads.submission(body)
    recall = form.note.get("recall")
    if not isinstance(recall, str):
        await unknown(desk, body, ack)
        return
    if not form.typed.strip():
        await ack(response_action="errors", errors=dict.fromkeys(form.inputs[:1], words.NO_REASON))
        return
    if await desk.keep(form.key) is not Kept.REPEATED:
        work = keep_reason(desk, form.origin, RecallId(recall), Reason.OTHER, form.typed)
        desk.spawn(form.origin, work, "reason text")
    await ack()


async def unknown(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """A modal that this version does not know."""
    del desk, body
    await ack(response_action="update", view=views.message_view(words.SEARCHER_TITLE, words.UNKNOWN_VIEW))


async def closed(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """A modal was closed: nothing was asked for."""
    del desk, body
    await ack()


async def open_modal(desk: Desk, origin: Origin, trigger: str, view: Mapping[str, object]) -> str | None:
    """Open a modal; returns its id. A trigger that came too late is answered with a button that gives a fresh one."""
    try:
        answer = await desk.client.views_open(trigger_id=trigger, view=dict(view))
    except FAILURES as error:
        log.warning("a modal could not be opened: %s", trouble(error).code)
        await desk.tell(origin, listing.with_search(words.NO_MODAL))
        return None
    return _id(answer)


async def _update(desk: Desk, view: str, content: Mapping[str, object]) -> bool:
    try:
        await desk.client.views_update(view_id=view, view=dict(content))
    except FAILURES as error:  # closed meanwhile, most of the time
        log.info("a modal could not be updated: %s", trouble(error).code)
        return False
    return True


async def _look_up(desk: Desk, origin: Origin, ref: TargetRef) -> tuple[TargetRef, Target | RecallError]:
    try:
        return ref, await desk.service.look_up(origin.actor, ref)
    except RecallError as error:
        return ref, error


def _id(answer: AsyncSlackResponse) -> str | None:
    view = answer.get("view")
    return str(view["id"]) if isinstance(view, Mapping) and view.get("id") else None
