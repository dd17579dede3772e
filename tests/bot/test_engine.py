"""What the engine makes of every kind of answer, and of none."""

from dataclasses import replace

import pytest

from bot.errors import (
    ProviderBusyError,
    ProviderDownError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.recall import State
from bot.target import Audience, ItemState, RepeatClass
from tests.bot.conftest import House, died, restarted
from tests.builders import ANN, BOB, T0


async def test_a_confirmed_recall_runs_once_and_ends_with_the_vendors_numbers(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)

    await house.engine.run_due()

    ended = await house.now(recall)
    assert ended.state is State.DONE
    assert ended.audience == Audience(sent=50_000, delivered=48_210, opened=1_790)
    assert await house.kinds(recall) == ["proposed", "confirmed", "started", "accepted", "done"]
    assert house.vendor.effects() == 1


async def test_nothing_is_asked_of_the_vendor_before_yes(house: House) -> None:
    house.vendor.sent()
    await house.proposed(ANN)

    await house.engine.run_due()

    assert ("recall", "4711") not in house.vendor.calls


async def test_accepted_is_not_done_until_the_record_says_so(house: House) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.SUBMITTED

    house.passes(4)
    await house.engine.run_due()
    assert ("check", "4711") not in house.vendor.calls

    house.vendor.recalled()
    house.passes(2)
    await house.engine.run_due()

    assert (await house.now(recall)).state is State.DONE


async def test_a_vendor_that_never_confirms_ends_in_unknown_and_says_what_its_record_shows(
    house: House,
) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)

    for _ in range(100):
        await house.engine.run_due()
        house.passes(60)

    ended = await house.now(recall)
    assert ended.state is State.UNKNOWN
    assert ended.counts.unknown == 1
    assert "the record says sent" in ended.detail
    assert house.vendor.effects() == 1
    assert "done" not in await house.kinds(recall)


async def test_checking_now_can_still_bring_the_confirmation_after_unknown(house: House) -> None:
    house.vendor.confirms = False
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    for _ in range(40):
        await house.engine.run_due()
        house.passes(60)
    house.vendor.recalled()

    await house.service.check_now((await house.now(recall),))
    await house.engine.run_due()

    assert (await house.now(recall)).state is State.DONE


