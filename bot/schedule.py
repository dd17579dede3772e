"""The ticks. APScheduler keeps none of our timers: it forgets jobs that were running when a process dies.

Every durable timer is a column in the store; a tick only looks. Sweeps are plain coroutines, so tests call
them with a clock of their own.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

Sweep = Callable[[], Awaitable[None]]


class Schedule:
    """Calls sweeps at fixed intervals while it runs. A sweep that fails is logged, and called again next time."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def every(self, seconds: float, sweep: Sweep, name: str) -> None:
        """Call a sweep every so many seconds; a late one once, and never two at a time."""

        async def guarded() -> None:
            try:
                await sweep()
            except Exception:
                log.exception("sweep %s failed", name)

        self._scheduler.add_job(guarded, "interval", seconds=seconds, id=name)

    def start(self) -> None:
        """Begin to tick on the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
