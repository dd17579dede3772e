"""The mirror's copy of something that was sent, and what it says once the original is recalled."""

from bot.mirror import Copy
from bot.recall import Recall
from handlers.cards import words
from handlers.cards.kit import Message, context, date, escape, mention, one_line, paragraph, quote


def copied(copy: Copy) -> Message:
    """Render a copy as it stands now. The text stays after a recall: nothing is deleted from the record."""
    target = copy.target
    said = quote(target.text)
    about = context(f"{words.origin(target)} · {words.place_in_vendor(target)}")
    if copy.recall is None and copy.gone is not None:
        vendor = words.vendor(target)
        told = [
            f"{vendor} tells that it was deleted there, {date(copy.gone)}. Who did it and why is not known here.",
            "Below is what it said.",
        ]
        return Message(
            text=f"Deleted in {vendor}: {words.named(target)}.",
            blocks=(
                paragraph(*told, lead=f"Deleted in {one_line(target.vendor, 60)}: {words.name(target)}"),
                said,
                about,
            ),
        )
    if copy.recall is None:
        text = f"{words.named(target)} was sent."
        return Message(text=text, blocks=(paragraph(lead=words.name(target)), said, about))
    told = recalled(copy.recall)
    return Message(
        text=f"Recalled: {words.named(target)}. {told[0]}",
        blocks=(paragraph(*told, lead=f"Recalled: {words.name(target)}"), said, about),
    )


def recalled(recall: Recall) -> list[str]:
    """Say who took it back, why, and who still sees it."""
    who = mention(recall.confirmed_by or recall.asked_by)
    told = [
        f"Recalled by {who}, {date(recall.moved_at)}. Reason: {words.reason(recall)}.",
        escape(recall.remains, 800),
        "Below is what it said.",
    ]
    return [each for each in told if each]
