import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.ports import NoticeKind, OpenRecallError, Request, Store
from bot.recall import Kind, Recall, RecallId, State, Step, step
from bot.target import Reason
from tests.builders import ANN, BOB, T0, make_card, make_recall, make_target, proposal

MINUTE = timedelta(minutes=1)


async def proposed(store: Store, **changes: Any) -> Recall:
    recall = make_recall(**changes)
    await store.propose(proposal(recall), make_card(recall=recall.id, id=f"card-{recall.id}"))
    return recall


def confirm(recall: Recall, at: object = T0) -> Step:
    return step(recall, Kind.CONFIRMED, at=T0, by=BOB, confirmed_by=BOB, confirmed_at=at)


async def moved(store: Store, recall: Recall, *kinds: Kind) -> Recall:
    for kind in kinds:
        move = confirm(recall) if kind is Kind.CONFIRMED else step(recall, kind, at=T0, by=BOB)
        assert await store.move(move)
        recall = move.after
    return recall


async def test_a_proposed_recall_is_found_again_with_its_card_and_its_record(store: Store) -> None:
    recall = await proposed(store)

    assert await store.recall(recall.id) == recall
    assert await store.open_recall(recall.target.ref) == recall
    assert [card.id for card in await store.cards(recall.id)] == ["card-r1"]
    assert [(event.kind, event.by) for event in await store.events(recall.id)] == [(Kind.PROPOSED, ANN)]


async def test_a_move_writes_state_and_event_together(store: Store) -> None:
    recall = await proposed(store)
    move = confirm(recall)

    assert await store.move(move)

    assert await store.recall(recall.id) == move.after
    assert (await store.events(recall.id))[-1] == move.event


async def test_of_fifty_people_pressing_yes_at_once_exactly_one_wins(store: Store) -> None:
    recall = await proposed(store)

    won = await asyncio.gather(*(store.move(confirm(recall), [NoticeKind.REPLY]) for _ in range(50)))

    assert sorted(won) == [False] * 49 + [True]
    assert len(await store.events(recall.id)) == 2


async def test_of_fifty_proposals_of_one_target_exactly_one_stands(store: Store) -> None:
    recalls = [make_recall(id=f"r{n}") for n in range(50)]
    ended = await asyncio.gather(
        *(store.propose(proposal(each), make_card(recall=each.id, id=f"c{each.id}")) for each in recalls),
        return_exceptions=True,
    )

    standing = await store.open_recall(make_target().ref)
    refused = [each for each in ended if isinstance(each, OpenRecallError)]
    assert standing is not None
    assert len(refused) == 49
    assert {each.recall for each in refused} == {standing.id}


async def test_a_refused_proposal_leaves_no_card_behind(store: Store) -> None:
    await proposed(store)

    with pytest.raises(OpenRecallError):
        await proposed(store, id="r2")

    assert await store.cards(RecallId("r2")) == []
    assert await store.events(RecallId("r2")) == []


@pytest.mark.parametrize("ending", [Kind.DECLINED, Kind.EXPIRED, Kind.REFUSED])
async def test_after_a_card_is_closed_the_target_can_be_proposed_again(store: Store, ending: Kind) -> None:
    await moved(store, await proposed(store), ending)

    again = await proposed(store, id="r2")

    assert await store.open_recall(again.target.ref) == again


async def test_a_retry_does_not_open_a_second_recall_beside_another(store: Store) -> None:
    failed = await moved(store, await proposed(store), Kind.CONFIRMED, Kind.GAVE_UP)
    await proposed(store, id="r2")

    with pytest.raises(OpenRecallError) as taken:
        await store.move(step(failed, Kind.RETRIED, at=T0, by=BOB))

    assert taken.value.recall == "r2"
    assert await store.recall(failed.id) == failed


async def test_targets_of_other_providers_do_not_stand_in_the_way(store: Store) -> None:
    await proposed(store)
    await proposed(store, id="r2", target=make_target(provider="mail"))

    opened = await store.open_recall(make_target(provider="mail").ref)
    assert opened is not None
    assert opened.id == "r2"


