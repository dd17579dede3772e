import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.ports import Chunk, ItemId, Move, NoticeKind, Store, Written
from bot.recall import Kind, Recall, State, step
from bot.target import ItemState, Outcome
from tests.builders import T0, claim, make_card, make_recall, make_target, proposal, settle

LEASE = 60.0
DONE, FAILED, PENDING, INTENT, ACCEPTED = (
    ItemState.DONE,
    ItemState.FAILED,
    ItemState.PENDING,
    ItemState.INTENT,
    ItemState.ACCEPTED,
)


async def going(store: Store, items: int = 1) -> Recall:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    for kind in (Kind.CONFIRMED, Kind.STARTED):
        move = step(recall, kind, at=T0)
        assert await store.move(move)
        recall = move.after
    await store.plan(recall.id, [ItemId(f"i{n}") for n in range(items)])
    return recall


async def claimed(store: Store, recall: Recall, owner: str = "me") -> Chunk:
    chunk = await claim(store, recall.id, owner, T0, LEASE)
    assert chunk is not None
    return chunk


async def test_items_come_back_in_chunks_of_a_thousand_in_their_order(store: Store) -> None:
    recall = await going(store, 2500)

    chunks = [await claimed(store, recall, f"worker{n}") for n in range(3)]

    assert [len(chunk.items) for chunk in chunks] == [1000, 1000, 500]
    assert [item for chunk in chunks for item in chunk.items] == [f"i{n}" for n in range(2500)]
    assert await claim(store, recall.id, "late", T0, LEASE) is None


async def test_a_plan_grows_by_pages_and_begins_anew_when_told_so(store: Store) -> None:
    recall = await going(store, 1500)
    await store.plan(recall.id, [ItemId("more")], start=1500)
    assert await store.counts(recall.id) == {PENDING: 1501}

    await store.plan(recall.id, [ItemId("anew")])

    assert await store.counts(recall.id) == {PENDING: 1}
    assert (await claimed(store, recall)).items == ("anew",)


async def test_claiming_makes_the_intent_durable_and_says_how_it_stood_before(store: Store) -> None:
    recall = await going(store, 3)

    chunk = await claimed(store, recall)

    assert chunk.states == (PENDING,) * 3
    assert await store.counts(recall.id) == {INTENT: 3}


async def test_of_many_workers_each_chunk_goes_to_one(store: Store) -> None:
    recall = await going(store, 5000)

    chunks = await asyncio.gather(*(claim(store, recall.id, f"w{n}", T0, LEASE) for n in range(20)))

    assert sorted(chunk.number for chunk in chunks if chunk) == [0, 1, 2, 3, 4]


async def test_after_a_lease_has_run_out_somebody_else_goes_on_and_the_first_is_refused(store: Store) -> None:
    recall = await going(store)
    first = await claimed(store, recall)
    assert await claim(store, recall.id, "other", T0 + timedelta(seconds=59), LEASE) is None

    second = await claim(store, recall.id, "other", T0 + timedelta(seconds=60), LEASE)

    assert second is not None
    assert second.states == (INTENT,)
    assert second.fence > first.fence
    assert not await settle(store, first, [DONE], {})
    assert await settle(store, second, [DONE], {})


async def test_what_is_written_under_an_old_fence_changes_nothing(store: Store) -> None:
    recall = await going(store)
    first = await claimed(store, recall)
    second = await claim(store, recall.id, "other", T0 + timedelta(seconds=60), LEASE)
    assert second is not None
    late = Written(chunk=first, codes=bytes([DONE]), outcomes={}, back=True)

    kept = await store.hold(recall.id, [late], until=T0 + timedelta(minutes=5))

    assert kept.lost == {first.number}
    assert await store.counts(recall.id) == {INTENT: 1}
    assert await settle(store, second, [FAILED], {})


async def test_our_own_claim_is_taken_again(store: Store) -> None:
    recall = await going(store)
    await claimed(store, recall)

    assert (await claimed(store, recall)).states == (INTENT,)


async def test_at_start_the_claims_of_an_earlier_process_are_given_back_and_fenced_off(store: Store) -> None:
    recall = await going(store)
    earlier = await claimed(store, recall, "earlier")

    assert await store.release("now", lambda _: ()) == [recall.id]
    assert await store.release("now", lambda _: ()) == []

    assert not await settle(store, earlier, [DONE], {})
    assert (await claimed(store, recall, "now")).states == (INTENT,)


async def test_what_is_given_back_moves_on_in_the_same_transaction_or_is_not_given_back(store: Store) -> None:
    recall = await going(store)
    await claimed(store, recall, "earlier")

    def wrongly(_: Recall) -> Sequence[Move]:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        await store.release("now", wrongly)

    def onward(now: Recall) -> Sequence[Move]:
        return (Move(step=step(now, Kind.RESUMED, at=T0, not_before=None), notices=(NoticeKind.REPLY,)),)

    assert await store.release("now", onward) == [recall.id]
    assert (await store.events(recall.id))[-1].kind is Kind.RESUMED


