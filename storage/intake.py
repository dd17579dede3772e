"""Rows that people wait for before their request is acknowledged: all that are there go with one statement.

Beside a fan-out the event loop keeps the interpreter busy. The thread that writes gives it away at every statement and has to
wait for it each time, so what counts is how few statements there are: one, for however many requests, and no BEGIN
and COMMIT around it. The loop is woken once for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass, field

from storage.database import Database
from storage.file import Connection

Row = tuple[str, str, str, int]
"""A request's key, verb, body and time, as they stand in the table."""

Waiting = tuple[Row, asyncio.Future[bool]]

_MOST = 1000
"""Rows in one statement; SQLite takes eight times as many."""


class Intake:
    """Gathers requests until the writer's thread comes for them."""

    def __init__(self, database: Database) -> None:
        """Stand before a database."""
        self._database = database
        self._waiting: deque[Waiting] = deque()
        self._asked = False  # a job has been handed in that will come for them

    async def keep(self, row: Row) -> bool:
        """Write a row durably. False: its key was kept before. Raises StorageError.

        A caller that is cancelled before the row's turn writes nothing.
        """
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((row, kept))
        if not self._asked:
            self._asked = True
            try:
                self._come(loop)
            except BaseException:
                self._asked = False
                self._waiting.remove((row, kept))
                raise
        return await kept

    def _come(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = _Batch()

        def work(connection: Connection) -> Sequence[bool]:
            self._asked = (
                False  # first: what is handed in from here on has a job of its own, or goes with this one
            )
            self._take(batch)
            return batch.written(connection)

        def done(ended: futures.Future[Sequence[bool]]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(tell, ended)

        def tell(ended: futures.Future[Sequence[bool]]) -> None:
            if (
                ended.exception() is not None and not batch.waiting
            ):  # the writer did not get as far as the job
                self._asked = False
                self._take(batch)
            batch.tell(ended)
            if self._waiting and not self._asked:  # more than one statement takes
                self._asked = True
                self._come(loop)

        self._database.submit(work, urgent=True, single=True).add_done_callback(done)

    def _take(self, batch: "_Batch") -> None:
        """Move what waits into a batch, but for whoever has given up; the loop may add to it meanwhile."""
        with suppress(IndexError):
            while len(batch.waiting) < _MOST:
                row, kept = self._waiting.popleft()
                if not kept.cancelled():
                    batch.waiting.append((row, kept))


@dataclass(slots=True)
class _Batch:
    """What goes with one statement; kept, since the writer may run a job twice."""

    waiting: list[Waiting] = field(default_factory=list)

    def written(self, connection: Connection) -> Sequence[bool]:
        """Insert all rows; returns for each whether its key is new."""
        if not self.waiting:
            return ()
        rows = [row for row, _ in self.waiting]
        added = connection.execute(
            f"INSERT INTO request (key, verb, body, at) VALUES {', '.join(['(?, ?, ?, ?)'] * len(rows))}"  # noqa: S608
            " ON CONFLICT DO NOTHING RETURNING key",
            [value for row in rows for value in row],
        )
        new = {key for (key,) in added.fetchall()}
        fresh = []
        for key, *_ in rows:  # the first of two with one key is the new one
            fresh.append(key in new)
            new.discard(key)
        return fresh

    def tell(self, ended: "futures.Future[Sequence[bool]]") -> None:
        """Let everybody go on."""
        error = ended.exception()
        fresh = ended.result() if error is None else ()
        for n, (_, kept) in enumerate(self.waiting):
            if kept.done():  # the waiter gave up
                continue
            if error is not None:
                kept.set_exception(error)
            else:
                kept.set_result(fresh[n])