async def test_a_move_answers_the_request_that_asked_for_it_only_if_it_won(store: Store) -> None:
    recall = await proposed(store)
    for key in ("first", "second"):
        await store.keep(Request(key=key, verb="confirm", at=T0))

    assert await store.move(confirm(recall), answers="first")
    assert not await store.move(confirm(recall), answers="second")

    assert [request.key for request in await store.unanswered()] == ["second"]


async def test_the_last_recall_is_one_that_somebody_confirmed(store: Store) -> None:
    ref = make_target().ref
    await moved(store, await proposed(store), Kind.DECLINED)
    assert await store.last_recall(ref) is None

    done = await moved(store, await proposed(store, id="r2"), Kind.CONFIRMED, Kind.STARTED, Kind.DONE)
    await proposed(store, id="r3")

    assert await store.last_recall(ref) == done


async def test_the_history_lists_what_was_confirmed_newest_first_and_pages_by_that_time(store: Store) -> None:
    for n in range(4):
        recall = await proposed(store, id=f"r{n}", target=make_target(id=str(n)))
        await store.move(confirm(recall, at=T0 + n * MINUTE))
    await proposed(store, id="only-shown", target=make_target(id="shown"))

    assert [each.id for each in await store.recalls()] == ["r3", "r2", "r1", "r0"]
    assert [each.id for each in await store.recalls(limit=2, before=T0 + 3 * MINUTE)] == ["r2", "r1"]


async def test_what_runs_or_waits_is_listed_apart(store: Store) -> None:
    await moved(store, await proposed(store, target=make_target(id="1")), Kind.CONFIRMED)
    await moved(store, await proposed(store, id="r2", target=make_target(id="2")), Kind.APPROVAL_ASKED)
    await moved(
        store, await proposed(store, id="r3", target=make_target(id="3")), Kind.CONFIRMED, Kind.CANCELLED
    )
    await proposed(store, id="r4", target=make_target(id="4"))

    assert {each.id for each in await store.recalls(open_only=True)} == {"r1", "r2"}


async def test_cards_and_schedules_whose_time_has_come_are_overdue(store: Store) -> None:
    soon = T0 + 15 * MINUTE
    await proposed(store, id="card", target=make_target(id="1"), expires_at=soon)
    later = await proposed(store, id="plan", target=make_target(id="2"), expires_at=soon)
    await store.move(step(later, Kind.SCHEDULED, at=T0, not_before=soon + MINUTE))
    done = await proposed(store, id="done", target=make_target(id="3"), expires_at=soon)
    await store.move(confirm(done))

    assert await store.overdue(soon - MINUTE) == []
    assert [each.id for each in await store.overdue(soon)] == ["card"]
    assert [each.id for each in await store.overdue(soon + MINUTE)] == ["card", "plan"]


async def test_a_card_is_found_by_its_message_and_by_a_reply_below_it(store: Store) -> None:
    recall = await proposed(store)
    (card,) = await store.pending(T0)
    await store.sent(card.id, channel="D9", ts="1.5")
    await store.move(confirm(recall), [NoticeKind.REPLY])
    (reply,) = await store.pending(T0)
    await store.sent(reply.id, channel="D9", ts="2.5")

    for ts in ("1.5", "2.5"):
        found = await store.card_at("D9", ts)
        assert found is not None
        assert (found.id, found.place.channel, found.ts) == ("card-r1", "D9", "1.5")
    assert await store.card_at("D9", "3.5") is None


async def test_a_recall_is_shown_in_one_more_place_once(store: Store) -> None:
    recall = await proposed(store)
    second = make_card(recall=recall.id, id="second", channel="C2")

    await store.add_card(second)
    await store.add_card(second)

    assert [card.id for card in await store.cards(recall.id)] == ["card-r1", "second"]
    assert len(await store.pending(T0)) == 2


async def test_a_card_of_an_unknown_recall_is_refused(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.add_card(make_card(recall="nobody"))


async def test_a_note_keeps_the_state_and_goes_up_one_version(store: Store) -> None:
    recall = await proposed(store)
    move = step(recall, Kind.REASON, at=T0, by=ANN, reason=Reason.OTHER, reason_text="*oops* <!channel>")

    assert await store.move(move)

    assert await store.recall(recall.id) == replace(
        recall, version=2, reason=Reason.OTHER, reason_text="*oops* <!channel>"
    )
    assert (await store.recalls()) == []
    assert move.after.state is State.PROPOSED
