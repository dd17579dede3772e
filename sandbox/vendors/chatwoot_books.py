"""What the practice service desk has on its books: agents, conversations on several channels, messages."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

DELETED = "This message was deleted"
"""What the vendor leaves in place of a deleted message's text."""

WEBSITE = "Channel::WebWidget"
CHANNELS = {
    WEBSITE: "website",
    "Channel::Line": "LINE",
    "Channel::FacebookPage": "Facebook Messenger",
    "Channel::Whatsapp": "WhatsApp",
    "Channel::Email": "e-mail",
}


class Direction(IntEnum):
    """The vendor's numbers for a message's type."""

    INCOMING = 0
    OUTGOING = 1
    ACTIVITY = 2
    TEMPLATE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Somebody who answers."""

    id: int
    name: str
    email: str

    def as_json(self) -> dict[str, Any]:
        """As the vendor shows a sender."""
        return {"id": self.id, "name": self.name, "email": self.email, "type": "user", "thumbnail": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One conversation with one contact."""

    id: int
    contact: int
    name: str  # the contact's
    channel: str  # the vendor's word
    inbox: int = 1
    tells_presence: bool = True

    def contact_json(self, *, online: bool) -> dict[str, Any]:
        """As the vendor shows a contact."""
        shown: dict[str, Any] = {"id": self.contact, "name": self.name, "type": "contact", "email": None}
        if self.tells_presence:
            shown["availability_status"] = "online" if online else "offline"
        return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message."""

    id: int
    talk: int
    direction: Direction
    text: str
    at: datetime
    agent: int | None = None  # None: the contact, or nobody
    private: bool = False
    deleted: bool = False

    def taken_back(self) -> "Said":
        """The message after the vendor deleted it."""
        return replace(self, text=DELETED, deleted=True)


AGENTS = {
    7: Agent(id=7, name="Ann Berg", email="ann@fernhill.example"),
    8: Agent(id=8, name="Bob Okafor", email="bob@fernhill.example"),
    9: Agent(id=9, name="Cleo Park", email="cleo@fernhill.example"),
}
TALKS = (
    Talk(id=42, contact=501, name="Mia", channel=WEBSITE),
    Talk(id=43, contact=502, name="Noah", channel=WEBSITE),
    Talk(id=44, contact=503, name="Yuki", channel="Channel::Line", inbox=2),
    Talk(id=45, contact=504, name="Lena", channel="Channel::FacebookPage", inbox=3),
    Talk(id=46, contact=505, name="Omar", channel="Channel::Whatsapp", inbox=4),
    Talk(id=47, contact=506, name="Pia", channel="Channel::Email", inbox=5),
    Talk(id=48, contact=507, name="Tess", channel=WEBSITE, tells_presence=False),
)
OFFLINE = frozenset({43})
SLIP = 1070
SLIP_MINUTES = 2.0
"""What is left of the five minutes is enough to look around, and short enough to see a card close itself."""


def said(now: datetime) -> tuple[Said, ...]:
    """What was said by the time somebody arrives."""
    incoming, outgoing = Direction.INCOMING, Direction.OUTGOING
    planned = (
        (1000, 42, 20.0, outgoing, 7, "Hello Mia, how can we help?"),
        (1001, 42, 9.0, incoming, None, "Is the green jacket still on sale?"),
        (1002, 42, 1.5, outgoing, 7, "Yes, the green jacket is 90% off until Friday."),
        (1003, 42, 1.0, outgoing, 8, "Its delivery takes two days."),
        (1010, 43, 6.0, incoming, None, "Where is my parcel?"),
        (1011, 43, 1.0, outgoing, 7, "Mia, your card ending in 4242 was charged twice."),
        (1020, 44, 6.0, incoming, None, "Are you open on Sunday?"),
        (1021, 44, 1.0, outgoing, 7, "We are open on Sunday from 6."),
        (1031, 45, 1.0, outgoing, 7, "Thanks for your photo on Messenger!"),
        (1041, 46, 1.0, outgoing, 7, "Your voucher is on its way."),
        (1051, 47, 1.0, outgoing, 7, "Please find the invoice attached."),
        (1061, 48, 1.0, outgoing, 7, "Tess, that link was the wrong one."),
    )
    whole = now.replace(microsecond=0)
    listed = [
        Said(id=id_, talk=talk, direction=way, text=text, at=whole - timedelta(minutes=ago), agent=agent)
        for id_, talk, ago, way, agent, text in planned
    ]
    note = Said(
        id=1004,
        talk=42,
        direction=outgoing,
        text="She is a difficult one.",
        at=whole - timedelta(minutes=0.5),
        agent=7,
        private=True,
    )
    moved = Said(
        id=1005,
        talk=42,
        direction=Direction.ACTIVITY,
        text="Assigned to Ann Berg",
        at=whole - timedelta(minutes=0.4),
    )
    return (*listed, note, moved)


def slip(now: datetime) -> Said:
    """Ann's message that repeats the wrong price."""
    return Said(
        id=SLIP,
        talk=42,
        direction=Direction.OUTGOING,
        text="Yes Mia, it really is 50% off everything, new arrivals too.",
        at=now.replace(microsecond=0) - timedelta(minutes=SLIP_MINUTES),
        agent=7,
    )
