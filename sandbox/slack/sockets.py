"""Socket Mode: connections that the app opens, and envelopes that travel on any one of them."""

import asyncio
import json
import random
import secrets
from typing import Any
from uuid import uuid4

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.feed import Feed
from sandbox.slack.deliver import Ack, NotAcked, Outgoing, as_ack
from sandbox.slack.faults import Faults

CONNECTIONS = 10  # live ones that an app may have


class Sockets:
    """The app's live connections. Each payload goes to any one of them; its ack may come back on any other."""

    def __init__(
        self, *, feed: Feed, faults: Faults, chance: random.Random, app_id: str, ack_seconds: float
    ) -> None:
        self.base_url = ""  # "ws://127.0.0.1:PORT/link/"
        self.sent: list[str] = []  # every envelope's frame, for repeating
        self.allowed = True  # False: Socket Mode is switched off
        self._feed = feed
        self._faults = faults
        self._chance = chance
        self._app_id = app_id
        self._ack_seconds = ack_seconds
        self._tickets: set[str] = set()
        self._live: list[web.WebSocketResponse] = []
        self._requests: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._silent: set[web.WebSocketResponse] = set()

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._live)

    def new_url(self) -> str:
        """Return an address for one connection; its ticket works once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"{self.base_url}?ticket={ticket}&app_id={self._app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Accept one connection and read acks until it closes."""
        ticket = request.query.get("ticket", "")
        if self._faults.dead_tickets > 0:
            self._faults.dead_tickets -= 1
            self._tickets.discard(ticket)
        if ticket not in self._tickets:
            return web.Response(status=404, text="Unknown ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self._live) >= CONNECTIONS:
            await socket.send_str(json.dumps(_disconnect("too_many_websockets")))
            await socket.close()
            return socket
        self._live.append(socket)
        self._requests[socket] = request
        try:
            await socket.send_str(json.dumps(self._hello()))
            self._feed.changed()
            async for frame in socket:
                if socket in self._silent:
                    continue
                if frame.type is WSMsgType.TEXT:
                    self._acked(frame.data)
                elif frame.type is WSMsgType.PING:
                    await socket.pong(frame.data)
        finally:
            self._forget(socket)
        return socket

    async def deliver(self, outgoing: Outgoing) -> Ack:
        """Send an envelope on one of the connections and return its ack; raises NotAcked."""
        if not self._live:
            raise NotAcked("dispatch_failed")
        envelope_id = str(uuid4())
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        try:
            await self._send(json.dumps(_envelope(envelope_id, outgoing)))
            async with asyncio.timeout(self._ack_seconds):
                return await answer
        except TimeoutError:
            raise NotAcked("operation_timeout") from None
        finally:
            self._waiting.pop(envelope_id, None)

    async def repeat_last(self) -> None:
        """Send the last envelope once more, same id and all."""
        await self._send(self.sent[-1])

    async def send_raw(self, text: str) -> None:
        """Send any text as a frame, malformed if it is."""
        await self._chance.choice(self._live).send_str(text)

    async def disconnect(self, reason: str = "refresh_requested", *, cut: bool = False) -> None:
        """Ask every connection to reconnect; `cut` closes them at once, as `link_disabled` does."""
        for socket in list(self._live):
            await socket.send_str(json.dumps(_disconnect(reason)))
            if cut:
                await socket.close()

    def drop(self) -> None:
        """Abort every connection's TCP stream without a word."""
        for socket in list(self._live):
            transport = self._requests[socket].transport
            self._forget(socket)
            if transport:
                transport.abort()

    def silence(self) -> None:
        """Let every connection stand and neither say nor answer anything more, as behind a router that forgot it."""
        for socket in list(self._live):
            self._silent.add(socket)
            self._forget(socket)

    async def close(self) -> None:
        """Close every connection in order."""
        for socket in list(self._live):
            await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _send(self, frame: str) -> None:
        self.sent.append(frame)
        try:
            await self._chance.choice(self._live).send_str(frame)
        except (ConnectionError, IndexError):
            raise NotAcked("dispatch_failed") from None

    def _acked(self, text: str) -> None:
        try:
            frame: Any = json.loads(text)
        except ValueError:
            return
        answer = self._waiting.get(frame.get("envelope_id", "")) if isinstance(frame, dict) else None
        if answer and not answer.done():
            answer.set_result(as_ack(frame.get("payload")))

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._live:
            self._live.remove(socket)
        self._requests.pop(socket, None)
        self._feed.changed()

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._live),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._app_id},
        }


def _envelope(envelope_id: str, outgoing: Outgoing) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "envelope_id": envelope_id,
        "type": outgoing.kind,
        "accepts_response_payload": outgoing.accepts_response,
        "payload": outgoing.payload,
    }
    if outgoing.kind == "events_api":
        frame |= {"retry_attempt": outgoing.retry_attempt, "retry_reason": outgoing.retry_reason}
    return frame


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
