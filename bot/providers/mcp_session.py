"""A lasting session with an MCP server: connects when first needed, and again when the server forgot it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import mcp_types
from pydantic import BaseModel

from bot.errors import ProviderConfusingError, ProviderError, ProviderSlowError
from bot.providers.mcp_line import Line, Reply, SessionSpentError

MOST_PAGES = 20
"""Pages of `tools/list` that are read; a server that goes on and on is answered with what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool as the server describes it."""

    name: str
    schema: Mapping[str, Any]  # JSON Schema of its arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswer:
    """What a tool said. A failed tool is an answer too: HTTP 200, `failed`, and free text."""

    failed: bool
    texts: tuple[str, ...]
    structured: Any = None  # JSON, where the server sends it besides the texts
    at: datetime | None = None  # the vendor's clock


class McpSession:
    """Calls tools of one server. Safe for many callers at once; every call ends within `seconds`."""

    def __init__(self, *, url: str, token: str, vendor: str, seconds: float = 10.0) -> None:
        self._url = url
        self._token = token
        self._vendor = vendor
        self._seconds = seconds
        self._line: Line | None = None
        self._retired: list[Line] = []

    def __repr__(self) -> str:
        return f"McpSession({self._vendor})"

    async def tools(self) -> Sequence[Tool]:
        """Ask which tools there are. Raises ProviderError."""
        found: list[Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            params = mcp_types.PaginatedRequestParams(cursor=cursor)
            reply = await self._ask(mcp_types.ListToolsRequest(params=params), mcp_types.ListToolsResult)
            found += [Tool(name=each.name, schema=each.input_schema) for each in reply.result.tools]
            cursor = reply.result.next_cursor
            if not cursor:
                break
        return found

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> ToolAnswer:
        """Call a tool. Raises ProviderError; never for a tool that failed, that is an answer.

        The library's own check of results against the tool's schema is left out on purpose: the facts are
        undocumented, so answers are read tolerantly.
        """
        params = mcp_types.CallToolRequestParams(name=tool, arguments=dict(arguments))
        reply = await self._ask(mcp_types.CallToolRequest(params=params), mcp_types.CallToolResult)
        result = reply.result
        if not isinstance(result, mcp_types.CallToolResult):
            raise ProviderConfusingError(f"{self._vendor} gave an answer that can't be understood.")
        texts = tuple(each.text for each in result.content if isinstance(each, mcp_types.TextContent))
        return ToolAnswer(
            failed=bool(result.is_error),
            texts=texts,
            structured=result.structured_content,
            at=reply.at,
        )

    async def close(self) -> None:
        """End the connection; takes a few seconds at most, and may be called twice."""
        lines = [line for line in (self._line, *self._retired) if line]
        self._line, self._retired = None, []
        await asyncio.gather(*(line.close() for line in lines))

    async def _ask(self, request: mcp_types.ClientRequest, result: type[BaseModel]) -> Reply:
        """Send a request on the open line, or on a new one; a spent session did nothing, so it is sent again."""
        try:
            async with asyncio.timeout(self._seconds + 0.5):
                try:
                    return await self._ask_once(request, result)
                except SessionSpentError:
                    return await self._ask_once(request, result)
        except TimeoutError:
            raise ProviderSlowError(
                f"{self._vendor} did not answer within {self._seconds:g} seconds."
            ) from None

    async def _ask_once(self, request: mcp_types.ClientRequest, result: type[BaseModel]) -> Reply:
        line = self._line
        if line is None or line.dead:
            line = self._line = Line(
                url=self._url, token=self._token, vendor=self._vendor, seconds=self._seconds
            )
        try:
            await line.opened()
        except ProviderError as error:
            self._drop(line)
            error.maybe_applied = False  # the request itself was never sent
            raise
        try:
            return await line.ask(request, result, self._seconds)
        except SessionSpentError:
            self._drop(line)
            raise

    def _drop(self, line: Line) -> None:
        """Let go of a line, so that the next call opens a new one; what still runs on it is answered."""
        if self._line is line:
            self._line = None
            line.retire()
            self._retired = [each for each in self._retired if not each.ended] + [line]
