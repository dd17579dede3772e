"""One connection to an MCP server, owned by one task: the library wants its contexts left where they were entered.

Calls reach the owner through a queue. Each gets its own answer or its own error; none ends the connection.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anyio
import httpx2
import mcp_types
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError

from bot.errors import (
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.providers.mcp_wire import CURRENT, LARGEST_ANSWER, Break, Exchange, Wire
from bot.providers.trouble import http_date, redacted, refusal_for_status, retry_after_seconds

CLOSING_SECONDS = 3.0
SPENT = 404
"""The HTTP status for a session that the server does not know any more."""

for _talkative, _level in (
    ("mcp", logging.WARNING),  # session ids at INFO
    ("httpx2", logging.WARNING),  # addresses at INFO
    ("httpcore2", logging.WARNING),  # headers at DEBUG
    ("mcp.client.streamable_http", logging.CRITICAL),  # bodies, with the tracebacks of what can't be parsed
    ("client", logging.CRITICAL),  # the library's name for its session; bodies likewise
):
    logging.getLogger(_talkative).setLevel(_level)


class SessionSpentError(ProviderDownError):
    """The vendor ended the session. Nothing was done; a new session is needed."""

    code = "provider_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A result, and the time that the vendor's clock showed (None: it sent none)."""

    result: Any
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    request: mcp_types.ClientRequest
    result: type[BaseModel]
    seconds: float
    reply: asyncio.Future[Reply]


