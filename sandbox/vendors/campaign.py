"""A push campaign in the practice vendor's books, and how time and orders change it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Where a campaign stands; the words are the vendor's."""

    SCHEDULED = "SCHEDULED"
    SENDING = "SENDING"
    SENT = "SENT"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"
    RECALLING = "RECALLING"
    RECALLED = "RECALLED"


class Channel(StrEnum):
    """Which kind of push: a web push cannot be recalled, says the vendor's FAQ."""

    MOBILE = "MOBILE_PUSH"
    WEB = "WEB_PUSH"


OPENED_ONE_IN = 25
"""While a campaign is being sent, one in so many who got it opens it."""

READABLE = frozenset({Status.SENDING, Status.SENT, Status.STOPPED, Status.RECALLING})
"""In these states what was delivered is on the phones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign. `sent_at` is when sending began, or will begin for a scheduled one.

    `per_second` is the pace of a campaign that is still going out; `phones` are the practice customers it reaches,
    in the order in which it gets to them; `settles_at` is when a recall under way will be through, None = never.
    """

    id: str
    name: str
    text: str
    sent_at: datetime
    created_by: str
    target_count: int
    delivered: int = 0
    opened: int = 0
    status: Status = Status.SENT
    channel: Channel = Channel.MOBILE
    platforms: tuple[str, ...] = ("IOS", "ANDROID")
    picture: str | None = None
    per_second: float = 0.0
    phones: tuple[str, ...] = ()
    settles_at: datetime | None = None
    recalled_at: datetime | None = None

    def at(self, now: datetime) -> "Campaign":
        """The campaign as it stands now: a sending one goes on, a recall under way comes through."""
        if self.status is Status.SENDING:
            out = min(self.target_count, int((now - self.sent_at).total_seconds() * self.per_second))
            done = out >= self.target_count
            status = Status.SENT if done else Status.SENDING
            return replace(self, delivered=out, opened=out // OPENED_ONE_IN, status=status)
        if self.status is Status.RECALLING and self.settles_at is not None and now >= self.settles_at:
            return replace(self, status=Status.RECALLED, recalled_at=self.settles_at, settles_at=None)
        return self

    def recalling(self, now: datetime, settle_after: float | None) -> "Campaign":
        """The campaign after its recall was accepted; through after so many seconds, never when None."""
        settles_at = None if settle_after is None else now + timedelta(seconds=settle_after)
        return replace(self, status=Status.RECALLING, settles_at=settles_at)

    def reached(self) -> tuple[str, ...]:
        """The phones that have got it by now; a campaign that is going out reaches one after the other."""
        if self.status not in READABLE or not self.delivered or self.channel is Channel.WEB:
            return ()
        if not self.per_second:
            return self.phones
        share = self.target_count / max(1, len(self.phones))
        return tuple(phone for place, phone in enumerate(self.phones) if self.delivered >= place * share)

    def as_json(self, media: str) -> dict[str, Any]:
        """The vendor's answer about this campaign; `media` is where its pictures are served."""
        planned = self.status in {Status.SCHEDULED, Status.CANCELLED}
        return {
            "id": self.id,
            "name": self.name,
            "text": self.text,
            "imageUrl": f"{media}/{self.picture}" if self.picture else None,
            "status": self.status.value,
            "channel": self.channel.value,
            "platforms": list(self.platforms),
            "sentDate": None if planned else _iso(self.sent_at),
            "scheduledDate": _iso(self.sent_at) if planned else None,
            "recalledDate": _iso(self.recalled_at) if self.recalled_at else None,
            "createdBy": self.created_by,
            "targetCount": self.target_count,
            "delivered": self.delivered,
            "opened": self.opened,
        }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
