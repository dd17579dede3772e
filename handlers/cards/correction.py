"""The message that shall be sent instead: prepared before or while the recall runs, offered when it has ended.

Recall sends nothing to customers itself. What was prepared is shown in the thread with the way to the vendor's panel.
"""

from typing import Final

from bot.recall import Recall
from handlers.cards import words
from handlers.cards.kit import Block, clip, link, mention, option, paragraph, plain, quote
from handlers.cards.views import View, modal
from handlers.cards.words_errors import standing
from handlers.ids import CORRECT, CORRECTION_INPUT, CORRECTION_TEXT

LENGTH: Final = 2500
"""Characters; more than any push, chat message or post of people's."""

PREPARE: Final = "Prepare a correction…"
CHANGE: Final = "Change the correction…"
TITLE: Final = "Prepare a correction"
LABEL: Final = "What shall be sent instead"
HINT: Final = "Nothing is sent now. It is kept, and offered in the thread when the recall has ended."


def offered(recall: Recall) -> list[Block]:
    """Give the menu's line that leads to the window, where the message's text may stand on a card."""
    if not recall.target.text_is_public:
        return []
    return [option(CHANGE if recall.correction else PREPARE, f"{CORRECT}:{recall.id}")]


def prepared(recall: Recall) -> list[Block]:
    """Show what was prepared; nothing where nothing was."""
    if not recall.correction:
        return []
    return [paragraph(f"Prepared{_by(recall)} to be sent instead:"), quote(recall.correction, LENGTH)]


def due(recall: Recall) -> list[Block]:
    """Offer what was prepared, now that the recall has ended."""
    return [paragraph(offer(recall)), quote(recall.correction, LENGTH)]


def offer(recall: Recall) -> str:
    """Say that it can go out now, and where."""
    where = link(recall.target.url, f"Send it in {words.vendor(recall.target)}")
    return f"The correction prepared{_by(recall)} can go out now. {where}:"


def too_late(recall: Recall) -> str:
    """Say that a corrected message came after the end, and how the recall stands."""
    return f"Your correction was not kept, since this has ended already. {standing(recall)}"


def view(recall: Recall, metadata: str) -> View:
    """Ask for the message; the input begins with the one that went out.

    The answer is `state.values[ids.CORRECTION_TEXT][ids.CORRECTION_INPUT].value`.
    """
    element: Block = {
        "type": "plain_text_input",
        "action_id": CORRECTION_INPUT,
        "multiline": True,
        "max_length": LENGTH,
    }
    if begin := clip(recall.correction or recall.target.text, LENGTH).strip():
        element["initial_value"] = begin
    asked: Block = {
        "type": "input",
        "block_id": CORRECTION_TEXT,
        "optional": True,
        "label": plain(LABEL),
        "hint": plain(HINT),
        "element": element,
    }
    about = paragraph(lead=words.name(recall.target))
    return modal(CORRECTION_TEXT, TITLE, [about, asked], metadata, submit=words.KEEP_REASON)


def _by(recall: Recall) -> str:
    return f" by {mention(recall.corrected_by)}" if recall.corrected_by else ""
