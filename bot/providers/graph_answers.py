"""Graph's JSON, read once into values. All text in it is foreign."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.errors import ProviderConfusingError
from bot.providers.base import bounded

LONGEST_SUBJECT = 300
YEARS = range(1970, 2200)
_RECEIPT = re.compile(r"[0-9A-Za-z.=+/_-]{1,120}\.[0-9A-Za-z.=+/_-]{1,120}@[0-9A-Za-z.-]{1,190}")
_HUB = re.compile(r"(?i)hub\s*server[^0-9a-z]{0,12}([0-9a-z][0-9a-z.-]{2,190})")
_NAMING = frozenset({"in-reply-to", "references", "x-original-message-id", "original-message-id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, with what was selected of it."""

    id: str  # Graph's own; it changes when the mail is moved
    internet_id: str  # without its brackets; stays
    subject: str
    sent_at: datetime | None
    sender: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    attachments: bool = False
    url: str | None = None
    text: str = field(default="", repr=False)

    @property
    def folded(self) -> str:
        """The subject as mails of one merge share it: case and white space do not count."""
        return fold(self.subject)

    @property
    def digest(self) -> str:
        """The folded subject, short enough for an id."""
        return digest(self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A mail in which Exchange tells a sender what became of a recall."""

    subject: str
    at: datetime | None
    about: str  # everything in its headers that may name the recalled mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Graph's own error."""

    code: str = ""
    message: str = ""


def fold(subject: str) -> str:
    """Fold case and white space."""
    return " ".join(unicodedata.normalize("NFC", subject).casefold().split())


def digest(subject: str) -> str:
    """Shorten a folded subject."""
    return hashlib.sha256(fold(subject).encode("utf-8", "replace")).hexdigest()[:12]


def mails_in(answer: Any, vendor: str) -> list[Mail]:
    """Read a page of mails.

    Raises ProviderConfusingError. Graph has answered a search with HTTP 200 whose list holds an error object.
    """
    items = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(items, list) or any(isinstance(each, dict) and "error" in each for each in items):
        raise ProviderConfusingError(f"{vendor} gave an answer that can't be understood: no list of mails.")
    return [mail for each in items if (mail := mail_in(each)) is not None]


def mail_in(item: Any) -> Mail | None:
    """Read one mail; None where it has no id."""
    if not isinstance(item, dict) or not _text(item.get("id")):
        return None
    body, sender = item.get("body"), item.get("from") or item.get("sender")
    everybody = [
        _address(each)
        for name in ("toRecipients", "ccRecipients", "bccRecipients")
        for each in _list(item.get(name))
    ]
    return Mail(
        id=_text(item["id"]),
        internet_id=_text(item.get("internetMessageId")).strip().strip("<>"),
        subject=bounded(" ".join(_text(item.get("subject")).split()), LONGEST_SUBJECT),
        sent_at=_moment(item.get("sentDateTime")),
        sender=_address(sender),
        sender_name=bounded(_text(_inner(sender).get("name")).strip(), 120),
        recipients=tuple(dict.fromkeys(each for each in everybody if each)),
        attachments=item.get("hasAttachments") is True,
        url=_text(item.get("webLink")) or None,
        text=_readable(body) if isinstance(body, dict) else "",
    )


def reports_in(answer: Any) -> list[Report]:
    """Read report mails with their headers; what is no mail is left out."""
    found = []
    for item in _list(answer.get("value") if isinstance(answer, dict) else None):
        if not isinstance(item, dict):
            continue
        headers = [
            _text(each.get("value"))
            for each in _list(item.get("internetMessageHeaders"))
            if isinstance(each, dict) and _text(each.get("name")).casefold() in _NAMING
        ]
        at = _moment(item.get("receivedDateTime"))
        found.append(Report(subject=_text(item.get("subject")), at=at, about=" ".join(headers)))
    return found


def trouble_in(answer: Any) -> Trouble:
    """Read Graph's error envelope, the innermost code that it names first; empty where there is none."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return Trouble()
    code, message, inner = _text(error.get("code")), _text(error.get("message")), error
    for _ in range(5):
        inner = inner.get("innerError") or inner.get("innererror") or {}
        if not isinstance(inner, dict):
            break
        code = _text(inner.get("code")) or code
    return Trouble(code=code[:80], message=message[:300])


def receipt_in(text: str) -> str | None:
    """Find hub server and message id in the answer to a recall, which is documented as text that is no JSON."""
    text = text[:4000]
    hub, message = _HUB.search(text), _RECEIPT.search(text)
    parts = [f"hub server {hub[1]}"] if hub else []
    parts += [f"message id {message[0]}"] if message else []
    return ", ".join(parts) or None


def newest(mails: Sequence[Mail]) -> list[Mail]:
    """Order mails, the newest first; what has no time comes last."""
    return sorted(mails, key=lambda each: each.sent_at or datetime.min.replace(tzinfo=UTC), reverse=True)


def _readable(body: dict[str, Any]) -> str:
    """Give a body's text; of HTML what a person would read, roughly."""
    text = _text(body.get("content"))
    if _text(body.get("contentType")).casefold() != "html":
        return text
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>", " ", text)
    text = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h\d)\b[^>]*>", "\n", text)
    text = re.sub(r"<[^<>]{0,2000}>", "", text)
    for entity, plain in (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, plain)
    return re.sub(r"\n\s*\n+", "\n\n", text).strip()


def _address(recipient: Any) -> str:
    return _text(_inner(recipient).get("address")).strip()


def _inner(recipient: Any) -> dict[str, Any]:
    given = recipient.get("emailAddress") if isinstance(recipient, dict) else None
    return given if isinstance(given, dict) else {}


def _moment(text: Any) -> datetime | None:
    """Read a moment; one that no mail can have been sent at, and that no sum could be made with, is none."""
    try:
        moment = datetime.fromisoformat(_text(text))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
