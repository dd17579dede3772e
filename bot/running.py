"""A running recall: its items are claimed chunk by chunk, asked for with the vendor's concurrency kept full, settled.

While a round over a chunk goes on, what is settled is written every second, so that the thread can count it, a Stop
is heard, and a crash costs a second. Numbers come from committed rows only.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.dispatch import Dispatch
from bot.pacing import before_check
from bot.ports import TOLD, Chunk, NoticeKind, Paced, Provider
from bot.recall import Counts, Kind, Recall, step
from bot.rounds import Round
from bot.steps import Steps
from bot.tally import counts_of, end_of, ended, numbers
from bot.target import ItemState, Outcome

LEASE = 120.0
"""Seconds for which a chunk is ours; longer than any single vendor call may take."""

RACES = 5
"""How often outcomes are written anew when a person's click came between."""

BEAT = 1.0
"""Seconds between two looks at what a round has settled, and at whether somebody pressed Stop."""

BEATS_BETWEEN_COUNTS = 3
"""Beats after which the thread's count is brought up to date: Slack takes about 50 edits a minute in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Steps):
    """The steps of a recall while its requests go out."""

    async def run(self, recall: Recall, provider: Provider) -> bool:
        """Work one chunk off, or end the recall where none is left; False where nothing more can be done now."""
        if recall.stopping and not (await self.work.counts(recall.id)).get(ItemState.INTENT):
            return await self._finish(recall)
        chunk = await self.work.claim(recall.id, self.owner, self.clock.now(), LEASE)
        if chunk is None:
            return await self._finish(recall)
        dispatch = Dispatch(provider, recall)
        if recall.stopping:
            return await self._settle(recall, chunk, Round(dispatch, chunk, await dispatch.doubts(chunk)))
        going = Round(dispatch, chunk)
        recall = await self._follow(recall, chunk, going)
        return await self._settle(recall, chunk, going)

    async def _follow(self, recall: Recall, chunk: Chunk, going: Round) -> Recall:
        """Let a round go on to its end, and keep what it settles meanwhile."""
        working = asyncio.get_running_loop().create_task(going.run(), name=f"round {recall.id}")
        beats = 0
        try:
            while not working.done():
                await asyncio.wait({working}, timeout=BEAT)
                if working.done():
                    break
                if self.pausing.is_set():
                    going.stop()
                if recall.target.items > 1:
                    beats += 1
                    counts = beats % BEATS_BETWEEN_COUNTS == 1
                    recall = await self._beat(recall, chunk, going, tell=counts)
        finally:
            if not working.done():
                working.cancel()
                await asyncio.wait({working})
        working.result()
        return recall

    async def _beat(self, recall: Recall, chunk: Chunk, going: Round, *, tell: bool) -> Recall:
        """Write what is settled so far, count it, and see whether somebody pressed Stop."""
        fresh_outcomes = _settled(going.news())
        until = self.clock.now() + timedelta(seconds=LEASE)
        if not await self.work.hold(chunk, going.states(), fresh_outcomes, until=until):
            going.stop()  # the claim is somebody else's by now
            return recall
        fresh = await self.records.recall(recall.id) or recall
        if fresh.stopping:
            going.stop()
            return fresh
        return await self._count(fresh, went=bool(fresh_outcomes)) if tell else fresh

    async def _count(self, recall: Recall, *, went: bool) -> Recall:
        """Bring the thread's count up to date; where something went through, the patience begins anew."""
        now = self.clock.now()
        counts = counts_of(await self.work.counts(recall.id))
        news: dict[str, Any] = {"deadline": now + self.patience(recall), "checks": 0, "detail": ""}
        move = step(
            recall,
            Kind.PROGRESS,
            at=now,
            counts=counts,
            ready_at=self._ready(recall, counts.left),
            **(news if went else {}),
        )
        kept = await self.records.move(move, (NoticeKind.PROGRESS,))
        return move.after if kept else await self.records.recall(recall.id) or recall

    def _ready(self, recall: Recall, left: int) -> datetime | None:
        """Say when the last request may go out, by the vendor's limits; None where none are known."""
        provider = self.lookup.provider(recall.target.ref.provider)
        if not isinstance(provider, Paced) or not left:
            return None
        seconds = provider.seconds_for(recall.target, left)
        return self.clock.now() + timedelta(seconds=seconds) if seconds >= 1 else None

    async def _settle(self, recall: Recall, chunk: Chunk, going: Round) -> bool:
        now = self.clock.now()
        late = recall.deadline is not None and now >= recall.deadline and not going.went
        if late:
            going.give_up()
        error = None if late else going.trouble
        settled = _settled(going.news())
        if not await self._keep(recall, chunk, going.states(), settled):
            return False
        if recall.target.items > 1:
            fresh = await self.records.recall(recall.id) or recall
            recall = await self._count(fresh, went=going.went)
        stopped = recall.stopping and not going.doubtful
        if error is not None and (going.halted or not going.went) and not stopped:
            await self.wait(recall, error, recall.deadline or now)
            return False
        return True

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
        return {"step": ended(recall, kind, counts, at=now, why=outcome.reason), "notices": TOLD}

    async def _finish(self, recall: Recall) -> bool:
        """End a running recall once every item is settled; numbers come from committed rows."""
        counted = await self.work.counts(recall.id)
        counts = counts_of(counted)
        if counts.left and not (recall.stopping and not counted.get(ItemState.INTENT, 0)):
            return False
        recipients = counts_of(told) if (told := await self.work.recipients(recall.id)) else None
        kind = Kind.STOPPED if counts.left else end_of(counts, recipients)
        now = self.clock.now()
        awaited = self._awaited(recall) if counts.awaiting else {}
        if kind is not Kind.SUBMITTED:
            end = ended(
                recall,
                kind,
                counts,
                at=now,
                why=recall.detail,
                recipients=recipients,
                ready_at=None,
                **awaited,
            )
            return await self.records.move(end, self.told(recall))
        move = step(
            recall,
            Kind.SUBMITTED,
            at=now,
            data=numbers(recall, counts, recipients),
            counts=counts,
            recipients=recipients,
            ready_at=None,
            **awaited,
        )
        # One vendor call was told as "accepted" a moment ago; saying the same again would be noise.
        told_of = (NoticeKind.REFRESH,) if recall.target.items == 1 else self.told(recall)
        return await self.records.move(move, told_of)

    def _awaited(self, recall: Recall) -> dict[str, Any]:
        """Say when what was accepted is looked for, and until when."""
        now = self.clock.now()
        patience = self.lookup.traits(recall.target.ref.provider).outcome_deadline
        deadline = now + timedelta(seconds=patience)
        # A person's word comes by itself; until the deadline there is nobody to ask.
        first = deadline if recall.by_hand else now + timedelta(seconds=before_check(0))
        return {"checks": 0, "not_before": first, "deadline": deadline}


def _settled(outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    return {n: each for n, each in outcomes.items() if each.state > ItemState.INTENT}