async def test_a_dead_vendor_is_said_once_tried_again_and_given_up_at_the_deadline(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["get"] = [ProviderDownError("Netmera can't be reached.")] * 1_000

    for _ in range(60):
        await house.engine.run_due()
        house.passes(30)

    ended = await house.now(recall)
    assert ended.state is State.FAILED
    assert ended.counts.failed == 1
    kinds = await house.kinds(recall)
    assert kinds.count("waiting") > 3
    assert kinds[-1] == "gave_up"
    assert house.vendor.effects() == 0


async def test_a_vendor_that_comes_back_is_asked_and_the_recall_runs(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["get"] = [ProviderDownError(), ProviderDownError()]

    for _ in range(10):
        await house.engine.run_due()
        house.passes(30)

    assert (await house.now(recall)).state is State.DONE


async def test_retry_after_is_obeyed_to_the_second(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["recall"] = [ProviderBusyError(retry_after=37.0)]

    await house.engine.run_due()
    house.passes(36.9)
    await house.engine.run_due()
    assert house.vendor.calls.count(("recall", "4711")) == 1

    house.passes(0.2)
    await house.engine.run_due()

    assert (await house.now(recall)).state is State.DONE
    assert house.vendor.effects() == 1


async def test_a_clear_no_fails_with_the_vendors_words_and_can_be_retried(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["recall"] = [ProviderRefusedError("Netmera says: quota exceeded (5022).")]

    await house.engine.run_due()
    failed = await house.now(recall)
    assert failed.state is State.FAILED
    assert failed.detail == "Netmera says: quota exceeded (5022)."

    await house.service.retry(BOB, recall.id)
    await house.engine.run_due()

    ended = await house.now(recall)
    assert ended.state is State.DONE
    assert ended.attempt == 2


@pytest.mark.parametrize("repeat", [RepeatClass.READABLE, RepeatClass.HARMLESS])
async def test_a_lost_answer_is_looked_up_or_repeated_and_ends_done(
    house: House, repeat: RepeatClass
) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=repeat)
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["recall"] = [ProviderSlowError()]

    await house.engine.run_due()
    house.passes(60)
    await house.engine.run_due()

    assert (await house.now(recall)).state is State.DONE
    assert house.vendor.effects() == (1 if repeat is RepeatClass.READABLE else 2)


async def test_a_lost_answer_of_a_vendor_that_can_not_be_asked_is_unknown_and_never_repeated(
    house: House,
) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=RepeatClass.NEITHER)
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.trouble["recall"] = [ProviderSlowError()]

    for _ in range(5):
        await house.engine.run_due()
        house.passes(60)

    ended = await house.now(recall)
    assert ended.state is State.UNKNOWN
    assert house.vendor.effects() == 1
    assert "not sent again" in ended.detail


async def test_what_changed_since_the_card_is_refused_by_name(house: House) -> None:
    target = house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.campaigns["4711"] = replace(target, text="Everything 50 % off")

    await house.engine.run_due()

    refused = await house.now(recall)
    assert refused.state is State.REFUSED
    assert "another text" in refused.detail
    assert house.vendor.effects() == 0


async def test_opened_and_delivered_counts_may_move_between_card_and_click(house: House) -> None:
    target = house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.campaigns["4711"] = replace(
        target, audience=Audience(sent=50_000, delivered=49_000, opened=2_000)
    )

    await house.engine.run_due()

    ended = await house.now(recall)
    assert ended.state is State.DONE
    assert ended.audience == Audience(sent=50_000, delivered=49_000, opened=2_000)


async def test_what_somebody_recalled_meanwhile_in_the_panel_is_refused_not_claimed(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    house.vendor.recalled()

    await house.engine.run_due()

    assert (await house.now(recall)).state is State.REFUSED
    assert house.vendor.effects() == 0


async def test_a_target_that_vanished_is_refused(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    del house.vendor.campaigns["4711"]

    await house.engine.run_due()

    refused = await house.now(recall)
    assert refused.state is State.REFUSED
    assert refused.detail == "Netmera has no campaign with that id."


async def test_a_window_that_closes_between_yes_and_dispatch_refuses(house: House) -> None:
    target = house.vendor.sent()
    target = replace(target, capability=replace(target.capability, closes_at=T0.replace(minute=35)))
    house.vendor.campaigns["4711"] = target
    recall = await house.confirmed(ANN)
    house.passes(300)

    await house.engine.run_due()

    assert (await house.now(recall)).state is State.REFUSED
    assert house.vendor.effects() == 0


async def test_after_a_crash_before_the_request_the_restart_sends_it_once(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await died(house, recall, "before")

    again = await restarted(house)
    try:
        await again.engine.run_due()

        assert (await again.now(recall)).state is State.DONE
        assert again.vendor.effects() == 1
        assert (await again.kinds(recall)).count("resumed") == 1
    finally:
        await again.store.close()


async def test_after_a_crash_behind_the_request_the_restart_reads_and_does_not_repeat(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await died(house, recall, "behind")

    again = await restarted(house)
    try:
        await again.engine.run_due()

        assert (await again.now(recall)).state is State.DONE
        assert again.vendor.effects() == 1
    finally:
        await again.store.close()


async def test_one_vendors_trouble_is_not_the_engines(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.vendor.sent("1")
    house.vendor.sent("2")
    first, second = await house.confirmed(ANN, "1"), await house.confirmed(ANN, "2")
    house.vendor.trouble["get"] = [RuntimeError("a bug in a provider")]  # type: ignore[list-item]

    await house.engine.run_due()

    states = {(await house.now(each)).state for each in (first, second)}
    assert states == {State.QUEUED, State.DONE}
    assert "broke its contract" in caplog.text

    house.passes(10)
    await house.engine.run_due()
    assert {(await house.now(each)).state for each in (first, second)} == {State.DONE}


async def test_counts_come_from_the_items(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)

    await house.engine.run_due()

    assert await house.store.counts(recall.id) == {ItemState.DONE: 1}
    assert (await house.now(recall)).counts.done == 1
