"""Providers that break their contract, people who press Stop in the middle, and a process that dies in between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from bot.errors import ProviderDownError, ProviderSlowError
from bot.ports import ItemId
from bot.recall import State
from bot.target import Outcome, RepeatClass, Target
from tests.bot.conftest import House, restarted
from tests.builders import ANN, BOB, settle


async def goes_on(house: House, seconds: float = 61, times: int = 1) -> None:
    """Let time pass; an engine that runs in circles does not get through."""
    for _ in range(times):
        async with asyncio.timeout(10):
            await house.engine.run_due()
        house.passes(seconds)


async def doubtful(house: House) -> Any:
    """A recall whose request had no answer."""
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["recall"] = [ProviderSlowError("Netmera did not answer.")]
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.RUNNING
    return recall


async def test_stop_finds_out_about_a_request_in_doubt_and_sends_nothing(house: House) -> None:
    recall = await doubtful(house)

    await house.service.stop(BOB, recall.id)
    await goes_on(house, times=2)

    assert (await house.now(recall)).state is State.DONE
    assert house.vendor.calls.count(("recall", "4711")) == 1


async def test_stop_ends_a_recall_whose_request_had_no_effect(house: House) -> None:
    house.vendor.confirms = False
    recall = await doubtful(house)

    await house.service.stop(BOB, recall.id)
    await goes_on(house, times=2)

    assert (await house.now(recall)).state is State.STOPPED
    assert house.vendor.calls.count(("recall", "4711")) == 1


async def test_stop_while_the_vendor_is_away_ends_in_unknown_once_the_time_is_over(house: House) -> None:
    recall = await doubtful(house)
    house.vendor.trouble["check"] = [ProviderDownError("Netmera can't be reached.")] * 100

    await house.service.stop(BOB, recall.id)
    await goes_on(house, times=30)

    assert (await house.now(recall)).state is State.UNKNOWN
    assert house.vendor.calls.count(("recall", "4711")) == 1


async def test_stop_before_a_crash_is_kept_after_it(house: House) -> None:
    recall = await doubtful(house)
    await house.service.stop(BOB, recall.id)

    again = await restarted(house)
    await goes_on(again, times=2)

    assert (await again.now(recall)).state is State.DONE
    assert house.vendor.calls.count(("recall", "4711")) == 1
    await again.store.close()


async def test_a_retry_of_what_may_have_happened_reads_the_record_before_it_sends_again(house: House) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await goes_on(house, times=100)
    assert (await house.now(recall)).state is State.UNKNOWN
    house.vendor.recalled()

    await house.service.retry(BOB, recall.id)
    await goes_on(house)

    assert (await house.now(recall)).state is State.DONE
    assert house.vendor.calls.count(("recall", "4711")) == 1


async def test_a_retry_never_sends_again_what_a_vendor_can_neither_repeat_nor_be_asked_about(
    house: House,
) -> None:
    house.vendor.repeat = RepeatClass.NEITHER
    house.vendor.__post_init__()
    recall = await doubtful(house)
    await goes_on(house, times=2)
    assert (await house.now(recall)).state is State.UNKNOWN

    await house.service.retry(BOB, recall.id)
    await goes_on(house, times=2)

    assert (await house.now(recall)).state is State.UNKNOWN
    assert house.vendor.calls.count(("recall", "4711")) == 1


async def test_a_confirmation_that_a_crash_kept_from_being_told_is_told_by_the_next_check(
    house: House,
) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await goes_on(house, times=100)
    house.vendor.recalled()
    (chunk,) = await house.store.holding(recall.id, list(await house.store.counts(recall.id)))
    done = await house.vendor.check(recall.target, chunk.items)
    await settle(house.store, chunk, [each.state for each in done], dict(enumerate(done)))

    again = await restarted(house)
    await again.service.check_now((await again.now(recall),))
    await goes_on(again)

    assert (await again.now(recall)).state is State.DONE
    await again.store.close()


Answer = Callable[[Sequence[Outcome]], Sequence[Outcome]]


def bug(answers: Sequence[Outcome]) -> Sequence[Outcome]:
    raise ValueError(str(answers))


def too_many(answers: Sequence[Outcome]) -> Sequence[Outcome]:
    return [*answers, *answers]


def nothing(answers: Sequence[Outcome]) -> Sequence[Outcome]:
    del answers
    return []


@pytest.mark.parametrize("answer", [bug, too_many, nothing])
@pytest.mark.parametrize("call", ["recall", "check"])
async def test_a_provider_that_breaks_its_contract_is_not_asked_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch, call: str, answer: Answer
) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    rightly = getattr(house.vendor, call)

    async def wrongly(target: Target, items: Sequence[ItemId], **more: Any) -> Sequence[Outcome]:
        return answer(await rightly(target, items, **more))

    monkeypatch.setattr(house.vendor, call, wrongly)
    recall = await house.confirmed(ANN)

    await goes_on(house, times=60)

    ended = await house.now(recall)
    assert ended.state in {State.UNKNOWN, State.FAILED}
    assert "Netmera" in ended.detail


async def test_a_recall_whose_provider_left_the_settings_is_said_to_be_unknown(house: House) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.SUBMITTED

    house.vendor.name = type(house.vendor.name)("another")
    again = await restarted(house)
    await goes_on(again, times=2)

    ended = await again.now(recall)
    assert ended.state is State.UNKNOWN
    assert "no provider called push" in ended.detail
    await again.store.close()


async def test_a_provider_that_breaks_its_contract_before_the_start_fails_the_recall_in_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)

    async def wrongly(*_: Any, **__: Any) -> Target:
        raise ValueError("a bug")

    monkeypatch.setattr(house.vendor, "get", wrongly)
    await goes_on(house, times=30)

    assert (await house.now(recall)).state is State.FAILED


class LongList:
    """A vendor's list that never ends."""

    def __init__(self) -> None:
        self.read, self.left = asyncio.Event(), asyncio.Event()

    async def __call__(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        yield [ItemId(target.ref.id)]
        self.read.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


async def test_a_stop_while_a_long_list_is_read_ends_the_reading(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.vendor, "items", pages := LongList())
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    running = asyncio.create_task(house.engine.run_due())
    await asyncio.wait_for(pages.read.wait(), 5)

    await house.service.stop(BOB, recall.id)
    await asyncio.wait_for(running, 5)

    assert pages.left.is_set()
    assert (await house.now(recall)).state is State.CANCELLED
    assert house.vendor.effects() == 0


async def test_a_process_that_ends_while_a_long_list_is_read_leaves_the_recall_for_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    with monkeypatch.context() as patched:
        patched.setattr(house.vendor, "items", pages := LongList())
        running = asyncio.create_task(house.engine.run_due())
        await asyncio.wait_for(pages.read.wait(), 5)
        await asyncio.wait_for(house.engine.drain(60), 5)
        await running
    assert pages.left.is_set()

    again = await restarted(house)
    await again.engine.run_due()

    assert (await again.now(recall)).state is State.DONE
    await again.store.close()
