"""Items that another recall has done already: one mail of a mail-merge, taken back before all of them were.

The same item of another target of the same provider, done by the same operation, is not asked for again. Compared
inside the database, so that two merges of a million mails fit in flat memory.
"""

import json
from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

from bot.recall import Recall, RecallId
from bot.target import ItemState
from storage.chunks import write_chunk
from storage.codec import clean
from storage.database import Database
from storage.file import Connection

PORTION = 100_000
"""Shared ids that are held in memory at a time. The database finds them, in files of its own: 2.3 s for a million
beside another million, measured."""

_DONE = bytes([ItemState.DONE])


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
    """Give the numbers of the items that others have done."""
    codes = _codes_of_others(connection, recall)
    if not codes:
        return
    others = json.dumps(list(codes))
    shared = connection.execute(
        "SELECT n, id FROM item WHERE recall = ? AND id IN"
        " (SELECT id FROM item WHERE recall IN (SELECT value FROM json_each(?)))",
        (recall.id, others),
    )
    while portion := list(islice(shared, PORTION)):
        rows = connection.execute(
            "SELECT recall, n, id FROM item WHERE recall IN (SELECT value FROM json_each(?))"
            " AND id IN (SELECT value FROM json_each(?))",
            (others, json.dumps([item for _, item in portion])),
        )
        done = {item for other, n, item in rows if codes[other][n : n + 1] == _DONE}
        yield from (n for n, item in portion if item in done)


def _codes_of_others(connection: Connection, recall: Recall) -> dict[str, bytes]:
    """Read how the items stand of other targets of the same provider, of which the same operation has done some."""
    target = recall.target
    rows = connection.execute(
        "SELECT chunk.recall, chunk.codes FROM recall JOIN chunk ON chunk.recall = recall.id"
        " WHERE recall.provider = ? AND recall.target <> ? AND recall.confirmed"
        " AND json_extract(recall.body, '$.target.capability.operation') = ?"
        " ORDER BY chunk.recall, chunk.number",
        (clean(target.ref.provider), clean(target.ref.id), str(target.capability.operation or "")),
    )
    by_recall = groupby(rows, key=itemgetter(0))
    whole = {other: b"".join(codes for _, codes in chunks) for other, chunks in by_recall}
    return {other: codes for other, codes in whole.items() if _DONE in codes}


def _skip(connection: Connection, recall: RecallId, numbers: list[int]) -> None:
    """Set the bytes of these items, and count anew what is to do."""
    wanted = frozenset(numbers)
    rows = connection.execute("SELECT number, start, codes FROM chunk WHERE recall = ?", (recall,)).fetchall()
    for number, start, codes in rows:
        changed = bytes(
            int(ItemState.SKIPPED) if start + place in wanted else code for place, code in enumerate(codes)
        )
        if changed != codes:
            write_chunk(connection, recall, number, before=codes, codes=changed)
