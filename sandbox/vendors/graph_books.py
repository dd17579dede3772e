"""The practice mail system's books: what was sent, whose inbox holds a copy, and the recalls under way. Pure values."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

HUB = "AM7PR01MB0001.practice.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """One mail as it lies in its sender's Sent Items."""

    id: str  # Graph's own id; it changes when the mail is moved
    internet_id: str  # with its angle brackets
    mailbox: str
    subject: str
    body: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    sent_at: datetime
    attachments: bool = False
    conversation: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody it went to."""
        return (*self.to, *self.cc)

    def as_json(self, url: str) -> dict[str, Any]:
        """The form of Graph's `message` resource."""
        return {
            "id": self.id,
            "subject": self.subject,
            "internetMessageId": self.internet_id,
            "conversationId": self.conversation,
            "sentDateTime": iso(self.sent_at),
            "receivedDateTime": iso(self.sent_at),
            "from": address(self.mailbox),
            "sender": address(self.mailbox),
            "toRecipients": [address(each) for each in self.to],
            "ccRecipients": [address(each) for each in self.cc],
            "bccRecipients": [],
            "hasAttachments": self.attachments,
            "isRead": True,
            "webLink": f"{url}/owa/?ItemID={self.id}&exvsurl=1&viewmodel=ReadMessageItem",
            "body": {"contentType": "text", "content": self.body},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One mail in a recipient's mailbox."""

    id: str
    internet_id: str
    sender: str
    subject: str
    body: str
    at: datetime
    read: bool = False
    answers: str | None = None  # In-Reply-To: the internet id of the mail that this one is about

    def as_json(self, url: str) -> dict[str, Any]:
        """The form of Graph's `message` resource."""
        headers = [{"name": "Message-ID", "value": self.internet_id}]
        if self.answers:
            headers.append({"name": "In-Reply-To", "value": self.answers})
            headers.append({"name": "x-ms-exchange-recallreportgenerated", "value": "true"})
        return {
            "id": self.id,
            "subject": self.subject,
            "internetMessageId": self.internet_id,
            "sentDateTime": iso(self.at),
            "receivedDateTime": iso(self.at),
            "from": address(self.sender),
            "isRead": self.read,
            "internetMessageHeaders": headers,
            "webLink": f"{url}/owa/?ItemID={self.id}",
            "body": {"contentType": "text", "content": self.body},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One person's mailbox. `keeps_read`: a mail that was read is not taken out of it by a recall."""

    address: str
    owner: str
    inside: bool = True  # belongs to the practice organisation; nobody can look into the others
    keeps_read: bool = False
    copies: tuple[Copy, ...] = ()

    def without(self, internet_id: str) -> "Mailbox":
        """The mailbox after a recall of that mail came by."""
        left = tuple(
            each for each in self.copies if each.internet_id != internet_id or (self.keeps_read and each.read)
        )
        return replace(self, copies=left)

    def with_copy(self, copy: Copy) -> "Mailbox":
        """The mailbox after a mail came in."""
        return replace(self, copies=(copy, *self.copies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalling:
    """A recall request that was accepted and waits for its turn."""

    mail: SentMail
    due: datetime
    number: int

    @property
    def receipt(self) -> str:
        """What Graph answers to the request: an object literal that holds a bare string, which is no JSON."""
        message = f"{self.number:04X}.{abs(hash(self.mail.internet_id)) % 10**8:08d}@{HUB}"
        return f"{{ \"Recall request has been submitted to Hub server '{HUB}' with MessageId '{message}'\" }}"


@dataclass(slots=True, kw_only=True)
class Books:
    """Everything that the practice mail system knows."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    sent: dict[str, list[SentMail]] = field(default_factory=dict)  # by mailbox, newest first
    by_id: dict[tuple[str, str], SentMail] = field(default_factory=dict)
    waiting: list[Recalling] = field(default_factory=list)

    def post(self, mail: SentMail, *, read_by: frozenset[str] = frozenset()) -> None:
        """Sends a mail: into the sender's Sent Items, and to every recipient who has a mailbox here."""
        listed = self.sent.setdefault(mail.mailbox, [])
        listed.append(mail)
        self.by_id[mail.mailbox, mail.id] = mail
        for recipient in mail.recipients:
            if (box := self.mailboxes.get(recipient)) is not None:
                copy = Copy(
                    id=f"copy-{mail.id}",
                    internet_id=mail.internet_id,
                    sender=mail.mailbox,
                    subject=mail.subject,
                    body=mail.body,
                    at=mail.sent_at,
                    read=recipient in read_by,
                )
                self.mailboxes[recipient] = box.with_copy(copy)

    def sent_by(self, mailbox: str) -> list[SentMail]:
        """What lies in somebody's Sent Items, newest first."""
        return sorted(self.sent.get(mailbox, ()), key=lambda each: each.sent_at, reverse=True)

    def carry_out(self, recalling: Recalling, now: datetime, *, report: bool) -> None:
        """Takes a mail out of the inboxes of the organisation, and reports to its sender."""
        mail = recalling.mail
        for recipient in mail.recipients:
            box = self.mailboxes.get(recipient)
            if box is not None and box.inside:
                self.mailboxes[recipient] = box.without(mail.internet_id)
        own = self.mailboxes.get(mail.mailbox)
        if report and own is not None:
            self.mailboxes[mail.mailbox] = own.with_copy(
                Copy(
                    id=f"report-{recalling.number}",
                    internet_id=f"<report-{recalling.number}@{HUB}>",
                    sender=f"postmaster@{mail.mailbox.partition('@')[2]}",
                    subject=f"Message Recall Report for message [{mail.subject}]",
                    body="Your recall request has been processed.",
                    at=now,
                    answers=mail.internet_id,
                )
            )


def iso(moment: datetime) -> str:
    """Graph's form of a moment."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def address(mail: str) -> dict[str, Any]:
    """Graph's `recipient`."""
    return {"emailAddress": {"name": mail.partition("@")[0].title(), "address": mail}}
