"""What every step of a recall works with, and how it waits for a vendor that does not answer."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bot.errors import ProviderBusyError, ProviderError
from bot.following import Pause, waiting
from bot.lanes import Lanes, account_of
from bot.lookup import Lookup
from bot.pacing import before_retry
from bot.policy import Policy
from bot.ports import Clock, Gate, Move, Provider, Records, Tally, Work
from bot.recall import Recall, State
from bot.tasks import Tasks


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
    lanes: Lanes = field(default_factory=Lanes)
    tasks: Tasks = field(default_factory=Tasks)  # what goes on beside the steps
    pausing: asyncio.Event = field(default_factory=asyncio.Event)  # this process ends: begin no request more

    async def wait(self, recall: Recall, error: ProviderError, deadline: datetime) -> None:
        """Note that the vendor has to be asked again later."""
        pause = self.pause(error, recall.checks)
        await self.wait_until(recall, Pause(why=pause.why, until=min(pause.until, deadline)), deadline, error)

    async def wait_until(
        self, recall: Recall, pause: Pause, deadline: datetime, error: ProviderError | None = None
    ) -> None:
        """Leave a recall alone until then, unless somebody moved it meanwhile."""
        at, state = self.clock.now(), recall.state

        def follow(now: Recall, tally: Tally) -> list[Move]:
            del tally
            return [waiting(now, pause, deadline, at=at)] if now.state is state else []

        gate = self.gate_of(recall, error, pause)
        await self.work.reckon(recall.id, (), follow, gate=gate)

    def pause(self, error: ProviderError, tries: int) -> Pause:
        """Say how long to wait after an error: as the vendor asks, or longer from try to try."""
        if isinstance(error, ProviderBusyError) and error.retry_after is not None:
            until = self.clock.now() + timedelta(seconds=error.retry_after)
            return Pause(why=error.sentence, until=until, counted=False)
        seconds = before_retry(tries, self.random)
        return Pause(why=error.sentence, until=self.clock.now() + timedelta(seconds=seconds))

    def gate_of(self, recall: Recall, error: ProviderError | None, pause: Pause) -> Gate | None:
        """Hold the whole account back where its vendor says for how long; it survives a restart."""
        if not isinstance(error, ProviderBusyError) or error.retry_after is None:
            return None
        provider = self.lookup.provider(recall.target.ref.provider)
        return Gate(account=account_of(provider, recall.target), until=pause.until, why=pause.why)

    async def shut(self, recall: Recall, provider: Provider, *, late: bool) -> Pause | None:
        """Say until when nothing may be asked of a vendor: it said so, or it is not well. None: now is fine."""
        now = self.clock.now()
        if (gate := await self.work.gate(account_of(provider, recall.target), now)) is not None:
            return Pause(why=gate.why, until=gate.until, counted=False)
        breaker = self.lanes.of(provider, recall.target).breaker
        if late or recall.state is not State.RUNNING or breaker.until is None or breaker.until <= now:
            return None
        return Pause(why=breaker.why, until=breaker.until, counted=False)

    def patience(self, recall: Recall) -> timedelta:
        """Say how long a vendor that does not answer at all is tried."""
        return timedelta(seconds=self.lookup.traits(recall.target.ref.provider).queue_deadline)
