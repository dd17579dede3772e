"""A vendor's slots: shared in turn, narrowed at once, widened slowly; and what follows for recalls at one vendor."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import ProviderBusyError, ProviderDownError, ProviderError, ProviderRefusedError
from bot.lanes import GOOD_ROUNDS, Lane
from bot.recall import State
from bot.target import ItemState, RepeatClass
from bot.tasks import Tasks
from tests.bot.conftest import restarted
from tests.bot.test_engine_items import Merge, merge
from tests.builders import BOB

__all__ = ["merge"]


def lane(slots: int = 16) -> Lane:
    return Lane(slots, Tasks())


def test_a_lane_is_halved_once_for_all_requests_that_were_under_way_together() -> None:
    wide = lane(16)
    seen = wide.narrowings

    assert all(wide.narrow(seen) for _ in range(16))
    assert wide.slots == 8
    assert wide.narrow(wide.narrowings)
    assert wide.slots == 4


def test_a_lane_with_one_slot_can_not_be_narrowed() -> None:
    assert not lane(1).narrow(0)


async def test_a_narrowed_lane_gets_one_slot_more_only_after_many_good_requests() -> None:
    wide = lane(4)
    wide.narrow(0)

    for _ in range(GOOD_ROUNDS * 2 - 1):
        wide.went()
    assert wide.slots == 2
    wide.went()
    assert wide.slots == 3


async def test_a_recall_of_one_message_waits_for_one_request_of_a_merge_at_most(merge: Merge) -> None:
    merge.vendor.blocks_after = 20
    await merge.confirmed(50_000)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(24)
    merge.vendor.sent("one", items=1)
    one = await merge.house.confirmed(BOB, "one")
    also = asyncio.create_task(merge.house.engine.run_due())
    async with asyncio.timeout(5):
        while ItemState.INTENT not in await merge.house.store.counts(one.id):  # noqa: ASYNC110 - nothing rings
            await asyncio.sleep(0.01)
    before, slots = len(merge.vendor.asked), merge.vendor.traits.concurrency

    merge.vendor.open.set()
    await merge.asks(before + slots)

    assert merge.vendor.most_inside == slots
    assert "mail-0" in merge.vendor.asked[before : before + slots]
    await merge.house.engine.drain(5)
    await asyncio.gather(running, also)


async def test_too_much_at_a_time_narrows_the_lane_and_nothing_has_to_wait(merge: Merge) -> None:
    merge.vendor.wrong = {"mail-30": [ProviderBusyError("Too many at a time.")]}
    recall = await merge.confirmed(200)

    await merge.house.engine.run_due()

    ended = await merge.now(recall)
    assert (ended.state, ended.counts.awaiting) == (State.SUBMITTED, 200)
    assert merge.vendor.asked.count("mail-30") == 2
    assert "waiting" not in await merge.house.kinds(recall)


async def test_retry_after_holds_every_recall_of_that_vendor_also_over_a_restart(merge: Merge) -> None:
    merge.vendor.wrong = {"mail-3": [ProviderBusyError("Please wait.", retry_after=300.0)]}
    merge.vendor.sent("other", items=2)
    await merge.confirmed(100)
    await merge.house.engine.run_due()
    other = await merge.house.confirmed(BOB, "other")
    asked = len(merge.vendor.asked)

    again = await restarted(merge.house)
    await again.engine.run_due()
    again.passes(299)
    await again.engine.run_due()
    assert len(merge.vendor.asked) == asked
    waiting = await again.now(other)
    assert waiting.detail == "Please wait."
    assert waiting.checks == 0

    again.passes(2)
    await again.engine.run_due()
    assert (await again.now(other)).state is State.SUBMITTED
    await again.store.close()


async def test_a_vendor_that_is_not_well_gets_one_probe_and_the_thread_hears_of_it_once(merge: Merge) -> None:
    merge.vendor.dead = ProviderDownError("It can't be reached.")
    recall = await merge.confirmed(1_000)
    await merge.house.engine.run_due()
    asked = len(merge.vendor.asked)

    for _ in range(3):
        merge.house.passes(301)
        await merge.house.engine.run_due()
    assert len(merge.vendor.asked) == asked + 3

    merge.vendor.dead = None
    merge.house.passes(301)
    await merge.house.engine.run_due()
    ended = await merge.now(recall)
    assert ended.state in {State.SUBMITTED, State.FAILED}


async def test_a_vendor_that_is_back_with_clear_refusals_gets_all_its_slots_again(merge: Merge) -> None:
    merge.vendor.dead = ProviderDownError("It can't be reached.")
    recall = await merge.confirmed(1_000)
    await merge.house.engine.run_due()

    merge.vendor.dead = ProviderRefusedError("That mail is not there.")
    merge.vendor.most_inside = 0
    merge.house.passes(301)
    await merge.house.engine.run_due()

    assert merge.vendor.most_inside == merge.vendor.traits.concurrency
    assert (await merge.now(recall)).state is State.FAILED


async def test_what_a_stop_cuts_off_is_asked_about_and_the_numbers_are_exact(merge: Merge) -> None:
    merge.vendor.traits = replace(merge.vendor.traits, repeat=RepeatClass.READABLE)
    merge.vendor.blocks_after = 40
    recall = await merge.confirmed(1_500)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(44)

    await merge.house.service.stop(BOB, recall.id)
    merge.house.engine.wake()
    await asyncio.wait_for(running, 5)

    stopped = await merge.now(recall)
    assert stopped.state is State.STOPPED
    assert (stopped.counts.awaiting, stopped.counts.left) == (44, 1_456)


async def test_of_what_can_neither_be_repeated_nor_asked_about_only_requests_in_hand_are_unknown_after_a_crash(
    merge: Merge,
) -> None:
    merge.vendor.traits = replace(merge.vendor.traits, repeat=RepeatClass.NEITHER)
    merge.vendor.blocks_after = 40
    recall = await merge.confirmed(1_500)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(44)
    async with asyncio.timeout(5):
        while (await merge.house.store.counts(recall.id)).get(ItemState.ACCEPTED) != 40:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert (await merge.house.store.counts(recall.id))[ItemState.INTENT] == 4

    again = await restarted(merge.house)
    running.cancel()
    merge.vendor.open.set()
    await asyncio.gather(running, return_exceptions=True)
    await again.engine.run_due()
    ended = await again.now(recall)
    assert ended.counts.unknown == 4
    assert ended.counts.awaiting == 1_496
    assert len(merge.vendor.asked) == 1_500
    await again.store.close()


async def test_the_end_of_a_recall_and_its_last_outcomes_are_one_transaction(merge: Merge) -> None:
    recall = await merge.confirmed(1)

    await merge.house.engine.run_due()

    first = await merge.house.events(recall)
    assert [event.kind.value for event in first][-2:] == ["accepted", "submitted"]
    assert first[-1].at == first[-2].at


async def test_an_item_that_never_goes_through_is_given_up_after_some_tries(merge: Merge) -> None:
    merge.vendor.always = {"mail-1": ProviderDownError("It is ill.")}
    recall = await merge.confirmed(20)

    ended = await merge.until(recall, State.SUBMITTED)

    assert (ended.counts.failed, ended.counts.awaiting) == (1, 19)
    assert merge.vendor.asked.count("mail-1") <= 15
    (kept,) = [each for each in await merge.house.store.outcomes(recall.id) if each.state is ItemState.FAILED]
    assert kept.outcome is not None
    assert kept.outcome.reason == "It is ill."


@pytest.mark.parametrize(
    "refused",
    [
        ProviderBusyError("Too many requests at a time."),
        ProviderBusyError("Wait.", retry_after=30.0),
        ProviderDownError("The vendor can't be reached."),
    ],
    ids=["too much at a time", "asked to wait", "not reached"],
)
async def test_what_may_have_gone_out_before_a_crash_is_never_counted_as_not_sent(
    merge: Merge, refused: ProviderError
) -> None:
    merge.vendor.blocks_after = 3
    recall = await merge.confirmed(7)
    running = asyncio.create_task(merge.house.engine.run_due())
    await merge.asks(7)
    again = await restarted(merge.house)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    merge.vendor.blocks_after, merge.vendor.dead = None, refused
    await again.engine.run_due()
    await again.service.stop(BOB, recall.id)
    again.passes(120)
    await again.engine.run_due()

    counts = await again.store.counts(recall.id)
    assert counts.get(ItemState.PENDING, 0) == 0, "the first process had asked for all seven"
    assert counts[ItemState.ACCEPTED] == 7
    await again.store.close()
