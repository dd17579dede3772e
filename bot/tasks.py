"""Work that goes on after a request was acknowledged. Every task has an owner, so a clean stop can wait for it."""

import asyncio
import logging
from collections.abc import Coroutine

log = logging.getLogger(__name__)

MOMENT = 0.5
"""Seconds that cancelled work has to end."""


class Tasks:
    """The bot's own tasks: held until they end, waited for at shutdown, their failures logged."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        """Start work in the background. An exception that it lets out is logged with its name."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settle(self) -> None:
        """Wait until nothing is running, including what the running tasks start."""
        while self._running:
            await asyncio.wait(self._running)

    async def drain(self, seconds: float) -> None:
        """Wait for what is running, at most this long; then cancel the rest and wait a moment for that."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        for task in (left := set(self._running)):
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=min(seconds, MOMENT))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task %s failed", task.get_name(), exc_info=error)
