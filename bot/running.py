"""A running recall: its requests go out, the thread counts them, and what follows is written with the last of them."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.breaker import Breaker
from bot.crew import Crew
from bot.dispatch import Dispatch
from bot.errors import ProviderError, StorageError
from bot.following import Following, Pause
from bot.hand import Hand
from bot.pacing import STOP_PATIENCE, STOP_PATIENCE_UNREADABLE
from bot.ports import Chunk, Claim, Gate, Paced, Provider, Written
from bot.recall import Recall, State
from bot.steps import Steps
from bot.stock import LEASE, MOST_AHEAD, SICK, Begun
from bot.target import Outcome, RepeatClass

log = logging.getLogger(__name__)

TRIES = 10
"""Rounds in which nothing of what is left went through, until it has failed; only where other items went."""

DRAIN_PATIENCE = 2.0
"""Seconds that requests under way may take when this process ends."""

FIRST_COUNT = 1.0
COUNT = 3.0
LAST_COUNT = 30.0
"""Seconds between two counts in the thread, at first and later: Slack takes about 50 edits a minute in all."""


class _Watch:
    """Looks after a crew while it runs: has it stopped, and has the thread told how far it is."""

    def __init__(self, steps: "Running", recall: Recall, crew: Crew) -> None:
        self._steps = steps
        self._recall = recall
        self._crew = crew
        self._time = asyncio.get_running_loop().time
        self._began = self._time()
        self._next = self._began + FIRST_COUNT

    async def __call__(self) -> None:
        """Look once. Where the store does not answer, what is under way goes on, and the next look comes soon."""
        try:
            await self._look()
        except StorageError:
            log.exception("recall %s: could not look whether it was stopped; tried again", self._recall.id)

    async def _look(self) -> None:
        steps, crew = self._steps, self._crew
        if steps.pausing.is_set():
            crew.stop(DRAIN_PATIENCE)
            return
        now = await steps.records.recall(self._recall.id)
        if now is None or now.stopping or now.state is not State.RUNNING:
            unreadable = crew.repeat is RepeatClass.NEITHER
            crew.stop(STOP_PATIENCE_UNREADABLE if unreadable else STOP_PATIENCE)
        elif self._recall.target.items > 1 and self._time() >= self._next:
            took = self._time() - self._began
            self._next = self._time() + min(LAST_COUNT, max(COUNT, took / 20))
            went, crew.went_lately = crew.went_lately, False
            try:
                await steps.work.reckon(now.id, (), steps.following(now, went=went, over=False))
            except StorageError:
                crew.went_lately = went or crew.went_lately
                raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Steps):
    """The steps of a recall while its requests go out."""

    async def run(self, recall: Recall, provider: Provider) -> bool:
        """Send what is open, and end the recall where nothing is left; False where nothing more can be done now."""
        now = self.clock.now()
        late = recall.deadline is not None and now >= recall.deadline
        if recall.stopping:
            return await self.stopped(recall, Dispatch(provider, recall), late=late)
        if (pause := await self.shut(recall, provider, late=late)) is not None:
            patience = max(recall.deadline or now + self.patience(recall), pause.until)
            await self.wait_until(recall, pause, patience)
            return False
        last = late or (recall.target.items > 1 and recall.checks >= TRIES)
        return await self.send(recall, provider, last=last)

    async def send(
        self, recall: Recall, provider: Provider, *, last: bool = False, begun: Begun | None = None
    ) -> bool:
        """Send what is open, `begun` first. `last`: what goes wrong now has failed. Returns as `run` does."""
        crew = Crew(
            work=self.work,
            clock=self.clock,
            dispatch=Dispatch(provider, recall),
            lane=self.lanes.of(provider, recall.target),
            recall=recall,
            owner=self.owner,
            last=last,
            begun=begun,
        )
        if self.pausing.is_set():  # this process ends
            crew.stop(DRAIN_PATIENCE)
        try:
            await crew.run(_Watch(self, recall, crew))
            if crew.halted and crew.last and not crew.went:
                await crew.give_up()
        except Exception:
            if (
                known := crew.rest()
            ):  # a bug, or the store: what the vendor answered is not forgotten for that
                await self._reckoned(recall, known, self.following(recall, over=False))
            raise
        return await self._conclude(recall, crew, self.lanes.of(provider, recall.target).breaker)

    def following(
        self,
        recall: Recall,
        *,
        went: bool = False,
        over: bool = True,
        single: Outcome | None = None,
        pause: Pause | None = None,
        error: ProviderError | None = None,
    ) -> Following:
        """Prepare what follows, with this provider's times."""
        traits = self.lookup.traits(recall.target.ref.provider)
        return Following(
            at=self.clock.now(),
            patience=self.patience(recall),
            outcome_patience=timedelta(seconds=traits.outcome_deadline),
            ready=self._ready,
            went=went,
            over=over,
            single=single,
            pause=pause,
            why=error.sentence if error else "",
            retry=recall.state is State.QUEUED,
        )

    async def _conclude(self, recall: Recall, crew: Crew, breaker: Breaker) -> bool:
        """Write the rest with the moves that follow from it."""
        error, pause = crew.trouble, None
        if error is not None and (crew.halted or not crew.went):
            pause = self.pause(error, 0 if crew.went else recall.checks)
            if breaker.until is not None and breaker.until > pause.until:
                pause = replace(pause, until=breaker.until)
        elif (
            error is not None and not crew.stopped
        ):  # what was put back waits a second or two, and counts no try
            pause = replace(self.pause(error, 0), counted=False)
        follow = self.following(recall, went=crew.went_lately, single=crew.single, pause=pause, error=error)
        gate = self.gate_of(recall, error, pause) if pause else None
        after = await self._reckoned(recall, crew.rest(), follow, gate)
        if after is None or after.state is not State.RUNNING:
            return after is not None
        return pause is None and (crew.went or after.stopping)

    async def stopped(self, recall: Recall, dispatch: Dispatch, *, late: bool, why: str = "") -> bool:
        """Find out about requests in doubt, send nothing, and end the recall. `why`: what ended it, beside a Stop."""
        written: list[Written] = []
        doubts = _Doubts(dispatch, late=late)
        while doubts.trouble is None or late:
            at = self.clock.now()
            claim = Claim(
                owner=self.owner, at=at, until=at + LEASE, most=MOST_AHEAD, intend=False, doubtful=True
            )
            kept = await self.work.hold(recall.id, written, until=claim.until, claim=claim)
            written = [await doubts.of(chunk) for chunk in kept.chunks]
            if len(kept.chunks) < claim.most:
                break
        pause = None if doubts.trouble is None or late else self.pause(doubts.trouble, recall.checks)
        single = doubts.last if recall.target.items == 1 else None
        follow = replace(self.following(recall, single=single, pause=pause), why=why)
        gate = self.gate_of(recall, doubts.trouble, pause) if pause else None
        after = await self._reckoned(recall, written, follow, gate)
        return after is not None and after.state is not State.RUNNING

    async def _reckoned(
        self, recall: Recall, written: Sequence[Written], follow: Following, gate: Gate | None = None
    ) -> Recall | None:
        """Write what is known with the moves that follow; where the disk is full, until it is not."""
        while True:
            try:
                return await self.work.reckon(recall.id, written, follow, gate=gate)
            except StorageError:
                if self.pausing.is_set():
                    raise
                log.exception("recall %s: its outcomes could not be written; tried again", recall.id)
                await asyncio.sleep(SICK)

    def _ready(self, recall: Recall, left: int) -> datetime | None:
        """Say when the last request may go out, by the vendor's limits; None where none are known."""
        provider = self.lookup.provider(recall.target.ref.provider)
        if not isinstance(provider, Paced) or not left:
            return None
        seconds = provider.seconds_for(recall.target, left)
        return self.clock.now() + timedelta(seconds=seconds) if seconds >= 1 else None


class _Doubts:
    """Looks at requests that may have gone out, after a Stop."""

    def __init__(self, dispatch: Dispatch, *, late: bool) -> None:
        self._dispatch = dispatch
        self._late = late  # the time to find out is over
        self.trouble: ProviderError | None = None
        self.last: Outcome | None = None

    async def of(self, chunk: Chunk) -> Written:
        """Ask about one chunk's items in doubt."""
        hand = Hand(chunk, intended=False)
        found: dict[int, Outcome] = {}
        try:
            if self.trouble is None:
                found = await self._dispatch.doubts(chunk)
        except ProviderError as error:
            self.trouble = error
        if self.trouble is not None and self._late:
            found = hand.unknown(self.trouble.sentence, self.trouble.code)
        for n, outcome in found.items():
            hand.learn(n, outcome)
            self.last = outcome
        return hand.written(back=True)