async def test_nothing_is_claimed_for_a_recall_that_nobody_confirmed_or_that_has_ended(store: Store) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.plan(recall.id, [ItemId("i")])
    assert await claim(store, recall.id, "me", T0, LEASE) is None

    for kind in (Kind.CONFIRMED, Kind.STARTED, Kind.STOPPED):
        move = step(recall, kind, at=T0)
        await store.move(move)
        recall = move.after
    assert await claim(store, recall.id, "me", T0, LEASE) is None
    assert await store.counts(recall.id) == {PENDING: 1}


async def test_outcomes_and_the_move_that_follows_are_one(store: Store) -> None:
    recall = await going(store)
    chunk = await claimed(store, recall)
    move = step(recall, Kind.DONE, at=T0)

    assert await settle(
        store,
        chunk,
        [DONE],
        {0: Outcome(state=DONE, evidence="RECALLED")},
        step=move,
        notices=[NoticeKind.REPLY],
    )

    assert await store.recall(recall.id) == move.after
    assert await store.counts(recall.id) == {DONE: 1}


async def test_where_the_recall_has_moved_on_nothing_of_a_settlement_is_written(store: Store) -> None:
    recall = await going(store)
    chunk = await claimed(store, recall)
    await store.move(step(recall, Kind.STOPPING, at=T0))

    assert not await settle(store, chunk, [DONE], {}, step=step(recall, Kind.DONE, at=T0))

    assert await store.counts(recall.id) == {INTENT: 1}
    now = await store.recall(recall.id)
    assert now is not None
    assert now.state is State.RUNNING
    assert await settle(store, chunk, [DONE], {}, step=step(now, Kind.DONE, at=T0))


async def test_an_item_that_is_put_back_can_be_claimed_again(store: Store) -> None:
    recall = await going(store, 2)
    assert await settle(store, await claimed(store, recall), [DONE, PENDING], {})

    assert (await claimed(store, recall)).states == (DONE, PENDING)


async def test_of_two_outcome_checks_that_read_the_same_chunk_one_is_written(store: Store) -> None:
    recall = await going(store)
    await settle(store, await claimed(store, recall), [ACCEPTED], {})
    (chunk,) = await store.holding(recall.id, [ACCEPTED])

    written = await asyncio.gather(*(settle(store, chunk, [DONE], {}) for _ in range(2)))

    assert sorted(written) == [False, True]
    assert await store.holding(recall.id, [ACCEPTED]) == []


async def test_for_a_new_attempt_failed_items_are_as_new_unknown_ones_doubtful_and_the_rest_stays(
    store: Store,
) -> None:
    recall = await going(store, 3)
    states = [DONE, FAILED, ItemState.UNKNOWN]
    await settle(store, await claimed(store, recall), states, {1: Outcome(state=FAILED, reason="No.")})

    assert await store.reopen(recall.id, [FAILED, ItemState.UNKNOWN]) == 2

    assert await store.counts(recall.id) == {DONE: 1, PENDING: 1, INTENT: 1}
    assert (await claimed(store, recall)).states == (DONE, PENDING, INTENT)


async def test_one_state_per_item_is_insisted_on(store: Store) -> None:
    recall = await going(store, 2)

    with pytest.raises(ValueError, match="1 states for 2 items"):
        await settle(store, await claimed(store, recall), [DONE], {})


async def test_the_engine_hears_of_what_is_due_the_longest_waiting_first(store: Store) -> None:
    soon = T0 + timedelta(seconds=5)

    async def at(name: str, *kinds: Kind, **changes: Any) -> None:
        recall = make_recall(id=name, target=make_target(id=name))
        await store.propose(proposal(recall), make_card(recall=name, id=name))
        for kind in kinds:
            move = step(recall, kind, at=T0, **(changes if kind is kinds[-1] else {}))
            await store.move(move)
            recall = move.after

    await at("shown")
    await at("waits", Kind.CONFIRMED, not_before=soon)
    await at("queued", Kind.CONFIRMED)
    await at("submitted", Kind.CONFIRMED, Kind.STARTED, Kind.SUBMITTED, not_before=T0 - timedelta(seconds=5))
    await at("told", Kind.CONFIRMED, Kind.STARTED, Kind.UNKNOWN)
    await at("done", Kind.CONFIRMED, Kind.STARTED, Kind.DONE, not_before=T0)

    assert await store.due(T0) == ["submitted", "queued"]
    assert await store.due(soon) == ["submitted", "queued", "waits"]


async def test_where_nothing_is_planned_nothing_is_counted(store: Store) -> None:
    recall = await going(store, 0)

    assert not await store.counts(recall.id)
    assert await claim(store, recall.id, "me", T0, LEASE) is None
