"""What practice vendors with a REST API share: a server on loopback, a record of requests, and faults.

Each vendor says in `answer` what it does; what goes wrong on the wire is made here.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.vendors.faults import Faults, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that reached the vendor's door, answered or not."""

    call: str  # the vendor's name for it: "withdraw"
    method: str
    path: str  # as it came, escaped
    headers: Mapping[str, str]
    body: Any
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the vendor says: JSON, or text where `body` is one."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class RestVendor:
    """A practice vendor. Subclasses name their calls in `call_of` and answer them in `answer`."""

    def __init__(self, *, clock: SandboxClock) -> None:
        self.clock = clock
        self.faults = Faults()
        self.asked: list[Asked] = []
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._closing = asyncio.Event()

    def call_of(self, method: str, path: str) -> str:
        """Name the call that a request is; empty for none."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Reply:
        """Do what is asked, and say so."""
        raise NotImplementedError

    def times(self, call: str) -> int:
        """Count how often something was asked."""
        return [each.call for each in self.asked].count(call)

    @property
    def up(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one."""
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """End; a slow answer is not waited for."""
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def go_down(self) -> None:
        """Answer nothing any more."""
        await self.stop()

    async def come_up(self) -> None:
        """Answer again, at the same address."""
        await self.start(self._port)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        asked = Asked(
            call=self.call_of(request.method, request.rel_url.path),
            method=request.method,
            path=request.raw_path,
            headers=dict(request.headers),
            body=body,
            at=self.clock.now(),
        )
        self.asked.append(asked)
        weather = await self._bad_weather(asked.call)
        if weather is not None:
            return weather
        reply = self.answer(asked)
        if self.faults.take(Kind.ERROR_AFTER, asked.call):
            reply = Reply(status=500, body={"message": "no"})
        if self.faults.take(Kind.DROP_ANSWER, asked.call):
            assert request.transport is not None
            request.transport.abort()
        return self._sent(reply)

    async def _bad_weather(self, call: str) -> web.Response | None:
        """The answer of an ill vendor, None when it is well; a slow one is waited for here."""
        if slow := self.faults.take(Kind.SLOW, call):
            try:
                async with asyncio.timeout(slow.seconds):
                    await self._closing.wait()
            except TimeoutError:
                pass
        if limited := self.faults.take(Kind.RATE_LIMITED, call):
            return self._sent(
                Reply(
                    status=429, body={"message": "slow down"}, headers={"Retry-After": f"{limited.seconds:g}"}
                )
            )
        for kind, status in ((Kind.SERVER_ERROR, 500), (Kind.BAD_TOKEN, 401), (Kind.FORBIDDEN, 403)):
            if self.faults.take(kind, call):
                return self._sent(Reply(status=status, body={"message": "no"}))
        if self.faults.take(Kind.HTML, call):
            return self._sent(Reply(body="<html><body>Maintenance</body></html>"))
        return None

    def _sent(self, reply: Reply) -> web.Response:
        headers = {**reply.headers, "Date": format_datetime(self.clock.now(), usegmt=True)}
        if isinstance(reply.body, str):
            return web.Response(
                text=reply.body, status=reply.status, headers=headers, content_type="text/html"
            )
        if reply.body is None:
            return web.Response(status=reply.status, headers=headers)
        return web.json_response(reply.body, status=reply.status, headers=headers)
