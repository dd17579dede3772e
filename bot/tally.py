"""What the committed numbers of a recall amount to: its counts, its end, and how both stand in the record. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ports import Tally
from bot.recall import Counts, Kind, Recall, Step, step
from bot.target import ItemState


def counts_of(by_state: Mapping[ItemState, int]) -> Counts:
    """Count items, or recipients, by what became of them."""
    return Counts(
        total=sum(by_state.values()),
        done=by_state.get(ItemState.DONE, 0),
        failed=by_state.get(ItemState.FAILED, 0),
        unknown=by_state.get(ItemState.UNKNOWN, 0),
        awaiting=by_state.get(ItemState.ACCEPTED, 0),
        skipped=by_state.get(ItemState.SKIPPED, 0),
        left=by_state.get(ItemState.PENDING, 0) + by_state.get(ItemState.INTENT, 0),
    )


def counted(tally: Tally) -> tuple[Counts, Counts | None]:
    """Count items and recipients; None where no outcome tells recipients apart."""
    return counts_of(tally.items), recipients_of(tally)


def recipients_of(tally: Tally) -> Counts | None:
    """Count recipients; None where no outcome tells them apart."""
    recipients = tally.recipients
    return counts_of(recipients) if recipients else None


def end_of(counts: Counts, recipients: Counts | None = None) -> Kind:
    """Say how a recall ends whose items stand like this; where some recipients lost it, it is done in part."""
    if counts.awaiting:
        return Kind.SUBMITTED
    if counts.done + counts.skipped == counts.total:
        return Kind.DONE
    if recipients is not None and recipients.done:
        return Kind.PARTIAL
    if counts.failed == counts.total:
        return Kind.FAILED
    return Kind.UNKNOWN if counts.unknown == counts.total else Kind.PARTIAL


def numbers(recall: Recall, counts: Counts, recipients: Counts | None = None) -> dict[str, Any]:
    """Give the numbers as an event keeps them."""
    audience = recall.audience
    return {
        "counts": _plain(counts),
        "recipients": None if recipients is None else _plain(recipients),
        "audience": None
        if audience is None
        else {"sent": audience.sent, "delivered": audience.delivered, "opened": audience.opened},
    }


def ended(
    recall: Recall,
    kind: Kind,
    counts: Counts,
    *,
    at: datetime,
    why: str | None,
    recipients: Counts | None = None,
    **changes: Any,
) -> Step:
    """Work out the move that ends a recall."""
    said = {"why" if kind is not Kind.DONE else "evidence": why or None}
    if kind is Kind.DONE and recall.remains:
        said["remains"] = recall.remains
    end = {"not_before": None, "deadline": None, "detail": why or ""} | changes
    return step(
        recall,
        kind,
        at=at,
        data={**numbers(recall, counts, recipients), **said},
        counts=counts,
        recipients=recipients,
        audience=recall.audience,
        remains=recall.remains,
        **end,
    )


def _plain(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in counts.__slots__}
