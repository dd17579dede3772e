"""Everything put together: the local Slack, the vendors, the customers' phones, chats and inboxes, and the page that shows them."""

import asyncio
import logging
from functools import partial
from types import TracebackType
from typing import Self

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.page.server import Page
from sandbox.phones import Phones
from sandbox.posters import Posters
from sandbox.slack import incident
from sandbox.slack.deliver import ACK_SECONDS
from sandbox.slack.local import LocalSlack
from sandbox.vendors import graph_seed
from sandbox.vendors.chatwoot import Chatwoot
from sandbox.vendors.graph import Graph
from sandbox.vendors.netmera import Netmera
from sandbox.vendors.northpost import Northpost
from sandbox.visitors import Visitors

UNHURRIED_SECONDS = 0.2
"""What one recall takes a mail system; 240 of them, four at a time, need 12 seconds."""


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
        self.northpost = Northpost(clock=self.clock, feed=self.feed, phones=self.phones)
        self.posters = Posters(feed=self.feed)
        self.visitors = Visitors(feed=self.feed)
        self.chatwoot = Chatwoot(clock=self.clock, feed=self.feed, visitors=self.visitors)
        self.page = Page(
            slack=self.slack,
            netmera=self.netmera,
            graph=self.graph,
            northpost=self.northpost,
            phones=self.phones,
            posters=self.posters,
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

    def goes_wrong(self) -> None:
        """Let an agent repeat the wrong price in a chat, and an incident post name all that has gone out with it.

        The mail system is no faster than a real one then, so that a mail-merge can be stopped in the middle.
        """
        self.graph.before = partial(asyncio.sleep, UNHURRIED_SECONDS)
        slip = self.chatwoot.slips()
        mail = self.graph.books.sent_by(graph_seed.ANN)[0].as_json(self.graph.url)
        incident.plant(self.slack.state, chat=self.chatwoot.link(slip), mail=str(mail["webLink"]))
        self.feed.changed()

    async def stop(self) -> None:
        """End everything."""
        await self.slack.stop()
        await self.netmera.stop()
        await self.graph.stop()
        await self.northpost.stop()
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
        await self.northpost.start()
        await self.chatwoot.start()
