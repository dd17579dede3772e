"""What comes between a vendor's present state and the first request: the list of items, and all that is written at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.lanes import account_of
from bot.ports import TOLD, Beginning, Card, CardId, Claim, ItemId, Move, Provider
from bot.recall import Actor, Kind, Place, Recall, Step, step
from bot.running import Running
from bot.stock import LEASE, Begun
from bot.target import ItemState, RepeatClass, Target

PLANNED_AT_A_TIME = 5000
"""Items that are planned in one transaction, however long the vendor's pages are."""

FEW = 1000
"""Items that may be written with the start; more of them would keep other people's clicks from the writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What there is to do."""

    items: Sequence[ItemId] | None = None  # all of it, to be written with the start; None: it is kept
    skipped: int = 0  # left out, since another recall has done them


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing(Running):
    """The last steps before a recall's requests go out."""

    async def plan(self, recall: Recall, provider: Provider) -> Plan:
        """List what there is to do. A short list is left to be written with the start, a long one is written at once.

        Items are streamed. Nothing is sent before all of them are listed; why, and what a crash in the middle
        costs, is in docs/decisions/0011-all-is-planned-before-anything-is-sent.md.
        """
        if recall.attempt > 1 and set(await self.work.counts(recall.id)) - {ItemState.PENDING}:
            again = recall.target.capability.repeatable
            await self.work.reopen(
                recall.id, (ItemState.FAILED, ItemState.UNKNOWN) if again else (ItemState.FAILED,)
            )
            return Plan()
        shared = recall.target.items > 1 or recall.target.related is not None
        items = await self._listed(recall, provider, few=0 if shared else FEW)
        return Plan(items=items, skipped=await self.work.skip_done(recall) if shared else 0)

    async def begin(
        self, recall: Recall, provider: Provider, target: Target, plan: Plan, told: Callable[[], None]
    ) -> bool:
        """Write the start with all that the first requests need, in one transaction, and send them.

        False where nothing more can be done now, as where somebody moved the recall meanwhile.
        """
        lane, now = self.lanes.of(provider, recall.target), self.clock.now()
        alone = plan.items is not None and len(plan.items) <= provider.traits.batch and lane.free
        # What can neither be repeated nor asked about is intended when its request goes out, and no sooner.
        intend = provider.traits.repeat is not RepeatClass.NEITHER or alone
        claim = Claim(owner=self.owner, at=now, until=now + LEASE, intend=intend)
        start = self._start_of(recall, provider, target, plan)
        chunks = await self.work.begin(
            Beginning(
                start=Move(step=start, notices=TOLD),
                account=account_of(provider, recall.target),
                claim=None if lane.breaker.shut(now) else claim,
                items=plan.items,
                card=self._card_of_sender(recall, provider),
            )
        )
        self.aside(target, told)
        if not chunks:
            return chunks is not None
        whole = plan.items is not None and sum(len(chunk.items) for chunk in chunks) == len(plan.items)
        return await self.send(start.after, provider, begun=Begun(chunks=chunks, intended=intend, all=whole))

    def aside(self, target: Target, told: Callable[[], None]) -> None:
        """Have done what no request has to wait for: the threads are roused, and search knows the vendor's present state."""

        async def work() -> None:
            await asyncio.sleep(0)  # the first requests go before it
            told()
            await self.lookup.remember([target])

        self.tasks.spawn(work(), f"what follows {target.ref}")

    async def _listed(self, recall: Recall, provider: Provider, *, few: int) -> Sequence[ItemId] | None:
        """Read the list; gives it back where it has so few items, else it is kept.

        What an earlier process kept of it is not written again as far as it is the same.
        """
        start, items = 0, list[ItemId]()
        async for page in provider.items(recall.target):
            items.extend(page)
            while len(items) >= PLANNED_AT_A_TIME:
                await self.work.plan(recall.id, items[:PLANNED_AT_A_TIME], start=start)
                start, items = start + PLANNED_AT_A_TIME, items[PLANNED_AT_A_TIME:]
        if not start and len(items) <= few:
            return items
        await self.work.plan(recall.id, items, start=start, last=True)
        return None

    def _start_of(self, recall: Recall, provider: Provider, target: Target, plan: Plan) -> Step:
        now = self.clock.now()
        return step(
            recall,
            Kind.STARTED,
            at=now,
            started_at=now,
            not_before=None,
            checks=0,
            deadline=now + timedelta(seconds=provider.traits.queue_deadline),
            audience=target.audience,
            detail="",
            data={"skipped": plan.skipped} if plan.skipped else {},
        )

    def _card_of_sender(self, recall: Recall, provider: Provider) -> Card | None:
        """Show what somebody else takes back to who sent it, in their own messages; once, however often this runs."""
        sender = self.policy.sender(recall.target, provider.traits)
        involved = (recall.asked_by, recall.confirmed_by, recall.approved_by)
        if sender is None or any(each is not None and each.user == sender for each in involved):
            return None
        # A person's own id as the place: the conversation with them is opened when it is told.
        place, who = Place(channel=sender), Actor(team=recall.asked_by.team, user=sender)
        return Card(id=CardId(f"{recall.id}-sender"), recall=recall.id, place=place, asked_by=who)
