"""Socket Mode: two connections, and a watchdog.

Two, since an aborted connection loses what Slack sends until the next one stands. The watchdog, since the SDK
tries a dead ticket again for ever: when a connection stays down, its URL is forgotten and a new one is asked for.
"""

import asyncio
import logging
import re
from contextlib import suppress

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

CONNECTIONS = 2
PING_SECONDS = 5.0
PATIENCE = 3
"""Rounds of the watchdog for which a connection may be down before its URL is forgotten."""

UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What Bolt raises over a payload in which a part is of another kind than Slack documents."""

log = logging.getLogger(__name__)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which also counts what is in hand: an acknowledgement needs its connection."""

    in_hand = 0

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
        self, *, app: AsyncApp, client: AsyncWebClient, app_token: str, ping_seconds: float = PING_SECONDS
    ) -> None:
        """Wire them. `ping_seconds` is how often each is looked after."""
        self._app = app
        self._client = client
        self._app_token = app_token
        self.ping_seconds = ping_seconds
        self._handlers: list[_Handler] = []
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect; returns at once, and goes on trying for as long as it takes."""
        for _ in range(CONNECTIONS):
            handler = _Handler(
                self._app,
                self._app_token,
                logger=_quiet_logger(),
                web_client=self._client,
                ping_interval=self.ping_seconds,
            )
            handler.client.proxy = self._client.proxy
            self._handlers.append(handler)
            self._tasks.append(asyncio.create_task(handler.client.connect(), name="socket"))  # type: ignore[no-untyped-call]
        self._tasks.append(asyncio.create_task(self._watch(), name="socket watchdog"))

    async def connected(self) -> int:
        """Count the connections that stand."""
        return sum([await each.client.is_connected() for each in self._handlers])

    async def stop(self, seconds: float) -> None:
        """Let what is in hand be acknowledged, at most this long; then hang up."""
        deadline = asyncio.get_running_loop().time() + seconds
        while any(each.in_hand for each in self._handlers):
            if asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError):  # a peer that is gone never answers the good-bye
            async with asyncio.timeout(seconds):
                closing = (each.client.close() for each in self._handlers)  # type: ignore[no-untyped-call]
                await asyncio.gather(*closing, return_exceptions=True)
        for each in self._handlers:  # also where the good-bye took too long
            if each.client.aiohttp_client_session is not None:
                await each.client.aiohttp_client_session.close()

    async def _watch(self) -> None:
        down = [0] * len(self._handlers)
        while True:
            await asyncio.sleep(self.ping_seconds)
            for number, handler in enumerate(self._handlers):
                down[number] = 0 if await handler.client.is_connected() else down[number] + 1
                if down[number] >= PATIENCE:
                    log.warning(
                        "Slack's socket %d has been down for a while; asking for a new one", number + 1
                    )
                    handler.client.wss_uri = None
                    down[number] = 0


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
