"""The card: the message with the details and the buttons. Always the present state of one recall."""

from collections.abc import Sequence

from bot.recall import NOTES, WORD_COUNTS, Kind, Recall, State
from bot.target import Reason
from handlers import ids
from handlers.cards import correction, planning, words, words_by_hand, words_card
from handlers.cards.kit import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    header,
    image,
    length,
    lines,
    link,
    one_line,
    option,
    paragraph,
    plain,
    quote,
    section,
    select,
    web_address,
)

BUTTON_VALUE = 2000
"""Characters of a button's value; Slack's own limit."""

WHY_NOT_LENGTH = 300

ASKING = frozenset({State.PROPOSED, State.APPROVING})


def card(recall: Recall, *, image: bool = True) -> Message:
    """Render a recall as it stands. With `image=False` the picture is only linked: Slack could not fetch it."""
    blocks = _asking(recall, show_image=image) if recall.state in ASKING else _standing(recall)
    return Message(text=words_card.notification(recall), blocks=tuple(blocks))


def _asking(recall: Recall, *, show_image: bool) -> list[Block]:
    target = recall.target
    blocks = [header(_title(recall)), _what(recall)]
    if told := words_card.state(recall):
        blocks.insert(1, paragraph(*told))
    blocks += _content(recall, show_image=show_image)
    blocks.append(paragraph(" ".join(words_card.deed(recall)), lead=words_card.WHAT_HAPPENS))
    if told := words_by_hand.steps(target) if recall.by_hand else []:
        blocks.append(paragraph(*told, lead=one_line(words_by_hand.heading(target), 100)))
    blocks += correction.prepared(recall)
    blocks.append(context(words_card.CHECKED, *words_card.checks(recall)))
    if recall.state is State.PROPOSED:
        blocks += [_reason(recall), _yes_no(recall)]
        last = words_card.closing(recall)
    else:
        blocks.append(_approve_decline(recall))
        last = words_card.people(recall)
    return [*blocks, context(last, words.place_in_vendor(target))]


def _standing(recall: Recall) -> list[Block]:
    blocks = [
        header(_title(recall)),
        paragraph(*words_card.state(recall), lead=words.name(recall.target)),
    ]
    if recall.target.text.strip() and recall.target.text_is_public:
        blocks.append(quote(recall.target.text, 300))
    if recall.state in NOTES[Kind.CORRECTION]:
        blocks += correction.prepared(recall)
    blocks.append(context(words_card.people(recall), words.place_in_vendor(recall.target)))
    if offered := _buttons(recall):
        blocks.append(actions(*offered))
    return blocks


def _title(recall: Recall) -> str:
    return one_line(words_card.title(recall), 150)


def _what(recall: Recall) -> Block:
    """Name, reach and origin: what somebody has to recognise at a glance."""
    target = recall.target
    told = [words.reach(target), words.origin(target)]
    if target.sent_at is None and not target.sent_by and not words.numbers(target.audience):
        del told[1]  # the first line has named the vendor, and there is no more to say
    return paragraph(*told, lead=words.name(target))


def _content(recall: Recall, *, show_image: bool) -> Sequence[Block]:
    """What the recipients see."""
    target = recall.target
    if not target.text_is_public:
        return [paragraph(words.NOT_SHOWN), *_aside(recall)]
    blocks = [*_aside(recall)]
    blocks += [quote(target.text)] if lines(target.text, 700) else []
    address = web_address(target.image_url)
    if address and show_image:
        blocks.append(image(address, f"Picture of {words.name(target)}"))
    elif target.image_url:
        blocks.append(
            paragraph(
                f"{words_card.NO_IMAGE} {link(address, 'Open the picture')}"
                if address
                else words_card.NO_IMAGE
            )
        )
    return blocks


def _aside(recall: Recall) -> list[Block]:
    """Offer what the card leaves out, and the larger thing that this belongs to."""
    pressed = [] if recall.target.text_is_public else [button(words.SEE_TEXT, ids.PREVIEW, recall.id)]
    related = recall.target.related
    if related is None or length(str(related.ref)) > BUTTON_VALUE:
        return [actions(*pressed)] if pressed else []
    way = button(one_line(related.button, 75) or words.SHOW_ALL, ids.RECALL, str(related.ref))
    return [paragraph(escape(related.says, 300) or words.IS_PART), actions(*pressed, way)]


