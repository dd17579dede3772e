from datetime import timedelta

from bot.ports import CardId, NoticeKind, Store
from bot.recall import Kind, Place, Recall, step
from storage import open_store
from tests.builders import T0, FixedClock, make_card, make_recall, proposal

SECOND = timedelta(seconds=1)
REFRESH, REPLY, PROGRESS = NoticeKind.REFRESH, NoticeKind.REPLY, NoticeKind.PROGRESS


async def running(store: Store, *cards: str) -> Recall:
    """A running recall whose cards stand."""
    recall = make_recall()
    await store.propose(proposal(recall), make_card(id=cards[0]))
    for card in cards[1:]:
        await store.add_card(make_card(id=card, channel=f"C-{card}"))
    for notice in await store.pending(T0):
        await store.sent(notice.id, channel=notice.card.place.channel, ts=f"ts-{notice.card.id}")
    for kind in (Kind.CONFIRMED, Kind.STARTED):
        move = step(recall, kind, at=T0)
        assert await store.move(move)
        recall = move.after
    return recall


async def told(store: Store, recall: Recall, *kinds: NoticeKind) -> Recall:
    move = step(recall, Kind.ACCEPTED, at=T0, data={"evidence": "yes"})
    assert await store.move(move, kinds)
    return move.after


async def drained(store: Store) -> list[tuple[str, str]]:
    """Send everything; returns (card, kind) in the order it was listed."""
    log: list[tuple[str, str]] = []
    while notices := await store.pending(T0):
        for notice in notices:
            await store.sending(notice.id)
            await store.sent(notice.id, channel=notice.card.place.channel, ts=f"ts{notice.id}")
            log.append((notice.card.id, notice.kind.value))
    return log


async def test_nothing_but_the_card_is_listed_before_it_stands(store: Store) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.move(step(recall, Kind.CONFIRMED, at=T0), [REFRESH, REPLY])

    assert [notice.kind for notice in await store.pending(T0)] == [NoticeKind.CARD]

    assert await drained(store) == [("c1", "card"), ("c1", "refresh"), ("c1", "reply")]


async def test_every_card_of_a_recall_hears_of_a_move(store: Store) -> None:
    await told(store, await running(store, "c1", "c2"), REPLY)

    assert sorted(await drained(store)) == [("c1", "reply"), ("c2", "reply")]


async def test_a_reply_carries_its_event_and_a_key_that_never_changes(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), REPLY)

    (notice,) = await store.pending(T0)

    assert notice.event == (await store.events(recall.id))[-1]
    assert notice.key == "r1:c1:4:reply"


async def test_a_refresh_that_still_waits_is_not_written_twice(store: Store) -> None:
    recall = await running(store, "c1")
    for _ in range(3):
        recall = await told(store, recall, REFRESH, PROGRESS)

    assert await drained(store) == [("c1", "refresh"), ("c1", "progress")]


async def test_a_refresh_that_is_on_its_way_is_followed_by_another(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), REFRESH)
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)

    await told(store, recall, REFRESH)
    assert await store.pending(T0) == []
    await store.sent(notice.id, channel="C1", ts="ts-c1")

    assert await drained(store) == [("c1", "refresh")]


async def test_nothing_overtakes_a_reply_that_has_to_wait_and_other_cards_go_on(store: Store) -> None:
    recall = await told(store, await running(store, "c1", "c2"), REPLY)
    await told(store, recall, REPLY)
    first = next(notice for notice in await store.pending(T0) if notice.card.id == "c1")
    await store.sending(first.id)
    await store.later(first.id, T0 + SECOND, ambiguous=False)

    assert await drained(store) == [("c2", "reply"), ("c2", "reply")]

    (again,) = await store.pending(T0 + SECOND)
    assert (again.id, again.tries, again.ambiguous) == (first.id, 1, False)


async def test_an_unclear_try_is_ambiguous_until_it_stands(store: Store) -> None:
    await told(store, await running(store, "c1"), REPLY)
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)
    await store.later(notice.id, T0, ambiguous=True)

    (again,) = await store.pending(T0)
    assert again.ambiguous


async def test_what_was_on_its_way_when_the_process_ended_is_ambiguous(url: str, clock: FixedClock) -> None:
    store = await open_store(url, clock=clock)
    await told(store, await told(store, await running(store, "c1"), REPLY), REPLY)
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)
    await store.close()

    store = await open_store(url, clock=clock)
    assert await store.pending(T0 + SECOND) == []  # it may be on its way into Slack still
    (again,) = await store.pending(T0 + 2 * SECOND)
    assert (again.id, again.ambiguous, again.tries) == (notice.id, True, 1)
    await store.sent(again.id, channel="C1", ts="9.9")
    (following,) = await store.pending(T0 + 2 * SECOND)
    assert not following.ambiguous
    await store.close()


