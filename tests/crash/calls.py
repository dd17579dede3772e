"""Kill points around everything that leaves the process: Slack's API and sockets, vendors' REST and MCP.

"Answered" is when the first of the answer has arrived and nobody has read it: the peer has done what was asked.
"""

import json
import re
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import httpx2
from yarl import URL

from tests.crash.points import Points

LONG: Final = re.compile(r"[^/]{25,}")


def hook(points: Points) -> None:
    """Put points around every outgoing call of this process. For a process that ends here."""
    _hook_requests(points)
    _hook_sockets(points)
    _hook_mcp(points)


def _hook_requests(points: Points) -> None:
    ask = aiohttp.ClientSession._request

    async def counted(self: aiohttp.ClientSession, method: str, url: Any, **more: Any) -> Any:
        what = f"{method} {LONG.sub('…', URL(url).path)}"
        points.come_to(f"before {what}")
        answer = await ask(self, method, url, **more)
        points.come_to(f"answered {what}")
        return answer

    aiohttp.ClientSession._request = counted  # type: ignore[method-assign, assignment]


def _hook_sockets(points: Points) -> None:
    send = aiohttp.ClientWebSocketResponse.send_str

    async def counted(self: aiohttp.ClientWebSocketResponse, data: str, *rest: Any, **more: Any) -> None:
        points.come_to("before an ack")
        await send(self, data, *rest, **more)
        points.come_to("after an ack")

    aiohttp.ClientWebSocketResponse.send_str = counted  # type: ignore[method-assign, assignment]


def _hook_mcp(points: Points) -> None:
    send, read = httpx2.AsyncClient.send, httpx2.Response.aiter_raw

    async def counted(self: httpx2.AsyncClient, request: httpx2.Request, **more: Any) -> httpx2.Response:
        points.come_to(f"before {_asked(request)}")
        return await send(self, request, **more)

    async def read_counted(self: httpx2.Response, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        first = True
        async for chunk in read(self, chunk_size):
            if first:
                points.come_to(f"answered {_asked(self.request)}")
                first = False
            yield chunk

    httpx2.AsyncClient.send = counted  # type: ignore[method-assign]
    httpx2.Response.aiter_raw = read_counted  # type: ignore[method-assign, assignment]


def _asked(request: httpx2.Request) -> str:
    """Name an MCP request: the tool where it is a tool's call."""
    try:
        body = json.loads(request.content)
    except (ValueError, httpx2.RequestNotRead):
        return f"{request.method} {request.url.path}"
    method = str(body.get("method", ""))
    return f"{method} {(body.get('params') or {}).get('name', '')}".strip()
