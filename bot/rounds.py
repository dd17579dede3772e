"""One round over a claimed chunk: how requests go out with the vendor's concurrency kept full, and when they end.

A round ends when all went, when somebody stops it, when the vendor asks to wait, and when one request after another
goes wrong; a few that go wrong among others that go through hold up nobody.
"""

import asyncio
from collections import deque
from collections.abc import Mapping

from bot.dispatch import Dispatch, Verdict
from bot.errors import ProviderBusyError, ProviderError
from bot.ports import Chunk
from bot.target import ItemState, Outcome

IN_A_ROW = 2
"""Times the concurrency: so many requests in a row that went wrong mean that the vendor is not well."""


class Round:
    """Asks for the items of one chunk that are open. `verdicts`: what was found out about some of them before."""

    def __init__(
        self, dispatch: Dispatch, chunk: Chunk, verdicts: Mapping[int, Verdict] | None = None
    ) -> None:
        self._dispatch = dispatch
        self._chunk = chunk
        self._left = deque(dispatch.batches(chunk) if verdicts is None else ())
        self._verdicts: dict[int, Verdict] = dict(verdicts or {})
        self._told: set[int] = set()
        self._wrong = 0  # requests in a row that went wrong
        self.went = False  # a request went through
        self.halted = False  # it ended before all went, by the vendor's doing

    async def run(self) -> None:
        """Ask until the round ends; requests under way are finished."""
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._dispatch.concurrency):
                workers.create_task(self._work())

    def stop(self) -> None:
        """Begin no further request."""
        self._left.clear()

    @property
    def trouble(self) -> ProviderError | None:
        """Why something is not settled; None where all that was asked for is."""
        return next((each.error for each in self._verdicts.values() if each.error and not each.final), None)

    @property
    def doubtful(self) -> bool:
        """Whether a request may have taken effect that nobody knows of."""
        return ItemState.INTENT in self.states()

    def states(self) -> list[ItemState]:
        """Say how every item of the chunk stands."""
        states = list(self._chunk.states)
        for n, verdict in self._verdicts.items():
            states[n] = verdict.outcome.state
        return states

    def news(self) -> dict[int, Outcome]:
        """Give the outcomes that were not given before."""
        fresh = {n: each for n, each in self._verdicts.items() if n not in self._told}
        self._told.update(n for n, each in fresh.items() if each.outcome.state > ItemState.INTENT)
        return {n: each.outcome for n, each in fresh.items()}

    def give_up(self) -> None:
        """The time to try is over: what is open has failed, or is unknown where it may have taken effect."""
        for n, verdict in self._verdicts.items():
            self._verdicts[n] = Verdict(outcome=verdict.given_up(), final=True)
        if self.halted:
            why = next((each.outcome.reason for each in self._verdicts.values() if each.outcome.reason), None)
            self._never_asked(why)

    async def _work(self) -> None:
        while self._left:
            found = await self._dispatch.batch(self._chunk, self._left.popleft())
            self._verdicts.update(found)
            self._judge(found)

    def _judge(self, found: Mapping[int, Verdict]) -> None:
        wrong = next((each for each in found.values() if each.error is not None), None)
        if wrong is None:
            self._wrong, self.went = 0, True
            return
        self._wrong += 1
        enough = self._wrong >= IN_A_ROW * self._dispatch.concurrency
        if not self._left or not (enough or isinstance(wrong.error, ProviderBusyError)):
            return
        self.halted = True
        self.stop()
        if wrong.final:
            self._never_asked(wrong.outcome.reason)

    def _never_asked(self, why: str | None) -> None:
        """Let items fail that were not asked for, since the vendor refuses every one: a token was withdrawn, say."""
        failed = Outcome(state=ItemState.FAILED, reason=why, code="not_asked")
        for n, state in enumerate(self._chunk.states):
            if state is ItemState.PENDING and n not in self._verdicts:
                self._verdicts[n] = Verdict(outcome=failed, final=True)
