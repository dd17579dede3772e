"""One account at a vendor that is described in the settings: its requests, filled in, sent and judged.

Reads are tried again where that can help; an order is sent once.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import (
    NotFoundError,
    ProviderConfusingError,
    ProviderError,
    ProviderRefusedError,
    RecallError,
)
from bot.ports import Clock
from bot.providers import http_template
from bot.providers.base import Limiter, ReadRetry, Urgency, Window
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpAnswer, HttpRequest
from bot.providers.http_pointer import MISSING, at, found
from bot.providers.http_settings import HttpSettings, RequestSettings
from bot.providers.http_template import Values
from bot.providers.trouble import redacted
from bot.target import RepeatClass

JUDGED = frozenset(range(400, 500)) - {408, 429}
"""Statuses that may mean something of the vendor's own; the settings say what."""

GONE = frozenset({404, 410})
UNAUTHORIZED = 401
TOKEN_MARGIN = 60.0
"""Seconds before a token's end at which a new one is fetched."""


@dataclass(slots=True, kw_only=True)
class _Token:
    text: str
    until: datetime | None


class HttpAccount:
    """Asks and orders. Raises ProviderError, and NotFoundError where a value can be no id."""

    def __init__(self, settings: HttpSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        self._clock = clock
        self._secrets = settings.secrets()
        self._retry = ReadRetry(budget=settings.timeout)
        self._client = HttpClient(
            vendor=settings.title,
            seconds=settings.timeout,
            limiters=(_limiter(settings, clock),),
            secrets=self._secrets,
            credential=settings.credential,
        )
        self._token: _Token | None = None
        self._signing_in = asyncio.Lock()

    def now(self, answer: HttpAnswer | None) -> datetime:
        """Tell the time by the vendor's own clock where it sent it."""
        return (answer.at if answer else None) or self._clock.now()

    async def read(self, request: RequestSettings, values: Values, urgency: Urgency) -> HttpAnswer:
        """Ask, and ask again where that can help. Raises a ProviderError for what is no answer."""
        return await self._retry(lambda: self.once(request, values, urgency))

    async def once(self, request: RequestSettings, values: Values, urgency: Urgency) -> HttpAnswer:
        """Send one request. A token that is spent is fetched anew: the vendor has done nothing then."""
        answer = await self._send(request, values, urgency)
        if self._settings.sign_in is not None and self._spent(answer):
            self._token = None
            answer = await self._send(request, values, urgency)
        if answer.status == UNAUTHORIZED:
            raise self._client.refusal(answer)
        return answer

    def refusal(self, answer: HttpAnswer) -> RecallError:
        """Say why the vendor did not do it: in the settings' words, else in its own."""
        settings = self._settings
        for each in settings.errors:
            if each.when.holds(answer):
                return ProviderRefusedError(each.says)
        said = self.words(answer, settings.error_text)
        code = self.words(answer, settings.error_code)
        if said or code:
            told = ": ".join(
                part for part in (f"code {code}" if code else "", f"“{said}”" if said else "") if part
            )
            return ProviderRefusedError(f"{settings.title} refused ({told}).")
        if answer.status in GONE:
            return NotFoundError(f"{settings.title} has no {settings.noun} with that id.")
        if answer.ok:
            return ProviderConfusingError(f"{settings.title} gave an answer that can't be understood.")
        return self._client.refusal(answer)

    def code(self, answer: HttpAnswer) -> str | None:
        """Give the vendor's own error code, where the settings say where it stands."""
        return self.words(answer, self._settings.error_code) or None

    def words(self, answer: HttpAnswer, pointer: str | None) -> str:
        """Read a text or a number of the vendor's, fit for a sentence; empty where there is none."""
        value = found(answer.json, pointer)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        return redacted(str(value), self._known())

    def request(self, request: RequestSettings, values: Values, token: str | None = None) -> HttpRequest:
        """Fill a request in; without a token to be shown only. Raises NotFoundError for what can be no id."""
        headers = {
            name: http_template.header(text, {"key": "", **values, "token": token or "…"})
            for name, text in {**self._settings.headers, **request.headers}.items()
        }
        url = http_template.url(request.url, values)
        settings = self._settings
        # A kept connection that turns out stale leaves doubt, which costs nothing where a repeat is harmless.
        kept = request is settings.recall and settings.repeat_class() is RepeatClass.HARMLESS
        once = False if kept else None
        if request.form is not None:
            form = http_template.form(request.form, values)
            return HttpRequest.of_form(request.method, url, form, headers=headers, once=once)
        if request.body is not None:
            body = http_template.json_value(request.body, values)
            return HttpRequest.of_json(request.method, url, body, headers=headers, once=once)
        return HttpRequest(method=request.method, url=url, headers=headers, once=once)

    async def sign_in(self, urgency: Urgency) -> str:
        """Give the token, fetched when first needed, before it ends, and after it was refused."""
        settings = self._settings.sign_in
        if settings is None:
            return ""
        async with self._signing_in:
            now = self._clock.now()
            if self._token is None or (self._token.until is not None and self._token.until <= now):
                self._token = await self._fetched(urgency)
            return self._token.text

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.close()

    async def _fetched(self, urgency: Urgency) -> _Token:
        settings = self._settings.sign_in
        assert settings is not None
        try:
            answer = await self._client.ask(
                replace(self.request(settings, {}), once=False), urgency=urgency, expect=JUDGED
            )
        except ProviderError as error:
            error.maybe_applied = False  # only a token was asked for
            raise
        token = at(answer.json, settings.token)
        if not answer.ok or not isinstance(token, str) or not token or not token.isprintable():
            raise _not_signed_in(self.refusal(answer), self._settings.title)
        seconds = found(answer.json, settings.seconds)
        until = None
        if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < 1e9:  # noqa: PLR2004 - thirty years
            until = self._clock.now() + timedelta(seconds=max(1.0, seconds - TOKEN_MARGIN))
        return _Token(text=token, until=until)

    async def _send(self, request: RequestSettings, values: Values, urgency: Urgency) -> HttpAnswer:
        token = await self.sign_in(urgency)
        filled = self.request(request, values, token)
        return await self._client.ask(filled, urgency=urgency, expect=JUDGED, plain=request.plain)

    def _spent(self, answer: HttpAnswer) -> bool:
        settings = self._settings.sign_in
        assert settings is not None
        return answer.status == UNAUTHORIZED or any(each.holds(answer) for each in settings.spent)

    def _known(self) -> tuple[str, ...]:
        return (*self._secrets, *([self._token.text] if self._token else []))


def entries_in(value: Any, pointer: str) -> list[Any] | None:
    """Find the array of a list; None where there is none. Null is an empty one."""
    array = at(value, pointer)
    if array is None:
        return []
    return array if array is not MISSING and isinstance(array, list) else None


def _not_signed_in(why: RecallError, title: str) -> ProviderError:
    said = why.sentence if isinstance(why, ProviderRefusedError) else f"{title} gave no token."
    return ProviderRefusedError(f"{said} Recall can't sign in; check sign_in and its credentials.")


def _limiter(settings: HttpSettings, clock: Clock) -> Limiter:
    """Make the limits of the account: calls at a time, in a second and in ten minutes."""
    windows = []
    if settings.calls_per_second is not None:
        windows.append(Window.a_second(settings.calls_per_second))
    if settings.calls_per_10_minutes is not None:
        windows.append(Window(calls=settings.calls_per_10_minutes, seconds=600 + settings.timeout))
    return Limiter(
        vendor=settings.title,
        concurrency=settings.concurrency,
        windows=windows,
        now=lambda: clock.now().timestamp(),
    )
