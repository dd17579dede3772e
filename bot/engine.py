"""Runs confirmed recalls: asks the vendor for the present state, sends the requests, looks for the outcome.

What to do next is read from the store, never from memory, so a restart goes on where the last process ended.
An item's intent is durable before its request goes out; after a crash an intent is doubtful, and what happens
then depends on the provider's repeat class (`bot.target.RepeatClass`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from bot.attempt import Attempt
from bot.errors import StorageError
from bot.ports import Move, NoticeKind
from bot.recall import Kind, Recall, RecallId, State, step

log = logging.getLogger(__name__)

SOON = 0.02
"""Seconds after which Slack hears what somebody decided, where the vendor has not been asked by then. Telling it costs the
event loop and the writer milliseconds, which are the vendor's first: from Yes to its first call (bench/first_call.py)."""

REST = 5.0
"""Seconds for which a recall is left alone after an error of our own, or a step that led nowhere."""


class Engine:
    """Moves queued recalls to their end."""

    def __init__(
        self,
        *,
        attempt: Attempt,
        told: Callable[[], None],
    ) -> None:
        """Wire the engine. `told` rouses the outbox."""
        self._attempt = attempt
        self._records = attempt.records
        self._work = attempt.work
        self._clock = attempt.clock
        self._told = told
        self._tasks = attempt.tasks
        self._in_hand: set[RecallId] = set()
        self._resting: dict[RecallId, datetime] = {}
        self._left_alone: frozenset[RecallId] = frozenset()
        self._bell = asyncio.Event()
        self._stopping = False
        self._resumed = False
        self._to_tell = False  # somebody decided something of which Slack has not been told
        self.trouble: str | None = None  # why nothing runs, as a sentence

    # Running ------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Look for due work soon, and at what runs: somebody may have pressed Stop."""
        self._bell.set()
        self._attempt.lanes.heed()

    def rouse(self) -> None:
        """Do what a person's decision makes due, then have Slack told of it: within an instant, whatever the vendor does."""
        self._to_tell = True
        self.wake()

    async def run(self) -> None:
        """Work until cancelled; first of all take back what an earlier process left, if `resume` could not."""
        while True:
            if not self._resumed:
                await self.resume()
            started = False
            try:
                started = self._resumed and await self._start_due()
            except StorageError:
                log.exception("the engine could not read what is due")
            self._tell(soon=started)
            await self._bell.wait()
            self._bell.clear()

    async def run_due(self) -> None:
        """Carry out everything that is due now, and what becomes due by it."""
        while await self._start_due():
            await self._tasks.settle()

    @property
    def busy(self) -> bool:
        """Say whether a recall is being moved just now."""
        return bool(self._in_hand)

    async def resume(self) -> None:
        """Take back what an earlier process left in the middle, and say so once in each thread.

        Where the database takes nothing, `trouble` says so, and `run` tries again before it does anything else.
        """
        try:
            await self._work.release(self._attempt.owner, self._goes_on)
            await self._attempt.count_what_went()
        except StorageError as error:
            if self.trouble is None:
                log.exception("what an earlier process left can't be taken up yet: %s", error.code)
            self.trouble = "Nothing can be carried out yet: the database takes nothing."
            return
        self._resumed, self.trouble = True, None
        self.wake()

    def _goes_on(self, recall: Recall) -> Sequence[Move]:
        if recall.state is not State.RUNNING:
            return ()
        move = step(recall, Kind.RESUMED, at=self._clock.now(), not_before=None)
        return (Move(step=move, notices=(NoticeKind.REPLY,)),)

    def leave_alone(self, recalls: Iterable[RecallId]) -> None:
        """Do nothing about these, until the next call names others or none.

        For what somebody stopped just before the last process ended: their click was acknowledged, so it comes
        first, and only Slack can say whether they have the right.
        """
        self._left_alone = frozenset(recalls)
        self.wake()

    async def drain(self, seconds: float) -> None:
        """Start nothing more; let requests in hand end, at most this long."""
        self._stopping = True
        self._attempt.pausing.set()
        self._attempt.lanes.heed()
        await self._tasks.drain(seconds)
        await self._attempt.lanes.drain(0)

    def _tell(self, *, soon: bool) -> None:
        """Rouse the outbox where somebody decided something; `soon`: what follows from it does so before, if it is quick."""
        if not self._to_tell:
            return
        self._to_tell = False
        if soon:
            asyncio.get_running_loop().call_later(SOON, self._told)
        else:
            self._told()

    async def _start_due(self) -> bool:
        if self._stopping:
            return False
        now = self._clock.now()
        busy = self._in_hand | self._left_alone
        due = [each for each in await self._work.due(now) if each not in busy]
        due = [each for each in due if self._resting.get(each, now) <= now]
        for each in due:
            self._in_hand.add(each)
            self._tasks.spawn(self._advance(each), f"recall {each}")
        return bool(due)

    async def _rest_if_stuck(self, before: Recall) -> None:
        """Leave a recall alone for a while where a step changed nothing: it is still due, and would be at once again."""
        now = self._clock.now()
        after = await self._records.recall(before.id)
        if after == before and before.id in await self._work.due(now):
            self._resting[before.id] = now + timedelta(seconds=REST)

    async def _advance(self, recall_id: RecallId) -> None:
        """Move one recall as far as it goes now. The boundary for whatever goes wrong on our side."""
        self._resting.pop(recall_id, None)
        try:
            while not self._stopping:
                recall = await self._records.recall(recall_id)
                if recall is None:
                    break
                if not await self._attempt.next(recall, self._told):
                    await self._rest_if_stuck(recall)
                    break
                self._told()
        except Exception:
            log.exception("recall %s: the engine met an error; tried again in %.0f s", recall_id, REST)
            self._resting[recall_id] = self._clock.now() + timedelta(seconds=REST)
        finally:
            self._in_hand.discard(recall_id)
            self._told()
            self.wake()
