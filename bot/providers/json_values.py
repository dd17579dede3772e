"""Values of a vendor's JSON, read tolerantly: None for whatever does not fit. Pure."""

import math
import unicodedata
from datetime import UTC, datetime
from typing import Any

from bot.target import TargetId

LONGEST_ID = 200
LONGEST_URL = 2_000

_MILLISECONDS_FROM = 1e11
"""Epoch numbers above this are milliseconds: in seconds it would be the year 5138."""


def as_id(value: Any, longest: int = LONGEST_ID) -> TargetId | None:
    """Read an id; one with blanks or control characters could not be asked for again."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip()
    clean = all(not one.isspace() and unicodedata.category(one)[0] != "C" for one in text)
    return TargetId(text) if text and clean and len(text) <= longest else None


def as_text(value: Any) -> str | None:
    """Read text that holds more than blanks."""
    return value if isinstance(value, str) and value.strip() else None


def as_url(value: Any) -> str | None:
    """Read a web address."""
    usable = (
        isinstance(value, str) and value.startswith(("https://", "http://")) and len(value) <= LONGEST_URL
    )
    return value if usable and value.isprintable() and " " not in value else None


def as_count(value: Any) -> int | None:
    """Read a number of people; also as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:  # noqa: PLR2004
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value >= 0 else None


def as_moment(value: Any) -> datetime | None:
    """Read ISO 8601 (without a zone: UTC) or an epoch number, in seconds or milliseconds, also as text."""
    try:
        if isinstance(value, str) and not value.strip().lstrip("-").replace(".", "", 1).isdigit():
            moment = datetime.fromisoformat(value.strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS_FROM else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
