"""Stands between a provider and Synapse, and loses what a test wants lost."""

import asyncio
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL


class Proxy:
    """Passes everything on; `lose_next_redaction` lets one take effect and drops its answer."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._losing = False
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.url = ""

    async def start(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession()
        return self

    async def go_away(self) -> None:
        """Answer nobody any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def lose_next_redaction(self) -> None:
        """Drop the answer to the next redaction, which takes effect."""
        await asyncio.sleep(0)
        self._losing = True

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        headers = {
            name: request.headers[name]
            for name in ("Authorization", "Content-Type")
            if name in request.headers
        }
        async with self._session.request(
            request.method,
            URL(self._upstream + request.raw_path, encoded=True),
            headers=headers,
            data=await request.read(),
        ) as answer:
            body = await answer.read()
            if self._losing and request.method == "PUT" and request.transport is not None:
                self._losing = False
                request.transport.abort()
            return web.Response(status=answer.status, body=body, content_type=answer.content_type)
