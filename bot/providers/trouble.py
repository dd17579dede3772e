"""What a vendor's HTTP answer means when it is not the one that was hoped for."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderOffError,
    ProviderRefusedError,
    ProviderSlowError,
)

LONGEST_QUOTE = 300
"""Characters of a vendor's own words that an error's sentence holds."""

LONGEST_WAIT = 86_400.0
"""Seconds; a vendor that asks for more than a day is taken to mean a day."""

_BEARER = re.compile(r"(?i)\b(bearer|basic|token)\s+[\w.~+/=-]{8,}")
_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?")


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """Read a `Retry-After` header: seconds, also with a fraction, or an HTTP date. None: absent or unreadable.

    `now` is what a date is counted from: the vendor's own `Date`, where it sent one.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_WAIT)


def http_date(value: str | None) -> datetime | None:
    """Read a `Date` header; None: absent or unreadable."""
    try:
        moment = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def bounded(text: str, limit: int) -> str:
    """Cut foreign text to `limit` characters, and replace half characters that no encoding can hold."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """Make a vendor's words fit for an error's sentence: one short line without secrets, tokens or addresses."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    text = _ADDRESS.sub("…", _BEARER.sub("…", text))
    text = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    text = " ".join(text.split())
    return bounded(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…", LONGEST_QUOTE)


def refusal_for_status(
    vendor: str, status: int, *, retry_after: float | None = None, setting: str = "token"
) -> ProviderError:
    """Say what an HTTP status that is no success means. `setting` is the key that holds the credential.

    A server's own failure may come before or after it did what was asked: `maybe_applied` is true then.
    """
    asks_to_wait = status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after is not None
    if status == HTTPStatus.TOO_MANY_REQUESTS or asks_to_wait:
        return ProviderBusyError(f"{vendor} asks to wait before the next request.", retry_after=retry_after)
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT}:
        return ProviderSlowError(f"{vendor} did not answer in time (HTTP {status}).")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        down = ProviderDownError(f"{vendor} has trouble of its own (HTTP {status}).")
        down.maybe_applied = True
        return down
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}:
        return ProviderOffError(f"Nothing answers at {vendor}'s address (HTTP {status}). Check the url.")
    if status < HTTPStatus.BAD_REQUEST:
        return ProviderConfusingError(f"{vendor} gave an answer that can't be understood (HTTP {status}).")
    return ProviderRefusedError(_refusal(vendor, status, setting))


def _refusal(vendor: str, status: int, setting: str) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return f"{vendor} does not accept Recall's {setting}. Put a valid one into the settings."
    if status == HTTPStatus.FORBIDDEN:
        return f"{vendor} says that Recall's {setting} lacks the right to do this."
    return f"{vendor} refused the request (HTTP {status})."
