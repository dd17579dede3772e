"""The HTTP side of an MCP connection: keeps what the MCP client library throws away.

The library (mcp 2.3.0) turns every answer that is neither 2xx nor 404 into one error without status or
`Retry-After`, and lets an exception of the HTTP client end the connection for all calls on it. This transport notes
both in the exchange that belongs to the call, and hands the library an ordinary failed answer instead.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from functools import cache

import httpx2

PARTING_SECONDS = 2.0
"""How long a session's farewell may take."""

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes; a list of a few hundred campaigns is about a twentieth of this. The library takes a second to read 10 MB,
and nothing else in the bot goes on meanwhile."""


class Break(Enum):
    """How an exchange ended without an answer."""

    UNREACHED = "unreached"  # nothing was sent
    SLOW = "slow"
    LOST = "lost"  # it broke on the way, or the answer was cut off


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and its answer, as far as they came. Filled in while it runs."""

    status: int | None = None
    retry_after: str | None = None
    date: str | None = None  # the vendor's own clock
    broke: Break | None = None


CURRENT: ContextVar[Exchange | None] = ContextVar("recall_mcp_exchange", default=None)
"""The exchange of the call that the running task makes. The library carries a sender's context to its own tasks."""


class Wire(httpx2.AsyncBaseTransport):
    """Sends requests of an MCP connection; each is through within `seconds`, body included."""

    def __init__(self, *, seconds: float, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._seconds = seconds
        self._inner = inner or httpx2.AsyncHTTPTransport(verify=_trusted())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer in any case: what broke is noted in the exchange and looks like HTTP 502 to the library."""
        if (spared := _spared(request)) is not None:
            return httpx2.Response(spared, request=request)
        exchange = CURRENT.get() or Exchange()
        seconds = PARTING_SECONDS if request.method == "DELETE" else self._seconds
        ends = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(ends):
                response = await self._inner.handle_async_request(request)
        except (httpx2.TransportError, TimeoutError, OSError) as error:
            exchange.broke = _how(error)
            return httpx2.Response(502, request=request)
        exchange.status = response.status_code
        exchange.retry_after = response.headers.get("retry-after")
        exchange.date = response.headers.get("date")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Body(response.stream, exchange, ends)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust. Read once: the list takes 30 ms, in which nothing else goes on, and each connection had its own."""
    return httpx2.create_ssl_context()


class _Body(httpx2.AsyncByteStream):
    """A body that ends where it breaks off, is late or is endless; the exchange knows."""

    def __init__(self, inner: httpx2.AsyncByteStream, exchange: Exchange, ends: float) -> None:
        self._inner = inner
        self._exchange = exchange
        self._ends = ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGEST_ANSWER
        parts = aiter(self._inner)
        while left > 0:
            try:
                async with asyncio.timeout_at(self._ends):
                    part = await anext(parts)
            except StopAsyncIteration:
                return
            except (httpx2.TransportError, TimeoutError, OSError) as error:
                self._exchange.broke = _how(error, sent=True)
                return
            left -= len(part)
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


def _how(error: Exception, *, sent: bool = False) -> Break:
    unreached = httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | httpx2.UnsupportedProtocol
    if isinstance(error, unreached) and not sent:
        return Break.UNREACHED
    return Break.SLOW if isinstance(error, httpx2.TimeoutException | TimeoutError) else Break.LOST


def _spared(request: httpx2.Request) -> int | None:
    """Status for what is never sent; None for everything else.

    The stream that a GET opens brings news of no interest, and would be reopened all day. A request that was given
    up is not called back: whether a recall took effect is read from the vendor's record, and the note would hold up
    every later request behind a vendor that is slow.
    """
    if request.method == "GET":
        return 405
    try:
        asked = json.loads(request.content)
    except ValueError:
        return None
    cancels = isinstance(asked, dict) and asked.get("method") == "notifications/cancelled"
    return 202 if cancels else None
