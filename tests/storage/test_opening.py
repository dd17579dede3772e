import sqlite3
from pathlib import Path

import apsw
import pytest
import sqlite_utils

from bot.errors import StorageError, StorageReadOnlyError
from bot.ports import ItemId, NoticeKind, Request
from bot.recall import Kind, step
from storage import open_reader, open_store
from storage.codec import dump
from storage.file import Connection
from storage.schema import MIGRATIONS
from storage.store import SqliteStore
from tests.builders import T0, FixedClock, claim, make_card, make_recall, make_target, proposal


async def test_what_was_written_is_there_after_a_restart(url: str) -> None:
    recall = make_recall()
    store = await open_store(url, clock=FixedClock())
    await store.propose(proposal(recall), make_card())
    await store.remember([make_target()])
    await store.close()

    store = await open_store(url, clock=FixedClock())
    assert await store.recall(recall.id) == recall
    assert await store.known(recall.target.ref) == recall.target
    await store.close()


async def test_after_closing_all_is_in_the_one_file(url: str, path: Path) -> None:
    store = await open_store(url, clock=FixedClock())
    await store.keep(Request(key="k", verb="x", at=T0))
    await store.recent(1)
    await store.close()

    assert sorted(each.name for each in path.parent.iterdir()) == ["recall.db", "recall.db.lock"]


async def test_every_commit_is_durable_and_only_one_connection_may_write(store: SqliteStore) -> None:
    def settings(connection: Connection) -> tuple[object, ...]:
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only", "wal_autocheckpoint")
        return tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names)

    assert await store._database.write(settings) == ("wal", 2, 1, 0, 1000)
    assert (await store._database.read(settings))[3] == 1
    with pytest.raises(StorageReadOnlyError):
        await store._database.read(lambda connection: connection.execute("DELETE FROM request").fetchall())


async def test_a_database_of_the_first_version_is_renewed_with_all_its_rows(url: str, path: Path) -> None:
    old = sqlite_utils.Database(path)
    MIGRATIONS.apply(old, stop_before="m0002_search")
    target = make_target(name="Older than search")
    old.table("target").insert(
        {"n": 5, "provider": "push", "id": "4711", "name": target.name, "body": dump(target)}
    )
    old.close()

    store = await open_store(url, clock=FixedClock())

    assert [match.target for match in await store.search("older sear", 5)] == [target]
    assert [match.target for match in await store.search("oldre than", 5)] == [target]
    await store.close()


async def test_a_renewal_that_fails_leaves_the_old_version_as_it_was(url: str, path: Path) -> None:
    old = sqlite_utils.Database(path)
    MIGRATIONS.apply(old, stop_before="m0002_search")
    old.execute("CREATE TABLE target_grams (in_the_way)")
    old.close()

    with pytest.raises(StorageError):
        await open_store(url, clock=FixedClock())

    left = sqlite3.connect(path)
    assert left.execute("SELECT name FROM _sqlite_migrations").fetchall() == [("m0001_memory",)]
    assert not left.execute("SELECT 1 FROM sqlite_master WHERE name = 'target_words'").fetchall()
    left.close()


async def test_a_reader_sees_what_a_running_recall_writes_and_writes_nothing(
    store: SqliteStore, url: str
) -> None:
    reader = await open_reader(url)
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.move(step(recall, Kind.CONFIRMED, at=T0), [NoticeKind.REPLY])

    assert [each.id for each in await reader.recalls()] == ["r1"]
    with pytest.raises(StorageReadOnlyError):
        await reader.keep(Request(key="k", verb="x", at=T0))
    with pytest.raises(StorageReadOnlyError):
        await reader.plan(recall.id, [ItemId("i")])
    await reader.close()


async def test_a_reader_works_without_a_running_recall(url: str) -> None:
    await (await open_store(url, clock=FixedClock())).close()

    reader = await open_reader(url)
    assert await reader.recalls() == []
    await reader.close()


async def test_a_reader_says_that_there_is_no_database_yet(url: str, path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        await open_reader(url)

    assert not path.exists()


async def test_a_reader_does_not_guess_at_an_older_version(url: str, path: Path) -> None:
    old = sqlite_utils.Database(path)
    MIGRATIONS.apply(old, stop_before="m0002_search")
    old.close()

    with pytest.raises(StorageError, match="older Recall"):
        await open_reader(url)


def apsw_connect(path: Path, *, read_only: bool) -> Connection:
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection: Connection = apsw.Connection(str(path), flags=flags)
    return connection


async def test_everything_works_through_the_other_driver_too(url: str) -> None:
    store = await open_store(url, clock=FixedClock(), connect=apsw_connect)
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    await store.remember([make_target()])
    move = step(recall, Kind.CONFIRMED, at=T0)

    assert await store.move(move, [NoticeKind.REPLY])
    assert not await store.move(move, [NoticeKind.REPLY])
    await store.plan(recall.id, [ItemId("i")])
    assert await claim(store, recall.id, "me", T0, 60) is not None
    assert len(await store.search("sprnig", 5)) == 1
    assert [notice.kind for notice in await store.pending(T0)] == [NoticeKind.CARD]
    await store.close()
