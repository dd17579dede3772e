"""Items that a recall of another target has done already are left out of the work."""

from bot.ports import ItemId, Store
from bot.recall import Kind, Recall, step
from bot.target import Capability, ItemState, Operation, Outcome
from tests.builders import T0, claim, make_card, make_recall, make_target, proposal, settle

DONE, FAILED, PENDING, SKIPPED = (
    ItemState.DONE,
    ItemState.FAILED,
    ItemState.PENDING,
    ItemState.SKIPPED,
)


async def planned(
    store: Store, name: str, items: list[str], operation: Operation = Operation.RECALL
) -> Recall:
    """A recall that has begun, with what there is to do."""
    target = make_target(id=name, capability=Capability(operation=operation))
    recall = make_recall(id=f"of-{name}", target=target)
    await store.propose(proposal(recall), make_card(id=f"card-{name}", recall=recall.id, ts=f"{name}.1"))
    for kind in (Kind.CONFIRMED, Kind.STARTED):
        move = step(recall, kind, at=T0)
        assert await store.move(move)
        recall = move.after
    await store.plan(recall.id, [ItemId(each) for each in items])
    return recall


async def ended(store: Store, recall: Recall, states: list[ItemState]) -> None:
    """Its items' outcomes are written."""
    chunk = await claim(store, recall.id, "me", T0, 60)
    assert chunk is not None
    assert await settle(store, chunk, states, {n: Outcome(state=state) for n, state in enumerate(states)})


async def test_what_another_recall_has_done_is_left_out_and_what_it_failed_at_is_not(store: Store) -> None:
    await ended(store, await planned(store, "two", ["b", "c"]), [DONE, FAILED])
    merge = await planned(store, "all", ["a", "b", "c", "d"])

    assert await store.skip_done(merge) == 1
    assert await store.counts(merge.id) == {PENDING: 3, SKIPPED: 1}


async def test_what_was_done_by_another_operation_is_asked_for(store: Store) -> None:
    await ended(store, await planned(store, "one", ["a"], Operation.HALT), [DONE])
    merge = await planned(store, "all", ["a", "b"])

    assert await store.skip_done(merge) == 0
    assert await store.counts(merge.id) == {PENDING: 2}


async def test_where_all_was_done_before_there_is_nothing_to_claim(store: Store) -> None:
    await ended(store, await planned(store, "all", ["a", "b"]), [DONE, DONE])
    one = await planned(store, "one", ["b"])

    assert await store.skip_done(one) == 1
    assert await claim(store, one.id, "me", T0, 60) is None


async def test_it_is_found_beyond_the_first_thousand_and_in_several_recalls(store: Store) -> None:
    await ended(store, await planned(store, "one", ["m1400"]), [DONE])
    await ended(store, await planned(store, "two", ["m3", "else"]), [DONE, DONE])
    merge = await planned(store, "all", [f"m{n}" for n in range(1500)])

    assert await store.skip_done(merge) == 2
    assert await store.counts(merge.id) == {PENDING: 1498, SKIPPED: 2}
    first = await claim(store, merge.id, "me", T0, 60)
    assert first is not None
    assert [n for n, state in enumerate(first.states) if state is SKIPPED] == [3]
