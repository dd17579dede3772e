"""Schedule: the window that asks when, and the yes for later that it gives."""

import json

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.planning import UnfitTimeError, must_fit
from bot.recall import RecallId, State
from handlers import modals, payloads
from handlers.cards import planning
from handlers.decisions import DUE, PLAN, decide
from handlers.desk import Desk
from handlers.payloads import Click, Json


async def open_plan(desk: Desk, click: Click, recall_id: RecallId) -> None:
    """Ask when it shall begin, while nobody has decided."""
    recall = await desk.service.recall(recall_id)
    if recall.state is not State.PROPOSED:
        await desk.tell(click.origin, planning.too_late(recall))
        return
    note = json.dumps({**click.origin.as_json(), "recall": recall_id})
    view = planning.view(recall, desk.clock.now(), note)
    await modals.open_modal(desk, click.origin, click.trigger, view)


async def time_given(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Keep the yes for later; a moment that can't be is shown in the window, within the ack."""
    form = payloads.submission(body)
    recall_id = form.note.get("recall")
    if not isinstance(recall_id, str):
        await modals.unknown(desk, body, ack)
        return
    recall = RecallId(recall_id)
    wrong = planning.NO_TIME
    if form.moment is not None:
        try:
            must_fit((await desk.service.recall(recall)).target, desk.clock.now(), form.moment)
            more = {DUE: form.moment.isoformat()}
            await decide(desk, ack, origin=form.origin, verb=PLAN, recall=recall, key=form.key, more=more)
            return
        except UnfitTimeError as unfit:
            wrong = unfit.sentence
    await ack(response_action="errors", errors=dict.fromkeys(form.inputs[:1], wrong))
