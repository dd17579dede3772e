"""Kill points: each commit and each outgoing call that the bot comes to, numbered among its like.

"after commit 17" and "answered POST /api/chat.postMessage 2" mean the same moment in every run, whatever else happens
to come between. A point is noted in a file before anything else; at the one that was asked for, the process kills
itself with SIGKILL, so there is nothing that could still tidy up.
"""

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from storage.file import Connection, Cursor
from tests.crash.strings import Strings
from tests.fetched import Fetched

WRITES: Final = re.compile(r"(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) (\w+)")

WHY: Final = " of "


class Points:
    """Counts what the bot comes to."""

    def __init__(self, notes: Path, strings: Strings, kill_at: str, end: Callable[[], None]) -> None:
        """Begin at zero.

        Args:
            notes: a file that gets one line for each point.
            strings: whether points count yet.
            kill_at: the point at which to end; empty: never.
            end: ends this process.
        """
        self._notes = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._strings = strings
        self._kill_at = kill_at
        self._end = end
        self._counts: Counter[str] = Counter()
        self._gate = threading.Lock()

    def come_to(self, what: str, why: str = "") -> int:
        """Count a point and, if it is the one, end here; returns its number. `why`: told beside it."""
        if not self._strings.armed:
            return 0
        with self._gate:
            self._counts[what] += 1
            name = f"{what} {self._counts[what]}"
            os.write(self._notes, f"{name}{WHY}{why}\n".encode())
            if name == self._kill_at:
                self._end()
            return self._counts[what]


def kill() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class CountedConnection:
    """The writer's connection, whose every commit is two points: before it is durable, and after."""

    real: Connection
    points: Points

    def __post_init__(self) -> None:
        self._written: list[str] = []

    @property
    def in_transaction(self) -> bool:
        return self.real.in_transaction

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        if sql == "COMMIT":
            return self._commit(sql, parameters, self._written)
        if not self.real.in_transaction and (found := WRITES.match(sql)):  # its own transaction
            return self._commit(sql, parameters, [found[1]])
        self._note(sql)
        return self.real.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Cursor:
        self._note(sql)
        return self.real.executemany(sql, parameters)

    def interrupt(self) -> None:
        self.real.interrupt()

    def close(self) -> None:
        self.real.close()

    def _note(self, sql: str) -> None:
        if sql.startswith("BEGIN"):
            self._written.clear()
        elif (found := WRITES.match(sql)) and found[1] not in self._written:
            self._written.append(found[1])

    def _commit(self, sql: str, parameters: Sequence[Any], written: Sequence[str]) -> Cursor:
        why = ", ".join(written)
        self.points.come_to("before commit", why)
        rows = self.real.execute(sql, parameters).fetchall()
        self.points.come_to("after commit", why)
        return Fetched(rows)
