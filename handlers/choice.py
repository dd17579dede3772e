"""What the options of a choice stand for.

An option's value holds 150 characters, and an ordinary mail's id has more. Such ids wait in the modal's
`private_metadata`, and the option carries a digest of the one that it means.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.lookup import reference
from bot.target import TargetRef
from handlers.cards.kit import length
from handlers.cards.views import RADIOS, value_of
from handlers.payloads import Origin, Submission

LONGEST_NOTE: Final = 3000
"""Characters of a view's `private_metadata`; Slack's limit."""

REFS: Final = "refs"
"""Where in that note the ids stand that no option could hold. Modals that are open now have it, so it never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is offered, and the note that the modal needs to know it again."""

    refs: tuple[TargetRef, ...]
    note: str
    whole: bool  # False: there were more than fit


def among(origin: Origin, refs: Sequence[TargetRef], *, places: int = RADIOS) -> Choice:
    """Take what fits into one modal, the first ones first; `places`: how many options there may be."""
    kept: list[TargetRef] = []
    long: list[str] = []
    for ref in refs:
        noted = long if value_of(ref) == str(ref) else [*long, str(ref)]
        if len(kept) < places and length(_note(origin, noted)) <= LONGEST_NOTE:
            kept.append(ref)
            long = noted
    return Choice(refs=tuple(kept), note=_note(origin, long), whole=len(kept) == len(refs))


def chosen(form: Submission) -> TargetRef | None:
    """Read what was chosen; None where nothing was, or nothing that can be known again."""
    noted = form.note.get(REFS)
    for each in noted if isinstance(noted, list) else ():
        if (ref := reference(str(each))) is not None and value_of(ref) == form.chosen:
            return ref
    return reference(form.chosen)


def _note(origin: Origin, long: Sequence[str]) -> str:
    return json.dumps({**origin.as_json(), REFS: list(long)}) if long else origin.packed()