async def test_an_edit_that_waits_its_turn_holds_up_no_post_and_no_other_kind_of_edit(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), PROGRESS)
    assert await drained(store) == [("c1", "progress")]
    recall = await told(store, recall, PROGRESS)
    (count,) = await store.pending(T0)
    await store.later(count.id, T0 + SECOND, ambiguous=False)
    recall = await told(store, recall, REFRESH)
    refresh = (await store.pending(T0))[-1]
    await store.later(refresh.id, T0 + SECOND, ambiguous=False)

    await told(store, recall, REPLY)

    assert await drained(store) == [("c1", "reply")]
    assert [each.id for each in await store.pending(T0 + SECOND)] == [count.id, refresh.id]


async def test_a_count_that_does_not_stand_yet_is_a_post_like_any_other(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), REPLY)
    await told(store, recall, PROGRESS)
    (reply,) = await store.pending(T0)
    await store.later(reply.id, T0 + SECOND, ambiguous=False)

    assert await store.pending(T0) == []


async def test_a_reply_says_what_its_thread_is_to_hear_next(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), REPLY)
    assert await store.move(step(recall, Kind.DONE, at=T0), [REFRESH, REPLY])

    (first, _) = await store.pending(T0)

    assert first.behind == (Kind.DONE,)


async def test_a_thread_that_is_lost_goes_on_below_another_card_with_what_it_was_to_hear(
    store: Store,
) -> None:
    recall = await told(store, await running(store, "c1"), REFRESH, PROGRESS, REPLY)
    assert await store.move(step(recall, Kind.DONE, at=T0), [REPLY])
    fresh = make_card(id="c1+", channel="C-HOME")

    await store.rehome(CardId("c1"), fresh, "is_archived")
    await store.rehome(CardId("c1"), fresh, "is_archived")

    assert [each.id for each in await store.cards(recall.id)] == ["c1+"]
    assert [each.kind for each in await store.pending(T0)] == [NoticeKind.CARD]
    assert await drained(store) == [("c1+", "card"), ("c1+", "reply"), ("c1+", "reply")]


async def test_a_lost_thread_of_a_recall_that_is_shown_elsewhere_is_told_nothing_more(store: Store) -> None:
    recall = await told(store, await running(store, "c1", "c2"), REPLY)

    await store.rehome(CardId("c1"), None, "channel_not_found")

    assert [each.id for each in await store.cards(recall.id)] == ["c2"]
    assert await drained(store) == [("c2", "reply")]


async def test_what_was_given_up_is_never_listed_again(store: Store) -> None:
    await told(store, await running(store, "c1"), REPLY)
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)
    await store.rehome(CardId("c1"), None, "channel_not_found")

    await store.later(notice.id, T0, ambiguous=True)

    assert await store.pending(T0) == []


async def test_progress_names_the_reply_that_is_to_be_edited(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), PROGRESS)
    (first,) = await store.pending(T0)
    assert first.ts is None
    await store.sent(first.id, channel="C1", ts="5.5")

    await told(store, recall, PROGRESS)

    (second,) = await store.pending(T0)
    assert second.ts == "5.5"
    assert second.key != first.key


async def test_a_card_that_can_not_stand_where_it_was_meant_to_is_posted_elsewhere(store: Store) -> None:
    await store.propose(proposal(make_recall()), make_card(channel="PRIVATE"))
    (notice,) = await store.pending(T0)
    await store.sending(notice.id)

    await store.moved(notice.id, Place(channel="C-HOME", thread="7.7"))

    (again,) = await store.pending(T0)
    assert again.card.place == Place(channel="C-HOME", thread="7.7")
    assert again.key == notice.key


async def test_giving_up_a_card_gives_up_what_waits_for_it_and_silences_it(store: Store) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    move = step(recall, Kind.CONFIRMED, at=T0)
    await store.move(move, [REPLY])
    (notice,) = await store.pending(T0)

    await store.drop(notice.id, "channel_not_found")
    await store.move(step(move.after, Kind.STARTED, at=T0), [REPLY])

    assert await store.pending(T0) == []
    assert await store.cards(recall.id) == []


async def test_giving_up_one_reply_lets_the_next_one_go(store: Store) -> None:
    recall = await told(store, await running(store, "c1"), REPLY)
    await told(store, recall, REPLY)
    (notice,) = await store.pending(T0)

    await store.drop(notice.id, "msg_too_long")

    (following,) = await store.pending(T0)
    assert following.id > notice.id


async def test_at_most_the_asked_number_is_listed(store: Store) -> None:
    await told(store, await running(store, "c1", "c2", "c3"), REPLY)

    assert len(await store.pending(T0, limit=2)) == 2
