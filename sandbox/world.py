"""Everything put together: the local Slack, the vendors, the customers' phones and chat windows, and the page that shows them."""

import logging
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.page.server import Page
from sandbox.phones import Phones
from sandbox.slack.deliver import ACK_SECONDS
from sandbox.slack.local import LocalSlack
from sandbox.vendors.chatwoot import Chatwoot
from sandbox.vendors.graph import Graph
from sandbox.vendors.netmera import Netmera
from sandbox.visitors import Visitors


class World:
    """A practice world on loopback. `await World.start()`, or `async with await World.start() as world`."""

    def __init__(self, *, seed: int = 0, settle_after: float = 2, ack_seconds: float = ACK_SECONDS) -> None:
        self.clock = SandboxClock()
        self.feed = Feed()
        self.phones = Phones(feed=self.feed)
        self.slack = LocalSlack(clock=self.clock, feed=self.feed, seed=seed, ack_seconds=ack_seconds)
        self.netmera = Netmera(
            clock=self.clock, feed=self.feed, phones=self.phones, settle_after=settle_after
        )
        self.graph = Graph(clock=self.clock, feed=self.feed, settle_after=settle_after)
        self.visitors = Visitors(feed=self.feed)
        self.chatwoot = Chatwoot(clock=self.clock, feed=self.feed, visitors=self.visitors)
        self.page = Page(
            slack=self.slack,
            netmera=self.netmera,
            graph=self.graph,
            phones=self.phones,
            chatwoot=self.chatwoot,
            clock=self.clock,
            feed=self.feed,
        )
        self.url = ""
        self._runner: web.AppRunner | None = None
        self.clock.when_advanced(self.feed.changed)

    @classmethod
    async def start(
        cls,
        *,
        port: int = 0,
        seed: int = 0,
        settle_after: float = 2,
        ack_seconds: float = ACK_SECONDS,
    ) -> Self:
        """Return a world that listens on loopback; port 0 takes a free one.

        `settle_after`: seconds that the vendor takes for a recall. `ack_seconds`: real seconds that Slack waits for
        an ack (3 in earnest; less in tests of what happens without one).
        """
        world = cls(seed=seed, settle_after=settle_after, ack_seconds=ack_seconds)
        await world._serve(port)
        return world

    async def stop(self) -> None:
        """End everything."""
        await self.slack.stop()
        await self.netmera.stop()
        await self.graph.stop()
        await self.chatwoot.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, port: int) -> None:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        self.slack.mount(app)
        self.page.mount(app)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=1, logger=logging.getLogger(__name__)
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        self.slack.served_at(bound)
        self.url = f"http://127.0.0.1:{bound}/"
        await self.netmera.start()
        await self.graph.start()
        await self.chatwoot.start()
