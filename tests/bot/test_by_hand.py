"""What can't be asked about is never sent twice, and a person's word is taken only where one is awaited."""

from dataclasses import replace

import pytest

from bot.errors import ProviderLostError
from bot.proposal import NeverTwiceError, NothingToRecallError
from bot.recall import NotNowError, State
from bot.target import Capability, Operation, RepeatClass
from tests.bot.conftest import House
from tests.builders import ANN

FINAL = Capability(operation=Operation.RECALL, repeatable=False)
MANUAL = Capability(operation=Operation.MANUAL, repeatable=False, steps=("Delete it.",))


async def _by_hand(house: House) -> None:
    house.vendor.sent(capability=MANUAL)
    house.vendor.confirms = False
    house.vendor.traits = replace(house.vendor.traits, repeat=RepeatClass.NEITHER, by_hand=True)


async def test_what_may_have_been_sent_is_not_sent_again_by_a_retry(house: House) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=RepeatClass.NEITHER)
    house.vendor.sent(capability=FINAL)
    house.vendor.trouble["recall"] = [ProviderLostError()]
    recall = await house.confirmed(ANN)
    await house.engine.run_due()
    house.passes(120)
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.UNKNOWN

    with pytest.raises(NeverTwiceError, match="never sent twice"):
        await house.service.retry(ANN, recall.id)

    await house.engine.run_due()
    assert house.vendor.effects() == 1


async def test_a_fresh_card_does_not_lead_round_what_is_never_sent_twice(house: House) -> None:
    house.vendor.traits = replace(house.vendor.traits, repeat=RepeatClass.NEITHER)
    house.vendor.confirms = False
    house.vendor.sent(capability=FINAL)
    house.vendor.trouble["recall"] = [ProviderLostError()]
    recall = await house.confirmed(ANN)
    await house.engine.run_due()
    house.passes(3600)
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.UNKNOWN

    with pytest.raises(NothingToRecallError, match="never sent twice"):
        await house.proposed(ANN)


async def test_a_word_is_taken_while_one_is_awaited_and_only_then(house: House) -> None:
    await _by_hand(house)
    recall = await house.confirmed(ANN)
    with pytest.raises(NotNowError):
        await house.service.report(ANN, recall.id, done=True)
    await house.engine.run_due()

    done = await house.service.report(ANN, recall.id, done=True)

    assert (done.state, done.counts.done, done.moved_by) == (State.DONE, 1, ANN)
    with pytest.raises(NotNowError):
        await house.service.report(ANN, recall.id, done=False)
    assert (await house.events(recall))[-1].data["word"] is True


async def test_no_word_is_taken_for_what_a_vendor_confirms(house: House) -> None:
    house.vendor.sent()
    house.vendor.confirms = False
    recall = await house.confirmed(ANN)
    await house.engine.run_due()
    assert (await house.now(recall)).state is State.SUBMITTED

    with pytest.raises(NotNowError):
        await house.service.report(ANN, recall.id, done=True)


async def test_nobody_is_asked_before_a_person_has_had_their_time(house: House) -> None:
    await _by_hand(house)
    recall = await house.confirmed(ANN)
    await house.engine.run_due()

    for _ in range(5):
        house.passes(120)
        await house.service.check_now((await house.now(recall),))
        await house.engine.run_due()

    assert [each for each in house.vendor.calls if each[0] == "check"] == []
    assert (await house.now(recall)).state is State.SUBMITTED
