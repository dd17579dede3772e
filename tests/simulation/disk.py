"""The real database on a real file, whose commits take simulated time, and which a crash leaves as it was."""

from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import Any

from bot.errors import StorageError
from storage.file import Connection, connect, prepare
from storage.store import SqliteStore, open_store
from storage.writer import Result, Writer, _Job
from tests.simulation.virtual import VirtualClock, VirtualLoop

SLOWEST = 0.03
"""Seconds that a commit takes at most."""


class SteppedWriter(Writer):
    """The real writer without its thread: what is handed in while a commit is under way shares the next one."""

    def __init__(self, connection: Connection, loop: VirtualLoop, random: Random) -> None:
        self._connection = connection
        self._loop = loop
        self._random = random
        self._waiting: list[_Job] = []
        self._closed = False
        self.commits = 0

    def submit(self, work: Any, *, urgent: bool = False, single: bool = False) -> "Future[Result]":
        done: Future[Any] = Future()
        if self._closed:
            raise StorageError("Recall is stopping, so nothing was kept and nothing was done.")
        if not self._waiting:
            self._loop.call_later(self._random.uniform(0, SLOWEST), self._commit)
        self._waiting.append(_Job(work=work, done=done, urgent=urgent, single=single))
        return done

    def close(self) -> None:
        self._commit()
        self.die()

    def die(self) -> None:
        """The process is killed: what was not committed is lost, and nobody hears of it."""
        if not self._closed:
            self._closed = True
            self._waiting.clear()
            self._connection.close()

    def _commit(self) -> None:
        jobs, self._waiting = self._waiting, []
        if jobs and not self._closed:
            self.commits += 1
            jobs = [job for job in jobs if job.done.set_running_or_notify_cancel()]
            self._write([job for job in jobs if job.urgent])
            self._write([job for job in jobs if not job.urgent])


class Disk:
    """One database file, opened by one process after the other."""

    def __init__(self, path: Path, loop: VirtualLoop, clock: VirtualClock, random: Random) -> None:
        self.path = path
        self._loop = loop
        self._clock = clock
        self._random = random
        self._connection: Connection | None = None
        self.writable = True

    def opened(self) -> tuple[SqliteStore, SteppedWriter]:
        """Open it as a fresh process does."""
        store = self._loop.run_until_complete(open_store(f"sqlite:///{self.path}", clock=self._clock))
        database = store._database
        real = database._writer
        assert real is not None
        real.close()
        self._connection = connect(self.path, read_only=False)
        prepare(self._connection, read_only=False)
        self._connection.execute(
            "PRAGMA synchronous = OFF"
        )  # no power is cut here, and each sync costs real time
        writer = SteppedWriter(self._connection, self._loop, self._random)
        database._writer = writer
        return store, writer

    def closed(self, store: SqliteStore) -> None:
        """Let go of what a killed process held."""
        database = store._database
        for reader in database._open:
            reader.close()
        database._pool.shutdown(wait=False)
        assert database._lock is not None
        database._lock.free()
        self._connection = None

    def takes(self, *, writing: bool) -> None:
        """Have the file take what is written, or refuse it."""
        if self._connection is not None and self.writable is not writing:
            self._connection.execute(f"PRAGMA query_only = {int(not writing)}").fetchall()
        self.writable = writing
