"""Replies in a card's thread: one event each."""

from bot.recall import Event, Kind, Recall
from handlers.cards import correction, words_thread
from handlers.cards.card import why_not, word_buttons
from handlers.cards.kit import Message, actions, context, paragraph


def reply(event: Event, recall: Recall, *, late: bool = False) -> Message | None:
    """Render an event; None where the card alone tells it. `late`: Slack's own time on it says nothing about when."""
    told = words_thread.told(event, recall)
    if not told:
        return None
    blocks = [paragraph(*told)]
    if recall.by_hand and event.kind is Kind.ACCEPTED:
        blocks.append(why_not(recall))
        blocks.append(actions(*word_buttons(recall)))
    if said := words_thread.evidence(event, recall):
        blocks.append(context(said))
    if event.kind is Kind.DONE and recall.correction:
        blocks += correction.due(recall)
        told = [*told, correction.offer(recall)]
    if late:
        told = [*told, words_thread.late(event)]
        blocks.append(context(words_thread.late(event)))
    return Message(text=" ".join(told), blocks=tuple(blocks))


def progress(recall: Recall) -> Message:
    """Render the one reply that is edited in place while many items run."""
    told = words_thread.progress(recall)
    return Message(text=told, blocks=(paragraph(told),))
