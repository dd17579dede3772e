"""What Recall calls things, and the sentences that belong to no single recall.

For somebody in a bad minute: plain, calm, short. No word for "done" for anything that a vendor has not
confirmed. `words_card`, `words_outcome`, `words_thread` and `words_errors` hold the sentences about
one recall, `words_lookup` those about vendors that were asked and had nothing to say.
"""

from collections.abc import Mapping
from typing import Final

from bot.recall import Recall
from bot.target import Audience, Operation, Reason, Status, Target
from handlers.cards.kit import date, escape, link, number, one_line

# Buttons. The first seven are promised and stay as they are.
RECALL: Final = "Recall"
YES: Final = "Yes, recall"
NO: Final = "No"
APPROVE: Final = "Approve"
DECLINE: Final = "Decline"
STOP: Final = "Stop"
RETRY: Final = "Retry failed"
DONE: Final = "Done"
COULD_NOT: Final = "Could not"
WHY_NOT: Final = "If it could not be taken back: why?"
ASK_AGAIN: Final = "Ask again"
CHECK_NOW: Final = "Check now"
SEE_TEXT: Final = "See the text"
SEE_RECIPIENTS: Final = "See the recipients"
SHOW_ALL: Final = "Show all"
IS_PART: Final = "It is part of something larger."
NOT_SHOWN: Final = "Its text is not shown in channels."
MORE: Final = "Show more"
SEARCH: Final = "Search…"

REASONS: Final[Mapping[Reason, str]] = {
    Reason.WRONG_INFORMATION: "Typo or wrong information",
    Reason.NO_LONGER_VALID: "Offer no longer valid",
    Reason.WRONG_CONTENT: "Wrong content",
    Reason.WRONG_AUDIENCE: "Wrong audience",
    Reason.WRONG_CONVERSATION: "Wrong conversation",
    Reason.WRONG_MESSAGE: "Wrong message",
    Reason.UNFINISHED: "Unfinished or test content",
    Reason.INTERNAL_NOTE: "Internal note",
    Reason.WRONG_ATTACHMENT: "Wrong link or file",
    Reason.TEST: "Test message",
    Reason.OTHER: "Other…",
}
NO_NAME: Final = "(no name)"
REASON_LABEL: Final = "Reason"
REASON_QUESTION: Final = "Why is it taken back?"

ASK: Final[Mapping[Operation, str]] = {
    Operation.RECALL: "Recall this {noun}?",
    Operation.HALT: "Halt this {noun}?",
    Operation.OVERWRITE: "Replace this {noun}?",
    Operation.REDACT: "Remove the vendor's copy of this {noun}?",
    Operation.MANUAL: "Take this {noun} back by hand?",
}
CONFIRMED: Final[Mapping[Operation, str]] = {
    Operation.RECALL: "Recalled",
    Operation.HALT: "Halted",
    Operation.OVERWRITE: "Replaced",
    Operation.REDACT: "Vendor's copy removed",
    Operation.MANUAL: "Taken back by hand",
}
"""Only for what the vendor's own record shows; by hand there is only a person's word, and it is called that."""

STATUSES: Final[Mapping[Status, str]] = {
    Status.SCHEDULED: "not sent yet",
    Status.SENDING: "still being sent",
    Status.SENT: "sent",
    Status.RECALLING: "being recalled",
    Status.RECALLED: "recalled",
    Status.HALTED: "halted",
    Status.UNKNOWN: "in a state that Recall does not know",
}


def operation(target: Target) -> Operation:
    """Name what is done to a target; a card only stands for something that can be done."""
    return target.capability.operation or Operation.RECALL


def name(target: Target, limit: int = 140) -> str:
    """Show a target's name literally, in plain text; its id where it has none."""
    return one_line(target.name, limit) or one_line(target.ref.id, limit) or NO_NAME


def named(target: Target, limit: int = 300) -> str:
    """Name a target within a sentence."""
    return f"“{escape(name(target), limit)}”"


def noun(target: Target) -> str:
    """Say what it is, within a sentence: "push campaign"."""
    return escape(target.noun, 60) or "message"


def vendor(target: Target) -> str:
    """Name the vendor within a sentence."""
    return escape(target.vendor, 60) or "the vendor"


def reason(recall: Recall) -> str:
    """Say why, within a sentence; the person's own words in quotes."""
    if recall.reason is not Reason.OTHER:
        return REASONS[recall.reason].lower()
    own = escape(recall.reason_text, 400)
    return f"“{own}”" if own else "another reason"


