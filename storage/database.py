"""The writer thread and the readers beside it, as one thing that asyncio can wait for."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import StorageError, StorageReadOnlyError
from storage.file import Connect, Connection, FileLock, prepare
from storage.trouble import translate
from storage.writer import Writer

Result = TypeVar("Result")

_READERS = 4
_LEAST_URGENT = 19
_AGAIN = 0.05


class Database:
    """Runs jobs on the file without ever blocking the event loop."""

    def __init__(
        self, path: Path, connect: Connect, *, writer: Writer | None = None, lock: FileLock | None = None
    ) -> None:
        """Stand on an opened file; without a writer it is read-only."""
        self._path = path
        self._connect = connect
        self._writer = writer
        self._lock = lock
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="recall-reader")
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="recall-aside", initializer=_let_others_first)
        self._long: Future[Any] | None = None
        self._mine = threading.local()
        self._open: list[Connection] = []
        self.refused = False  # a write failed, and none was tried since to see whether that is over

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Run a job in the writer's next transaction; returns when it is durable. Raises StorageError.

        A caller that is cancelled before the job's turn writes nothing; after that the job is finished.
        """
        return await asyncio.wrap_future(self.submit(work))

    def submit(
        self, work: Callable[[Connection], Result], *, urgent: bool = False, single: bool = False
    ) -> "Future[Result]":
        """Hand a job to the writer; its future is set in the writer's thread. Raises StorageError.

        `urgent`: somebody waits for an acknowledgement, so it goes before what an engine hands in. `single`: it runs one
        statement at most.
        """
        if self._writer is None:
            raise StorageReadOnlyError
        done = self._writer.submit(work, urgent=urgent, single=single)
        done.add_done_callback(self._look_at)
        return done

    def _look_at(self, done: "Future[Any]") -> None:
        if not done.cancelled() and isinstance(done.exception(), StorageError):
            self.refused = True

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """Run a job on a read-only connection, in one snapshot. Raises StorageError."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, work)

    async def aside(self, work: Callable[[Connection], Result]) -> Result:
        """Read for long behind everything else: on a thread of its own, which the system serves last.

        `close` cuts it short. Raises StorageError.
        """
        job = self._aside.submit(self._read, work)
        self._long = job
        return await asyncio.wrap_future(job)

    async def close(self) -> None:
        """Finish what is being written and let go of the file. The writer goes last, so that it checkpoints."""
        await asyncio.to_thread(self._close)

    def _read(self, work: Callable[[Connection], Result]) -> Result:
        try:
            connection = self._reader()
            connection.execute("BEGIN").fetchall()
            try:
                return work(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK").fetchall()
        except Exception as error:
            translated = translate(error)
            if translated is error:
                raise
            raise translated from error

    def _reader(self) -> Connection:
        connection: Connection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._connect(self._path, read_only=True)
            self._open.append(connection)
            prepare(connection, read_only=True)
            self._mine.connection = connection
        return connection

    def _close(self) -> None:
        self._pool.shutdown(wait=True)
        self._cut_short()
        for connection in self._open:
            with suppress(Exception):
                connection.close()
        self._open.clear()
        if self._writer is not None:
            self._writer.close()
        if self._lock is not None:
            self._lock.free()

    def _cut_short(self) -> None:
        """End what reads aside. Told again until it heard: between two statements nobody listens."""
        self._aside.shutdown(wait=False, cancel_futures=True)
        while self._long is not None and not self._long.done():
            for connection in list(self._open):
                connection.interrupt()
            wait([self._long], timeout=_AGAIN)
        self._aside.shutdown(wait=True)


def _let_others_first() -> None:
    """Take the least of the processor. Linux counts it for each thread; elsewhere it would slow the whole process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_URGENT)
