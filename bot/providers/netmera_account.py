"""One account at Netmera: its tools, called within its limits, their answers read into values.

Reads are tried again where that can help; an order is sent once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.errors import ProviderBusyError, ProviderError, RecallError
from bot.ports import Clock
from bot.providers.base import Limiter, ReadRetry, Urgency, Window
from bot.providers.mcp_session import McpSession, ToolAnswer
from bot.providers.netmera_answers import (
    Campaign,
    audience_in,
    campaign_in,
    campaigns_in,
    json_of,
    refusal_in,
)
from bot.providers.netmera_settings import NetmeraSettings
from bot.providers.netmera_tools import Toolbox
from bot.target import Audience, TargetId

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the list holds, with the toolbox and the moment (by the vendor's clock) to judge it by."""

    campaigns: Sequence[Campaign]
    toolbox: Toolbox
    at: datetime


class NetmeraAccount:
    """Asks and orders. Raises ProviderError, and NotFoundError where the vendor has no such campaign."""

    def __init__(self, settings: NetmeraSettings, clock: Clock) -> None:
        """Connect to nothing yet: the session opens at the first call."""
        self._settings = settings
        self._clock = clock
        self._retry = ReadRetry(budget=settings.timeout)
        self._limiter = Limiter(
            vendor=settings.title,
            concurrency=settings.concurrency,
            windows=(Window.a_second(settings.calls_per_second),),
            now=lambda: clock.now().timestamp(),
        )
        self._session = McpSession(
            url=settings.url,
            token=settings.token.get_secret_value(),
            vendor=settings.title,
            seconds=settings.timeout,
        )
        self._toolbox: Toolbox | None = None
        self._discovery = asyncio.Lock()

    async def list(self, *, limit: int, words: str | None = None) -> Listed:
        """List campaigns as the vendor orders them; none where words are given and the tool can't search."""
        toolbox = await self.toolbox(Urgency.PERSON)
        arguments = self._fitting(lambda: toolbox.for_list(limit=limit, words=words))
        if arguments is None:
            return Listed(campaigns=(), toolbox=toolbox, at=self._clock.now())
        value, at = await self._read(self._settings.tools.list, arguments, Urgency.PERSON)
        found = campaigns_in(value, self._settings.fields, self._settings.title)
        return Listed(campaigns=found, toolbox=toolbox, at=at)

    async def detail(self, target: TargetId, urgency: Urgency) -> Listed:
        """Read one campaign as it is now."""
        toolbox = await self.toolbox(urgency)
        tool = self._settings.tools.detail
        arguments = self._fitting(lambda: toolbox.for_one(tool, target))
        value, at = await self._read(tool, arguments, urgency)
        found = campaign_in(value, self._settings.fields, self._settings.title, target)
        return Listed(campaigns=(found,), toolbox=toolbox, at=at)

    async def report(self, target: TargetId, urgency: Urgency) -> Audience:
        """Read the numbers of one campaign."""
        toolbox = await self.toolbox(urgency)
        tool = self._settings.tools.report
        arguments = self._fitting(lambda: toolbox.for_one(tool, target))
        value, _ = await self._read(tool, arguments, urgency)
        return audience_in(value, self._settings.fields)

    async def order(self, tool: str, target: TargetId) -> RecallError | None:
        """Send an order, once. Returns the vendor's refusal, or None where it took the order.

        A raised error says by `maybe_applied` whether the order may have taken effect.
        """
        try:
            toolbox = await self.toolbox(Urgency.RECALL)
        except ProviderError as error:
            error.maybe_applied = False  # only the tools were asked for
            raise
        arguments = self._fitting(lambda: toolbox.for_one(tool, target))
        return self._refusal(await self._call(tool, arguments, Urgency.RECALL))

    async def toolbox(self, urgency: Urgency) -> Toolbox:
        """Give the server's tools; asked for when first needed, and again after anything failed."""
        async with self._discovery:
            if self._toolbox is None:
                tools = await self._retry(lambda: self._in_turn(urgency, self._session.tools))
                self._toolbox = Toolbox(settings=self._settings, tools={tool.name: tool for tool in tools})
            return self._toolbox

    async def close(self) -> None:
        """Let go of the connection."""
        await self._session.close()

    async def _read(self, tool: str, arguments: Mapping[str, Any], urgency: Urgency) -> tuple[Any, datetime]:
        answer = await self._retry(lambda: self._call(tool, arguments, urgency))
        if (refusal := self._refusal(answer)) is not None:
            raise refusal
        return self._fitting(lambda: json_of(answer, self._settings.title)), answer.at or self._clock.now()

    def _refusal(self, answer: ToolAnswer) -> RecallError | None:
        return refusal_in(answer, self._settings.title, [self._settings.token.get_secret_value()])

    async def _call(self, tool: str, arguments: Mapping[str, Any], urgency: Urgency) -> ToolAnswer:
        answer = await self._in_turn(urgency, lambda: self._session.call(tool, arguments))
        if answer.failed:
            self._toolbox = None
        return answer

    async def _in_turn(self, urgency: Urgency, ask: Callable[[], Awaitable[T]]) -> T:
        async with self._limiter.turn(urgency, patience=self._settings.timeout):
            try:
                return await ask()
            except ProviderBusyError as error:
                self._limiter.hold(error.retry_after or 0.0)
                raise
            except ProviderError:
                self._toolbox = None
                raise

    def _fitting(self, make: Callable[[], T]) -> T:
        """Make arguments, or read an answer; where it does not fit, the tools may have changed."""
        try:
            return make()
        except ProviderError:
            self._toolbox = None
            raise
