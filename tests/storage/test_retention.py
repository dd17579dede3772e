"""What is old is let go; recalls, their record and their counts stay."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from bot.ports import Chunk, ItemId
from bot.recall import Kind, Recall, RecallId, step
from bot.target import ItemState, Outcome
from storage import verify_audit
from storage.store import SqliteStore
from tests.builders import T0, FixedClock, claim, make_card, make_recall, make_target, proposal, settle

LONG_AFTER = T0 + timedelta(days=500)
KEPT_SINCE = LONG_AFTER - timedelta(days=400)


async def forgotten(store: SqliteStore) -> int:
    gone = 0
    while more := await store.forget(KEPT_SINCE):
        gone += more
    return gone


async def ended(store: SqliteStore, *states: ItemState, end: Kind = Kind.DONE) -> Recall:
    """A recall that ended at T0, its items as they are told."""
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    for kind in (Kind.CONFIRMED, Kind.STARTED, end):
        move = step(recall, kind, at=T0)
        assert await store.move(move)
        recall = move.after
        if kind is Kind.STARTED:
            await store.plan(recall.id, [ItemId(str(n)) for n in range(len(states))])
            chunk = await claim(store, recall.id, "me", T0, 60)
            assert isinstance(chunk, Chunk)
            noted = {n: Outcome(state=each) for n, each in enumerate(states)}
            assert await settle(store, chunk, states, noted)
    return recall


async def test_old_targets_leave_unless_somebody_asked_to_recall_them(store: SqliteStore) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.remember(
        [
            recall.target,
            make_target(id="old", name="Older sale", sent_at=T0),
            make_target(id="fresh", name="Fresh sale", sent_at=LONG_AFTER),
            make_target(id="undated", name="Undated sale", sent_at=None),
        ]
    )

    assert await forgotten(store) == 1

    assert {str(each.ref.id) for each in await store.recent(9)} == {
        str(recall.target.ref.id),
        "fresh",
        "undated",
    }
    assert await store.search("older", 5) == []


async def test_many_old_targets_go_in_pieces(store: SqliteStore) -> None:
    await store.remember(make_target(id=str(n), sent_at=T0) for n in range(250))

    assert [await store.forget(KEPT_SINCE) for _ in range(4)] == [100, 100, 50, 0]


async def test_of_an_old_recall_the_counts_and_the_record_stay(store: SqliteStore) -> None:
    recall = await ended(store, ItemState.DONE, ItemState.DONE, ItemState.SKIPPED)

    assert await forgotten(store) == 1

    assert await store.outcomes(recall.id) == []
    assert await store.counts(recall.id) == {ItemState.DONE: 2, ItemState.SKIPPED: 1}
    assert await store.recall(recall.id) == recall
    assert (await verify_audit(store)).whole
    assert len(await store.events(recall.id)) == 4


async def test_what_can_be_retried_stays(store: SqliteStore) -> None:
    recall = await ended(store, ItemState.DONE, ItemState.FAILED, end=Kind.PARTIAL)

    assert await forgotten(store) == 0

    assert [each.state for each in await store.outcomes(recall.id)] == [ItemState.DONE, ItemState.FAILED]
    assert await store.reopen(recall.id, [ItemState.FAILED]) == 1


async def test_what_slack_was_told_goes_and_what_it_has_yet_to_be_told_stays(
    store: SqliteStore, clock: FixedClock
) -> None:
    await ended(store, ItemState.DONE)
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)
    await store.sent(notice.id, channel="C1", ts="1.1")
    clock.at = LONG_AFTER

    before = await store.pending(LONG_AFTER)
    await forgotten(store)

    assert await store.pending(LONG_AFTER) == before
    assert await store._database.read(
        lambda connection: connection.execute("SELECT count(*) FROM outbox WHERE state >= 2").fetchone()
    ) == (0,)
    assert await store.card_at("C1", "1.1") is not None


async def test_a_recall_that_still_runs_keeps_everything(store: SqliteStore) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.move(step(recall, Kind.CONFIRMED, at=T0))
    await store.plan(RecallId(recall.id), [ItemId("1")])

    assert await forgotten(store) == 0


async def test_what_was_renamed_moved_and_let_go_leaves_nothing_in_the_indexes(
    store: SqliteStore, path: Path
) -> None:
    later = T0 + timedelta(days=1)
    await store.remember([make_target(id="x", name="Spring sale weekly", sent_at=T0)])
    await store.remember([make_target(id="x", name="Summer sale weekly", sent_at=T0)])
    await store.remember(
        [
            make_target(id="x", name="Autumn sale", sent_at=later),
            make_target(id="x", name="Winter sale", sent_at=T0),
        ]
    )
    await forgotten(store)

    with closing(sqlite3.connect(path)) as reading:
        for table in ("target_words", "target_pairs"):
            reading.execute(f"CREATE VIRTUAL TABLE temp.left USING fts5vocab (main, {table}, row)")
            assert reading.execute("SELECT term FROM temp.left").fetchall() == []
            reading.execute("DROP TABLE temp.left")
