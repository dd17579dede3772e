"""One recall's way from queued to its end: the present state, the requests, the outcome.

Each step reads what it needs from the store and writes one move; nothing is kept in memory between two steps. The
requests are in `bot.running`, the outcome is in `bot.checking`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.checking import Checking
from bot.dispatch import Dispatch
from bot.errors import ChangedError, NotFoundError, ProviderError, StorageError, WindowClosedError
from bot.heeding import while_wanted
from bot.ports import TOLD, Paced
from bot.preparing import Preparing
from bot.recall import MOVES, Counts, Event, Kind, Recall, State, step
from bot.target import ItemState, Target

AWAITED = frozenset({State.SUBMITTED, State.UNKNOWN, State.PARTIAL, State.STOPPED})

RECENT = timedelta(hours=1)
"""What was asked for longer ago than this is in no vendor's window any more."""

MOST_RECENT = 200
NOT_ASKED = frozenset({ItemState.PENDING, ItemState.SKIPPED})

ALL_DONE = "An earlier recall has taken all of it back already; /recall history says who did."
"""Why nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(Preparing, Checking):
    """Moves one recall, a step at a time."""

    async def next(self, recall: Recall, told: Callable[[], None]) -> bool:
        """Take the next step; False where nothing more can be done now. `told` rouses the outbox in the middle of one."""
        now = self.clock.now()
        waiting = recall.not_before is not None and recall.not_before > now
        if waiting:
            return False
        if recall.state is State.QUEUED and not recall.stopping:
            return await self._start(recall, told)
        try:
            provider = self.lookup.provider(recall.target.ref.provider)
        except NotFoundError as error:
            return await self.orphaned(recall, error)
        if recall.state in {State.QUEUED, State.RUNNING}:
            return await self.run(recall, provider)
        if recall.state in AWAITED and recall.not_before is not None:
            await self.check(recall, provider)
        return False

    async def count_what_went(self) -> None:
        """Tell vendors' limits, at start, what an earlier process asked for: they go on over a restart.

        When exactly is not kept, so of what still runs all counts as asked just now.
        """
        now = self.clock.now()
        running = await self.records.recalls(open_only=True, limit=MOST_RECENT)
        ended = await self.records.recalls(limit=MOST_RECENT)
        for recall in {each.id: each for each in (*running, *ended)}.values():
            if recall.state not in {State.QUEUED, State.RUNNING} and now - recall.moved_at > RECENT:
                continue
            ago = now - (_went_until(await self.records.events(recall.id)) or now)
            with suppress(ProviderError, NotFoundError):  # its provider was taken out of the settings, say
                provider = self.lookup.provider(recall.target.ref.provider)
                if isinstance(provider, Paced):
                    counted = await self.work.counts(recall.id)
                    items = sum(many for state, many in counted.items() if state not in NOT_ASKED)
                    provider.went(recall.target, -(-items // provider.traits.batch), ago.total_seconds())

    # Queued: ask the vendor for the present state -----------------------------------------------------

    async def _start(self, recall: Recall, told: Callable[[], None]) -> bool:
        now = self.clock.now()
        try:
            provider = self.lookup.provider(recall.target.ref.provider)
            if (pause := await self.shut(recall, provider, late=False)) is not None:
                patience = recall.deadline or now + self.patience(recall)
                await self.wait_until(recall, pause, max(patience, pause.until))
                return False
            target = await self._as_it_is(recall)
            why = _no_longer(recall, target, now) or self._outgrown(recall, target)
            wanted = partial(self._still_queued, recall)
            plan = None if why else await while_wanted(wanted, self.plan(recall, provider))
        except NotFoundError as error:
            return await self._refuse(recall, error.sentence)
        except ProviderError as error:
            return await self._wait_in_queue(recall, error)
        if plan is not None and 0 < plan.skipped == recall.target.items:
            why = ALL_DONE
        if why:
            self.aside(target, told)
            return await self._refuse(recall, why)
        if plan is None or self.pausing.is_set():
            return not self.pausing.is_set()
        return await self.begin(recall, provider, target, plan, told)

    async def _as_it_is(self, recall: Recall) -> Target:
        """Ask the vendor. What a second attempt does not find any more, our own first may have taken away."""
        try:
            return await self.lookup.ask(recall.target.ref)
        except NotFoundError:
            if recall.attempt == 1:
                raise
            return recall.target

    async def _still_queued(self, recall: Recall) -> bool:
        """Say whether it shall begin: nobody pressed Stop meanwhile, and this process does not end."""
        try:
            now = await self.records.recall(recall.id)
        except StorageError:
            return True  # nobody knows; the start itself is a compare-and-set
        unmoved = now is not None and now.state is State.QUEUED and not now.stopping
        return unmoved and not self.pausing.is_set()

    async def _refuse(self, recall: Recall, why: str) -> bool:
        if recall.did_before:
            return await self._end_early(recall, why)
        move = step(recall, Kind.REFUSED, at=self.clock.now(), data={"why": why}, detail=why)
        await self.records.move(move, TOLD)
        return False

    async def _wait_in_queue(self, recall: Recall, error: ProviderError) -> bool:
        now = self.clock.now()
        why = error.sentence
        deadline = recall.deadline or now + self.patience(recall)
        if not error.passing or now >= deadline:
            if recall.did_before:
                return await self._end_early(recall, why)
            lost = Counts(total=recall.target.items, failed=recall.target.items)
            move = step(recall, Kind.GAVE_UP, at=now, data={"why": why}, detail=why, counts=lost)
            await self.records.move(move, TOLD)
            return False
        await self.wait(recall, error, deadline)
        return False

    async def _end_early(self, recall: Recall, why: str) -> bool:
        """End a retry that comes to nothing: what the attempts before it did stands, and is looked for as before."""
        try:
            provider = self.lookup.provider(recall.target.ref.provider)
        except NotFoundError as error:
            return await self.orphaned(recall, error)
        return await self.stopped(recall, Dispatch(provider, recall), late=True, why=why)

    def _outgrown(self, recall: Recall, target: Target) -> str | None:
        """Say that one yes is not enough any more, for an audience that was small when the card was made."""
        if recall.needs_second or not self.policy.needs_second(target):
            return None
        sent = target.audience.sent
        now = "is not known any more" if sent is None else f"is {sent:,} by now"
        return f"Its audience {now}, so a second person has to approve this. {ChangedError().sentence}"


def _went_until(events: Sequence[Event]) -> datetime | None:
    """Say when the last attempt had sent what it had to send; None where it has not."""
    until = None
    for event in events:
        if event.kind is Kind.STARTED:
            until = None
        elif until is None and (State.RUNNING, event.kind) in MOVES:
            until = event.at
    return until


def _no_longer(recall: Recall, target: Target, now: datetime) -> str | None:
    """Say why what was confirmed can no longer be done; None where it can."""
    if recall.attempt > 1 and target.capability.operation is None:
        return None  # our own earlier attempt may have done it: the check before sending finds out
    if recall.attempt > 1 and recall.target.items > 1:
        return None  # it may have done some of them; only what was planned then is tried again
    if target.capability.operation is None:
        return target.capability.refusal
    if target.capability.closes_at is not None and target.capability.closes_at <= now:
        return WindowClosedError().sentence
    if target.fingerprint() != recall.target.fingerprint():
        return f"{_changed(recall.target, target)} {ChangedError().sentence}"
    return None


def _changed(shown: Target, now: Target) -> str:
    """Name what a person agreed to that is different by now."""
    promised, possible = shown.capability.operation, now.capability.operation
    if promised is not possible:
        return f"The card said “{promised}”, but what {now.vendor} can do by now is “{possible}”."
    *others, last = shown.differences(now) or ("description",)
    what = f"{', '.join(others)} and {last}" if others else last
    return f"{now.vendor} shows another {what} than the card did."