def _reason(recall: Recall) -> Block:
    offered = dict.fromkeys([*recall.target.reasons, recall.reason])
    options = {each: option(words.REASONS[each], f"{recall.id}:{each}") for each in offered}
    if recall.reason is Reason.OTHER and (own := one_line(recall.reason_text, 60)):
        options[Reason.OTHER] = option(f"Other: {own}", f"{recall.id}:{Reason.OTHER}")
    picker = select(
        ids.REASON, list(options.values()), placeholder="Choose a reason", initial=options[recall.reason]
    )
    # A message's state is keyed by block id; the recall's id keeps it apart from every other card's.
    return {**section(plain(words.REASON_LABEL), picker), "block_id": f"{ids.REASON}:{recall.id}"}


def _yes_no(recall: Recall) -> Block:
    what = words.name(recall.target, 50)
    return actions(
        button(words.YES, ids.YES, recall.id, style="danger", says=f"Yes, recall {what}"),
        button(words.NO, ids.NO, recall.id, says=f"No, do not recall {what}"),
        *_menu(recall),
    )


def _menu(recall: Recall) -> list[Block]:
    """Offer the rest in a menu and not as buttons, so that nobody has to look for Yes and No."""
    lines = [*planning.offered(recall), *correction.offered(recall)]
    return [{"type": "overflow", "action_id": ids.MENU, "options": lines}] if lines else []


def _approve_decline(recall: Recall) -> Block:
    return actions(
        button(words.APPROVE, ids.APPROVE, recall.id, style="danger"),
        button(words.DECLINE, ids.DECLINE, recall.id),
    )


def word_buttons(recall: Recall) -> list[Block]:
    """Ask for a person's word on what they took back by hand."""
    what = words.name(recall.target, 40)
    return [
        button(words.DONE, ids.DONE, recall.id, says=f"Done: {what} is taken back"),
        button(words.COULD_NOT, ids.COULD_NOT, recall.id, says=f"Could not take back {what}"),
    ]


def why_not(recall: Recall) -> Block:
    """Ask, for whoever wants to say it, why it could not be taken back; it comes along with Could not."""
    element = {"type": "plain_text_input", "action_id": ids.WHY_NOT, "max_length": WHY_NOT_LENGTH}
    asked = {"type": "input", "label": plain(words.WHY_NOT), "element": element, "optional": True}
    return {**asked, "block_id": f"{ids.WHY_NOT}:{recall.id}"}


def _buttons(recall: Recall) -> list[Block]:
    offered = []
    many = recall.state is State.RUNNING and recall.target.items > 1 and not recall.stopping
    if recall.state is State.SCHEDULED:
        offered.append(
            button(
                words.CANCEL,
                ids.STOP,
                recall.id,
                says=f"Cancel the planned recall of {words.name(recall.target, 40)}",
            )
        )
    if recall.state is State.QUEUED or many:
        offered.append(button(words.STOP, ids.STOP, recall.id))
    if recall.by_hand and recall.state in WORD_COUNTS:
        offered += word_buttons(recall)
    elif recall.state in {State.SUBMITTED, State.UNKNOWN}:
        offered.append(button(words.CHECK_NOW, ids.CHECK_NOW, recall.id))
    if recall.recipients is not None:
        offered.append(button(words.SEE_RECIPIENTS, ids.RECIPIENTS, recall.id))
    retry = recall.can_retry
    if retry:
        offered.append(button(words.RETRY, ids.RETRY, recall.id))
    if recall.state is State.EXPIRED and words.window_over(recall):
        return offered
    if recall.state in {State.EXPIRED, State.REFUSED, State.CANCELLED} or (
        recall.state in {State.FAILED, State.STOPPED} and not retry
    ):
        offered.append(button(words.ASK_AGAIN, ids.ASK_AGAIN, recall.id))
    return offered
