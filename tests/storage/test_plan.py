"""The plan of a recall, and the transaction with which its requests begin."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.ports import TOLD, Beginning, Claim, Gate, ItemId, Move, NoticeKind, Store
from bot.recall import Kind, Place, Recall, State, step
from bot.target import ItemState
from tests.builders import T0, make_card, make_recall, proposal
from tests.rewritten import note_what_is_written, written

PENDING, INTENT = ItemState.PENDING, ItemState.INTENT
CLAIM = Claim(owner="me", at=T0, until=T0 + timedelta(seconds=60))


async def queued(store: Store) -> Recall:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    move = step(recall, Kind.CONFIRMED, at=T0)
    assert await store.move(move)
    return move.after


def mails(many: int, first: int = 0) -> list[ItemId]:
    return [ItemId(f"i{n}") for n in range(first, first + many)]


def starts(recall: Recall, **more: Any) -> Beginning:
    move = step(recall, Kind.STARTED, at=T0, started_at=T0)
    beginning: dict[str, Any] = {"claim": CLAIM, "items": mails(1), "account": "push"}
    return Beginning(start=Move(step=move, notices=TOLD), **(beginning | more))


async def planned(store: Store, recall: Recall) -> Sequence[ItemId]:
    kept = await store.holding(recall.id, list(ItemState))
    assert (await store.counts(recall.id)).get(PENDING, 0) == sum(len(chunk.items) for chunk in kept)
    return [item for chunk in kept for item in chunk.items]


async def test_a_plan_that_was_cut_short_goes_on_and_what_stands_is_not_written_again(
    store: Store, path: Path
) -> None:
    recall = await queued(store)
    await store.plan(recall.id, mails(2_000))
    note_what_is_written(path)

    await store.plan(recall.id, mails(2_000))
    await store.plan(recall.id, mails(1_500, 2_000), start=2_000, last=True)

    assert await planned(store, recall) == mails(3_500)
    assert written(path) == [2, 3]


async def test_from_the_first_chunk_that_differs_on_a_plan_is_written_anew(store: Store) -> None:
    recall = await queued(store)
    await store.plan(recall.id, mails(5_000))
    await store.plan(recall.id, mails(2_000, 5_000), start=5_000)
    fewer = [*mails(2_500), *mails(3_000, 2_501)]

    await store.plan(recall.id, fewer[:5_000])
    await store.plan(recall.id, fewer[5_000:], start=5_000, last=True)

    assert await planned(store, recall) == fewer


async def test_what_the_list_has_no_more_is_forgotten_at_its_end(store: Store) -> None:
    recall = await queued(store)
    await store.plan(recall.id, mails(3_000))

    await store.plan(recall.id, mails(2_000))
    await store.plan(recall.id, (), start=2_000, last=True)

    assert await planned(store, recall) == mails(2_000)


async def test_a_recall_begins_with_its_plan_its_start_and_its_intent_at_once(store: Store) -> None:
    recall = await queued(store)

    chunks = await store.begin(starts(recall))

    assert chunks is not None
    assert [chunk.items for chunk in chunks] == [("i0",)]
    assert await store.counts(recall.id) == {INTENT: 1}
    started = await store.recall(recall.id)
    assert started is not None
    assert started.state is State.RUNNING
    assert [event.kind for event in await store.events(recall.id)][-1] is Kind.STARTED


async def test_a_recall_that_has_moved_on_does_not_begin_and_nothing_is_written(store: Store) -> None:
    recall = await queued(store)
    await store.move(step(recall, Kind.CANCELLED, at=T0))
    beginning = starts(recall, card=make_card(id="sender", channel="U_SENDER"))

    assert await store.begin(beginning) is None

    assert not await store.counts(recall.id)
    assert [card.id for card in await store.cards(recall.id)] == ["c1"]


async def test_while_a_vendor_asks_to_wait_a_recall_begins_without_its_intent(store: Store) -> None:
    recall = await queued(store)
    gate = Gate(account="push", until=T0 + timedelta(seconds=30), why="Please wait.")
    await store.reckon(recall.id, (), lambda *_: (), gate=gate)

    assert await store.begin(starts(recall)) == ()

    assert await store.counts(recall.id) == {PENDING: 1}


async def test_what_was_planned_page_by_page_begins_with_a_chunk_of_it(store: Store) -> None:
    recall = await queued(store)
    await store.plan(recall.id, mails(2_500), last=True)

    chunks = await store.begin(starts(recall, items=None))

    assert chunks is not None
    assert [len(chunk.items) for chunk in chunks] == [1_000]
    assert await store.counts(recall.id) == {INTENT: 1_000, PENDING: 1_500}


@pytest.mark.parametrize("times", [1, 2])
async def test_the_sender_hears_of_the_start_once(store: Store, times: int) -> None:
    recall = await queued(store)
    card = make_card(id="sender", channel="U_SENDER")
    for _ in range(times - 1):
        await store.add_card(card)

    await store.begin(starts(recall, card=card))

    notices = [each for each in await store.pending(T0) if each.card.id == "sender"]
    assert [(each.kind, each.card.place) for each in notices] == [
        (NoticeKind.CARD, Place(channel="U_SENDER"))
    ]
