"""What became of a recall that its vendor accepted: looked for until all is known, or the time for it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.dispatch import Dispatch
from bot.errors import NotFoundError
from bot.following import told
from bot.pacing import before_check
from bot.ports import TOLD, Chunk, Move, NoticeKind, Provider, Tally, Written
from bot.recall import Kind, Recall, State, step
from bot.steps import Steps
from bot.tally import counted, end_of, ended
from bot.target import Audience, ItemState

OPEN = (ItemState.ACCEPTED, ItemState.UNKNOWN)

AT_A_TIME = 8
"""Chunks that are read at a time, so that a recall of a million items is looked at in flat memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking(Steps):
    """The steps of a recall whose outcome is awaited."""

    async def check(self, recall: Recall, provider: Provider) -> None:
        """Look once at everything that is open, write what is known, and end the recall or plan the next look."""
        at = self.clock.now()
        late = recall.deadline is None or at >= recall.deadline
        found = _Found(Dispatch(provider, recall), alone=recall.target.items == 1, late=late)
        last: Sequence[Written] = ()
        after = -1
        while chunks := await self.work.holding(recall.id, OPEN, after=after, limit=AT_A_TIME):
            for chunk in chunks:
                if (
                    last
                ):  # written at once; counted with the last of them, since counting reads all that was noted
                    await self.work.hold(recall.id, last, until=at)
                last = await found.of(chunk)
            after = chunks[-1].number
        await self.work.reckon(recall.id, last, partial(_follow, found=found, version=recall.version, at=at))

    async def orphaned(self, recall: Recall, error: NotFoundError) -> bool:
        """Say so where nobody is left to ask: the settings no longer have the provider."""
        at = self.clock.now()

        def follow(now: Recall, tally: Tally) -> Sequence[Move]:
            if now.version != recall.version:
                return ()
            counts, recipients = counted(tally)
            end = ended(now, Kind.UNKNOWN, counts, at=at, why=error.sentence, recipients=recipients)
            return (Move(step=end, notices=TOLD),)

        await self.work.reckon(recall.id, (), follow)
        return False


class _Found:
    """What one look at a recall's open items brings."""

    def __init__(self, dispatch: Dispatch, *, alone: bool, late: bool) -> None:
        self._dispatch = dispatch
        self._alone = alone  # the recall is one item
        self.late = late  # the time for confirmation is over
        self.why = ""  # the vendor's words
        self.audience: Audience | None = None
        self.remains = ""
        self.news = False  # an item's state changed

    async def of(self, chunk: Chunk) -> Sequence[Written]:
        """Ask about one chunk; gives what there is to write of it."""
        outcomes = await self._dispatch.check(chunk, late=self.late)
        codes = bytearray(chunk.codes)
        for n, outcome in outcomes.items():
            codes[n] = outcome.state
        changed = codes != chunk.codes
        self.news = self.news or changed
        if outcomes:
            first = next(iter(outcomes.values()))
            proof = first.evidence if self._alone else ""  # one item's says nothing of all
            self.why = first.reason or proof or self.why
            self.audience = first.audience or self.audience
            self.remains = first.remains or self.remains
        if not changed and not any(each.recipients for each in outcomes.values()):
            return ()
        said = {n: each for n, each in outcomes.items() if each.says_more}
        return (Written(chunk=chunk, codes=bytes(codes), outcomes=said, back=True),)


def _follow(recall: Recall, tally: Tally, *, found: _Found, version: int, at: datetime) -> Sequence[Move]:
    """End the recall, or plan the next look; nothing where somebody moved it meanwhile."""
    if recall.version != version:
        return ()
    recall = replace(
        recall, audience=found.audience or recall.audience, remains=found.remains or recall.remains
    )
    counts, recipients = counted(tally)
    kind = end_of(counts, recipients)
    ends = kind is not Kind.SUBMITTED and (found.news or kind.value != recall.state.value)
    if ends and recall.state is not State.STOPPED:
        end = ended(recall, kind, counts, at=at, why=found.why, recipients=recipients)
        return (Move(step=end, notices=told(recall)),)
    over = found.late or not counts.awaiting
    move = step(
        recall,
        Kind.CHECKED,
        at=at,
        counts=counts,
        recipients=recipients,
        checks=recall.checks + 1,
        not_before=None if over else at + timedelta(seconds=before_check(recall.checks + 1)),
    )
    shown = counts != recall.counts or recipients != recall.recipients
    return (Move(step=move, notices=(NoticeKind.REFRESH,) if shown else ()),)
