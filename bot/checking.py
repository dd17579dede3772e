"""What became of a recall that its vendor accepted: looked for until all is known, or the time for it is over."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.dispatch import Dispatch
from bot.errors import NotFoundError
from bot.pacing import before_check
from bot.ports import TOLD, NoticeKind, Provider
from bot.recall import Counts, Kind, Recall, State, step
from bot.steps import Steps
from bot.tally import counts_of, end_of, ended
from bot.target import ItemState


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking(Steps):
    """The steps of a recall whose outcome is awaited."""

    async def check(self, recall: Recall, provider: Provider) -> None:
        """Look once at everything that is open, write what is known, and end the recall or plan the next look."""
        late = recall.deadline is None or self.clock.now() >= recall.deadline
        recall, why, news = await self._look(recall, provider, late=late)
        counts = counts_of(await self.work.counts(recall.id))
        recipients = await self._recipients(recall)
        kind = end_of(counts, recipients)
        ends = kind is not Kind.SUBMITTED and (news or kind.value != recall.state.value)
        if ends and recall.state is not State.STOPPED:
            end = ended(recall, kind, counts, at=self.clock.now(), why=why, recipients=recipients)
            await self.records.move(end, self.told(recall))
            return
        over = late or not counts.awaiting
        following = None if over else self.clock.now() + timedelta(seconds=before_check(recall.checks + 1))
        shown = counts != recall.counts or recipients != recall.recipients
        move = step(
            recall,
            Kind.CHECKED,
            at=self.clock.now(),
            counts=counts,
            recipients=recipients,
            checks=recall.checks + 1,
            not_before=following,
        )
        await self.records.move(move, (NoticeKind.REFRESH,) if shown else ())

    async def orphaned(self, recall: Recall, error: NotFoundError) -> bool:
        """Say so where nobody is left to ask: the settings no longer have the provider."""
        counts = counts_of(await self.work.counts(recall.id))
        end = ended(
            recall,
            Kind.UNKNOWN,
            counts,
            at=self.clock.now(),
            why=error.sentence,
            recipients=await self._recipients(recall),
        )
        await self.records.move(end, TOLD)
        return False

    async def _look(self, recall: Recall, provider: Provider, *, late: bool) -> tuple[Recall, str, bool]:
        """Ask about every open item; gives the recall with the vendor's numbers, its words, and whether all is as it was."""
        why, news = "", False
        for chunk in await self.work.holding(recall.id, (ItemState.ACCEPTED, ItemState.UNKNOWN)):
            verdicts = await Dispatch(provider, recall).check(chunk, late=late)
            outcomes = {n: each.outcome for n, each in verdicts.items()}
            states = [outcomes[n].state if n in outcomes else state for n, state in enumerate(chunk.states)]
            changed = states != list(chunk.states)
            news = news or changed
            if outcomes:
                first = next(iter(outcomes.values()))
                proof = first.evidence if recall.target.items == 1 else ""  # one item's says nothing of all
                why = first.reason or proof or why
                recall = replace(
                    recall,
                    audience=first.audience or recall.audience,
                    remains=first.remains or recall.remains,
                )
            if changed or any(each.recipients for each in outcomes.values()):
                await self.work.settle(chunk, states, outcomes)
        return recall, why, news

    async def _recipients(self, recall: Recall) -> Counts | None:
        counted = await self.work.recipients(recall.id)
        return counts_of(counted) if counted else None
