"""Copies: kept once, due until they stand, and due again once their original is recalled."""

from datetime import timedelta

from bot.ports import Sighting
from bot.target import Target
from sandbox.clock import SandboxClock
from storage.store import SqliteStore, open_store
from tests.builders import make_target

CHANNEL = "C0SUPPORT"


def sighting(target: Target | None = None) -> Sighting:
    return Sighting(target=target or make_target(), channel=CHANNEL)


async def opened(tmp_path: object, clock: SandboxClock) -> SqliteStore:
    return await open_store(f"sqlite:///{tmp_path}/copies.db", clock=clock)


async def test_a_sighting_is_kept_once(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    assert await store.keep_copy(sighting(), clock.now())
    assert not await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    await store.close()
    assert due.target == make_target()
    assert (due.ts, due.recall, due.ambiguous) == (None, None, False)


async def test_what_stands_is_found_by_its_message_and_is_due_no_more(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    await store.copy_sending(due.id)
    await store.copy_stands(due.id, "17.5", says="")
    assert await store.copies_due(clock.now()) == []
    assert await store.copy_at(CHANNEL, "17.5") == make_target().ref
    assert await store.copy_at(CHANNEL, "17.6") is None
    await store.close()


async def test_a_copy_whose_original_was_deleted_is_due_again_after_a_while(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    await store.copy_stands(due.id, "17.5", says="")
    at = clock.now()
    later = at + timedelta(seconds=15)
    await store.copy_gone(make_target().ref, at, not_before=later)
    assert await store.copies_due(clock.now()) == []
    (gone,) = await store.copies_due(later)
    assert gone.gone == at
    await store.copy_stands(due.id, "17.5", says=gone.says)
    assert await store.copies_due(later) == []
    await store.close()


async def test_a_deletion_that_is_told_while_its_copy_is_posted_is_not_lost(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    await store.copy_sending(due.id)
    await store.copy_gone(make_target().ref, clock.now(), not_before=clock.now())
    await store.copy_stands(due.id, "17.5", says=due.says)
    (again,) = await store.copies_due(clock.now())
    await store.close()
    assert again.gone is not None


async def test_a_try_that_a_crash_cut_off_is_ambiguous(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    await store.copy_sending(due.id)
    assert await store.copies_due(clock.now()) == []
    await store.close()

    store = await opened(tmp_path, clock)
    assert await store.copies_due(clock.now()) == []  # it may be on its way into Slack still
    clock.advance(2)
    (again,) = await store.copies_due(clock.now())
    await store.close()
    assert again.ambiguous
    assert again.tries == 1


async def test_what_shall_wait_waits_and_what_was_given_up_is_left_alone(tmp_path: object) -> None:
    clock = SandboxClock()
    store = await opened(tmp_path, clock)
    await store.keep_copy(sighting(), clock.now())
    (due,) = await store.copies_due(clock.now())
    later = clock.now() + timedelta(minutes=1)
    await store.copy_later(due.id, later, ambiguous=True)
    assert await store.copies_due(clock.now()) == []
    (waiting,) = await store.copies_due(later)
    assert waiting.ambiguous
    await store.drop_copy(due.id, "channel_not_found")
    assert await store.copies_due(later) == []
    await store.close()
