"""The practice world's time: the real one, until a test moves it on."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Tells the time to everything in the practice world, so that one call can make an hour pass.

    It runs with the real clock; `advance` adds to it, and whoever sleeps on this clock wakes accordingly.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._advanced = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once; sleepers whose time has come wake, and listeners are told."""
        if seconds < 0:
            raise ValueError(f"Time only goes forward; cannot advance by {seconds} seconds.")
        self._ahead += timedelta(seconds=seconds)
        self._advanced.set()
        self._advanced = asyncio.Event()
        for listener in self._listeners:
            listener()

    def when_advanced(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each `advance`."""
        self._listeners.append(listener)

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` of this clock have passed, be it in real time or by `advance`."""
        until = self.now() + timedelta(seconds=seconds)
        while (left := (until - self.now()).total_seconds()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._advanced.wait()
            except TimeoutError:
                return
