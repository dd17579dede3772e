"""Items that another recall has done already: one mail of a mail-merge, taken back before all of them were.

The same item of another target of the same provider, done by the same operation, is not asked for again. Compared in
bounded portions, so that two merges of a million mails fit in flat memory.
"""

from collections.abc import Iterator
from itertools import islice

from bot.recall import Recall, RecallId
from bot.target import ItemState
from storage.codec import clean
from storage.database import Database
from storage.file import Connection

PORTION = 50_000
"""Ids that are held in memory at a time."""

_DONE = int(ItemState.DONE)


class SqliteOverlap:
    """The part of `bot.ports.Work` that knows which items others have done, on SQLite."""

    _database: Database

    async def skip_done(self, recall: Recall) -> int:
        """Mark planned items that another recall has done as SKIPPED; returns how many are. Nothing else may run it."""
        skipped = await self._database.read(lambda connection: list(_done_elsewhere(connection, recall)))
        if skipped:
            await self._database.write(lambda connection: _skip(connection, recall.id, skipped))
        return len(skipped)


def _done_elsewhere(connection: Connection, recall: Recall) -> Iterator[int]:
    """Give the numbers of the items that others have done, each once."""
    given: set[int] = set()
    done = _done_ids(connection, recall)
    while ids := frozenset(islice(done, PORTION)):
        for n, item in connection.execute("SELECT n, id FROM item WHERE recall = ?", (recall.id,)):
            if item in ids and n not in given:
                given.add(n)
                yield n


def _done_ids(connection: Connection, recall: Recall) -> Iterator[str]:
    """Give the ids of what was done of other targets of the same provider, by the same operation."""
    target = recall.target
    others = connection.execute(
        "SELECT id FROM recall WHERE provider = ? AND target <> ? AND confirmed"
        " AND json_extract(body, '$.target.capability.operation') = ?",
        (clean(target.ref.provider), clean(target.ref.id), str(target.capability.operation or "")),
    ).fetchall()
    for (other,) in others:
        chunks = connection.execute("SELECT start, codes FROM chunk WHERE recall = ?", (other,)).fetchall()
        for start, codes in chunks:
            if _DONE not in codes:
                continue
            items = connection.execute(
                "SELECT n, id FROM item WHERE recall = ? AND n >= ? AND n < ?",
                (other, start, start + len(codes)),
            )
            yield from (item for n, item in items if codes[n - start] == _DONE)


def _skip(connection: Connection, recall: RecallId, numbers: list[int]) -> None:
    """Set the bytes of these items, and count anew what is to do."""
    wanted = frozenset(numbers)
    rows = connection.execute("SELECT number, start, codes FROM chunk WHERE recall = ?", (recall,)).fetchall()
    for number, start, codes in rows:
        changed = bytes(
            int(ItemState.SKIPPED) if start + place in wanted else code for place, code in enumerate(codes)
        )
        if changed != codes:
            todo = changed.count(bytes([ItemState.PENDING])) + changed.count(bytes([ItemState.INTENT]))
            connection.execute(
                "UPDATE chunk SET codes = ?, todo = ? WHERE recall = ? AND number = ?",
                (changed, todo, recall, number),
            ).fetchall()