class Line:
    """An open connection, or one that is being opened; `dead` once it has ended for good."""

    def __init__(self, *, url: str, token: str, vendor: str, seconds: float) -> None:
        """Begin to connect. `seconds` is how long the handshake and each request may take."""
        self._url = url
        self._token = token
        self._vendor = vendor
        self._seconds = seconds
        self._calls: asyncio.Queue[_Call | None] = asyncio.Queue()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(), name=f"mcp line to {vendor}")
        self.dead = False

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left."""
        return self._owner.done()

    async def opened(self) -> None:
        """Wait for the handshake; raises the ProviderError that ended it."""
        await asyncio.shield(self._ready)

    async def ask(self, request: mcp_types.ClientRequest, result: type[BaseModel], seconds: float) -> Reply:
        """Send one request. Raises a ProviderError, SessionSpentError among them."""
        if self.dead:
            raise ProviderDownError(f"The connection to {self._vendor} is closed.")
        call = _Call(
            request=request,
            result=result,
            seconds=seconds,
            reply=asyncio.get_running_loop().create_future(),
        )
        self._calls.put_nowait(call)
        return await call.reply

    def retire(self) -> None:
        """Take no further calls. Those that run are answered first; then the connection ends by itself."""
        self.dead = True
        self._calls.put_nowait(None)

    async def close(self) -> None:
        """End the connection and whatever runs on it; takes a few seconds at most."""
        self.dead = True
        self._owner.cancel()
        await asyncio.wait({self._owner}, timeout=CLOSING_SECONDS)

    async def _own(self) -> None:
        exchange = Exchange()
        CURRENT.set(exchange)
        try:
            async with AsyncExitStack() as contexts:
                try:
                    session = await self._enter(contexts)
                except (MCPError, ValidationError, RuntimeError, anyio.BrokenResourceError) as error:
                    self._fail_opening(self._judge(error, exchange))
                    return
                self._ready.set_result(None)
                await self._serve(session)
        except ExceptionGroup:
            self._fail_opening(ProviderDownError(f"The connection to {self._vendor} can't be kept open."))
        finally:
            self.dead = True
            self._fail_opening(ProviderDownError(f"The connection to {self._vendor} was closed."))
            while not self._calls.empty():
                if (call := self._calls.get_nowait()) and not call.reply.done():
                    call.reply.set_exception(
                        ProviderDownError(f"The connection to {self._vendor} is closed.")
                    )

    async def _enter(self, contexts: AsyncExitStack) -> ClientSession:
        http = await contexts.enter_async_context(
            httpx2.AsyncClient(
                transport=Wire(seconds=self._seconds),
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=httpx2.Timeout(self._seconds),
            )
        )
        streams = await contexts.enter_async_context(
            streamable_http_client(self._url, http_client=http, max_sse_event_size=LARGEST_ANSWER)
        )
        session = await contexts.enter_async_context(
            ClientSession(
                *streams,
                read_timeout_seconds=self._seconds,
                client_info=mcp_types.Implementation(name="recall", version="1"),
            )
        )
        await session.initialize()
        return session

    async def _serve(self, session: ClientSession) -> None:
        async with asyncio.TaskGroup() as running:
            while (call := await self._calls.get()) is not None:
                running.create_task(self._answer(call, session))

    async def _answer(self, call: _Call, session: ClientSession) -> None:
        """Carry out one call. Its error goes to whoever asked, never to the connection."""
        exchange = Exchange()
        CURRENT.set(exchange)
        error: ProviderError | None = ProviderLostError(f"The connection to {self._vendor} was closed.")
        try:
            result = await session.send_request(
                call.request, call.result, request_read_timeout_seconds=call.seconds
            )
        except (MCPError, ValidationError, RuntimeError, anyio.ClosedResourceError) as trouble:
            error = self._judge(trouble, exchange)
        else:
            error = None
            if not call.reply.done():
                call.reply.set_result(Reply(result=result, at=http_date(exchange.date)))
        finally:
            if error and not call.reply.done():
                call.reply.set_exception(error)

    def _fail_opening(self, error: ProviderError) -> None:
        if not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # it may be that nobody waits any more

    def _judge(self, error: Exception, exchange: Exchange) -> ProviderError:
        """Say in our words what went wrong, by the exchange first: the library's error knows less."""
        if exchange.broke is Break.UNREACHED:
            return ProviderDownError(f"{self._vendor} can't be reached.")
        if exchange.broke is Break.LOST:
            return ProviderLostError(f"The connection to {self._vendor} broke before its answer came.")
        timed_out = isinstance(error, MCPError) and error.code == mcp_types.REQUEST_TIMEOUT
        if exchange.broke is Break.SLOW or (timed_out and exchange.status is None):
            return ProviderSlowError(f"{self._vendor} did not answer within {self._seconds:g} seconds.")
        if exchange.status == SPENT and self._ready.done():
            return SessionSpentError(f"{self._vendor} ended the session.")
        if exchange.status is not None and not 200 <= exchange.status < 300:  # noqa: PLR2004 - HTTP's own numbers
            now = http_date(exchange.date) or datetime.now(UTC)
            wait = retry_after_seconds(exchange.retry_after, now)
            return refusal_for_status(self._vendor, exchange.status, retry_after=wait)
        return self._judge_answer(error)

    def _judge_answer(self, error: Exception) -> ProviderError:
        """Say what a JSON-RPC error, or a result that is none, means."""
        if not isinstance(error, MCPError) or error.code in {
            mcp_types.PARSE_ERROR,
            mcp_types.INVALID_REQUEST,
        }:
            return ProviderConfusingError(f"{self._vendor} gave an answer that can't be understood.")
        if error.code == mcp_types.CONNECTION_CLOSED:
            return ProviderLostError(f"The connection to {self._vendor} broke before its answer came.")
        if error.code == mcp_types.REQUEST_TIMEOUT:
            return ProviderSlowError(f"{self._vendor} did not answer within {self._seconds:g} seconds.")
        words = redacted(error.message, [self._token])
        if error.code == mcp_types.INTERNAL_ERROR:
            down = ProviderDownError(f"{self._vendor} has trouble of its own: “{words}”.")
            down.maybe_applied = True
            return down
        return ProviderRefusedError(f"{self._vendor} refused the request: “{words}”.")
