"""Socket Mode: two connections, each replaced before it is let go, and a watchdog.

Two, since an aborted connection loses what Slack sends until the next one stands. Replaced first: when Slack asks for
a refresh, the SDK hangs up before it opens anew, and what comes meanwhile is lost; both of ours were opened together, so
Slack refreshes both at once. The watchdog, since the SDK tries a dead ticket again for ever: when a connection stays
down, its URL is forgotten and a new one is asked for.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.right_of_way import RightOfWay

CONNECTIONS = 2
PING_SECONDS = 5.0
PATIENCE = 3
"""Rounds of the watchdog for which a connection may be down before its URL is forgotten."""

GRACE = 2.0
"""Seconds for which a connection that has been replaced is still heard: Slack may have sent something before it saw that."""

MOST_LEAVING = 6
"""With two that stand this stays below the ten that Slack allows an app."""

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What Bolt raises over a payload in which a part is of another kind than Slack documents."""

log = logging.getLogger(__name__)


class _Client(SocketModeClient):
    """The SDK's client, which hands over to another one when Slack asks it to leave."""

    leave: Callable[[], bool] | None = None
    reason = ""

    def __init__(self, *, way: RightOfWay, **wiring: Any) -> None:
        super().__init__(**wiring)
        self._way = way
        self._heard: set[asyncio.Task[None]] = set()

    async def enqueue_message(self, message: str) -> None:
        """Begin at once with what Slack sent; an envelope has the right of way until it is acknowledged.

        By way of the SDK's queue it would wait a turn of the loop more, and beside a fan-out a turn is milliseconds.
        """
        try:
            said = json.loads(message)
        except ValueError:
            return
        if isinstance(said, dict):
            task = asyncio.get_running_loop().create_task(self.run_message_listeners(said, message))
            self._heard.add(task)
            task.add_done_callback(self._heard.discard)
            if "envelope_id" in said:
                self._way.take()
                task.add_done_callback(lambda _: self._way.give_back())

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Note why Slack wants to end a connection, which the SDK does not pass on."""
        if message.get("type") == "disconnect":
            self.reason = str(message.get("reason"))
        await super().run_message_listeners(message, raw_message)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Connect again; `force` is a "disconnect" from Slack, over a connection that still stands."""
        crowded = self.reason == "too_many_websockets"  # one more would not help
        if not (force and self.leave and not crowded and self.leave()):
            await super().connect_to_new_endpoint(force)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which also counts what is in hand: an acknowledgement needs its connection."""

    client: _Client

    def __init__(self, app: AsyncApp, client: _Client) -> None:
        """Listen to a client of ours instead of one that Bolt makes."""
        self.app = app
        self.client = client
        self.client.socket_mode_request_listeners.append(self.handle)
        self.in_hand = 0

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        self.in_hand += 1
        try:
            await super().handle(client, req)  # type: ignore[arg-type]
        except UNREADABLE as error:  # without an ack, Slack would send it again
            log.warning("an envelope can't be read: %s", type(error).__name__)
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        finally:
            self.in_hand -= 1


class Sockets:
    """The Socket Mode connections of one bot."""

    def __init__(
        self,
        *,
        app: AsyncApp,
        client: AsyncWebClient,
        app_token: str,
        way: RightOfWay,
        ping_seconds: float = PING_SECONDS,
    ) -> None:
        """Wire them. `way` is what envelopes take; `ping_seconds` is how often each connection is looked after."""
        self._app = app
        self._client = client
        self._app_token = app_token
        self._way = way
        self.ping_seconds = ping_seconds
        self._handlers: list[_Handler] = []
        self._leaving: list[_Handler] = []  # replaced, and heard a little longer
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect; returns at once, and goes on trying for as long as it takes."""
        for _ in range(CONNECTIONS):
            self._handlers.append(handler := self._handler())
            self._spawn(handler.client.connect(), "socket")  # type: ignore[no-untyped-call]
        self._spawn(self._watch(), "socket watchdog")

    async def connected(self) -> int:
        """Count the connections that stand."""
        return sum([await each.client.is_connected() for each in (*self._handlers, *self._leaving)])

    async def stop(self, seconds: float) -> None:
        """Let what is in hand be acknowledged, then hang up; at most this long in all, half of it for each."""
        deadline = asyncio.get_running_loop().time() + seconds
        while any(each.in_hand for each in (*self._handlers, *self._leaving)):
            if asyncio.get_running_loop().time() >= deadline - seconds / 2:
                break
            await asyncio.sleep(0.01)
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(_hang_up(each, seconds / 2) for each in (*self._handlers, *self._leaving)))

    def _handler(self) -> _Handler:
        client = _Client(
            way=self._way,
            app_token=self._app_token,
            logger=_quiet_logger(),
            web_client=self._client,
            ping_interval=self.ping_seconds,
        )
        client.proxy = self._client.proxy
        handler = _Handler(self._app, client)
        client.leave = lambda: self._replaces(handler)
        return handler

    def _replaces(self, old: _Handler) -> bool:
        """Open another connection in place of one that Slack asks to leave; False: it has to help itself."""
        if old in self._leaving:
            return True
        if len(self._leaving) >= MOST_LEAVING:
            return False
        fresh = self._handlers[self._handlers.index(old)] = self._handler()
        self._leaving.append(old)
        old.client.auto_reconnect_enabled = old.client.default_auto_reconnect_enabled = False
        self._spawn(self._hand_over(old, fresh), "socket hand-over")
        return True

    async def _hand_over(self, old: _Handler, fresh: _Handler) -> None:
        await fresh.client.connect()  # type: ignore[no-untyped-call]
        await asyncio.sleep(GRACE)
        await _hang_up(old, GRACE)
        self._leaving.remove(old)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self) -> None:
        down: dict[_Handler, int] = {}
        while True:
            await asyncio.sleep(self.ping_seconds)
            down = {
                each: down.get(each, 0) + 1 for each in self._handlers if not await each.client.is_connected()
            }
            for handler, rounds in down.items():
                if rounds >= PATIENCE:
                    number = self._handlers.index(handler) + 1
                    log.warning("Slack's socket %d has been down for a while; asking for a new one", number)
                    handler.client.wss_uri = None
                    down[handler] = 0


async def _hang_up(handler: _Handler, seconds: float) -> None:
    """Say good-bye, at most so long: a peer that is gone never answers it."""
    with suppress(TimeoutError, aiohttp.ClientError, OSError):
        async with asyncio.timeout(seconds):
            await handler.client.close()  # type: ignore[no-untyped-call]
    if handler.client.aiohttp_client_session is not None:  # also where the good-bye took too long
        await handler.client.aiohttp_client_session.close()


class _Discreet(logging.Filter):
    """Takes tickets and tracebacks out of the SDK's records: an address with a ticket is a key."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = re.sub(r"ticket=[^&'\s]+", "ticket=…", record.getMessage()), None
        record.exc_info = None
        return True


def _quiet_logger() -> logging.Logger:
    logger = logging.getLogger("slack.socket")
    if not any(isinstance(each, _Discreet) for each in logger.filters):
        logger.addFilter(_Discreet())
        logger.setLevel(logging.WARNING)
    return logger