def nothing_done(recall: Recall) -> str:
    """Say that nothing happened, unless it was said; a second attempt can't say that of the first."""
    if "nothing was done" in recall.detail.lower():
        return ""
    return "Nothing was done." if recall.attempt == 1 else "This attempt did nothing more."


WINDOW_OVER: Final = "The time for recalling this is over."


def window_over(recall: Recall) -> bool:
    """Say whether a card closed because the vendor's window did, rather than for want of an answer."""
    closes = recall.target.capability.closes_at
    return closes is not None and recall.moved_at >= closes


def numbers(audience: Audience) -> str:
    """Give the vendor's numbers; empty where it gave none."""
    given = [
        ("sent to", audience.sent),
        ("delivered", audience.delivered),
        ("opened", audience.opened),
    ]
    return ", ".join(f"{label} {number(count)}" for label, count in given if count is not None)


def going(target: Target) -> str:
    """Say what the number of recipients means: while it is still going out, not all of them have it."""
    return "Meant for" if target.status in {Status.SENDING, Status.SCHEDULED} else "Sent to"


def reach(target: Target) -> str:
    """Say how far it has gone, on one line; what the vendor does not tell is said to be not known."""
    who = target.audience
    if not numbers(who):
        return f"{_start(vendor(target))} does not say how many it went to."
    if who.delivered is None and who.opened is None and who.sent is not None:
        return f"{going(target)} {number(who.sent)} · delivered and opened not known"
    parts = [(going(target), who.sent), ("delivered", who.delivered), ("opened", who.opened)]
    return " · ".join(f"{label} {'not known' if n is None else number(n)}" for label, n in parts)


def summary(target: Target) -> str:
    """Tell a target from the others of a list, on one short line."""
    who = target.audience
    parts = [vendor(target)]
    if target.sent_at is not None:
        parts.append(_sent(target))
    parts.append("audience not known" if who.sent is None else f"to {number(who.sent)}")
    if who.opened is not None:
        parts.append(f"opened {number(who.opened)}")
    if target.status not in {Status.SENT, Status.UNKNOWN}:
        parts.append(STATUSES[target.status])
    return " · ".join(parts)


def origin(target: Target) -> str:
    """Say where, when and by whom it was sent, on one line."""
    parts = [vendor(target)]
    if target.sent_at is not None:
        parts.append(_sent(target))
    if sender := escape(target.sent_by or "", 120):
        parts.append(f"by {sender}")
    return " · ".join(parts)


def place_in_vendor(target: Target) -> str:
    """Give the vendor's id, linked to its own page where there is one."""
    if not target.text_is_public:  # such an id tells people nothing
        return link(target.url, f"Open in {vendor(target)}") if target.url else ""
    return link(target.url, f"{vendor(target)} {escape(target.ref.id, 120)}")


def _sent(target: Target) -> str:
    when = "planned for" if target.status is Status.SCHEDULED else "sent"
    return f"{when} {date(target.sent_at)}" if target.sent_at else ""


