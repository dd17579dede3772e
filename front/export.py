"""`app.py export`: what became of a recall's items and recipients, for a spreadsheet or a program."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Final

from bot.ports import ItemResult
from bot.target import ItemState, RecipientOutcome

COLUMNS: Final = ("item", "recipient", "outcome", "reason", "code", "evidence", "receipt")
WORDS: Final = {
    ItemState.PENDING: "not sent",
    ItemState.INTENT: "unknown",
    ItemState.ACCEPTED: "not yet confirmed",
    ItemState.FAILED: "failed",
    ItemState.UNKNOWN: "unknown",
    ItemState.DONE: "confirmed",
    ItemState.SKIPPED: "left out",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; the wide forms of the signs too."""


def rows(results: Sequence[ItemResult]) -> Iterator[dict[str, str]]:
    """Give one row for each recipient; for an item whose vendor doesn't tell them apart, one for the item."""
    for result in results:
        outcome = result.outcome
        recipients: Sequence[RecipientOutcome | None] = outcome.recipients if outcome else ()
        for recipient in recipients or (None,):
            state = recipient.state if recipient else result.state
            reason = recipient.reason if recipient else (outcome.reason if outcome else None)
            yield {
                "item": str(result.number + 1),
                "recipient": recipient.address if recipient else "",
                "outcome": WORDS[state],
                "reason": reason or "",
                "code": (outcome.code if outcome else None) or "",
                "evidence": (outcome.evidence if outcome else None) or "",
                "receipt": (outcome.receipt if outcome else None) or "",
            }


def as_csv(results: Sequence[ItemResult], *, head: bool) -> str:
    """Write rows as CSV. No cell can act as a formula: foreign text is shown, never obeyed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    if head:
        writer.writeheader()
    for row in rows(results):
        writer.writerow({name: harmless(value) for name, value in row.items()})
    return text.getvalue()


def as_jsonl(results: Sequence[ItemResult]) -> str:
    """Write rows as JSON, one to a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows(results))


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula."""
    cell = cell.replace("\x00", "")
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
