import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from bot.errors import StorageError
from storage.file import Connection, connect, prepare
from storage.writer import Writer


@pytest.fixture
def writing(tmp_path: Path) -> sqlite3.Connection:
    connection = connect(tmp_path / "w.db", read_only=False)
    prepare(connection, read_only=False)
    connection.execute("CREATE TABLE t (x UNIQUE)")
    return connection


def rows(tmp_path: Path) -> list[int]:
    connection = sqlite3.connect(tmp_path / "w.db")
    found = [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]
    connection.close()
    return found


def add(x: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.execute("INSERT INTO t VALUES (?)", (x,)).fetchall()
        return x

    return work


class Held:
    """A job that keeps the writer busy until it is let go, so that others pile up behind it."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self, _: Connection) -> None:
        self.begun.set()
        assert self.go.wait(10)


def test_what_somebody_waits_for_is_durable_before_what_was_handed_in_with_it(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    writer, held, slow = Writer(writing), Held(), Held()
    first = writer.submit(held)
    assert held.begun.wait(10)
    large = writer.submit(slow)
    small = writer.submit(add(1), urgent=True)
    held.go.set()

    assert small.result(10) == 1
    assert rows(tmp_path) == [1]
    assert not large.done()

    slow.go.set()
    assert large.result(10) is first.result(10) is None
    writer.close()


def test_jobs_that_arrive_during_a_commit_share_the_next_one(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    commits: list[str] = []
    writing.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    writer, held = Writer(writing), Held()
    first = writer.submit(held)
    assert held.begun.wait(10)

    others = [writer.submit(add(x)) for x in range(100)]
    held.go.set()
    first.result(10)

    assert [each.result(10) for each in others] == list(range(100))
    assert len(commits) == 2
    writer.close()
    assert rows(tmp_path) == list(range(100))


def test_nothing_is_reported_before_it_is_committed(writing: sqlite3.Connection) -> None:
    held = Held()
    waiting: list[Future[None] | Future[int]] = []
    told: list[bool] = []
    writing.set_trace_callback(
        lambda sql: told.append(any(each.done() for each in waiting)) if sql == "COMMIT" else None
    )
    writer = Writer(writing)
    waiting.append(writer.submit(held))
    assert held.begun.wait(10)

    held.go.set()
    waiting[0].result(10)
    writer.close()

    assert told == [False]


def test_one_jobs_failure_does_not_undo_another(writing: sqlite3.Connection, tmp_path: Path) -> None:
    writer, held = Writer(writing), Held()
    writer.submit(held)

    def half_way(connection: Connection) -> None:
        connection.execute("INSERT INTO t VALUES (77)").fetchall()
        raise KeyError("odd")

    jobs = [writer.submit(job) for job in (add(1), add(1), half_way, add(2))]
    held.go.set()

    assert jobs[0].result(10) == 1
    assert isinstance(jobs[1].exception(10), StorageError)
    assert isinstance(jobs[2].exception(10), KeyError)
    assert jobs[3].result(10) == 2
    writer.close()
    assert rows(tmp_path) == [1, 2]


def test_a_job_that_ends_the_whole_transaction_takes_no_other_with_it(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    writer, held = Writer(writing), Held()
    writer.submit(held)

    def ruin(connection: Connection) -> None:
        connection.execute("INSERT OR ROLLBACK INTO t VALUES (1)").fetchall()

    jobs = [writer.submit(job) for job in (add(1), ruin, add(2))]
    held.go.set()

    assert jobs[0].result(10) == 1
    assert isinstance(jobs[1].exception(10), StorageError)
    assert jobs[2].result(10) == 2
    writer.close()
    assert rows(tmp_path) == [1, 2]


def test_one_statement_that_somebody_waits_for_is_its_own_transaction(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    statements: list[str] = []
    writing.set_trace_callback(statements.append)
    writer = Writer(writing)

    assert writer.submit(add(1), urgent=True, single=True).result(10) == 1
    assert rows(tmp_path) == [1]
    assert isinstance(writer.submit(add(1), urgent=True, single=True).exception(10), StorageError)
    assert [each.split()[0] for each in statements] == ["INSERT", "INSERT"]

    assert writer.submit(add(2)).result(10) == 2
    writer.close()
    assert rows(tmp_path) == [1, 2]


async def test_a_caller_that_gave_up_before_its_turn_writes_nothing(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    writer, held = Writer(writing), Held()
    writer.submit(held)
    assert await asyncio.to_thread(held.begun.wait, 10)
    given_up = asyncio.wrap_future(writer.submit(add(1)))
    given_up.cancel()
    await asyncio.sleep(0)
    held.go.set()
    assert await asyncio.wrap_future(writer.submit(add(2))) == 2

    writer.close()
    assert rows(tmp_path) == [2]


def test_closing_finishes_what_was_handed_in_and_refuses_more(
    writing: sqlite3.Connection, tmp_path: Path
) -> None:
    writer = Writer(writing)
    jobs = [writer.submit(add(x)) for x in range(20)]

    writer.close()
    writer.close()

    assert all(job.done() for job in jobs)
    assert rows(tmp_path) == list(range(20))
    with pytest.raises(StorageError, match="stopping"):
        writer.submit(add(99))
