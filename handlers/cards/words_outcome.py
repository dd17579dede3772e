"""What became of a recall, in words and numbers: for its card, its thread and its lists alike."""

from collections.abc import Mapping
from typing import Final

from bot.recall import Counts, Recall
from bot.target import Audience, Operation, Target
from handlers.cards.kit import number
from handlers.cards.words import numbers, operation, vendor

_RISKS: Final[Mapping[Operation, str]] = {
    Operation.RECALL: "it may still be visible",
    Operation.HALT: "it may still be going out",
    Operation.OVERWRITE: "the old text may still be visible",
    Operation.REDACT: "the copy may still be there",
    Operation.MANUAL: "it may still be visible",
}


def confirmed(target: Target, audience: Audience | None) -> list[str]:
    """Say that the vendor's own record shows it, with the vendor's own numbers."""
    what, name = operation(target), vendor(target)
    if what is Operation.HALT:
        delivered = audience.delivered if audience else None
        stays = (
            "what was delivered stays" if delivered is None else f"{number(delivered)} already delivered stay"
        )
        opened = audience.opened if audience else None
        tail = f" Opened so far: {number(opened)}." if opened is not None else ""
        return [f"Confirmed by {name}. Nothing more is sent; {stays}.{tail}"]
    told = numbers(audience) if audience else ""
    return [f"Confirmed by {name}.{' ' + told[:1].upper() + told[1:] + '.' if told else ''}"]


def tally(counts: Counts) -> str:
    """Count the items by what became of them; empty for a single one."""
    if counts.total <= 1:
        return ""
    parts = [
        (counts.done, "confirmed"),
        (counts.failed, "failed"),
        (counts.unknown, "unknown"),
        (counts.awaiting, "not yet confirmed"),
        (counts.skipped, "left out, taken back before"),
        (counts.left, "not sent"),
    ]
    told = [f"{number(count)} {label}" for count, label in parts if count]
    return f"Of {number(counts.total)}: {', '.join(told)}." if told else f"{number(counts.total)} in all."


def recipients(recall: Recall) -> str:
    """Count the recipients by what became of their copies; empty where the vendor doesn't tell them apart."""
    return "" if recall.recipients is None else heads(recall.recipients, recall.target)


def heads(counts: Counts, target: Target) -> str:
    """Count recipients by outcome."""
    parts = [
        (counts.done, done_word(target)),
        (counts.failed, "failed"),
        (counts.unknown, "unknown"),
        (counts.awaiting, "not yet confirmed"),
    ]
    told = ", ".join(f"{number(count)} {label}" for count, label in parts if count)
    who = "recipient" if counts.total == 1 else "recipients"
    return f"Of {number(counts.total)} {who}: {told}." if told else ""


def submitted(target: Target) -> str:
    """Say what is known when the vendor took it and no more."""
    return f"{vendor(target)} took the request, but does not show it as {done_word(target)} yet."


def unknown(target: Target) -> str:
    """Say that nobody knows, and where to look."""
    return (
        f"{vendor(target)} never showed it as {done_word(target)}, so {_RISKS[operation(target)]}. "
        f"Please look in {vendor(target)} itself."
    )


def not_done(recall: Recall, counts: Counts) -> str:
    """Say that nothing was taken back, where every attempt so far allows to say it."""
    if counts.done or counts.unknown or counts.awaiting or recall.attempt > 1:
        return ""
    return f"It was not {done_word(recall.target)}."


def done_word(target: Target) -> str:
    """The operation's word for done, in small letters, for sentences that deny or await it."""
    words = {
        Operation.RECALL: "recalled",
        Operation.HALT: "halted",
        Operation.OVERWRITE: "replaced",
        Operation.REDACT: "removed",
        Operation.MANUAL: "taken back",
    }
    return words[operation(target)]
