"""What only one person is shown: a text that may not stand in channels, and the recipients with their outcomes."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.ports import ItemResult
from bot.recall import Recall
from bot.target import ItemState, RecipientOutcome, Target
from handlers.cards import words, words_card, words_outcome
from handlers.cards.kit import Block, Message, context, escape, number, paragraph, quote

LONGEST_TEXT: Final = 2800
LISTED: Final = 40
"""Recipients on one message; those whose copy is still there come first."""

NO_TEXT: Final = "It has no text."
ONLY_YOU: Final = "Only you see this."

_ORDER: Final = (ItemState.FAILED, ItemState.UNKNOWN, ItemState.ACCEPTED, ItemState.DONE)


def text(target: Target, said: str) -> Message:
    """Show a text literally."""
    lead = words.name(target)
    body: Block = quote(said, LONGEST_TEXT) if said.strip() else paragraph(NO_TEXT)
    told = f"The text of {words.named(target)}. {ONLY_YOU}"
    return Message(text=told, blocks=(paragraph(lead=lead), body, context(ONLY_YOU)))


def recipients(recall: Recall, found: Sequence[ItemResult]) -> Message:
    """List recipients by what became of their copies, the bad news first."""
    head = (
        words_outcome.recipients(recall)
        or words_outcome.tally(recall.counts)
        or escape(words_card.title(recall), 150)
    )
    listed = [each for one in found for each in _of(one)]
    listed.sort(key=lambda each: _ORDER.index(each.state) if each.state in _ORDER else len(_ORDER))
    rows = [_row(each, recall) for each in listed[:LISTED]]
    more = len(listed) - len(rows)
    notes = [ONLY_YOU]
    if more > 0:
        notes.append(f"{number(more)} more are in the export: app.py export {recall.id}.")
    blocks = [paragraph(head, lead=words.name(recall.target))]
    blocks += [paragraph(*rows[at : at + 20]) for at in range(0, len(rows), 20)]
    if not rows:
        blocks.append(paragraph("Nothing is known of single recipients."))
    return Message(text=f"{words.named(recall.target)}: {head}", blocks=(*blocks, context(*notes)))


def _of(item: ItemResult) -> Sequence[RecipientOutcome]:
    """Give an item's recipients; one that the vendor refused as a whole stands for all of its own."""
    if item.outcome is None:
        return ()
    if item.outcome.recipients:
        return item.outcome.recipients
    if item.state not in {ItemState.FAILED, ItemState.UNKNOWN}:
        return ()
    reason = item.outcome.reason
    return (RecipientOutcome(address=f"item {item.number + 1:,}", state=item.state, reason=reason),)


def _row(recipient: RecipientOutcome, recall: Recall) -> str:
    names: Mapping[ItemState, str] = {
        ItemState.DONE: words_outcome.done_word(recall.target),
        ItemState.FAILED: "failed",
        ItemState.UNKNOWN: "unknown",
        ItemState.ACCEPTED: "not yet confirmed",
    }
    reason = f" – {escape(recipient.reason, 200)}" if recipient.reason else ""
    return f"{escape(recipient.address, 120)}: {names.get(recipient.state, 'not sent')}{reason}"
