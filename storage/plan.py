"""The plan of a recall: its items, written page by page, and the transaction with which its requests begin."""

import json
from collections.abc import Sequence

from bot.ports import Beginning, Chunk, ItemId
from bot.recall import RecallId
from storage import chunks, claims
from storage.chunks import PENDING
from storage.codec import clean, instant
from storage.database import Database
from storage.file import Connection
from storage.gates import read_gate
from storage.moves import stands, write_card, write_step


class SqlitePlan:
    """The part of `bot.ports.Work` that comes before a recall's first request, on SQLite."""

    _database: Database

    async def plan(
        self, recall: RecallId, items: Sequence[ItemId], *, start: int = 0, last: bool = False
    ) -> None:
        """Have these items stand in the plan from number `start` on. One transaction.

        What an earlier process kept there stays as far as it is the same; from the first chunk on that differs, or is
        not as it was planned, it is written anew. `last`: nothing comes behind them.
        """
        ids = [clean(item) for item in items]
        await self._database.write(lambda connection: write_plan(connection, recall, ids, start, last=last))

    async def begin(self, beginning: Beginning) -> Sequence[Chunk] | None:
        """Plan what is still to be planned, make the move that starts a recall, and claim. One transaction.

        Returns what was claimed. None: the recall has moved on; nothing was written.
        """
        ids = None if beginning.items is None else [clean(item) for item in beginning.items]
        return await self._database.write(lambda connection: _begin(connection, beginning, ids))


def write_plan(
    connection: Connection, recall: RecallId, items: Sequence[str], start: int, *, last: bool
) -> None:
    """Write items from a number on, where they are not there already."""
    size = chunks.CHUNK
    pieces = [items[at : at + size] for at in range(0, len(items), size)]
    rows = connection.execute(
        "SELECT start, codes, ids FROM chunk JOIN chunk_items USING (recall, number)"
        " WHERE recall = ? AND start >= ? ORDER BY number LIMIT ?",
        (recall, start, len(pieces) + 1),
    ).fetchall()
    same = 0
    for piece, (at, codes, ids) in zip(pieces, rows, strict=False):
        if at != start or codes != PENDING * len(piece) or ids != json.dumps(piece):
            break
        start += len(piece)
        same += 1
    if len(rows) > same and (same < len(pieces) or last):
        chunks.forget_chunks(connection, recall, start)
    if same < len(pieces):
        chunks.add_chunks(connection, recall, [item for piece in pieces[same:] for item in piece])


def _begin(
    connection: Connection, beginning: Beginning, items: Sequence[str] | None
) -> Sequence[Chunk] | None:
    start = beginning.start.step
    if not stands(connection, start):
        return None
    if beginning.card is not None:
        write_card(connection, beginning.card, start.before)
    if items is not None:
        write_plan(connection, start.before.id, items, 0, last=True)
    write_step(connection, start, beginning.start.notices)
    claim = beginning.claim
    if claim is None or read_gate(connection, beginning.account, instant(claim.at)) is not None:
        return ()
    return claims.take(connection, start.after.id, claim)
