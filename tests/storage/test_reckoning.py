"""Chunks are written together with claims and with what follows from the numbers; the numbers are kept up, not counted."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import sqlite_utils

from bot.ports import Claim, Gate, ItemId, Move, Store, Tally, Written
from bot.recall import Kind, Recall, RecallId, State, step
from bot.target import ItemState, Outcome, RecipientOutcome
from storage import open_store
from storage.schema import MIGRATIONS
from tests.builders import T0, FixedClock
from tests.storage.test_work import ACCEPTED, DONE, FAILED, INTENT, PENDING, claimed, going

UNTIL = T0 + timedelta(seconds=60)


def wanted(owner: str = "me", **changes: object) -> Claim:
    return Claim(owner=owner, at=T0, until=UNTIL, **changes)  # type: ignore[arg-type]


async def test_what_is_known_is_written_and_more_is_claimed_in_one_go(store: Store) -> None:
    recall = await going(store, 3_500)
    first = await claimed(store, recall)
    known = Written(chunk=first, codes=bytes([DONE] * 400 + [INTENT] * 600))

    kept = await store.hold(recall.id, [known], until=UNTIL, claim=wanted(most=2, besides=frozenset({0})))

    assert [chunk.number for chunk in kept.chunks] == [1, 2]
    assert not kept.lost
    assert await store.counts(recall.id) == {DONE: 400, INTENT: 2_600, PENDING: 500}


async def test_a_claim_that_intends_nothing_leaves_items_as_they_are(store: Store) -> None:
    recall = await going(store, 10)

    await store.hold(recall.id, [], until=UNTIL, claim=wanted(intend=False))

    assert await store.counts(recall.id) == {PENDING: 10}


async def test_only_chunks_in_doubt_are_claimed_where_that_is_asked(store: Store) -> None:
    recall = await going(store, 2_500)
    await claimed(store, recall)

    kept = await store.hold(recall.id, [], until=UNTIL, claim=wanted(most=5, intend=False, doubtful=True))

    assert [chunk.number for chunk in kept.chunks] == [0]


async def test_of_a_chunk_that_is_somebody_elses_nothing_is_written(store: Store) -> None:
    recall = await going(store, 5)
    mine = await claimed(store, recall)
    await store.release("somebody else", lambda _: ())

    kept = await store.hold(recall.id, [Written(chunk=mine, codes=bytes([DONE] * 5))], until=UNTIL)

    assert kept.lost == {0}
    assert await store.counts(recall.id) == {INTENT: 5}


async def test_moves_follow_from_the_numbers_in_the_same_transaction(store: Store) -> None:
    recall = await going(store, 2)
    chunk = await claimed(store, recall)
    await store.move(step(recall, Kind.PROGRESS, at=T0))  # somebody came between

    def follow(now: Recall, tally: Tally) -> Sequence[Move]:
        assert tally.items == {DONE: 1, FAILED: 1}
        return (Move(step=step(now, Kind.PARTIAL, at=T0)),)

    written = Written(chunk=chunk, codes=bytes([DONE, FAILED]), back=True)
    after = await store.reckon(recall.id, [written], follow)

    assert after is not None
    assert after.state is State.PARTIAL
    assert await store.recall(recall.id) == after


async def test_recipients_are_counted_where_outcomes_tell_them_apart(store: Store) -> None:
    recall = await going(store, 2)
    chunk = await claimed(store, recall)
    told = tuple(RecipientOutcome(address=f"{n}@x", state=DONE) for n in range(3))
    seen: list[Mapping[ItemState, int]] = []

    def follow(now: Recall, tally: Tally) -> Sequence[Move]:
        del now
        seen.append(tally.recipients)
        return ()

    outcomes = {0: Outcome(state=DONE, recipients=told)}
    written = Written(chunk=chunk, codes=bytes([DONE, ACCEPTED]), outcomes=outcomes, back=True)
    await store.reckon(recall.id, [written], follow)

    assert seen == [{DONE: 3}]


async def test_a_vendors_word_to_wait_outlives_a_restart_and_ends_by_itself(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/recall.db"
    store = await open_store(url, clock=FixedClock())
    recall = await going(store)
    gate = Gate(account="push", until=UNTIL, why="Please wait.")
    await store.reckon(recall.id, [], lambda *_: (), gate=gate)
    await store.close()

    again = await open_store(url, clock=FixedClock())

    assert await again.gate("push", T0) == gate
    assert await again.gate("push", UNTIL) is None
    assert await again.gate("mail", T0) is None
    await again.close()


async def test_a_database_with_a_row_per_item_is_read_as_before(tmp_path: Path) -> None:
    file = tmp_path / "recall.db"
    old = sqlite_utils.Database(file)
    MIGRATIONS.apply(old, stop_before="m0006_pages_of_items")
    old.execute("INSERT INTO recall VALUES ('r1', 'push', '4711', 'running', 1, 1, 0, NULL, NULL, '{}')")
    old["item"].insert_all({"recall": "r1", "n": n, "id": f"i{n}"} for n in range(3))
    old["chunk"].insert(
        {
            "recall": "r1",
            "number": 0,
            "start": 0,
            "codes": bytes([DONE, PENDING, FAILED]),
            "todo": 1,
            "fence": 4,
        }
    )
    old.conn.commit()
    old.close()

    store = await open_store(f"sqlite:///{file}", clock=FixedClock())

    kept = await store.outcomes(RecallId("r1"))
    assert [(each.number, each.item, each.state) for each in kept] == [
        (0, ItemId("i0"), DONE),
        (1, ItemId("i1"), ItemState.PENDING),
        (2, ItemId("i2"), FAILED),
    ]
    assert await store.counts(RecallId("r1")) == {DONE: 1, PENDING: 1, FAILED: 1}
    await store.close()
