"""One claimed chunk and its vendor: which requests go out, and what their answers mean for each item."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from bot.errors import ProviderConfusingError, ProviderError, ProviderSlowError
from bot.ports import Chunk, ItemId, Provider, ReadsReports, TakesReason
from bot.recall import Recall
from bot.target import ItemState, Outcome, RepeatClass

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that asking for outcomes may take at most, whatever the provider's own limits are."""


class Dispatch:
    """The vendor calls for one recall's chunks."""

    def __init__(self, provider: Provider, recall: Recall) -> None:
        """Wire it."""
        self._provider = provider
        self._target = recall.target
        self._recall = recall.id
        self._look: Callable[..., Awaitable[Sequence[Outcome]]] = provider.check
        if isinstance(provider, ReadsReports):
            since = recall.started_at or recall.confirmed_at or recall.asked_at
            self._look = partial(provider.check_since, since=since)
        self._order: Callable[..., Awaitable[Sequence[Outcome]]] = provider.recall
        if isinstance(provider, TakesReason):
            self._order = partial(provider.recall_because, why=recall.why)
        self.concurrency = provider.traits.concurrency
        self.batch = provider.traits.batch
        self.repeat = provider.traits.repeat
        self.late = f"{provider.traits.vendor} did not answer in time."

    def send(self, chunk: Chunk, numbers: Sequence[int]) -> Awaitable[Sequence[Outcome]]:
        """Ask the vendor to take some items of a chunk back, with one request.

        It is the provider's own call and no coroutine around it, for that would be paid a million times: whoever awaits
        it tells what it raises with `error`, and too few or too many outcomes with `miscounted`.
        """
        key = f"{self._recall}:{chunk.number}:{numbers[0]}"
        return self._order(self._target, chunk.pick(numbers), key=key)

    async def resolve(self, chunk: Chunk, numbers: Sequence[int]) -> dict[int, Outcome]:
        """Find out about requests that may have gone out earlier. What is left out may be sent (again).

        Raises ProviderError: they stay as doubtful as they were.
        """
        if self.repeat is RepeatClass.HARMLESS:
            return {}
        if self.repeat is RepeatClass.NEITHER:
            return self._never_known(numbers)
        found = await self._ask(chunk.pick(numbers))
        return {
            n: each for n, each in zip(numbers, found, strict=True) if each.state is not ItemState.PENDING
        }

    async def doubts(self, chunk: Chunk) -> dict[int, Outcome]:
        """Find out what became of requests that may have gone out, and send nothing: a person pressed Stop.

        Raises ProviderError: they stay as doubtful as they were.
        """
        numbers = [n for n, code in enumerate(chunk.codes) if code == ItemState.INTENT]
        if self.repeat is RepeatClass.NEITHER:
            return self._never_known(numbers)
        return dict(zip(numbers, await self._ask(chunk.pick(numbers)), strict=True))

    async def check(self, chunk: Chunk, *, late: bool) -> dict[int, Outcome]:
        """Ask what became of items that the vendor accepted, or whose fate is unknown.

        `late`: the time for confirmation is over, so what is still open becomes unknown.
        """
        numbers = [n for n, code in enumerate(chunk.codes) if code in {ItemState.ACCEPTED, ItemState.UNKNOWN}]
        try:
            outcomes = await self._ask(chunk.pick(numbers))
        except ProviderError as error:
            outcomes = [Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)] * len(
                numbers
            )
        found = {}
        for n, outcome in zip(numbers, outcomes, strict=True):
            if outcome.state in {ItemState.DONE, ItemState.FAILED}:
                found[n] = outcome
                continue
            reason = outcome.reason or outcome.evidence
            if late:
                lapsed = outcome.lapsed()
                told = {ItemState.DONE, ItemState.FAILED}
                state = lapsed.state if lapsed.state in told else ItemState.UNKNOWN
                found[n] = replace(lapsed, state=state, reason=lapsed.reason or reason)
            else:
                state = outcome.state if _is_all_known(outcome) else ItemState(chunk.codes[n])
                found[n] = replace(outcome, state=state, reason=reason)
        return found

    def _never_known(self, numbers: Sequence[int]) -> dict[int, Outcome]:
        vendor = self._provider.traits.vendor
        why = (
            f"The request may have reached {vendor}, which can't be asked about it, so it was not sent again."
        )
        return dict.fromkeys(numbers, Outcome(state=ItemState.UNKNOWN, reason=why))

    async def _ask(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        if not items:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                outcomes = await self._look(self._target, items)
        except ProviderError:
            raise
        except TimeoutError:
            raise ProviderSlowError(self.late) from None
        except Exception as error:
            raise self._broke(error) from error
        if len(outcomes) != len(items):
            raise self.miscounted(outcomes, len(items))
        return outcomes

    def error(self, raised: Exception) -> ProviderError:
        """Say in our words what a provider's call raised: its own word for it, or that it broke its contract."""
        return raised if isinstance(raised, ProviderError) else self._broke(raised)

    def _broke(self, error: Exception) -> ProviderError:
        """Log what a provider should never have raised; the person hears of the connection only.

        Whatever a provider does wrong leaves doubt; it never stops the engine.
        """
        log.error(
            "recall %s: provider %s broke its contract", self._recall, self._provider.name, exc_info=error
        )
        return ProviderConfusingError(f"Recall's connection to {self._provider.traits.vendor} failed.")

    def miscounted(self, outcomes: Sequence[Outcome], expected: int) -> ProviderError:
        """Say that an answer is not about exactly what was asked for."""
        vendor = self._provider.traits.vendor
        return ProviderConfusingError(f"{vendor} answered about {len(outcomes)} of {expected} items.")


def _is_all_known(outcome: Outcome) -> bool:
    """Say whether nothing more will be heard: the vendor tells recipients apart, and none is awaited."""
    return bool(outcome.recipients) and all(
        each.state is not ItemState.ACCEPTED for each in outcome.recipients
    )
