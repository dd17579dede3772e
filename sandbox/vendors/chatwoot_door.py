"""The practice service desk's front door: its token, its clock, and everything that goes wrong on the wire."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.vendors.faults import Faults, Kind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HUGE_BYTES = 10 * 1024 * 1024


class Door:
    """Lets requests in one by one, as the vendor's middleware; `calls` has their names."""

    def __init__(self, *, token: str, faults: Faults, clock: SandboxClock) -> None:
        self.calls: list[str] = []
        self._token = token
        self._faults = faults
        self._clock = clock
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Ends the waiting of slow answers, so that the server can stop at once."""
        self._closing.set()

    def open(self) -> None:
        """Slow answers wait again."""
        self._closing.clear()

    @web.middleware
    async def weather(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answers one request, or misbehaves as it was told to."""
        name = request.match_info.route.name or "unknown"
        self.calls.append(name)
        if slow := self._faults.take(Kind.SLOW, name):
            await self._waits(slow.seconds)
        answer = self._refusal(request, name) or await self._answer(request, handler, name)
        if answer.prepared:
            return answer
        if self._faults.take(Kind.ERROR_AFTER, name):
            answer = web.json_response({"error": "Internal Server Error"}, status=500)
        answer.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        if self._faults.take(Kind.DROP_ANSWER, name) and request.transport:
            request.transport.abort()
        return answer

    def _refusal(self, request: web.Request, name: str) -> web.Response | None:
        """What is answered instead of anything being done."""
        wrong = request.headers.get("api_access_token") != self._token
        if wrong or self._faults.take(Kind.BAD_TOKEN, name):
            return web.json_response({"error": "Invalid Access Token"}, status=401)
        if self._faults.take(Kind.FORBIDDEN, name):
            return web.json_response({"error": "You are not authorized to do this action"}, status=403)
        if limited := self._faults.take(Kind.RATE_LIMITED, name):
            headers = {"Retry-After": str(int(limited.seconds))}
            return web.Response(text="Throttle limit reached", status=429, headers=headers)
        ill: dict[Kind, Callable[[], web.Response]] = {
            Kind.SERVER_ERROR: lambda: web.json_response({"error": "Internal Server Error"}, status=500),
            Kind.HTML: lambda: web.Response(text="<html>Maintenance</html>", content_type="text/html"),
            Kind.REDIRECT: lambda: web.Response(status=302, headers={"Location": str(request.url)}),
            Kind.HUGE: lambda: web.Response(text=f'"{"x" * HUGE_BYTES}"', content_type="application/json"),
        }
        met = (answer for kind, answer in ill.items() if self._faults.take(kind, name))
        return next((answer() for answer in met), None)

    async def _answer(self, request: web.Request, handler: Handler, name: str) -> web.StreamResponse:
        try:
            answer = await handler(request)
        except web.HTTPNotFound as missing:
            return web.Response(text=missing.text, status=404, content_type="application/json")
        assert isinstance(answer, web.Response)
        text = answer.text or ""
        if self._faults.take(Kind.TRUNCATED, name):
            return web.Response(text=text[: len(text) // 2], content_type="application/json")
        if fault := self._faults.take(Kind.ODD, name):
            return web.Response(text=fault.text, content_type="application/json")
        if self._faults.take(Kind.WRONG_TYPE, name):
            return web.Response(text=text, content_type="text/plain")
        if self._faults.take(Kind.TRICKLE, name):
            return await self._trickle(request, text)
        return answer

    async def _trickle(self, request: web.Request, text: str) -> web.StreamResponse:
        """A byte a second, for as long as somebody listens."""
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            for byte in text.encode():
                await answer.write(bytes([byte]))
                await self._waits(1)
        return answer

    async def _waits(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
