"""The one HTTP client of all vendors that speak HTTP: bounded in time and size, and careful about what was sent.

What it guards against was found in aiohttp 3.14 and in vendors' answers: the library sends GET, PUT and DELETE a
second time by itself when a connection breaks; it follows redirects with the token; it waits five minutes. Here a
request is sent once, redirects are refused, and every await ends.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderOffError,
    ProviderSlowError,
)
from bot.providers.http_message import HttpAnswer, HttpRequest, longest_first, parsed
from bot.providers.limiter import Limiter, Urgency
from bot.providers.trouble import redacted, refusal_for_status

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes, unpacked; a list of a few hundred messages is about a tenth of this."""

CLOSING_SECONDS = 3.0
PIECE = 64 * 1024
"""Bytes of a body that are read at a time."""

_BREAKS = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
"""What the library answers by sending a request again, where its method is one that it thinks harmless."""


@dataclass(slots=True, kw_only=True)
class _Exchange:
    sent: bool = False  # a byte of the request may have left


class _BrokenError(aiohttp.ClientError):
    """The connection broke; of a kind that the library does not answer by sending again."""


class HttpClient:
    """Asks one account at a vendor. Opens nothing before the first request; belongs to the loop of that one."""

    def __init__(
        self,
        *,
        vendor: str,
        seconds: float = 10.0,
        largest: int = LARGEST_ANSWER,
        limiters: tuple[Limiter, ...] = (),
        secrets: Iterable[str] = (),
        credential: str = "token",
        wait_in: Callable[[Any], float | None] | None = None,
    ) -> None:
        """Keep what holds for every request.

        Args:
            vendor: how people call it.
            seconds: for the wait for a turn, and again for the whole exchange, body included.
            largest: bytes of an answer.
            limiters: each gives a turn before a request begins.
            secrets: what no error may repeat, besides what the request's headers hold.
            credential: the setting's name that a 401 is about.
            wait_in: finds seconds to wait in a body, for vendors that do not say it in `Retry-After`.
        """
        self._vendor = vendor
        self._seconds = seconds
        self._largest = largest
        self._limiters = limiters
        self._secrets = tuple(secrets)
        self._credential = credential
        self._wait_in = wait_in
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._closed = False

    async def ask(
        self,
        request: HttpRequest,
        *,
        urgency: Urgency = Urgency.PERSON,
        expect: Collection[int] = (),
        plain: bool = False,
        limiters: tuple[Limiter, ...] = (),
    ) -> HttpAnswer:
        """Send one request, once, and return an answer that succeeded or whose status is in `expect`.

        A success has a JSON body or none, unless `plain`. A raised ProviderError says by `maybe_applied` whether
        the vendor may have done what was asked.
        """
        turns = (*self._limiters, *limiters) if limiters else self._limiters
        answer = await self._in_turn(request, urgency, turns)
        if answer.status in expect:
            return answer
        if not answer.ok:
            raise self._held(self.refusal(answer), turns)
        if not plain and not answer.is_json and not answer.empty:
            kind = redacted(answer.content_type, longest_first(self._known(request)))[:60] or "no type"
            raise ProviderConfusingError(
                f"{self._vendor} gave an answer that can't be understood: no JSON, but {kind}."
            )
        return answer

    def refusal(self, answer: HttpAnswer) -> ProviderError:
        """Say what an answer's status means that is no success."""
        if answer.status < HTTPStatus.BAD_REQUEST and answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            return ProviderConfusingError(
                f"{self._vendor} sends requests on to another address (HTTP {answer.status}), which is not followed."
                " Put the final address into the settings."
            )
        wait = answer.retry_after
        if wait is None and self._wait_in is not None and answer.is_json:
            wait = self._wait_in(answer.json)
        return refusal_for_status(self._vendor, answer.status, retry_after=wait, setting=self._credential)

    def quoted(self, words: str, request: HttpRequest | None = None) -> str:
        """Make the vendor's own words fit for an error's sentence."""
        return redacted(words, longest_first(self._known(request)))

    async def close(self) -> None:
        """Let go of the connections; a few seconds at most."""
        self._closed = True
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            async with asyncio.timeout(CLOSING_SECONDS):
                await session.close()

    def _known(self, request: HttpRequest | None) -> frozenset[str]:
        return frozenset(self._secrets) | (request.secrets() if request else frozenset())

    async def _in_turn(
        self, request: HttpRequest, urgency: Urgency, limiters: tuple[Limiter, ...]
    ) -> HttpAnswer:
        entered = 0
        try:
            for limiter in limiters:
                await limiter.enter(urgency, patience=self._seconds)
                entered += 1
            return await self._exchange(request)
        finally:
            for limiter in limiters[:entered]:
                limiter.leave()

    def _held(self, error: ProviderError, limiters: tuple[Limiter, ...]) -> ProviderError:
        if isinstance(error, ProviderBusyError):
            for limiter in limiters:
                limiter.hold(error.retry_after or 0.0)
        return error

    async def _exchange(self, request: HttpRequest) -> HttpAnswer:
        exchange = _Exchange()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(request, exchange)
        except TimeoutError:
            if exchange.sent:
                raise ProviderSlowError(
                    f"{self._vendor} did not answer within {self._seconds:g} seconds."
                ) from None
            raise ProviderDownError(
                f"{self._vendor} can't be reached (no connection within {self._seconds:g} seconds)."
            ) from None
        except (
            ValueError
        ):  # an address or a header that no request can be made of; its words may hold a secret
            raise ProviderOffError(
                f"No request to {self._vendor} can be made of its settings: check the address and the headers."
            ) from None
        except (aiohttp.ClientError, OSError):
            if exchange.sent:
                raise ProviderLostError(
                    f"The connection to {self._vendor} broke before its answer came."
                ) from None
            raise ProviderDownError(f"{self._vendor} can't be reached.") from None

    async def _send(self, request: HttpRequest, exchange: _Exchange) -> HttpAnswer:
        headers = request.headers
        if request.content_type:
            headers = {"Content-Type": request.content_type, **headers}
        _EXCHANGE.set(exchange)
        async with self._session(alone=request.alone).request(
            request.method,
            URL(request.address, encoded=True),
            headers=headers,
            data=request.content,
            allow_redirects=False,
        ) as response:
            body = await self._body(response)
            value, is_json = parsed(body)
            return HttpAnswer(
                status=response.status,
                json=value,
                is_json=is_json,
                text=body.decode("utf-8", "replace"),
                headers=response.headers,
            )

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        """Read the body. Of an answer that is no success, what can be read is enough: its status says it."""
        failed = response.status >= HTTPStatus.MULTIPLE_CHOICES
        parts: list[bytes] = []
        left = self._largest
        content = response.content
        try:
            while left >= 0 and not content.at_eof():
                part = await content.read(PIECE)
                left -= len(part)
                parts.append(part)
        except (aiohttp.ClientError, OSError):
            if not failed:
                raise
        if left < 0 and not failed:
            raise ProviderConfusingError(
                f"{self._vendor} gave an answer that can't be understood: more than {self._largest:,} bytes."
            )
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _session(self, *, alone: bool) -> aiohttp.ClientSession:
        """Give the session: `alone` ones never use a connection again, for a stale one leaves doubt."""
        if self._closed:  # a look-up that outlived its caller: nothing would close a new session again
            raise ProviderDownError(f"{self._vendor} can't be asked any more: Recall is ending.")
        if alone not in self._sessions:
            self._sessions[alone] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=alone),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                request_class=_Request,
                response_class=_Response,
                headers={"User-Agent": "Recall", "Accept": "application/json"},
            )
        return self._sessions[alone]


_EXCHANGE: ContextVar[_Exchange] = ContextVar("recall_http_exchange")
"""The exchange that the running task makes: the library makes requests and answers of the classes below itself."""


class _Request(aiohttp.ClientRequest):
    """Notes when bytes may leave. A trace would tell the same, and cost a fifth of the whole request."""

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it on a connection that stands; what breaks from here on leaves doubt."""
        _EXCHANGE.get().sent = True
        try:
            return await super().send(conn)
        except _BREAKS as error:
            raise _BrokenError from error


class _Response(aiohttp.ClientResponse):
    """Breaks in a way that the library does not answer by sending again."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read status and headers."""
        try:
            return await super().start(connection)
        except _BREAKS as error:
            raise _BrokenError from error
