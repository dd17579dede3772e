"""The chunks that a recall has in hand: claimed ahead, written and given back when all went, and in part now and then."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import StorageError
from bot.hand import Duty, Hand
from bot.ports import Chunk, Claim, Clock, Work, Written
from bot.recall import RecallId

log = logging.getLogger(__name__)

TICK = 0.05
"""Seconds for which outcomes are gathered before they are written together. What is not written yet is as doubtful after a
crash as all else that is claimed, so a longer one loses nothing; each commit slows the requests beside it by a millisecond."""

PARTLY = 0.5
"""Seconds after which a chunk is written of which only a part went, where all of it was intended with its claim: an outcome
more on disk would spare hardly a request after a crash, and at a slow vendor each would cost a commit."""

SOON = 0.1
"""Seconds: what was claimed shall last as long at least."""

LEASE = timedelta(seconds=120)
"""How long a chunk is ours; longer than any single vendor call may take."""

MOST_AHEAD = 24
"""Chunks that are claimed at a time at most. After a crash what is claimed is in doubt, so a slow vendor gets one."""

HALF_A_CHUNK = 500

SICK = 1.0
"""Seconds until outcomes that could not be written are written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What was claimed in the transaction with which a recall began."""

    chunks: Sequence[Chunk]
    intended: bool  # their rows say INTENT
    all: bool  # there is nothing beside them


class Stock:
    """Claims chunks, hands their items out, and writes what became of them. No request waits for a write."""

    def __init__(
        self, *, work: Work, clock: Clock, recall: RecallId, owner: str, least: int, intend: bool
    ) -> None:
        """Wire it.

        Args:
            work: memory.
            clock: tells the time.
            recall: whose chunks.
            owner: the name of this process's engine.
            least: so few items to be asked for are always the time to claim more.
            intend: a claim intends requests for all of a chunk; else each request is intended by itself.
        """
        self._work = work
        self._clock = clock
        self._recall = recall
        self._owner = owner
        self._least = least
        self._intend = intend
        self._hands: dict[int, Hand] = {}
        self._queue: list[Hand] = []  # hands with items that have not been asked for, the next one last
        self._left: set[int] = set()  # chunks that were given back with open items: not for this time
        self._ahead = 1
        self._low = least  # fewer items to be asked for than this: claim more
        self._claimed_at = 0.0
        self._renewed_at = clock.now()
        self._intents: asyncio.Future[None] | None = None
        self._dry = False  # there is nothing more to claim
        self._sick = False
        self._closed = False
        self._shut = False  # closed or sick
        self._partly_at = 0.0  # when chunks were written last of which only a part went, by the loop's time
        self.unsent = 0
        self.bell = asyncio.Event()  # something has to be written or claimed soon

    def begin(self, begun: Begun) -> None:
        """Take in hand what was claimed when the recall began."""
        if begun.all:
            self._dry, self._low = True, 0
        for chunk in begun.chunks:
            self._add(Hand(chunk, intended=begun.intended))

    @property
    def used_up(self) -> bool:
        """Whether there is nothing more to ask for."""
        return self._dry and not self.unsent

    @property
    def urgent(self) -> bool:
        """Whether something waits to be written."""
        return self._sick or any(hand.dirty for hand in self._hands.values())

    def take(self, size: int) -> Duty | None:
        """Give items for one request, and whether an earlier one may have gone out; None where none may go now.

        What is claimed bounds how many outcomes wait to be written, for nothing is claimed while a write goes on.
        """
        if self._shut:
            return None
        queue = self._queue
        while queue:
            if (duty := queue[-1].take(size)) is not None:
                self.unsent -= len(duty[1])
                if self.unsent < self._low:
                    self.bell.set()
                return duty
            queue.pop()
            if queue:
                queue[-1].open()
        return None

    def again(self, hand: Hand, numbers: Sequence[int], *, doubtful: bool) -> None:
        """Have items asked for once more: their request had no effect; `doubtful`: an earlier one may have had."""
        hand.again(numbers, doubtful=doubtful)
        self.unsent += len(numbers)
        if hand not in self._queue:
            self._queue.append(hand)

    def skip(self, hand: Hand, why: str) -> None:
        """Let the rest of a chunk fail without asking for each."""
        before = hand.unsent
        hand.fail_unsent(why, "not_asked")
        self.unsent -= before - hand.unsent

    async def intended(self, hand: Hand, numbers: Sequence[int]) -> bool:
        """Have it written that a request for these items is about to go out; says whether it still may."""
        hand.intend(numbers)
        if self._intents is None:
            self._intents = asyncio.get_running_loop().create_future()
        self.bell.set()
        await asyncio.shield(self._intents)
        if self._closed or hand.chunk.number not in self._hands:
            hand.put_back(numbers)
            return False
        return True

    async def turn(self) -> None:
        """Write what is known by now, and claim more where that is needed: one transaction.

        Raises StorageError where nothing is in hand yet; later it is kept and written again.
        """
        written = self._ripe()
        claim = self._claim(self._grown()) if self._wants_more else None
        intents, self._intents = self._intents, None
        if not written and claim is None:
            _answer(intents)  # their chunk is somebody else's by now
            return
        try:
            kept = await self._work.hold(self._recall, written, until=self._until, claim=claim)
        except StorageError:
            if not self._hands:
                raise
            log.exception(
                "recall %s: outcomes could not be written; tried again in %.0f s", self._recall, SICK
            )
            self._not_written(written, intents)
            await asyncio.sleep(SICK)
            return
        self._sick = False
        self._shut = self._closed
        self._give_back(written)
        for number in kept.lost:
            self._lose(number)
        if claim is not None:
            if len(kept.chunks) < claim.most:
                self._dry, self._low = True, 0
            for chunk in kept.chunks:
                self._add(Hand(chunk, intended=claim.intend))
        _answer(intents)

    def _ripe(self) -> list[Written]:
        """Give what is to be written now: chunks of which all went, and from time to time the others."""
        now = asyncio.get_running_loop().time()
        late = self._sick or now - self._partly_at >= PARTLY
        if late:
            self._partly_at = now
        return [
            hand.written(back=finished)
            for hand in self._hands.values()
            if (finished := hand.finished) or (hand.dirty and (late or not hand.intended))
        ]

    def renew(self) -> None:
        """Have claims prolonged long before they run out."""
        now = self._clock.now()
        if now - self._renewed_at > LEASE / 4:
            self._renewed_at = now
            for hand in self._hands.values():
                hand.dirty = True

    def close(self) -> None:
        """Hand out and claim nothing more."""
        self._closed = self._shut = True
        self.bell.set()

    def rest(self) -> list[Written]:
        """Give what has not been written, with all claims given back."""
        for hand in self._hands.values():
            hand.drop()
        return [hand.written(back=True) for hand in self._hands.values()]

    async def all_left(self, finish: Callable[[Hand], None]) -> None:
        """Finish everything that is open, chunk by chunk, without asking for any of it."""
        self._left.clear()
        while True:
            for hand in self._hands.values():
                finish(hand)
            written = [hand.written(back=True) for hand in self._hands.values()]
            claim = self._claim(MOST_AHEAD)
            try:
                kept = await self._work.hold(self._recall, written, until=self._until, claim=claim)
            except StorageError:
                self._not_written(written, None)
                raise
            self._hands = {each.number: Hand(each, intended=False) for each in kept.chunks}
            if not self._hands:
                return

    @property
    def _wants_more(self) -> bool:
        return self.unsent < self._low and not self._closed

    def _grown(self) -> int:
        """Say how many chunks to claim: more where the last ones did not last, fewer where they lasted long."""
        now = asyncio.get_running_loop().time()
        lasted, self._claimed_at = now - self._claimed_at, now
        if lasted < SOON:
            self._ahead = min(MOST_AHEAD, self._ahead * 2)
        elif lasted > 1:
            self._ahead = max(1, self._ahead // 2)
        self._low = max(self._ahead * HALF_A_CHUNK, self._least)
        return self._ahead

    def _claim(self, most: int) -> Claim:
        return Claim(
            owner=self._owner,
            at=self._clock.now(),
            until=self._until,
            most=most,
            besides=frozenset(self._hands) | self._left,
            intend=self._intend,
        )

    @property
    def _until(self) -> datetime:
        return self._clock.now() + LEASE

    def _add(self, hand: Hand) -> None:
        self._hands[hand.chunk.number] = hand
        if not self._queue:
            hand.open()
        self._queue.insert(0, hand)
        self.unsent += hand.unsent

    def _give_back(self, written: Sequence[Written]) -> None:
        for each in written:
            if each.back and (hand := self._hands.pop(each.chunk.number, None)) is not None and hand.left:
                self._left.add(each.chunk.number)

    def _lose(self, number: int) -> None:
        """Ask for nothing more of a chunk that is somebody else's by now."""
        if (hand := self._hands.pop(number, None)) is not None:
            self.unsent -= hand.unsent
            hand.drop()

    def _not_written(self, written: Sequence[Written], intents: asyncio.Future[None] | None) -> None:
        """Take everything back; who waits for an intent waits on."""
        self._sick = self._shut = True
        for each in written:
            self._hands[each.chunk.number].not_written(each)
        if intents is None:
            return
        newer, self._intents = self._intents, intents
        if newer is not None:
            intents.add_done_callback(lambda _: newer.set_result(None))


def _answer(intents: asyncio.Future[None] | None) -> None:
    """Rouse whoever waits for intents to be written."""
    if intents is not None:
        intents.set_result(None)
