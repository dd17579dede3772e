"""The practice vendor's front door: tokens, sessions, pictures, and everything that goes wrong on the wire.

The MCP server behind it is the official one and always behaves; what a client meets in bad weather is made here.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.clock import SandboxClock
from sandbox.vendors.faults import Faults, Kind

MCP_PATH = "/ai/mcp"
MEDIA_PATH = "/media"
PICTURES = Path(__file__).parent / "pictures"
SESSION = "mcp-session-id"
JSONRPC_INVALID_REQUEST = -32600


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call that reached the vendor's door, answered or not."""

    tool: str
    arguments: dict[str, Any]
    at: datetime


class Gate:
    """An ASGI app around the MCP app. Sessions are those of the handshake protocol, so that they can expire."""

    def __init__(self, inner: ASGIApp, *, token: str, faults: Faults, clock: SandboxClock) -> None:
        self.calls: list[Call] = []
        self._inner = inner
        self._token = token
        self._faults = faults
        self._clock = clock
        self._expired: set[str] = set()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Ends the waiting of slow answers, so that the server can stop at once."""
        self._closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        request = Request(scope, receive)
        dated = self._dated(send)
        if request.url.path.startswith(MEDIA_PATH):
            await _picture(request.url.path)(scope, receive, dated)
            return
        body = await request.body()
        call = _tool_call(body)
        if call:
            self.calls.append(Call(tool=call[0], arguments=call[1], at=self._clock.now()))
        tool = call[0] if call else None
        refusal = self._refusal(request, tool) or await self._bad_weather(tool)
        if refusal:
            await refusal(scope, receive, dated)
            return
        cut = self._faults.take(Kind.DROP_ANSWER, tool)
        await self._inner(scope, _replay(body, receive), _cutting(dated) if cut else dated)

    def _refusal(self, request: Request, tool: str | None) -> Response | None:
        """What the door itself refuses: method, token, right, protocol, session."""
        if request.method == "GET":
            return PlainTextResponse("No stream here.", status_code=405, headers={"Allow": "POST, DELETE"})
        wrong = request.headers.get("authorization") != f"Bearer {self._token}"
        if wrong or self._faults.take(Kind.BAD_TOKEN, tool):
            return _error(401, "Unauthorized", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if self._faults.take(Kind.FORBIDDEN, tool):
            return _error(403, "Forbidden: scope mcp:write is required")
        version = request.headers.get("mcp-protocol-version")
        if version is not None and version not in HANDSHAKE_PROTOCOL_VERSIONS:
            return _error(400, f"Bad Request: Unsupported protocol version: {version}")
        session = request.headers.get(SESSION)
        if session is not None and self._faults.take(Kind.SESSION_EXPIRED, tool):
            self._expired.add(session)
        return _error(404, "Session not found") if session in self._expired else None

    async def _bad_weather(self, tool: str | None) -> Response | None:
        """The answer of an ill vendor, None when it is well; a slow one is waited for here."""
        if slow := self._faults.take(Kind.SLOW, tool):
            try:
                async with asyncio.timeout(slow.seconds):
                    await self._closing.wait()
            except TimeoutError:
                pass
        if limited := self._faults.take(Kind.RATE_LIMITED, tool):
            return _error(429, "Too many requests", {"Retry-After": str(int(limited.seconds))})
        if self._faults.take(Kind.SERVER_ERROR, tool):
            return _error(500, "Internal server error")
        if self._faults.take(Kind.HTML, tool):
            return HTMLResponse("<html><head><title>Maintenance</title></head><body>Back soon</body></html>")
        return None

    def _dated(self, send: Send) -> Send:
        """Adds the vendor's own `Date`, by the practice world's clock."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self._clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            await send(message)

        return dated


def _tool_call(body: bytes) -> tuple[str, dict[str, Any]] | None:
    """The tool and arguments that a request body asks for, None for anything else."""
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    if not isinstance(asked, dict) or asked.get("method") != "tools/call":
        return None
    params = asked.get("params") or {}
    return str(params.get("name")), dict(params.get("arguments") or {})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was already read to the next app, and afterwards what the client still says."""
    first = True

    async def replay() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


def _cutting(send: Send) -> Send:
    """Announces a longer answer than it sends: the server then cuts the connection, the client sees a torn one."""

    async def cutting(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(
                {**message, "headers": [(b"content-type", b"text/event-stream"), (b"content-length", b"9")]}
            )
            await send({"type": "http.response.body", "body": b"event", "more_body": True})

    return cutting


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    """A refusal in the form of MCP servers: a JSON-RPC error without an id."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": JSONRPC_INVALID_REQUEST, "message": text}}
    return JSONResponse(body, status_code=status, headers=headers)


def _picture(path: str) -> Response:
    """One of the campaign pictures; only names of files that lie there are answered."""
    known = {file.name: file for file in PICTURES.glob("*.png")}
    found = known.get(path.removeprefix(f"{MEDIA_PATH}/"))
    return (
        FileResponse(found, media_type="image/png")
        if found
        else PlainTextResponse("Not found", status_code=404)
    )
