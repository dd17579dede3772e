"""What became of a recall's items, as it was noted with the outcomes."""

import json
from collections.abc import Sequence

from bot.ports import ItemId, ItemResult
from bot.recall import RecallId
from bot.target import ItemState, Outcome
from storage.codec import load
from storage.database import Database
from storage.file import Connection


class SqliteOutcomes:
    """The reading side of outcomes, of `bot.ports.Records`, on SQLite."""

    _database: Database

    async def outcomes(
        self, recall: RecallId, limit: int | None = None, *, after: int = -1
    ) -> Sequence[ItemResult]:
        """Read items with what was noted about them, in their order, from behind the number `after`."""

        def work(connection: Connection) -> Sequence[ItemResult]:
            found: list[ItemResult] = []
            rows = connection.execute(
                "SELECT start, codes, ids FROM chunk JOIN chunk_items USING (recall, number)"
                " WHERE recall = ? AND start + length(codes) > ? ORDER BY number",
                (recall, after + 1),
            )
            for start, codes, ids in rows:
                begin = max(0, after + 1 - start)
                left = len(codes) if limit is None else limit - len(found)
                found += _some(connection, recall, start, codes, json.loads(ids), range(begin, begin + left))
                if limit is not None and len(found) >= limit:
                    break
            return found

        return await self._database.read(work)


def _some(
    connection: Connection, recall: RecallId, start: int, codes: bytes, ids: Sequence[str], places: range
) -> list[ItemResult]:
    """Read a stretch of one chunk's items."""
    noted = dict(
        connection.execute(
            "SELECT n, outcome FROM item_note WHERE recall = ? AND n >= ? AND n < ?",
            (recall, start + places.start, start + places.stop),
        ).fetchall()
    )
    return [
        ItemResult(
            number=start + place,
            item=ItemId(ids[place]),
            state=ItemState(codes[place]),
            outcome=load(Outcome, noted[start + place]) if start + place in noted else None,
        )
        for place in places[: len(codes) - places.start]
    ]
