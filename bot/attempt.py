"""One recall's way from queued to its end: the present state, the requests, the outcome.

Each step reads what it needs from the store and writes one move; nothing is kept in memory between two steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.dispatch import Dispatch, Verdict
from bot.errors import ChangedError, NotFoundError, ProviderBusyError, ProviderError, WindowClosedError
from bot.lookup import Lookup
from bot.pacing import before_check, before_retry
from bot.policy import Policy
from bot.ports import Chunk, Clock, NoticeKind, Provider, Records, Work
from bot.recall import Counts, Kind, Recall, State, Step, step
from bot.target import ItemState, Outcome, Target

LEASE = 120.0
"""Seconds for which a chunk is ours; longer than any single vendor call may take."""

RACES = 5
"""How often outcomes are written anew when a person's click came between."""

TOLD = (NoticeKind.REFRESH, NoticeKind.REPLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Moves one recall, a step at a time."""

    records: Records
    work: Work
    lookup: Lookup
    policy: Policy
    clock: Clock
    random: Random
    owner: str  # names this process run: whose claims are whose

    async def next(self, recall: Recall) -> bool:
        """Take the next step; False where nothing more can be done now."""
        now = self.clock.now()
        waiting = recall.not_before is not None and recall.not_before > now
        if waiting:
            return False
        if recall.state is State.QUEUED:
            return await self._start(recall)
        try:
            provider = self.lookup.provider(recall.target.ref.provider)
        except NotFoundError as error:
            return await self._orphaned(recall, error)
        if recall.state is State.RUNNING:
            return await self._run(recall, provider)
        if recall.state in {State.SUBMITTED, State.UNKNOWN, State.PARTIAL} and recall.not_before is not None:
            await self._check(recall, provider)
        return False

    # Queued: ask the vendor for the present state -----------------------------------------------------

    async def _start(self, recall: Recall) -> bool:
        now = self.clock.now()
        try:
            provider = self.lookup.provider(recall.target.ref.provider)
            target = await self._as_it_is(recall)
            if (why := _no_longer(recall, target, now) or self._outgrown(recall, target)) is not None:
                return await self._refuse(recall, why)
            await self._plan(recall, provider)
        except NotFoundError as error:
            return await self._refuse(recall, error.sentence)
        except ProviderError as error:
            return await self._wait_in_queue(recall, error)
        move = step(
            recall,
            Kind.STARTED,
            at=now,
            not_before=None,
            checks=0,
            deadline=now + timedelta(seconds=provider.traits.queue_deadline),
            audience=target.audience,
            detail="",
        )
        return await self.records.move(move, TOLD)

    async def _as_it_is(self, recall: Recall) -> Target:
        """Ask the vendor. What a second attempt does not find any more, our own first may have taken away."""
        try:
            return await self.lookup.fetch(recall.target.ref)
        except NotFoundError:
            if recall.attempt == 1:
                raise
            return recall.target

    async def _plan(self, recall: Recall, provider: Provider) -> None:
        counted = await self.work.counts(recall.id)
        if recall.attempt > 1 and set(counted) - {ItemState.PENDING}:
            again = recall.target.capability.repeatable
            await self.work.reopen(
                recall.id, (ItemState.FAILED, ItemState.UNKNOWN) if again else (ItemState.FAILED,)
            )
            return
        first = True
        async for page in provider.items(recall.target):
            await self.work.plan(recall.id, page, first=first)
            first = False

    async def _refuse(self, recall: Recall, why: str) -> bool:
        move = step(recall, Kind.REFUSED, at=self.clock.now(), data={"why": why}, detail=why)
        await self.records.move(move, TOLD)
        return False

    async def _wait_in_queue(self, recall: Recall, error: ProviderError) -> bool:
        now = self.clock.now()
        why = error.sentence
        deadline = recall.deadline or now + timedelta(seconds=self._patience(recall))
        if not error.passing or now >= deadline:
            lost = Counts(total=recall.target.items, failed=recall.target.items)
            move = step(recall, Kind.GAVE_UP, at=now, data={"why": why}, detail=why, counts=lost)
            await self.records.move(move, TOLD)
            return False
        await self._wait(recall, why, self._pause(error, recall), deadline)
        return False

    async def _wait(self, recall: Recall, why: str, seconds: float, deadline: datetime) -> None:
        """Note that the vendor has to be asked again later; the thread hears it once per reason."""
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
        await self.records.move(move, () if recall.detail == why else TOLD)

    # Running: claim a chunk, send, settle -------------------------------------------------------------

    async def _run(self, recall: Recall, provider: Provider) -> bool:
        if recall.stopping and not (await self.work.counts(recall.id)).get(ItemState.INTENT):
            return await self._finish(recall)
        chunk = await self.work.claim(recall.id, self.owner, self.clock.now(), LEASE)
        if chunk is None:
            return await self._finish(recall)
        dispatch = Dispatch(provider, recall.target, recall.id, recall.why)
        verdicts = await (dispatch.doubts(chunk) if recall.stopping else dispatch.run(chunk))
        return await self._settle(recall, chunk, verdicts)

    async def _settle(self, recall: Recall, chunk: Chunk, verdicts: Mapping[int, Verdict]) -> bool:
        now = self.clock.now()
        late = recall.deadline is not None and now >= recall.deadline
        outcomes = {n: each.given_up() if late else each.outcome for n, each in verdicts.items()}
        states = list(chunk.states)
        for n, outcome in outcomes.items():
            states[n] = outcome.state
        troubled = [
            each for n, each in verdicts.items() if not late and each.error is not None and not each.final
        ]
        settled = {n: each for n, each in outcomes.items() if each.state > ItemState.INTENT}
        if troubled and (error := troubled[0].error) is not None:
            if not await self.work.settle(chunk, states, settled):
                return True
            await self._wait(recall, error.sentence, self._pause(error, recall), recall.deadline or now)
            return False
        return await self._keep(recall, chunk, states, settled)

    async def _keep(
        self, recall: Recall, chunk: Chunk, states: list[ItemState], settled: Mapping[int, Outcome]
    ) -> bool:
        """Write outcomes; a single-call recall hears of them in the same transaction."""
        for _ in range(RACES):
            told: dict[str, Any] = {}
            if len(chunk.items) == recall.target.items == 1 and 0 in settled:
                told = self._single(recall, settled[0])
            if await self.work.settle(chunk, states, settled, **told):
                return True
            fresh = await self.records.recall(recall.id)
            if fresh is None or fresh.version == recall.version:
                break  # the claim is somebody else's by now
            recall = fresh
        return False

    def _single(self, recall: Recall, outcome: Outcome) -> dict[str, Any]:
        """Work out what the thread hears of a recall that is one vendor call."""
        now = self.clock.now()
        if outcome.state in {ItemState.ACCEPTED, ItemState.DONE}:
            move = step(
                recall,
                Kind.ACCEPTED,
                at=now,
                data={"confirmed": True}
                if outcome.state is ItemState.DONE
                else {"evidence": outcome.evidence},
                audience=outcome.audience or recall.audience,
                remains=outcome.remains or recall.remains,
                detail=outcome.evidence or "",
            )
            return {"step": move, "notices": (NoticeKind.REPLY,)}
        counts = Counts(
            total=1,
            failed=int(outcome.state is ItemState.FAILED),
            unknown=int(outcome.state is ItemState.UNKNOWN),
        )
        kind = Kind.FAILED if counts.failed else Kind.UNKNOWN
        return {"step": self._end(recall, kind, counts, why=outcome.reason), "notices": TOLD}

    async def _finish(self, recall: Recall) -> bool:
        """End a running recall once every item is settled; numbers come from committed rows."""
        counted = await self.work.counts(recall.id)
        left = counted.get(ItemState.PENDING, 0) + counted.get(ItemState.INTENT, 0)
        if left and not (recall.stopping and not counted.get(ItemState.INTENT, 0)):
            return False
        counts = _counts(counted)
        kind = Kind.STOPPED if left else _end_of(counts)
        if kind is not Kind.SUBMITTED:
            return await self.records.move(self._end(recall, kind, counts, why=recall.detail), TOLD)
        now = self.clock.now()
        patience = self.lookup.provider(recall.target.ref.provider).traits.outcome_deadline
        deadline = now + timedelta(seconds=patience)
        move = step(
            recall,
            Kind.SUBMITTED,
            at=now,
            data=_numbers(recall, counts),
            counts=counts,
            checks=0,
            # A person's word comes by itself; until the deadline there is nobody to ask.
            not_before=deadline if recall.by_hand else now + timedelta(seconds=before_check(0)),
            deadline=deadline,
        )
        # One vendor call was told as "accepted" a moment ago; saying the same again would be noise.
        told = (NoticeKind.REFRESH,) if recall.target.items == 1 else TOLD
        return await self.records.move(move, told)

    # Submitted: what became of it ---------------------------------------------------------------------

    async def _check(self, recall: Recall, provider: Provider) -> None:
        now = self.clock.now()
        late = recall.deadline is None or now >= recall.deadline
        why, news = "", False
        for chunk in await self.work.holding(recall.id, (ItemState.ACCEPTED, ItemState.UNKNOWN)):
            verdicts = await Dispatch(provider, recall.target, recall.id).check(chunk, late=late)
            outcomes = {n: each.outcome for n, each in verdicts.items()}
            states = [outcomes[n].state if n in outcomes else state for n, state in enumerate(chunk.states)]
            news = states != list(chunk.states) or news
            if outcomes:
                first = next(iter(outcomes.values()))
                why = first.reason or first.evidence or why
                audience = first.audience or recall.audience
                recall = replace(recall, audience=audience, remains=first.remains or recall.remains)
            if states != list(chunk.states):
                await self.work.settle(chunk, states, outcomes)
        counts = _counts(await self.work.counts(recall.id))
        kind = _end_of(counts)
        if kind is Kind.SUBMITTED or (not news and kind.value == recall.state.value):
            following = None if late else now + timedelta(seconds=before_check(recall.checks + 1))
            move = step(
                recall, Kind.CHECKED, at=now, counts=counts, checks=recall.checks + 1, not_before=following
            )
            await self.records.move(move)
            return
        await self.records.move(self._end(recall, kind, counts, why=why), TOLD)

    async def _orphaned(self, recall: Recall, error: NotFoundError) -> bool:
        """Say so where nobody is left to ask: the settings no longer have the provider."""
        counts = _counts(await self.work.counts(recall.id))
        await self.records.move(self._end(recall, Kind.UNKNOWN, counts, why=error.sentence), TOLD)
        return False

    # Parts --------------------------------------------------------------------------------------------

    def _end(self, recall: Recall, kind: Kind, counts: Counts, *, why: str | None) -> Step:
        data = {**_numbers(recall, counts), "why" if kind is not Kind.DONE else "evidence": why or None}
        if kind is Kind.DONE and recall.remains:
            data["remains"] = recall.remains
        return step(
            recall,
            kind,
            at=self.clock.now(),
            data=data,
            counts=counts,
            not_before=None,
            deadline=None,
            audience=recall.audience,
            remains=recall.remains,
            detail=why or "",
        )

    def _outgrown(self, recall: Recall, target: Target) -> str | None:
        """Say that one yes is not enough any more, for an audience that was small when the card was made."""
        if recall.needs_second or not self.policy.needs_second(target):
            return None
        sent = target.audience.sent
        now = "is not known any more" if sent is None else f"is {sent:,} by now"
        return f"Its audience {now}, so a second person has to approve this. {ChangedError().sentence}"

    def _pause(self, error: ProviderError, recall: Recall) -> float:
        if isinstance(error, ProviderBusyError) and error.retry_after is not None:
            return error.retry_after
        return before_retry(recall.checks, self.random)

    def _patience(self, recall: Recall) -> float:
        return self.lookup.provider(recall.target.ref.provider).traits.queue_deadline


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


def _end_of(counts: Counts) -> Kind:
    if counts.awaiting:
        return Kind.SUBMITTED
    if counts.done + counts.skipped == counts.total:
        return Kind.DONE
    if counts.failed == counts.total:
        return Kind.FAILED
    return Kind.UNKNOWN if counts.unknown == counts.total else Kind.PARTIAL


def _counts(by_state: Mapping[ItemState, int]) -> Counts:
    return Counts(
        total=sum(by_state.values()),
        done=by_state.get(ItemState.DONE, 0),
        failed=by_state.get(ItemState.FAILED, 0),
        unknown=by_state.get(ItemState.UNKNOWN, 0),
        awaiting=by_state.get(ItemState.ACCEPTED, 0),
        skipped=by_state.get(ItemState.SKIPPED, 0),
    )


def _numbers(recall: Recall, counts: Counts) -> dict[str, Any]:
    audience = recall.audience
    return {
        "counts": {name: getattr(counts, name) for name in counts.__slots__},
        "audience": None
        if audience is None
        else {"sent": audience.sent, "delivered": audience.delivered, "opened": audience.opened},
    }
