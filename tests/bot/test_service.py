"""Who may press what, and what happens when two do."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import NotAllowedError, NotFoundError, WindowClosedError
from bot.proposal import AlreadyRecalledError, NothingToRecallError
from bot.recall import Actor, Kind, NotNowError, Place, RecallId, State, step
from bot.target import Audience, Capability, Reason
from tests.bot.conftest import House
from tests.bot.unwell import unwell
from tests.builders import ANN, BOB

CLEO = Actor(team="T1", user="U_CLEO")
LARGE = Audience(sent=2_000_000)


async def test_without_the_right_no_card_is_opened(house: House) -> None:
    house.vendor.sent()

    with pytest.raises(NotAllowedError, match="no rule in Recall's settings names you"):
        await house.proposed(CLEO)

    assert ("get", "4711") not in house.vendor.calls


async def test_whoever_lost_the_right_after_the_card_went_up_is_refused_at_the_click(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)
    house.people.groups["U_ANN"] = frozenset()

    with pytest.raises(NotAllowedError):
        await house.service.confirm(ANN, recall.id)

    assert (await house.now(recall)).state is State.PROPOSED


async def test_of_twenty_clicks_at_once_exactly_one_counts(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)

    clicks = [house.service.confirm(who, recall.id) for who in (ANN, BOB) * 10]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    await house.engine.run_due()

    losers = [each for each in answers if isinstance(each, NotNowError)]
    assert len(losers) == 19
    assert {each.recall.moved_by for each in losers} <= {ANN, BOB, None}
    assert (await house.kinds(recall)).count("confirmed") == 1
    assert house.vendor.effects() == 1


async def test_yes_and_no_at_once_end_in_one_of_the_two(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)

    answers = await asyncio.gather(
        house.service.confirm(ANN, recall.id), house.service.decline(BOB, recall.id), return_exceptions=True
    )

    assert sum(isinstance(each, NotNowError) for each in answers) == 1
    assert (await house.now(recall)).state in {State.QUEUED, State.DECLINED}


async def test_a_reason_that_is_chosen_while_yes_is_pressed_does_not_eat_the_yes(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)

    await asyncio.gather(
        *(house.service.choose_reason(BOB, recall.id, Reason.TEST) for _ in range(3)),
        house.service.confirm(ANN, recall.id),
        return_exceptions=True,
    )

    assert (await house.now(recall)).state is State.QUEUED


async def test_asking_twice_leads_to_the_first_card_and_elsewhere_to_a_second_one(house: House) -> None:
    target = house.vendor.sent()
    first = await house.service.propose(ANN, target.ref, Place(channel="C1"))

    again = await house.service.propose(BOB, target.ref, Place(channel="C1"))
    elsewhere = await house.service.propose(BOB, target.ref, Place(channel="C2"))

    assert (again.recall.id, again.card, again.existing) == (first.recall.id, first.card, True)
    assert elsewhere.recall.id == first.recall.id
    assert [card.place.channel for card in await house.service.cards(first.recall.id)] == ["C1", "C2"]


async def test_two_people_asking_at_the_same_moment_get_one_recall(house: House) -> None:
    target = house.vendor.sent()

    proposals = await asyncio.gather(
        *(
            house.service.propose(who, target.ref, Place(channel=f"C{n}"))
            for n, who in enumerate((ANN, BOB) * 5)
        )
    )

    assert len({each.recall.id for each in proposals}) == 1


async def test_a_card_expires_by_the_clock_and_a_late_yes_is_refused(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)
    house.passes(15 * 60)

    with pytest.raises(NotNowError) as late:
        await house.service.confirm(ANN, recall.id)

    assert late.value.recall.state is State.EXPIRED


async def test_the_sweep_closes_cards_that_nobody_answered(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)

    house.passes(15 * 60 - 1)
    await house.service.sweep()
    assert (await house.now(recall)).state is State.PROPOSED

    house.passes(1)
    await house.service.sweep()
    assert (await house.now(recall)).state is State.EXPIRED


async def test_after_an_expired_card_the_same_target_can_be_asked_for_again(house: House) -> None:
    house.vendor.sent()
    first = await house.proposed(ANN)
    house.passes(15 * 60)
    await house.service.sweep()

    second = await house.proposed(ANN)

    assert second.id != first.id
    assert second.state is State.PROPOSED


async def test_yes_at_the_edge_of_the_window(house: House) -> None:
    closes = house.clock.now() + timedelta(minutes=5)
    target = house.vendor.sent()
    house.vendor.campaigns["4711"] = replace(target, capability=replace(target.capability, closes_at=closes))
    recall = await house.proposed(ANN)
    assert recall.expires_at == closes

    house.passes(5 * 60 - 0.001)
    confirmed = await house.service.confirm(ANN, recall.id)

    assert confirmed.state is State.QUEUED


async def test_yes_after_the_window_closed_is_refused(house: House) -> None:
    target = house.vendor.sent()
    closes = house.clock.now() + timedelta(minutes=5)
    house.vendor.campaigns["4711"] = replace(target, capability=replace(target.capability, closes_at=closes))
    recall = await house.proposed(ANN)
    house.passes(5 * 60)

    with pytest.raises((NotNowError, WindowClosedError)):
        await house.service.confirm(ANN, recall.id)

    assert (await house.now(recall)).state in {State.EXPIRED, State.REFUSED}


async def test_a_large_audience_needs_another_persons_yes(house: House) -> None:
    house.vendor.sent(audience=LARGE)
    recall = await house.confirmed(BOB)
    assert recall.state is State.APPROVING

    with pytest.raises(NotAllowedError, match="Your own yes"):
        await house.service.approve(BOB, recall.id)
    with pytest.raises(NotAllowedError, match="second person"):
        await house.service.approve(ANN, recall.id)
    assert (await house.now(recall)).state is State.APPROVING


async def test_the_second_yes_sends_it(house: House) -> None:
    house.vendor.sent(audience=LARGE)
    recall = await house.confirmed(ANN)

    await house.service.approve(BOB, recall.id)
    await house.engine.run_due()

    ended = await house.now(recall)
    assert (ended.state, ended.confirmed_by, ended.approved_by) == (State.DONE, ANN, BOB)


async def test_who_said_yes_first_is_the_one_who_may_not_approve(house: House) -> None:
    house.vendor.sent(audience=LARGE)
    recall = await house.proposed(ANN)
    await house.service.confirm(BOB, recall.id)

    with pytest.raises(NotAllowedError):
        await house.service.approve(BOB, recall.id)


async def test_an_approval_that_nobody_gives_expires(house: House) -> None:
    house.vendor.sent(audience=LARGE)
    recall = await house.confirmed(ANN)
    house.passes(15 * 60)

    await house.service.sweep()

    assert (await house.now(recall)).state is State.EXPIRED
    assert house.vendor.effects() == 0


async def test_what_waits_for_a_dead_vendor_can_be_stopped(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)

    await house.service.stop(BOB, recall.id)
    await house.engine.run_due()

    assert (await house.now(recall)).state is State.CANCELLED
    assert house.vendor.effects() == 0


async def test_a_stop_in_the_moment_in_which_it_begins_is_heard(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    store = unwell(house)
    begins = step(recall, Kind.STARTED, at=house.clock.now(), started_at=house.clock.now())
    store.first["move"] = lambda: house.store.move(begins)

    stopped = await house.service.stop(BOB, recall.id)

    assert (stopped.state, stopped.stopping) == (State.RUNNING, True)
    await house.engine.run_due()
    assert house.vendor.effects() == 0


async def test_of_two_stops_at_once_one_counts_and_the_other_is_told_so(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    begun = step(recall, Kind.STARTED, at=house.clock.now())
    await house.store.move(begun)

    both = (house.service.stop(each, recall.id) for each in (ANN, BOB))
    ended = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(each).__name__ for each in ended) == ["NotNowError", "Recall"]
    with pytest.raises(NotNowError):
        await house.service.stop(BOB, recall.id)
    assert (await house.kinds(recall)).count("stopping") == 1


async def test_a_stop_in_the_moment_in_which_it_ends_is_told_so(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    store = unwell(house)
    store.first["move"] = house.engine.run_due

    with pytest.raises(NotNowError) as refused:
        await house.service.stop(BOB, recall.id)

    assert refused.value.recall.state is State.DONE


async def test_what_can_not_be_taken_back_is_refused_with_the_vendors_reason(house: House) -> None:
    web = Capability(operation=None, refusal="Netmera can't recall web push.")
    house.vendor.sent(capability=web)

    with pytest.raises(NothingToRecallError, match="web push"):
        await house.proposed(ANN)


async def test_what_is_recalled_already_shows_by_whom(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await house.engine.run_due()

    with pytest.raises(AlreadyRecalledError) as refused:
        await house.proposed(BOB)

    assert refused.value.earlier is not None
    assert refused.value.earlier.id == recall.id
    assert refused.value.earlier.confirmed_by == ANN


async def test_no_is_for_the_asker_and_for_whoever_may_recall(house: House) -> None:
    house.vendor.sent()
    recall = await house.proposed(ANN)
    with pytest.raises(NotAllowedError):
        await house.service.decline(CLEO, recall.id)

    declined = await house.service.decline(BOB, recall.id)

    assert (declined.state, declined.moved_by) == (State.DECLINED, BOB)


async def test_retry_is_offered_only_where_something_failed(house: House) -> None:
    house.vendor.sent()
    recall = await house.confirmed(ANN)
    await house.engine.run_due()

    with pytest.raises(NotNowError):
        await house.service.retry(ANN, recall.id)


async def test_a_card_of_a_recall_that_is_not_known_says_so(house: House) -> None:
    with pytest.raises(NotFoundError):
        await house.service.confirm(ANN, RecallId("nobody-knows"))
