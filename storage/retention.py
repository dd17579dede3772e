"""What is old is let go, in pieces so small that none of them keeps the writer from a click.

A recall, its events and the chain over them stay for ever, and so do the counts of what became of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.recall import OPEN, State
from bot.target import ItemState
from storage.codec import instant
from storage.database import Database
from storage.entries import TOGETHER, Changes, Entry, tidy
from storage.file import Connection
from storage.index import STEP, first_row

TARGETS, NOTICES, CHUNKS = 100, 500, 5
"""Rows of a piece. Writing a hundred targets away took 4 ms, on a busy machine at most 58 (20,000 of them in the file).

A chunk has up to a thousand notes.
"""

_ENDED = ", ".join(f"'{state.value}'" for state in State if state not in OPEN)
_NOT_OVER = " OR ".join(
    f"instr(codes, x'{int(state):02x}')"
    for state in ItemState
    if state not in {ItemState.DONE, ItemState.SKIPPED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Old:
    """A piece of what may go, by row."""

    targets: Sequence[tuple[int]]
    notices: Sequence[tuple[int]]
    chunks: Sequence[tuple[str, int, int, int]]  # recall, number, its first item, the first one behind it

    def __len__(self) -> int:
        return len(self.targets) + len(self.notices) + len(self.chunks)


class SqliteRetention:
    """The forgetting side of `bot.ports.Upkept`, on SQLite."""

    _database: Database

    async def forget(self, before: datetime) -> int:
        """Let a piece go of what is older; returns how many rows went, 0 when nothing is left to go.

        Targets that were sent before, unless somebody ever asked to recall them; of recalls that ended before, what
        was told to Slack and the items that are done. Items that failed or are unknown stay: they can be retried.
        """
        old = await self._database.aside(lambda connection: _find(connection, before))
        if len(old):
            await self._database.write(lambda connection: _let_go(connection, old))
        if old.targets:
            await self._database.write(lambda connection: tidy(connection, TARGETS // TOGETHER))
        return len(old)


def _find(connection: Connection, before: datetime) -> _Old:
    at = instant(before)
    targets = connection.execute(
        "SELECT n FROM target WHERE n >= ? AND n < ? AND NOT EXISTS"
        " (SELECT 1 FROM recall WHERE recall.provider = target.provider AND recall.target = target.id)"
        " ORDER BY n LIMIT ?",
        (STEP, first_row(before), TARGETS),
    ).fetchall()
    notices = connection.execute(
        f"{_OLD} SELECT outbox.id FROM old CROSS JOIN card ON card.recall = old.id"  # noqa: S608 - a constant
        " CROSS JOIN outbox ON outbox.card = card.id WHERE outbox.state >= 2 LIMIT ?",
        (at, at, NOTICES),
    ).fetchall()
    chunks = connection.execute(
        f"{_OLD} SELECT recall, number, start, start + length(codes)"  # noqa: S608 - constants
        f" FROM old CROSS JOIN chunk ON chunk.recall = old.id WHERE NOT ({_NOT_OVER}) LIMIT ?",
        (at, at, CHUNKS),
    ).fetchall()
    return _Old(targets=targets, notices=notices, chunks=chunks)


def _let_go(connection: Connection, old: _Old) -> None:
    _forget_targets(connection, old.targets)
    connection.executemany("DELETE FROM outbox WHERE id = ? AND state >= 2", old.notices)
    for recall, number, start, end in old.chunks:
        for order in (
            "DELETE FROM chunk_items WHERE recall = ? AND number = ?",
            "DELETE FROM chunk WHERE recall = ? AND number = ?",
        ):
            connection.execute(order, (recall, number)).fetchall()
        connection.execute(
            "DELETE FROM item_note WHERE recall = ? AND n >= ? AND n < ?", (recall, start, end)
        ).fetchall()


def _forget_targets(connection: Connection, rows: Sequence[tuple[int]]) -> None:
    changes = Changes()
    for (n,) in rows:
        sql = "DELETE FROM target WHERE n = ? RETURNING name, id, provider"
        for said in connection.execute(sql, (n,)).fetchall():
            changes.note(n, Entry(*said), None)
    changes.write(connection)


_OLD = f"""
WITH old (id) AS (
    SELECT id FROM recall WHERE at < ? AND state IN ({_ENDED})
    AND (SELECT max(at) FROM event WHERE event.recall = recall.id) < ?
)
"""  # noqa: S608 - constants
