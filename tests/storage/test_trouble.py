import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from bot.errors import (
    StorageDamagedError,
    StorageError,
    StorageFullError,
    StorageLockedError,
    StorageNewerError,
    StorageReadOnlyError,
)
from bot.ports import Request
from storage import open_reader, open_store
from storage.file import Connection, connect
from storage.schema import MIGRATIONS
from storage.store import SqliteStore
from storage.trouble import translate
from tests.builders import T0, FixedClock, make_target


def request(key: str, size: int = 0) -> Request:
    return Request(key=key, verb="confirm", body={"x": "x" * size}, at=T0)


class Shared:
    """Opens the file and keeps hold of the writing connection, so that a test can make trouble for it."""

    def __init__(self) -> None:
        self.writing: sqlite3.Connection | None = None

    def __call__(self, path: Path, *, read_only: bool) -> Connection:
        connection = connect(path, read_only=read_only)
        if not read_only:
            self.writing = connection
        return connection

    def pragma(self, text: str) -> None:
        assert self.writing is not None
        self.writing.execute(f"PRAGMA {text}").fetchall()


@pytest.fixture
def shared() -> Shared:
    return Shared()


@pytest.fixture
async def troubled(url: str, shared: Shared) -> AsyncIterator[SqliteStore]:
    store = await open_store(url, clock=FixedClock(), connect=shared)
    yield store
    await store.close()


async def test_a_full_disk_keeps_nothing_and_afterwards_all_is_well(
    troubled: SqliteStore, shared: Shared
) -> None:
    await troubled.keep(request("before"))
    shared.pragma("max_page_count = 1")

    for n in range(3):
        with pytest.raises(StorageFullError):
            await troubled.keep(request(f"full{n}", 1_000_000))
    with pytest.raises(StorageFullError):
        await troubled.remember(make_target(id=str(n), text="x" * 10_000) for n in range(100))
    shared.pragma("max_page_count = 1073741823")
    await troubled.keep(request("after"))

    assert [each.key for each in await troubled.unanswered()] == ["before", "after"]
    assert await troubled.recent(10) == []


async def test_a_database_that_turns_read_only_keeps_nothing_until_it_is_writable_again(
    troubled: SqliteStore, shared: Shared
) -> None:
    shared.pragma("query_only = 1")
    with pytest.raises(StorageReadOnlyError):
        await troubled.keep(request("lost"))
    shared.pragma("query_only = 0")

    assert await troubled.keep(request("kept"))
    assert [each.key for each in await troubled.unanswered()] == ["kept"]


async def test_a_database_that_somebody_else_locks_keeps_nothing_until_it_is_free(
    troubled: SqliteStore, shared: Shared, path: Path
) -> None:
    shared.pragma("busy_timeout = 20")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageLockedError):
        await troubled.keep(request("lost"))
    assert await troubled.unanswered() == []
    other.execute("ROLLBACK")
    other.close()

    assert await troubled.keep(request("kept"))


LIMITED = """
import asyncio, resource, sys
from bot.errors import StorageError
from bot.ports import Request
from storage import open_store
from tests.builders import FixedClock, T0

async def main():
    store = await open_store(sys.argv[1], clock=FixedClock())
    await store.keep(Request(key="before", verb="x", at=T0))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        await store.keep(Request(key="lost", verb="x", body={"x": "x" * 2_000_000}, at=T0))
    except StorageError as error:
        print(error.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await store.keep(Request(key="after", verb="x", at=T0))
    print(*[each.key for each in await store.unanswered()])
    await store.close()

asyncio.run(main())
"""


async def test_a_write_that_the_disk_itself_refuses_leaves_nothing_half_written(url: str, path: Path) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, url],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )

    assert done.stdout.splitlines() == ["storage", "before after"], done.stderr
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_second_process_is_refused(store: SqliteStore, url: str) -> None:
    with pytest.raises(StorageLockedError, match="Another Recall is running"):
        await open_store(url, clock=FixedClock())


async def test_a_second_process_is_refused_by_whichever_name_it_knows_the_file(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "another_name.db"
    other.symlink_to(path)

    with pytest.raises(StorageLockedError, match="Another Recall is running"):
        await open_store(f"sqlite:///{other}", clock=FixedClock())


async def test_after_a_refused_start_the_lock_is_free_again(url: str, path: Path) -> None:
    path.write_bytes(b"no database" * 500)
    with pytest.raises(StorageError):
        await open_store(url, clock=FixedClock())
    path.unlink()

    await (await open_store(url, clock=FixedClock())).close()


@pytest.mark.parametrize("content", [b"this is a text file\n" * 300, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(
    url: str, path: Path, content: bytes
) -> None:
    path.write_bytes(content)

    with pytest.raises(StorageError, match="restore a backup"):
        await open_store(url, clock=FixedClock())

    assert path.read_bytes() == content


async def test_a_damaged_database_is_refused(url: str, path: Path) -> None:
    store = await open_store(url, clock=FixedClock())
    await store.remember(make_target(id=str(n), text="x" * 500) for n in range(500))
    await store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xee" * 20_000)

    with pytest.raises(StorageError, match="damaged"):
        await open_store(url, clock=FixedClock())


async def test_another_programs_database_is_refused(url: str, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (x)")
    other.close()

    with pytest.raises(StorageError, match="another program"):
        await open_store(url, clock=FixedClock())


async def test_a_newer_versions_database_is_refused_and_left_untouched(url: str, path: Path) -> None:
    await (await open_store(url, clock=FixedClock())).close()
    newer = sqlite3.connect(path)
    newer.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm9999_future', '')",
        (MIGRATIONS.name,),
    )
    newer.commit()
    newer.close()
    before = path.read_bytes()

    for opening in (open_store(url, clock=FixedClock()), open_reader(url)):
        with pytest.raises(StorageNewerError):
            await opening
    assert path.read_bytes() == before


async def test_a_read_only_file_is_refused_at_the_start(url: str, path: Path) -> None:
    await (await open_store(url, clock=FixedClock())).close()

    def write_protected(path: Path, *, read_only: bool) -> Connection:
        del read_only
        return connect(path, read_only=True)

    with pytest.raises(StorageReadOnlyError):
        await open_store(url, clock=FixedClock(), connect=write_protected)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere does not exist"):
        await open_store(f"sqlite:///{tmp_path}/nowhere/recall.db", clock=FixedClock())


def test_the_errors_of_apsw_mean_the_same() -> None:
    for code, kind in (
        (5, StorageLockedError),
        (13, StorageFullError),
        (8, StorageReadOnlyError),
        (11, StorageDamagedError),
        (10, StorageError),
    ):
        assert type(translate(apsw.exception_for(code))) is kind


def test_other_errors_are_left_as_they_are() -> None:
    error = KeyError("x")

    assert translate(error) is error
