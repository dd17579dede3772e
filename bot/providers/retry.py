"""Asking again: for reads only, since a repeated write may act twice."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.errors import ProviderBusyError, ProviderError, ProviderSlowError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRetry:
    """How often, and for how long in all, a read is tried. Waits are full jitter: 0 to base · 2ⁿ, capped.

    A vendor that was slow is not asked again, for the person has waited already. `Retry-After` is kept, or, where
    it does not fit into the budget, handed to the caller.
    """

    attempts: int = 3
    base: float = 0.1  # seconds
    cap: float = 2.0  # seconds
    budget: float = 10.0  # seconds for all attempts and waits together
    chance: Callable[[], float] = field(default=random.random)  # 0 to 1
    pause: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    async def __call__(self, read: Callable[[], Awaitable[T]]) -> T:
        """Return what `read` gives; raises its last error once attempts or budget are used up."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.budget
        for attempt in range(1, self.attempts + 1):
            try:
                return await read()
            except ProviderError as error:
                wait = self._wait(error, attempt)
                if wait is None or loop.time() + wait >= ends:
                    raise
            await self.pause(wait)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, error: ProviderError, attempt: int) -> float | None:
        """Seconds before the next attempt; None where there is to be none."""
        if attempt >= self.attempts or not error.passing or isinstance(error, ProviderSlowError):
            return None
        if isinstance(error, ProviderBusyError) and error.retry_after is not None:
            return error.retry_after
        return self.chance() * min(self.cap, self.base * 2.0**attempt)
