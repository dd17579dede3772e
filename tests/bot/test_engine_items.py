"""Recalls of many items: progress, Stop, partial results, what goes wrong among what goes through."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.errors import (
    ProviderBusyError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderRefusedError,
)
from bot.policy import Policy, Rule
from bot.ports import ItemId, NoticeKind
from bot.recall import Recall, State
from bot.target import (
    ItemState,
    Outcome,
    RecipientOutcome,
    RepeatClass,
    Target,
    together,
)
from tests.bot.conftest import House, build, restarted
from tests.builders import ANN, BOB, FixedClock
from tests.vendor import MemoryVendor


@dataclass
class MergeVendor(MemoryVendor):
    """Takes back many items, one call each. `wrong`: what happens to single items, call by call."""

    repeat: RepeatClass = RepeatClass.HARMLESS
    wrong: dict[str, list[ProviderError | Outcome | None]] = field(default_factory=dict)
    always: dict[str, ProviderError] = field(default_factory=dict)
    dead: ProviderError | None = None
    asked: list[str] = field(default_factory=list)
    answers: dict[str, Outcome] = field(default_factory=dict)
    inside: int = 0
    most_inside: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    blocks_after: int | None = None  # so many calls are answered; later ones wait for `open`

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        ids = [ItemId(f"mail-{n}") for n in range(target.items)]
        for at in range(0, len(ids), 700):
            yield ids[at : at + 700]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        del target, key
        (item,) = items
        self.asked.append(item)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            if self.blocks_after is not None and len(self.asked) > self.blocks_after:
                await self.open.wait()
            await asyncio.sleep(0)
            return [self._answer(item)]
        finally:
            self.inside -= 1

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        del target
        waiting = Outcome(state=ItemState.ACCEPTED)
        return [self.answers.get(item, waiting) for item in items]

    def _answer(self, item: str) -> Outcome:
        if self.dead is not None:
            raise self.dead
        if item in self.always:
            raise self.always[item]
        told = self.wrong[item].pop(0) if self.wrong.get(item) else None
        if isinstance(told, ProviderError):
            raise told
        return told or Outcome(state=ItemState.ACCEPTED, receipt=f"receipt of {item}")


@dataclass
class Merge:
    """A house with a merge of many items."""

    house: House
    vendor: MergeVendor

    async def confirmed(self, items: int) -> Recall:
        self.vendor.sent(items=items)
        return await self.house.confirmed(ANN)

    async def now(self, recall: Recall) -> Recall:
        return await self.house.now(recall)

    async def asks(self, times: int) -> None:
        """Wait until so many requests have come in."""
        async with asyncio.timeout(10):
            while len(self.vendor.asked) < times:  # noqa: ASYNC110 - the vendor rings no bell
                await asyncio.sleep(0.01)

    async def until(self, recall: Recall, state: State) -> Recall:
        """Let time pass, a minute at a time."""
        for _ in range(60):
            await self.house.engine.run_due()
            if (now := await self.now(recall)).state is state:
                return now
            self.house.passes(60)
        raise AssertionError(f"It is {now.state}, not {state}.")


@pytest.fixture
async def merge(tmp_path: Path) -> AsyncIterator[Merge]:
    vendor = MergeVendor()
    policy = Policy(allow=(Rule(who=frozenset({"S_MARKETING"})),))
    house = await build(tmp_path / "recall.db", FixedClock(), vendor, policy)
    yield Merge(house, vendor)
    await house.store.close()


async def test_every_item_is_asked_for_once_with_concurrency_kept_full(merge: Merge) -> None:
    recall = await merge.confirmed(2_500)

    await merge.house.engine.run_due()

    ended = await merge.now(recall)
    assert ended.state is State.SUBMITTED
    assert ended.counts.awaiting == 2_500
    assert sorted(merge.vendor.asked) == sorted(f"mail-{n}" for n in range(2_500))
    assert merge.vendor.most_inside == merge.vendor.traits.concurrency


async def test_the_count_is_brought_up_to_date_in_one_reply(merge: Merge) -> None:
    merge.vendor.blocks_after = 1_200
    recall = await merge.confirmed(2_500)

    running = asyncio.create_task(merge.house.engine.run_due())
    async with asyncio.timeout(10):
        while (await merge.now(recall)).counts.awaiting < 1_200:  # noqa: ASYNC110 - time is what is told
            await asyncio.sleep(0.05)
    assert (await merge.now(recall)).state is State.RUNNING
    merge.vendor.open.set()
    await running

    assert "progress" in await merge.house.kinds(recall)
    card = (await merge.house.store.cards(recall.id))[0]
    waiting = await merge.house.store.pending(merge.house.clock.now())
    while waiting:
        notice = waiting[0]
        if notice.kind is NoticeKind.PROGRESS:
            break
        await merge.house.store.sent(notice.id, channel="C1", ts=f"{notice.id}.0")
        waiting = await merge.house.store.pending(merge.house.clock.now())
    assert waiting[0].card.id == card.id
    assert (await merge.now(recall)).counts.total == 2_500


async def test_a_stop_is_heard_within_seconds_and_the_numbers_are_exact(merge: Merge) -> None:
    merge.vendor.blocks_after = 40
    recall = await merge.confirmed(1_500)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(44)

    await merge.house.service.stop(BOB, recall.id)
    await asyncio.sleep(1.5)  # a real beat, and a half
    merge.vendor.open.set()
    await asyncio.wait_for(running, 3)

    stopped = await merge.now(recall)
    assert stopped.state is State.STOPPED
    assert len(merge.vendor.asked) <= 48
    assert stopped.counts.awaiting == len(merge.vendor.asked)
    assert stopped.counts.left == 1_500 - len(merge.vendor.asked)


async def test_what_went_out_before_a_stop_is_still_looked_for(merge: Merge) -> None:
    merge.vendor.blocks_after = 10
    recall = await merge.confirmed(1_500)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(14)
    await merge.house.service.stop(BOB, recall.id)
    await asyncio.sleep(1.2)  # a real beat: the stop is heard while requests are under way
    merge.vendor.open.set()
    await asyncio.wait_for(running, 5)
    sent = list(merge.vendor.asked)
    merge.vendor.answers = {item: Outcome(state=ItemState.DONE, evidence="gone") for item in sent}

    merge.house.passes(10)
    await merge.house.engine.run_due()

    stopped = await merge.now(recall)
    assert stopped.state is State.STOPPED
    assert stopped.counts.done == len(sent)
    assert stopped.counts.awaiting == 0


async def test_a_stop_is_heard_while_the_vendor_asks_to_wait(merge: Merge) -> None:
    merge.vendor.dead = ProviderBusyError(retry_after=600.0)
    recall = await merge.confirmed(100)
    await merge.house.engine.run_due()

    await merge.house.service.stop(ANN, recall.id)
    await merge.house.engine.run_due()

    stopped = await merge.now(recall)
    assert stopped.state is State.STOPPED
    assert stopped.counts.left == 100


async def test_items_that_fail_do_not_hold_up_the_others_and_are_retried_alone(merge: Merge) -> None:
    no = Outcome(state=ItemState.FAILED, reason="Id is malformed.", code="ErrorInvalidIdMalformed")
    merge.vendor.wrong = {"mail-3": [no], "mail-7": [no]}
    recall = await merge.confirmed(1_200)
    await merge.house.engine.run_due()
    for n in range(1_200):
        merge.vendor.answers[f"mail-{n}"] = Outcome(state=ItemState.DONE, evidence="gone")
    merge.house.passes(10)
    await merge.house.engine.run_due()
    partial = await merge.now(recall)
    assert (partial.state, partial.counts.failed, partial.counts.done) == (State.PARTIAL, 2, 1_198)
    merge.vendor.asked.clear()

    await merge.house.service.retry(ANN, recall.id)
    await merge.house.engine.run_due()
    merge.house.passes(10)
    await merge.house.engine.run_due()

    assert sorted(merge.vendor.asked) == ["mail-3", "mail-7"]
    assert (await merge.now(recall)).state is State.DONE


async def test_what_was_put_back_is_not_tried_again_in_the_same_moment(merge: Merge) -> None:
    merge.vendor.wrong = {"mail-3": [ProviderDownError("It is ill.")]}
    recall = await merge.confirmed(20)

    await merge.house.engine.run_due()
    assert merge.vendor.asked.count("mail-3") == 1
    merge.house.passes(2)
    await merge.house.engine.run_due()

    assert merge.vendor.asked.count("mail-3") == 2
    ended = await merge.now(recall)
    assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, 20)


async def test_one_item_that_always_goes_wrong_is_given_up_after_all_others_went(merge: Merge) -> None:
    merge.vendor.always = {"mail-1": ProviderDownError("It is ill.")}
    recall = await merge.confirmed(2_100)

    await merge.house.engine.run_due()
    assert len(set(merge.vendor.asked)) == 2_100

    ended = await merge.until(recall, State.SUBMITTED)
    assert (ended.counts.failed, ended.counts.awaiting) == (1, 2_099)


async def test_a_429_in_the_middle_settles_what_went_and_waits_as_told(merge: Merge) -> None:
    merge.vendor.wrong = {"mail-500": [ProviderBusyError(retry_after=37.5)]}
    recall = await merge.confirmed(900)

    await merge.house.engine.run_due()
    waiting = await merge.now(recall)
    assert waiting.state is State.RUNNING
    assert 490 <= waiting.counts.awaiting <= 510
    before = len(merge.vendor.asked)
    merge.house.passes(37)
    await merge.house.engine.run_due()
    assert len(merge.vendor.asked) == before

    merge.house.passes(1)
    await merge.house.engine.run_due()

    assert (await merge.now(recall)).counts.awaiting == 900
    assert merge.vendor.asked.count("mail-500") == 2


@pytest.mark.parametrize(
    "second", [ProviderRefusedError("It is not accepted."), ProviderBusyError(), ProviderDownError()]
)
async def test_what_a_lost_request_may_have_done_is_not_called_failed_when_the_next_one_is_refused(
    merge: Merge, second: ProviderError
) -> None:
    merge.vendor.wrong = {"mail-1": [ProviderLostError(), *[second] * 2_000]}
    recall = await merge.confirmed(2)

    ended = await merge.until(recall, State.SUBMITTED)

    assert (ended.counts.unknown, ended.counts.failed, ended.counts.awaiting) == (1, 0, 1)


async def test_a_dead_vendor_is_not_asked_for_every_item(merge: Merge) -> None:
    merge.vendor.dead = ProviderDownError("It can't be reached.")
    recall = await merge.confirmed(1_000)

    await merge.house.engine.run_due()

    assert len(merge.vendor.asked) <= 3 * merge.vendor.traits.concurrency
    ended = await merge.until(recall, State.FAILED)
    assert ended.counts.failed == 1_000


async def test_a_token_that_is_withdrawn_fails_the_rest_without_asking_for_each(merge: Merge) -> None:
    merge.vendor.dead = ProviderRefusedError("The token is not accepted.")
    recall = await merge.confirmed(600)

    await merge.house.engine.run_due()

    ended = await merge.now(recall)
    assert (ended.state, ended.counts.failed) == (State.FAILED, 600)
    assert len(merge.vendor.asked) <= 3 * merge.vendor.traits.concurrency
    assert "not accepted" in str((await merge.house.store.outcomes(recall.id, 1))[0].outcome)


async def test_a_restart_in_the_middle_goes_on_with_what_is_left(merge: Merge) -> None:
    merge.vendor.blocks_after = 300
    recall = await merge.confirmed(1_100)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(304)
    await asyncio.sleep(1.2)  # a real beat: what is settled is written
    draining = asyncio.create_task(merge.house.engine.drain(3))
    await asyncio.sleep(1.2)
    merge.vendor.open.set()
    await draining
    await asyncio.gather(running, return_exceptions=True)

    again = await restarted(merge.house)
    await again.engine.run_due()

    ended = await again.now(recall.id)
    assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, 1_100)
    assert len(merge.vendor.asked) <= 1_110
    await again.store.close()


async def test_recipients_are_counted_and_receipts_are_kept(merge: Merge) -> None:
    recall = await merge.confirmed(3)
    await merge.house.engine.run_due()
    told = [
        RecipientOutcome(address="a@x", state=ItemState.DONE),
        RecipientOutcome(address="b@x", state=ItemState.FAILED, reason="Still there."),
        RecipientOutcome(address="c@y", state=ItemState.UNKNOWN, reason="Outside."),
    ]
    for n, each in enumerate(told):
        merge.vendor.answers[f"mail-{n}"] = Outcome(
            state=together([each.state]), reason=each.reason, evidence="seen", recipients=(each,)
        )

    merge.house.passes(10)
    await merge.house.engine.run_due()

    ended = await merge.now(recall)
    assert ended.state is State.PARTIAL
    assert ended.recipients is not None
    assert (ended.recipients.done, ended.recipients.failed, ended.recipients.unknown) == (1, 1, 1)
    kept = await merge.house.store.outcomes(recall.id)
    assert [each.outcome and each.outcome.receipt for each in kept] == [
        f"receipt of mail-{n}" for n in range(3)
    ]


async def test_at_the_deadline_what_is_awaited_counts_as_its_provider_says(merge: Merge) -> None:
    recall = await merge.confirmed(2)
    await merge.house.engine.run_due()
    gone = RecipientOutcome(
        address="a@x", state=ItemState.ACCEPTED, reason="Not found there.", late=ItemState.DONE
    )
    there = RecipientOutcome(
        address="b@x", state=ItemState.ACCEPTED, reason="Still there.", late=ItemState.FAILED
    )
    for n, each in enumerate((gone, there)):
        merge.vendor.answers[f"mail-{n}"] = Outcome(state=ItemState.ACCEPTED, recipients=(each,))

    ended = await merge.until(recall, State.PARTIAL)

    assert (ended.counts.done, ended.counts.failed) == (1, 1)
    assert ended.recipients is not None
    assert ended.recipients.awaiting == 0


async def test_what_one_item_proves_is_not_told_of_all(merge: Merge) -> None:
    recall = await merge.confirmed(3)
    await merge.house.engine.run_due()
    for n in range(3):
        merge.vendor.answers[f"mail-{n}"] = Outcome(
            state=ItemState.DONE, evidence="gone from 1 of 1 mailboxes"
        )

    merge.house.passes(10)
    await merge.house.engine.run_due()

    ended = await merge.now(recall)
    assert (ended.state, ended.counts.done, ended.detail) == (State.DONE, 3, "")


async def submitted_with_one_failed(merge: Merge) -> Recall:
    merge.vendor.always["mail-1"] = ProviderRefusedError("The vendor says no.")
    recall = await merge.confirmed(4)
    await merge.house.engine.run_due()
    now = await merge.now(recall)
    assert (now.state, now.counts.awaiting, now.counts.failed) == (State.SUBMITTED, 3, 1)
    return await merge.house.service.retry(ANN, recall.id)


async def test_a_retry_that_is_stopped_before_it_began_leaves_what_was_accepted_to_be_looked_for(
    merge: Merge,
) -> None:
    recall = await submitted_with_one_failed(merge)

    await merge.house.service.stop(BOB, recall.id)
    await merge.house.engine.run_due()
    assert (await merge.now(recall)).state is State.SUBMITTED

    merge.vendor.answers = {f"mail-{n}": Outcome(state=ItemState.DONE) for n in range(4)}
    ended = await merge.until(recall, State.PARTIAL)
    assert (ended.counts.done, ended.counts.failed) == (3, 1)


async def test_a_retry_that_the_vendor_never_lets_begin_leaves_the_numbers_as_they_were(merge: Merge) -> None:
    recall = await submitted_with_one_failed(merge)

    merge.vendor.trouble["get"] = [ProviderDownError("The vendor can't be reached.")] * 200
    merge.vendor.answers = {f"mail-{n}": Outcome(state=ItemState.DONE) for n in range(4)}
    ended = await merge.until(recall, State.PARTIAL)

    assert (ended.counts.done, ended.counts.failed) == (3, 1)
