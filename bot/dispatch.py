"""One claimed chunk and its vendor: which requests go out, and what their answers mean for each item."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import ProviderConfusingError, ProviderError, ProviderSlowError
from bot.ports import Chunk, ItemId, Provider, ReadsReports, TakesReason
from bot.recall import Recall
from bot.target import ItemState, Outcome, RepeatClass

log = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds that one vendor call may take at most, whatever the provider's own limits are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known about one item after asking its vendor."""

    outcome: Outcome  # PENDING: not sent, or without effect; INTENT: sent, and nobody knows what it did
    error: ProviderError | None = None  # why it is not settled yet
    final: bool = False  # asking again can't help

    def given_up(self) -> Outcome:
        """Turn what is still open into an outcome, since the time to try is over."""
        match self.outcome.state:
            case ItemState.PENDING:
                return replace(self.outcome, state=ItemState.FAILED)
            case ItemState.INTENT:
                return replace(self.outcome, state=ItemState.UNKNOWN)
        return self.outcome


class Dispatch:
    """The vendor calls for one recall's chunks."""

    def __init__(self, provider: Provider, recall: Recall) -> None:
        """Wire it."""
        self._provider = provider
        self._target = recall.target
        self._recall = recall.id
        self._why = recall.why
        self._since = recall.started_at or recall.confirmed_at or recall.asked_at

    @property
    def concurrency(self) -> int:
        """How many requests may be under way at a time."""
        return self._provider.traits.concurrency

    async def doubts(self, chunk: Chunk) -> Mapping[int, Verdict]:
        """Find out what became of requests that may have gone out, and send nothing: a person pressed Stop."""
        numbers = [n for n, state in enumerate(chunk.states) if state is ItemState.INTENT]
        if not numbers:
            return {}
        if self._provider.traits.repeat is RepeatClass.NEITHER:
            return self._never_known(numbers)
        return await self._read(chunk, numbers)

    async def check(self, chunk: Chunk, *, late: bool) -> Mapping[int, Verdict]:
        """Ask what became of items that the vendor accepted, or whose fate is unknown.

        `late`: the time for confirmation is over, so what is still open becomes unknown.
        """
        numbers = [
            n for n, state in enumerate(chunk.states) if state in {ItemState.ACCEPTED, ItemState.UNKNOWN}
        ]
        try:
            outcomes = await self._ask([chunk.items[n] for n in numbers])
        except ProviderError as error:
            outcomes = [Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)] * len(
                numbers
            )
        found = {}
        for n, outcome in zip(numbers, outcomes, strict=True):
            if outcome.state in {ItemState.DONE, ItemState.FAILED}:
                found[n] = Verdict(outcome=outcome)
                continue
            reason = outcome.reason or outcome.evidence
            if late:
                lapsed = outcome.lapsed()
                told = {ItemState.DONE, ItemState.FAILED}
                state = lapsed.state if lapsed.state in told else ItemState.UNKNOWN
                found[n] = Verdict(outcome=replace(lapsed, state=state, reason=lapsed.reason or reason))
            else:
                state = outcome.state if _is_all_known(outcome) else chunk.states[n]
                found[n] = Verdict(outcome=replace(outcome, state=state, reason=reason))
        return found

    def batches(self, chunk: Chunk) -> list[list[int]]:
        """Split what is open; doubtful items are never mixed with ones that have not been sent."""
        batches = []
        for wanted in (ItemState.INTENT, ItemState.PENDING):
            numbers = [n for n, state in enumerate(chunk.states) if state is wanted]
            size = self._provider.traits.batch
            batches += [numbers[at : at + size] for at in range(0, len(numbers), size)]
        return batches

    async def batch(self, chunk: Chunk, numbers: Sequence[int]) -> dict[int, Verdict]:
        """Ask for some items with one request; doubtful ones are looked at first."""
        verdicts: dict[int, Verdict] = {}
        send = list(numbers)
        if chunk.states[numbers[0]] is ItemState.INTENT:
            verdicts = await self._resolve(chunk, numbers)
            send = [n for n in numbers if n not in verdicts]
        if send:
            verdicts.update(await self._send(chunk, send))
        return verdicts

    async def _resolve(self, chunk: Chunk, numbers: Sequence[int]) -> dict[int, Verdict]:
        """Find out about requests that may have gone out earlier. What is left out may be sent (again)."""
        repeat = self._provider.traits.repeat
        if repeat is RepeatClass.HARMLESS:
            return {}
        if repeat is RepeatClass.NEITHER:
            return self._never_known(numbers)
        found = await self._read(chunk, numbers)
        return {n: each for n, each in found.items() if each.outcome.state is not ItemState.PENDING}

    def _never_known(self, numbers: Sequence[int]) -> dict[int, Verdict]:
        vendor = self._provider.traits.vendor
        why = (
            f"The request may have reached {vendor}, which can't be asked about it, so it was not sent again."
        )
        unknown = Verdict(outcome=Outcome(state=ItemState.UNKNOWN, reason=why), final=True)
        return dict.fromkeys(numbers, unknown)

    async def _read(self, chunk: Chunk, numbers: Sequence[int]) -> dict[int, Verdict]:
        """Read the vendor's record of doubtful items; they stay doubtful where it gives none."""
        try:
            outcomes = await self._ask([chunk.items[n] for n in numbers])
        except ProviderError as error:
            doubt = Outcome(state=ItemState.INTENT, reason=error.sentence, code=error.code)
            return dict.fromkeys(numbers, Verdict(outcome=doubt, error=error))
        return {n: Verdict(outcome=each) for n, each in zip(numbers, outcomes, strict=True)}

    async def _order(self, items: Sequence[ItemId], key: str) -> Sequence[Outcome]:
        if isinstance(self._provider, TakesReason):
            return await self._provider.recall_because(self._target, items, key=key, why=self._why)
        return await self._provider.recall(self._target, items, key=key)

    async def _send(self, chunk: Chunk, numbers: Sequence[int]) -> dict[int, Verdict]:
        key = f"{self._recall}:{chunk.number}:{numbers[0]}"
        items = [chunk.items[n] for n in numbers]
        try:
            outcomes = await self._answered(self._order(items, key), len(items))
        except ProviderError as error:
            return dict.fromkeys(numbers, _after(error))
        return {n: Verdict(outcome=each) for n, each in zip(numbers, outcomes, strict=True)}

    async def _ask(self, items: Sequence[ItemId]) -> Sequence[Outcome]:
        if isinstance(self._provider, ReadsReports):
            call = self._provider.check_since(self._target, items, since=self._since)
        else:
            call = self._provider.check(self._target, items)
        return await self._answered(call, len(items))

    async def _answered(self, call: Awaitable[Sequence[Outcome]], expected: int) -> Sequence[Outcome]:
        """Await a provider's answer. Whatever a provider does wrong leaves doubt; it never stops the engine.

        Raises ProviderError.
        """
        vendor = self._provider.traits.vendor
        try:
            async with asyncio.timeout(PATIENCE):
                outcomes = await call
        except ProviderError:
            raise
        except TimeoutError:
            raise ProviderSlowError(f"{vendor} did not answer in time.") from None
        except Exception as error:
            log.exception("recall %s: provider %s broke its contract", self._recall, self._provider.name)
            raise ProviderConfusingError(f"Recall's connection to {vendor} failed.") from error
        if len(outcomes) != expected:
            raise ProviderConfusingError(f"{vendor} answered about {len(outcomes)} of {expected} items.")
        return outcomes


def _is_all_known(outcome: Outcome) -> bool:
    """Say whether nothing more will be heard: the vendor tells recipients apart, and none is awaited."""
    return bool(outcome.recipients) and all(
        each.state is not ItemState.ACCEPTED for each in outcome.recipients
    )


def _after(error: ProviderError) -> Verdict:
    """Judge a call that raised: a clear no is final, an unclear one leaves doubt, the rest is tried again."""
    if error.maybe_applied:
        doubt = Outcome(state=ItemState.INTENT, reason=error.sentence, code=error.code)
        return Verdict(outcome=doubt, error=error)
    if error.passing:
        return Verdict(
            outcome=Outcome(state=ItemState.PENDING, reason=error.sentence, code=error.code), error=error
        )
    failed = Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)
    return Verdict(outcome=failed, error=error, final=True)