def _start(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# Lists and searches -------------------------------------------------------------------------------------

RECENT: Final = "Recently sent, newest first"
EARLIER: Final = "Sent earlier"
NOTHING_SENT: Final = "Nothing has been sent yet, as far as Recall can see."
NOTHING_EARLIER: Final = "Nothing was sent before that, as far as Recall can see."
NOTHING_RUNS: Final = "Nothing is running or waiting."
NOTHING_RECALLED: Final = "Nothing has been recalled with Recall yet."
CHOOSE_ONE: Final = "Nothing has happened yet. Press Recall to see the details first."
HELP_LINE: Final = "Search with /recall and a name, part of a name, an id or a link."
TOO_LONG_FOR_BUTTON: Final = "Its id is too long for a button; use /recall with its link."
FIND: Final = "Find by name or id"

HELP: Final = (
    "/recall lists what was sent lately. Each line has a Recall button.",
    "/recall spring sale searches by name; part of a name or a misspelt one will do.",
    "/recall and an id, or a link from the vendor, goes straight to it.",
    "/recall status shows what is running. /recall history shows what was recalled, by whom and why.",
    'Quotes force a search: /recall "status".',
    "On a Slack post about a campaign: open its “…” menu and choose Recall.",
    "Nothing is recalled before somebody presses Yes, recall. Who may do that is in Recall's settings.",
)


def found_some(words: str, *, several: bool) -> str:
    """Head a short list; a list of one is shown while a vendor that is silent may know another."""
    searched = escape(words, 200)
    return f"More than one fits “{searched}”. Which one is it?" if several else f"This fits “{searched}”."


def found_nothing(words: str) -> str:
    """Say that a search brought nothing."""
    return f"Nothing was found for “{escape(words, 200)}”."


def by_hand_offer(target: Target) -> str:
    """Offer to take something back by hand where the vendor has no API. Plain text, for a button's line."""
    return f"Take back by hand at {one_line(target.vendor, 60)}: “{name(target, 80)}”"


BY_HAND: Final = "By hand"


# Modals -------------------------------------------------------------------------------------------------

CHOOSER_TITLE: Final = "Which one is it?"
SEARCHER_TITLE: Final = "Find what was sent"
REASON_TITLE: Final = REASON_QUESTION
SHOW_CARD: Final = "Show card"
FIND_IT: Final = "Find"
KEEP_REASON: Final = "Keep"
CANCEL: Final = "Cancel"
CLOSE: Final = "Close"
CHOOSER_LABEL: Final = "The post names several. The card shows the details; nothing happens before that."
CHOOSER_MORE: Final = "The post names more than fit here. For another one use /recall with its link or id."
SEARCHER_LABEL: Final = "Name, part of a name, or id"
WORDS_LABEL: Final = "Or search at the vendor too"
WORDS_HINT: Final = "Words, an id or a link. One match leads to its card, several to a list."
REASON_OWN: Final = "In your own words"
REASON_HINT: Final = "It is shown on the card and kept in the history."
LOOKING: Final = "Not looked up yet"
NOTHING_IN_POST: Final = (
    "Nothing in this post leads to anything that Recall could take back. "
    "It was searched for a campaign's id, a link to one and hidden details from the app that posted it."
)
ITSELF: Final = "Take back the post itself"
ITSELF_HINT: Final = "What is written there, not what it names"
LOOKING_AT_POST: Final = (
    "Recall is looking at the post. Its card comes below it, or word to you why there can be none. "
    "Nothing has happened yet."
)
LOOKING_UP: Final = (
    "The vendor is slow to answer, and Recall is still asking. To look for something else, press Search."
)


# Places -------------------------------------------------------------------------------------------------


def not_a_member(channel: str, card: str | None) -> str:
    """Tell where the card went instead, and how to get it here. `card`: the permalink, where it is known."""
    there = link(card, "The card") if card else "The card"
    return (
        f"Recall isn't in this channel, so it can't post here. {there} is in <#{channel}>. "
        "To have cards here, type /invite @Recall."
    )


def in_your_messages(*, can_invite: bool) -> str:
    """Tell that the card went to the person's own conversation with Recall; into some it can be invited."""
    told = "Recall can't post here, and this conversation is private, so the card is in your direct messages with Recall."
    return f"{told} To have cards here, type /invite @Recall." if can_invite else told


def card_is_there(card: str | None, *, existing: bool, channel: str | None = None) -> str:
    """Lead to a card that stands somewhere else: by its permalink, its channel, or both."""
    there = link(card, "card") if card else "card"
    where = f" in <#{channel}>" if channel else ""
    if existing:
        return f"Somebody has asked for this before. Its {there}{where} shows how it stands."
    return f"The {there} is {where.strip() or 'up'}. Nothing has happened yet."


SHARED_CHANNEL: Final = (
    "This channel is shared with another organisation, so Recall posts no cards here. "
    "Use a channel of your own organisation."
)
ARCHIVED_CHANNEL: Final = "This channel is archived, so Recall can't post here. Use another channel."
SLACK_AWAY: Final = (
    "Slack did not answer Recall just now, so there is no card. Nothing has happened; try again in a moment."
)
NO_PLACE: Final = "Recall can't post here, and its settings name no other channel. Type /invite @Recall here, then try again."
TOO_LONG: Final = (
    "That is too long to search for. Use a name or part of a name of at most 200 characters, an id or a link."
)
NOT_KEPT: Final = "Recall could not keep what you pressed, so nothing was done. Please try again."
UNKNOWN_BUTTON: Final = (
    "Recall does not know this button any more, so nothing was done. Type /recall to start again."
)
UNKNOWN_VIEW: Final = (
    "Recall does not know this window any more, so nothing was done. Type /recall to start again."
)
NO_MODAL: Final = "Slack did not let Recall open its window in time. Press Search to try again."
NO_REASON: Final = "Write a few words, or cancel and choose a reason from the list."
CHECKING: Final = "The vendor is being asked now. The card shows what it says."
NOTHING_CHOSEN: Final = "Choose one from the list, or type some words below."
OWN_CARD: Final = "This is one of Recall's own messages, so it can't be taken back."


def went_wrong(incident: str) -> str:
    """Admit a fault of our own, with the id under which the log has it."""
    return (
        f"Something went wrong on our side (id {escape(incident, 60)}); nothing was done. Please try again."
    )
