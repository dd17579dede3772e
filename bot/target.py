"""What was sent, and what can be taken back. Pure values."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

ProviderName = NewType("ProviderName", str)
"""The key of a `[providers.NAME]` table in the settings."""

TargetId = NewType("TargetId", str)
"""The vendor's own id of a campaign or message."""


class Operation(StrEnum):
    """What a provider does to take something back."""

    RECALL = "recall"  # remove what was delivered
    HALT = "halt"  # end what is still being sent; what was delivered stays
    OVERWRITE = "overwrite"  # replace it where it is shown
    REDACT = "redact"  # remove the vendor's copy only
    MANUAL = "manual"  # a person does it in the vendor's panel


class Status(StrEnum):
    """Where the target stands at its vendor, as the vendor last said."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    RECALLING = "recalling"
    RECALLED = "recalled"
    HALTED = "halted"
    UNKNOWN = "unknown"  # the vendor uses a word that we do not know


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRef:
    """Names one target across all providers."""

    provider: ProviderName
    id: TargetId

    def __str__(self) -> str:
        return f"{self.provider}/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Numbers of recipients, each from the vendor; None where the vendor does not tell."""

    sent: int | None = None  # how many it was sent to
    delivered: int | None = None
    opened: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What can be done to one target now, and within which limits."""

    operation: Operation | None  # None: nothing can be taken back
    refusal: str | None = None  # why not, as a full sentence; set exactly when operation is None
    limits: tuple[str, ...] = ()  # full sentences for the card: what stays, what can't be undone …
    closes_at: datetime | None = None  # when the vendor's window ends; None: no window is known
    steps: tuple[str, ...] = ()  # for Operation.MANUAL: what a person does in the vendor's panel, in order
    repeatable: bool = True  # False: what may have been sent is never sent again, not even by a Retry


class Reason(StrEnum):
    """Why something is taken back. Part of every recall."""

    WRONG_INFORMATION = "wrong_information"
    NO_LONGER_VALID = "no_longer_valid"
    WRONG_CONTENT = "wrong_content"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_CONVERSATION = "wrong_conversation"
    WRONG_MESSAGE = "wrong_message"
    UNFINISHED = "unfinished"  # unfinished or test content
    INTERNAL_NOTE = "internal_note"
    WRONG_ATTACHMENT = "wrong_attachment"  # a link or a file
    TEST = "test"
    OTHER = "other"  # with the person's own text


CAMPAIGN_REASONS = (
    Reason.WRONG_INFORMATION,
    Reason.NO_LONGER_VALID,
    Reason.WRONG_CONTENT,
    Reason.WRONG_AUDIENCE,
    Reason.TEST,
    Reason.OTHER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another target that this one belongs to: the mail-merge of one mail."""

    ref: TargetRef
    says: str  # our words for it, as a full sentence: "It is one of 50,000 alike."
    button: str  # a short label for the way there: "Show all 50,000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One campaign or message as its vendor describes it. All text in here is foreign text."""

    ref: TargetRef
    vendor: str  # how people call the vendor: "Netmera"
    noun: str  # what it is in words: "push campaign", "chat message"
    name: str
    text: str = ""
    image_url: str | None = None
    url: str | None = None  # the vendor's own page about it
    sent_at: datetime | None = None
    sent_by: str | None = None
    audience: Audience = field(default_factory=Audience)
    status: Status = Status.UNKNOWN
    capability: Capability
    items: int = 1  # how many vendor calls taking it back needs
    sender_id: str | None = (
        None  # the vendor's id of who sent it; None: it has no single sender, or doesn't tell
    )
    sender_email: str | None = None
    team_owned: bool = (
        False  # sent in the team's name, by nobody in particular: whom the rules cover may take it back
    )
    text_is_public: bool = True  # the text may stand on a card in a channel; else only its asker sees it
    reasons: tuple[Reason, ...] = CAMPAIGN_REASONS  # what a person chooses from, the likeliest first
    related: Related | None = None

    def fingerprint(self) -> str:
        """Hash what the person agreed to. Delivered and opened counts move all the time and are left out.

        Any difference between card and click means that the person confirmed something else.
        """
        agreed = [self.ref.provider, self.ref.id, *self.agreed().values()]
        return hashlib.sha256(json.dumps(agreed, ensure_ascii=False).encode()).hexdigest()

    def differences(self, other: "Target") -> tuple[str, ...]:
        """Name what a person would see changed between two readings of the same target."""
        mine, theirs = self.agreed(), other.agreed()
        return tuple(what for what, value in mine.items() if theirs[what] != value)

    def agreed(self) -> dict[str, str | int | None]:
        """Give what a yes is about, under the names that people use for it."""
        return {
            "name": self.name,
            "text": self.text,
            "picture": self.image_url,
            "what can be done": self.capability.operation,
            "number of items": self.items,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPost:
    """A post that a person pointed at, as providers see it when they look for their own ids in it."""

    text: str  # everything readable in text, blocks and attachments, joined by newlines
    links: tuple[str, ...] = ()  # every URL in it
    metadata_type: str | None = None  # Slack message metadata: event_type
    metadata: tuple[tuple[str, str], ...] = ()  # its payload's scalar values, as (name, text)


class RepeatClass(StrEnum):
    """What a second request for the same item does: decides what happens after a crash."""

    HARMLESS = "A"  # send again
    READABLE = "B"  # read the state first, then decide
    NEITHER = "C"  # never send again; the outcome is unknown and said so


MAIL_REASONS = (
    Reason.WRONG_ATTACHMENT,
    Reason.WRONG_AUDIENCE,
    Reason.WRONG_INFORMATION,
    Reason.WRONG_CONTENT,
    Reason.UNFINISHED,
    Reason.TEST,
    Reason.OTHER,
)


class ItemState(IntEnum):
    """One byte per item in a chunk's row."""

    PENDING = 0
    INTENT = 1  # durable before the vendor is called; after a crash: unknown whether it was
    ACCEPTED = 2  # the vendor took it; its confirmation is awaited
    FAILED = 3
    UNKNOWN = 4
    DONE = 5  # confirmed by the vendor's own record
    SKIPPED = 6  # another recall has done it already


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientOutcome:
    """What became of one recipient's copy, where the vendor tells them apart. The address is foreign text."""

    address: str
    state: ItemState  # FAILED, UNKNOWN, DONE, or ACCEPTED while it is awaited
    reason: str | None = None  # a full sentence; set for FAILED and UNKNOWN
    late: ItemState = ItemState.UNKNOWN  # what ACCEPTED counts as once the time for confirmation is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one item."""

    state: ItemState  # ACCEPTED, FAILED, UNKNOWN or DONE
    reason: str | None = None  # a full sentence; set for FAILED and UNKNOWN
    code: str | None = None  # the vendor's own error code, or ours
    evidence: str | None = None  # what the vendor said: "campaign_detail says RECALLED"
    audience: Audience | None = None  # the vendor's own numbers at that moment
    remains: str = ""  # who has it removed and who will, as full sentences; said with the end
    recipients: tuple[RecipientOutcome, ...] = ()
    receipt: str | None = None  # the vendor's own id of the request that it took; kept through later outcomes

    @property
    def says_more(self) -> bool:
        """Whether there is anything to be noted beside the state."""
        return bool(
            self.reason or self.code or self.evidence or self.audience or self.remains
            or self.recipients or self.receipt
        )  # fmt: skip

    def lapsed(self) -> "Outcome":
        """Give what is left of it once the time for confirmation is over: nothing is awaited any more."""
        recipients = tuple(
            replace(each, state=each.late, reason=each.reason or _NEVER_TOLD)
            if each.state is ItemState.ACCEPTED
            else each
            for each in self.recipients
        )
        if self.state is not ItemState.ACCEPTED:
            return replace(self, recipients=recipients)
        state = together(each.state for each in recipients) if recipients else ItemState.UNKNOWN
        return replace(self, state=state, recipients=recipients, reason=self.reason or self.evidence)


_NEVER_TOLD = "The time to wait for a confirmation is over."


def together(recipients: Iterable[ItemState]) -> ItemState:
    """Say what became of an item whose recipients fared like this: the worst counts, and waiting before all."""
    states = set(recipients)
    for state in (ItemState.ACCEPTED, ItemState.FAILED, ItemState.UNKNOWN):
        if state in states:
            return state
    return ItemState.DONE
