"""One bell for the whole practice world: whatever changes rings it, and whoever shows or waits hears it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

COALESCE_SECONDS = 0.03
LOOK_SECONDS = 0.05  # how often `until` looks at what rings no bell, such as a bot's own memory


class Feed:
    """Wakes pages and waiting tests when anything in the world has changed.

    It carries no data: a listener looks at the world itself, so nothing can be missed or arrive out of order.
    """

    def __init__(self) -> None:
        self._version = 0
        self._bell = asyncio.Event()

    @property
    def version(self) -> int:
        """How many changes there have been."""
        return self._version

    def changed(self) -> None:
        """Say that something in the world is different now."""
        self._version += 1
        self._bell.set()
        self._bell = asyncio.Event()

    async def beyond(self, version: int) -> int:
        """Return the present version as soon as it is higher than `version`."""
        while self._version <= version:
            await self._bell.wait()
        return self._version

    async def changes(self) -> AsyncIterator[int]:
        """Yield once now and then after each burst of changes, bursts of 30 ms being taken together."""
        seen = -1
        while True:
            seen = await self.beyond(seen)
            yield seen
            await asyncio.sleep(COALESCE_SECONDS)

    async def until(self, condition: Callable[[], object], *, timeout: float = 5) -> None:  # noqa: ASYNC109 - reads as "until x, at most 5 s"
        """Return when `condition()` is true; it is asked again after each change, and every 50 ms in between.

        Raises TimeoutError after `timeout` real seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                seen = self._version
                if condition():
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.beyond(seen), LOOK_SECONDS)
