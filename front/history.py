"""`app.py history` and `app.py audit verify`, written for a terminal. Foreign text is shown, never obeyed."""

from collections.abc import Iterable, Iterator

from bot.recall import Recall, State
from bot.target import Target

NAME_WIDTH = 60


def lines(recalls: Iterable[Recall]) -> Iterator[str]:
    """Write one recall a line, newest first as they come."""
    empty = True
    for each in recalls:
        empty = False
        yield " · ".join(_parts(each))
    if empty:
        yield "Nothing has been recalled yet."


def _parts(recall: Recall) -> Iterator[str]:
    yield f"{recall.confirmed_at or recall.asked_at:%Y-%m-%d %H:%M} UTC"
    yield _ended(recall)
    yield _named(recall.target)
    yield f"by {(recall.confirmed_by or recall.asked_by).user}"
    if recall.approved_by is not None:
        yield f"approved by {recall.approved_by.user}"
    yield recall.reason.value.replace("_", " ") + (
        f": {printable(recall.reason_text)}" if recall.reason_text else ""
    )
    if recall.audience is not None and recall.audience.delivered is not None:
        yield f"delivered {recall.audience.delivered:,}"
    yield recall.id


def _ended(recall: Recall) -> str:
    """Say the state; what was taken back by hand is done by somebody's word, and that is said."""
    if recall.by_hand and recall.state is State.DONE and recall.moved_by is not None:
        return f"done, by {recall.moved_by.user}'s word"
    return recall.state.value


def _named(target: Target) -> str:
    name = printable(target.name)
    short = name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
    return f"{short} ({target.ref})"


def printable(foreign: str) -> str:
    """Take out what a terminal would act on: escapes, line ends, marks that reorder text."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in foreign)
