"""A vendor's entries as targets, and what can be done about each. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.errors import ProviderConfusingError
from bot.providers.http_pointer import MISSING, at, found
from bot.providers.http_settings import HttpSettings
from bot.providers.json_values import as_count, as_id, as_moment, as_text, as_url
from bot.providers.trouble import bounded
from bot.target import (
    CAMPAIGN_REASONS,
    Audience,
    Capability,
    Operation,
    ProviderName,
    RepeatClass,
    Status,
    Target,
    TargetId,
    TargetRef,
)

LONGEST_ID = 2_000
LONGEST_NAME = 1_000
LONGEST_TEXT = 10_000
MOST_ITEMS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads targets by the settings' pointers."""

    provider: ProviderName
    settings: HttpSettings

    def fits(self, entry: Any) -> bool:
        """Say whether anything is where the settings say that a target's parts stand: else it is something else."""
        described = self.settings.fields.model_dump(exclude_none=True).values()
        return not described or any(at(entry, pointer) is not MISSING for pointer in described)

    def id_of(self, entry: Any) -> TargetId | None:
        """Read an entry's id; None where it has none that can be asked for."""
        return as_id(found(entry, self.settings.fields.id), LONGEST_ID)

    def target(self, entry: Any, identity: TargetId, now: datetime) -> Target:
        """Make a target of an entry; `now` by the vendor's clock."""
        fields, settings = self.settings.fields, self.settings
        sent_at = as_moment(found(entry, fields.sent_at))
        status = self.status(entry)
        items = self.items(entry)
        return Target(
            ref=TargetRef(provider=self.provider, id=identity),
            vendor=settings.title,
            noun=settings.noun,
            name=_text(entry, fields.name, LONGEST_NAME) or identity,
            text=_text(entry, fields.text, LONGEST_TEXT),
            image_url=as_url(found(entry, fields.image)),
            url=as_url(found(entry, fields.url)) or self._page(identity),
            sent_at=sent_at,
            sent_by=_text(entry, fields.sent_by, LONGEST_NAME) or None,
            audience=self.audience(entry),
            status=status,
            capability=self._capability(status, sent_at, now),
            items=len(items) if items else 1,
            sender_id=as_id(found(entry, fields.sender_id)),
            sender_email=as_text(found(entry, fields.sender_email)),
            reasons=settings.reasons or CAMPAIGN_REASONS,
        )

    def items(self, entry: Any) -> tuple[str, ...]:
        """Read the ids of what one target is made of; empty where it is one thing."""
        listed = found(entry, self.settings.fields.items)
        if not isinstance(listed, list):
            return ()
        ids = [one for each in listed[:MOST_ITEMS] if (one := as_id(each, LONGEST_ID))]
        if len(ids) != len(listed):
            raise ProviderConfusingError(
                f"{self.settings.title} lists parts without ids that Recall can read."
            )
        return tuple(dict.fromkeys(ids))

    def audience(self, entry: Any) -> Audience:
        """Read the numbers of recipients; None for each that the vendor does not give."""
        fields = self.settings.fields
        return Audience(
            sent=as_count(found(entry, fields.sent)),
            delivered=as_count(found(entry, fields.delivered)),
            opened=as_count(found(entry, fields.opened)),
        )

    def status(self, entry: Any) -> Status:
        """Translate the vendor's word; true and false count as words. UNKNOWN where none is known."""
        value = found(entry, self.settings.fields.status)
        word = str(value).casefold() if isinstance(value, str | int) else ""
        return {each.casefold(): status for each, status in self.settings.status_words.items()}.get(
            word, Status.UNKNOWN
        )

    def _page(self, identity: TargetId) -> str | None:
        links = self.settings.links
        return links[0].replace("{id}", quote(identity, safe="")) if links else None

    def _capability(self, status: Status, sent_at: datetime | None, now: datetime) -> Capability:
        title, minutes = self.settings.title, self.settings.window_minutes
        refusals = {
            Status.RECALLED: f"It is recalled already, as {title}'s own record says.",
            Status.RECALLING: f"{title} is recalling it at this moment.",
            Status.HALTED: f"It is halted already, as {title}'s own record says.",
            Status.SCHEDULED: f"Nothing has been sent yet: it is only scheduled. Cancel it in {title} itself.",
        }
        if status in refusals and not (status is Status.HALTED and self.settings.operation != "halt"):
            return Capability(operation=None, refusal=refusals[status])
        closes_at = None
        if minutes is not None and sent_at is not None:
            # A date in the future is somebody's wrong clock; it must not make the window longer.
            closes_at = min(sent_at, now) + timedelta(minutes=minutes)
            if now >= closes_at:
                over = f"It can be taken back for {span(minutes)} after sending, and these are over."
                return Capability(operation=None, refusal=over, closes_at=closes_at)
        return Capability(
            operation=Operation(self.settings.operation),
            limits=self._limits(sent_at),
            closes_at=closes_at,
            repeatable=self.settings.repeat_class() is not RepeatClass.NEITHER,
        )

    def _limits(self, sent_at: datetime | None) -> tuple[str, ...]:
        settings = self.settings
        limits = [each if each.endswith(".") else f"{each}." for each in settings.limits]
        if settings.window_minutes is not None and sent_at is None:
            within = span(settings.window_minutes)
            limits.append(
                f"{settings.title} takes things back for {within} only, and does not say when this was sent."
            )
        if settings.check is None and settings.recall.done is None and settings.recall.done_items is None:
            limits.append(
                f"{settings.title} can't be asked whether it is gone, so the end may stay unconfirmed."
            )
        return tuple(limits)


def span(minutes: float) -> str:
    """Say a length of time in the largest unit that fits whole."""
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes % size == 0 and minutes > size:
            return f"{minutes / size:g} {unit}"
    return f"{minutes:g} minutes"


def _text(entry: Any, pointer: str | None, longest: int) -> str:
    value = found(entry, pointer)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value) or ""
    return bounded(text, longest)
