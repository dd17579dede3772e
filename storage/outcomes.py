"""What became of a recall's items and of their recipients, as it was noted with the outcomes."""

from collections.abc import Mapping, Sequence

from bot.ports import ItemId, ItemResult
from bot.recall import RecallId
from bot.target import ItemState, Outcome
from storage.codec import load
from storage.database import Database
from storage.file import Connection


class SqliteOutcomes:
    """The reading side of outcomes, of `bot.ports.Work`, on SQLite."""

    _database: Database

    async def outcomes(
        self, recall: RecallId, limit: int | None = None, *, after: int = -1
    ) -> Sequence[ItemResult]:
        """Read items with what was noted about them, in their order, from behind the number `after`."""

        def work(connection: Connection) -> Sequence[ItemResult]:
            codes = _codes(connection, recall)
            rows = connection.execute(
                "SELECT item.n, item.id, item_note.outcome FROM item LEFT JOIN item_note"
                " ON item_note.recall = item.recall AND item_note.n = item.n"
                " WHERE item.recall = ? AND item.n > ? ORDER BY item.n LIMIT ?",
                (recall, after, -1 if limit is None else limit),
            )
            return [
                ItemResult(
                    number=n,
                    item=ItemId(item),
                    state=codes[n] if n < len(codes) else ItemState.PENDING,
                    outcome=load(Outcome, noted) if noted else None,
                )
                for n, item, noted in rows
            ]

        return await self._database.read(work)

    async def recipients(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count recipients by what became of their copies; empty where no outcome tells them apart."""

        def work(connection: Connection) -> Mapping[ItemState, int]:
            rows = connection.execute(
                "SELECT json_extract(each.value, '$.state'), count(*)"
                " FROM item_note, json_each(item_note.outcome, '$.recipients') AS each"
                " WHERE item_note.recall = ? GROUP BY 1",
                (recall,),
            )
            return {ItemState(state): count for state, count in rows}

        return await self._database.read(work)


def _codes(connection: Connection, recall: RecallId) -> list[ItemState]:
    """Read every item's state, in order."""
    rows = connection.execute("SELECT codes FROM chunk WHERE recall = ? ORDER BY start", (recall,))
    return [ItemState(code) for (codes,) in rows for code in codes]
