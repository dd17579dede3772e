"""Single calls to Slack's Web API for a provider: sent once, bounded in time, with their errors in our words."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.providers.limiter import Limiter, Urgency
from bot.providers.trouble import redacted, retry_after_seconds

UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Slack: "some aspect of the operation may have succeeded"."""

TOKEN_GONE = frozenset({"token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"})

PAUSE = 30.0
"""Seconds to wait after a 429 that does not say how long."""


class SlackRefusedError(ProviderRefusedError):
    """Slack said no."""

    def __init__(self, word: str) -> None:
        """Keep Slack's own word for why."""
        said = redacted(word)[:60]
        super().__init__(
            "The Slack token that this needs is not valid any more: put a new one into the settings."
            if word in TOKEN_GONE
            else f"Slack said no: {said}."
        )
        self.word = word


class SlackCalls:
    """Asks one workspace. Keeps no connection open between two calls."""

    def __init__(self, *, url: str, seconds: float, limiter: Limiter) -> None:
        self._url = url if url.endswith("/") else f"{url}/"
        self._seconds = seconds
        self._limiter = limiter

    async def ask(self, method: str, token: str, urgency: Urgency, **arguments: object) -> Mapping[str, Any]:
        """Call a method once. Raises SlackRefusedError for a clear no, else another ProviderError."""
        client = AsyncWebClient(token=token, base_url=self._url, retry_handlers=[])
        client.proxy = None  # a token goes where the settings say, not where the environment does
        async with self._limiter.turn(urgency, patience=self._seconds):
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await client.api_call(method, params=arguments)
            except TimeoutError:
                raise ProviderSlowError(f"Slack did not answer within {self._seconds:g} seconds.") from None
            except aiohttp.ClientConnectorError:
                raise ProviderDownError("Slack can't be reached.") from None
            except (aiohttp.ClientError, OSError):
                raise ProviderLostError("The connection to Slack broke before its answer came.") from None
            except SlackApiError as error:
                raise self._judged(error) from None
            except (SlackClientError, AttributeError, TypeError):  # the SDK trips over JSON that is no object
                raise ProviderConfusingError("Slack gave an answer that can't be understood.") from None
        if not isinstance(answer.data, Mapping):
            raise ProviderConfusingError("Slack gave an answer that can't be understood.")
        return answer.data

    def _judged(self, error: SlackApiError) -> ProviderError:
        response: Any = error.response
        status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
        data = getattr(response, "data", None)
        word = str(data.get("error") or "") if isinstance(data, Mapping) else ""
        if status == HTTPStatus.TOO_MANY_REQUESTS or word in {"ratelimited", "rate_limited"}:
            wait = _wait(getattr(response, "headers", None))
            self._limiter.hold(wait)
            return ProviderBusyError("Slack asks to wait before the next request.", retry_after=wait)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or word in UNCLEAR:
            down = ProviderDownError("Slack has trouble of its own.")
            down.maybe_applied = True
            return down
        if not word:
            return ProviderConfusingError("Slack gave an answer that can't be understood.")
        return SlackRefusedError(word)


def _wait(headers: object) -> float:
    if not isinstance(headers, Mapping):
        return PAUSE
    named = {str(name).casefold(): str(each) for name, each in headers.items()}
    return retry_after_seconds(named.get("retry-after"), datetime.now(UTC)) or PAUSE
