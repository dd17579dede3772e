"""What went wrong with a call to Slack, and what it means for the next try.

The one question that matters: can it have taken effect? slack_sdk tells this apart badly: a 5xx may come with a
text or HTML body, a time-out is a bare TimeoutError, a lost connection a ClientError (measured with 3.47).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

FAILURES: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""Everything that a Slack client raises when a call did not work."""

UNCLEAR: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack: "some aspect of the operation may have succeeded"."""

PAUSE: Final = 30.0
"""Seconds to wait after a 429 that does not say how long."""

TOO_MANY: Final = 429
SERVER_SIDE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One failed call. At most one of `refused` and `wait` is set; neither: Slack is away."""

    code: str  # Slack's own word, or ours; for the log
    refused: str | None = None  # Slack's clear no
    wait: float | None = None  # seconds that Slack asks to wait
    unclear: bool = False  # it may have taken effect all the same
    details: tuple[str, ...] = ()  # what Slack's block validation said


def trouble(error: BaseException) -> Trouble:
    """Judge a failed call by what came back."""
    if isinstance(error, SlackApiError):
        return _answered(error)
    if isinstance(error, aiohttp.ClientConnectorError):  # never got as far as Slack
        return Trouble(code="unreachable")
    return Trouble(code="timeout" if isinstance(error, TimeoutError) else "lost", unclear=True)


def _answered(error: SlackApiError) -> Trouble:
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, Mapping) else ""
    if status == TOO_MANY or code in {"ratelimited", "rate_limited"}:
        return Trouble(code="ratelimited", wait=_wait(getattr(response, "headers", None)))
    if status >= SERVER_SIDE or not code or code in UNCLEAR:
        return Trouble(code=code or f"http_{status}", unclear=True)
    return Trouble(code=code, refused=code, details=_details(data))


def _wait(headers: object) -> float:
    if not isinstance(headers, Mapping):
        return PAUSE
    named = {str(name).casefold(): each for name, each in headers.items()}
    try:
        return max(1.0, float(named["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return PAUSE


def _details(data: object) -> tuple[str, ...]:
    more = data.get("response_metadata") if isinstance(data, Mapping) else None
    messages = more.get("messages") if isinstance(more, Mapping) else None
    return tuple(str(each) for each in messages) if isinstance(messages, list) else ()
