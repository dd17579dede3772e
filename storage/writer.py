"""The one thread that writes. Jobs that arrive while a commit runs share the next one (group commit)."""

import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from bot.errors import StorageError
from storage.file import Connection
from storage.trouble import translate

Result = TypeVar("Result")

_MOST_AT_ONCE = 1000

_TURN_SECONDS = 0.0001
"""How long one thread of Python's may keep the others waiting. The thread that writes lets go of the interpreter at every
statement; with Python's own 5 ms it waits that long for each of them while a fan-out keeps the loop busy, and so does
every acknowledgement that waits for its row. The fan-out is not slower for it: there are as many switches, only sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One piece of writing: all of it is kept, or none. May be run again, so it must not act elsewhere."""

    work: Callable[[Connection], Any]
    done: "Future[Any]"
    urgent: bool  # somebody waits for it
    single: bool  # one statement, which SQLite makes a transaction of by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a job ended, told to its caller only after the commit."""

    value: Any = None
    error: BaseException | None = None


def share_the_interpreter() -> None:
    """Have threads take turns quickly: to be called once by a program that has a store and a busy loop."""
    sys.setswitchinterval(_TURN_SECONDS)


class Writer:
    """Owns the only connection that writes and checkpoints."""

    _first: Callable[[Connection], None] | None = None

    def __init__(self, connection: Connection, *, first: Callable[[Connection], None] | None = None) -> None:
        """Take over a connection; from now on only this thread uses it.

        `first`: a transaction that could not be written at the start, and has to be before any job.
        """
        self._connection = connection
        self._first = first
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="recall-writer", daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[Connection], Result], *, urgent: bool = False, single: bool = False
    ) -> "Future[Result]":
        """Hand in a job; its result arrives when it is durable. Errors are the bot's own (StorageError …).

        An urgent one goes before those that arrived with it, in a transaction of its own. A `single` one runs one
        statement at most and needs no BEGIN and COMMIT: beside a busy loop, each statement is a wait for the interpreter.
        """
        done: Future[Result] = Future()
        with self._gate:
            if self._closed:
                raise StorageError("Recall is stopping, so nothing was kept and nothing was done.")
            self._jobs.put(_Job(work=work, done=done, urgent=urgent, single=single))
        return done

    def close(self) -> None:
        """Finish what was handed in, checkpoint and let go of the file. Blocks until that is done."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch = [self._jobs.get()]
            with suppress(Empty):
                while len(batch) < _MOST_AT_ONCE:
                    batch.append(self._jobs.get_nowait())
            going = None not in batch
            jobs = [job for job in batch if job and job.done.set_running_or_notify_cancel()]
            self._write([job for job in jobs if job.urgent])
            self._write([job for job in jobs if not job.urgent])
        with suppress(Exception):  # else the write-ahead log stays, and is read at the next start
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._connection.close()

    def _write(self, jobs: list[_Job], *, apart: bool = False) -> None:
        """Write jobs in one transaction; where one fails, so that it undoes only itself (`apart`); else each in its own."""
        if not jobs:
            return
        self._undo()
        single = len(jobs) == 1 and jobs[0].single
        if not self._ready(jobs, begin=not single):
            return
        if single:
            _tell(jobs[0], self._alone(jobs[0]))
            return
        try:
            run = self._apart if apart else self._together
            endings = [run(job) for job in jobs]
            self._connection.execute("COMMIT").fetchall()
        except Exception as error:  # noqa: BLE001 - handed to the callers
            self._undo()
            if len(jobs) == 1:
                jobs[0].done.set_exception(translate(error))
            elif not apart:
                self._write(jobs, apart=True)
            else:
                for job in jobs:
                    self._write([job])
            return
        for job, ended in zip(jobs, endings, strict=True):
            _tell(job, ended)

    def _ready(self, jobs: list[_Job], *, begin: bool) -> bool:
        """Write what has to be there before any job, and begin a transaction; where that can't be, no job can."""
        try:
            if self._first is not None:
                self._first(self._connection)
                self._first = None
            if begin:
                self._connection.execute("BEGIN IMMEDIATE").fetchall()
        except Exception as error:  # noqa: BLE001 - handed to the callers
            self._undo()
            for job in jobs:
                job.done.set_exception(translate(error))
            return False
        return True

    def _alone(self, job: _Job) -> _Ended:
        """Run one statement without a transaction of ours."""
        try:
            return _Ended(value=job.work(self._connection))
        except Exception as error:  # noqa: BLE001 - handed to the caller
            return _Ended(error=translate(error))

    def _together(self, job: _Job) -> _Ended:
        """Run one job as it is; its failure undoes all."""
        return _Ended(value=job.work(self._connection))

    def _apart(self, job: _Job) -> _Ended:
        """Run one job so that its failure undoes only itself."""
        self._connection.execute("SAVEPOINT job").fetchall()
        try:
            value = job.work(self._connection)
        except Exception as error:
            if not self._connection.in_transaction:  # SQLite undid the whole transaction by itself
                raise
            self._connection.execute("ROLLBACK TO job").fetchall()
            self._connection.execute("RELEASE job").fetchall()
            return _Ended(error=translate(error))
        self._connection.execute("RELEASE job").fetchall()
        return _Ended(value=value)

    def _undo(self) -> None:
        """Roll back; a disk that refuses even that is met again at the next BEGIN, and told there."""
        with suppress(Exception):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK").fetchall()


def _tell(job: _Job, ended: _Ended) -> None:
    if ended.error is None:
        job.done.set_result(ended.value)
    else:
        job.done.set_exception(ended.error)
