"""What a card leaves out, for the eyes of who presses the button: a mail's text, and who its recipients are."""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.recall import RecallId
from handlers import payloads
from handlers.cards import private as shown
from handlers.desk import Desk, Kept
from handlers.payloads import Json


async def text(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """Show the text that may not stand in a channel."""

    async def work() -> None:
        recall = await desk.service.recall(RecallId(click.value))
        said = await desk.service.preview(click.origin.actor, recall.id)
        await desk.tell(click.origin, shown.text(recall.target, said))

    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, work(), "text")
    await ack()


async def recipients(desk: Desk, body: Json, ack: AsyncAck) -> None:
    """List what became of each recipient's copy."""

    async def work() -> None:
        recall, found = await desk.service.recipients(click.origin.actor, RecallId(click.value))
        await desk.tell(click.origin, shown.recipients(recall, found))

    click = payloads.click(body)
    if await desk.keep(click.key) is not Kept.REPEATED:
        desk.spawn(click.origin, work(), "recipients")
    await ack()
