"""Customers' phones: what stands on each lock screen.

A recall is only real when a customer no longer sees the message, so the practice world needs customers. A phone
that is offline keeps what it shows and catches up when it comes back, as real ones do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sandbox.feed import Feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One push message as a lock screen shows it."""

    campaign: str
    app: str
    text: str
    image: str | None
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """The form in which the page reads it; the time is ISO 8601 in UTC."""
        return {
            "campaign": self.campaign,
            "app": self.app,
            "text": self.text,
            "image": self.image,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One customer's phone: `showing` is what its owner sees, `pending` what the vendor has for it meanwhile."""

    id: str
    owner: str
    online: bool = True
    showing: tuple[Notification, ...] = ()
    pending: tuple[Notification, ...] = field(default=(), repr=False)

    def with_inbox(self, inbox: tuple[Notification, ...]) -> "Phone":
        """The phone after the vendor changed what should be on it: seen at once only when it is online."""
        return replace(self, pending=inbox, showing=inbox if self.online else self.showing)

    def shows(self, campaign: str) -> bool:
        """Whether its owner can still read the campaign's message."""
        return any(one.campaign == campaign for one in self.showing)

    def as_json(self) -> dict[str, Any]:
        """The form in which the page reads it; newest notification first."""
        return {
            "id": self.id,
            "owner": self.owner,
            "online": self.online,
            "notifications": [
                one.as_json() for one in sorted(self.showing, key=lambda one: one.at, reverse=True)
            ],
            "waiting": self.pending != self.showing,
        }


SEED = (
    Phone(id="mia", owner="Mia"),
    Phone(id="noah", owner="Noah"),
    Phone(id="lena", owner="Lena"),
    Phone(id="omar", owner="Omar"),
)


class Phones:
    """All phones of the practice world; every change is told to the feed, so that pages redraw."""

    def __init__(self, *, feed: Feed, phones: Iterable[Phone] = SEED) -> None:
        self._feed = feed
        self._phones = {phone.id: phone for phone in phones}

    def __getitem__(self, phone: str) -> Phone:
        return self._phones[phone]

    def showing(self, campaign: str) -> list[str]:
        """The ids of the phones on which the campaign can still be read."""
        return [phone.id for phone in self._phones.values() if phone.shows(campaign)]

    def deliver(self, phone: str, notification: Notification) -> None:
        """Puts a message on a phone; the same campaign is shown once however often it is delivered."""
        known = self._phones[phone]
        if any(one.campaign == notification.campaign for one in known.pending):
            return
        self._keep(known.with_inbox((*known.pending, notification)))

    def withdraw(self, campaign: str, *, phone: str | None = None) -> None:
        """Takes a campaign off one phone or all; those that can't be reached lose it when they come online."""
        meant = self._phones.values() if phone is None else (self._phones[phone],)
        for known in tuple(meant):
            rest = tuple(one for one in known.pending if one.campaign != campaign)
            if rest != known.pending:
                self._keep(known.with_inbox(rest))

    def set_online(self, phone: str, *, online: bool) -> None:
        """Switches a phone's connection; on the way back it catches up with the vendor."""
        known = replace(self._phones[phone], online=online)
        self._keep(known.with_inbox(known.pending))

    def snapshot(self) -> list[dict[str, Any]]:
        """All phones as the page reads them."""
        return [phone.as_json() for phone in self._phones.values()]

    def _keep(self, phone: Phone) -> None:
        if self._phones[phone.id] != phone:
            self._phones[phone.id] = phone
            self._feed.changed()
