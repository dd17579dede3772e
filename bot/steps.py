"""What every step of a recall works with, and how it waits for a vendor that does not answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.errors import ProviderBusyError, ProviderError
from bot.lookup import Lookup
from bot.pacing import before_retry
from bot.policy import Policy
from bot.ports import TOLD, Clock, NoticeKind, Records, Work
from bot.recall import Kind, Recall, step

COUNTED = (NoticeKind.PROGRESS, *TOLD)

SHORT_WAIT = 15.0
"""Seconds; a recall of many items that waits no longer than this says nothing about it in the thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The parts that steps share. Nothing about a recall is kept here between two steps."""

    records: Records
    work: Work
    lookup: Lookup
    policy: Policy
    clock: Clock
    random: Random
    owner: str  # names this process run: whose claims are whose
    pausing: asyncio.Event = field(default_factory=asyncio.Event)  # this process ends: begin no request more

    async def wait(self, recall: Recall, error: ProviderError, deadline: datetime) -> None:
        """Note that the vendor has to be asked again later; the thread hears it once per reason."""
        why, seconds = error.sentence, self._pause(error, recall)
        until = min(self.clock.now() + timedelta(seconds=seconds), deadline)
        move = step(
            recall,
            Kind.WAITING,
            at=self.clock.now(),
            data={"why": why, "until": deadline.isoformat()},
            not_before=until,
            deadline=deadline,
            checks=recall.checks + 1,
            detail=why,
        )
        quiet = recall.detail == why or (recall.target.items > 1 and seconds <= SHORT_WAIT)
        await self.records.move(move, () if quiet else TOLD)

    def told(self, recall: Recall) -> Sequence[NoticeKind]:
        """Name the notices of a recall's end: with many items the reply that counted them shows the last numbers."""
        return COUNTED if recall.target.items > 1 else TOLD

    def patience(self, recall: Recall) -> timedelta:
        """Say how long a vendor that does not answer at all is tried."""
        return timedelta(seconds=self.lookup.traits(recall.target.ref.provider).queue_deadline)

    def _pause(self, error: ProviderError, recall: Recall) -> float:
        if isinstance(error, ProviderBusyError) and error.retry_after is not None:
            return error.retry_after
        return before_retry(recall.checks, self.random)
