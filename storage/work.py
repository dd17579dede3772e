"""The engine's side of memory: items, chunks, who runs which."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.ports import Chunk, Clock, ItemId, NoticeKind
from bot.recall import RecallId, Step
from bot.target import ItemState, Outcome
from storage.codec import clean, dump, instant
from storage.database import Database
from storage.file import Connection
from storage.inbox import mark_answered
from storage.moves import write_step

CHUNK = 1000
"""Items per chunk: one row, one byte each."""

_PENDING, _INTENT = bytes([ItemState.PENDING]), bytes([ItemState.INTENT])
_STATES = {int(state): state for state in ItemState}


class SqliteWork:
    """`bot.ports.Work` on SQLite."""

    _database: Database
    _clock: Clock

    async def due(self, now: datetime) -> Sequence[RecallId]:
        """List recalls that the engine has to look at, longest waiting first.

        Queued and running ones unless their `not_before` lies ahead; submitted, partial and unknown ones only
        if they have a `not_before` and it has passed.
        """

        def work(connection: Connection) -> Sequence[RecallId]:
            rows = connection.execute(
                "SELECT id FROM recall WHERE (state IN ('queued', 'running') AND not_before IS NULL)"
                " OR (state IN ('queued', 'running', 'submitted', 'partial', 'unknown', 'stopped') AND not_before <= ?)"
                " ORDER BY coalesce(not_before, at), rowid",
                (instant(now),),
            )
            return [RecallId(row[0]) for row in rows]

        return await self._database.read(work)

    async def plan(self, recall: RecallId, items: Sequence[ItemId], *, first: bool) -> None:
        """Append items and their chunks; `first` forgets an unfinished earlier plan. One transaction."""
        ids = [clean(item) for item in items]
        await self._database.write(lambda connection: _plan(connection, recall, ids, first=first))

    async def claim(self, recall: RecallId, owner: str, now: datetime, lease: float) -> Chunk | None:
        """Take a chunk with PENDING or INTENT items: lease, new fence, PENDING becomes INTENT. One transaction.

        Chunks that another owner holds are passed over until their lease has run out; our own are taken again.
        Those that were tried least come first, so that a few items that go wrong hold up nobody else's.
        None also where the recall is not, or no longer, confirmed and going: nothing may be intended then.

        Args:
            recall: whose chunk.
            owner: the name of this process's engine.
            now: aware UTC.
            lease: seconds after which somebody else may take it.
        """
        at = instant(now)
        until = at + int(lease * 1_000_000)

        def work(connection: Connection) -> Chunk | None:
            row = connection.execute(
                "SELECT number, start, codes, fence FROM chunk WHERE recall = ?1 AND todo > 0"
                " AND (owner IS NULL OR owner = ?3 OR lease_until <= ?2) AND EXISTS (SELECT 1 FROM recall WHERE id = ?1"
                " AND state IN ('queued', 'running', 'submitted')) ORDER BY fence, number LIMIT 1",
                (recall, at, owner),
            ).fetchone()
            if row is None:
                return None
            number, start, codes, fence = row
            connection.execute(
                "UPDATE chunk SET owner = ?, lease_until = ?, fence = ?, codes = ?"
                " WHERE recall = ? AND number = ?",
                (owner, until, fence + 1, codes.replace(_PENDING, _INTENT), recall, number),
            ).fetchall()
            return _chunk(connection, recall, (number, start, codes, fence + 1))

        return await self._database.write(work)

    async def settle(
        self,
        chunk: Chunk,
        states: Sequence[ItemState],
        outcomes: Mapping[int, Outcome],
        *,
        step: Step | None = None,
        notices: Sequence[NoticeKind] = (),
        answers: str | None = None,
    ) -> bool:
        """Write a chunk's outcomes, give the claim back and make the move that follows, all or nothing.

        False: the fence is old or the recall has moved on; nothing was written. Works once per chunk that was
        claimed or read with `holding`: it moves the fence on as well.
        """
        if len(states) != len(chunk.items):
            raise ValueError(f"{len(states)} states for {len(chunk.items)} items")
        at = instant(self._clock.now())

        def work(connection: Connection) -> bool:
            row = connection.execute(
                "SELECT start FROM chunk WHERE recall = ? AND number = ? AND fence = ?",
                (chunk.recall, chunk.number, chunk.fence),
            ).fetchone()
            if row is None or (step is not None and not write_step(connection, step, notices)):
                return False
            _write_codes(connection, chunk.recall, chunk.number, bytes(states))
            _write_outcomes(connection, chunk.recall, row[0], outcomes, at)
            if answers is not None:
                mark_answered(connection, answers)
            return True

        return await self._database.write(work)

    async def hold(
        self,
        chunk: Chunk,
        states: Sequence[ItemState],
        outcomes: Mapping[int, Outcome],
        *,
        until: datetime,
    ) -> bool:
        """Write what is known of a claimed chunk so far, and keep the claim until then. False: the fence is old.

        What is still PENDING in `states` stays intended on disk.
        """
        at = instant(self._clock.now())
        codes = bytes(states).replace(_PENDING, _INTENT)

        def work(connection: Connection) -> bool:
            row = connection.execute(
                "UPDATE chunk SET codes = ?, todo = ?, lease_until = ?"
                " WHERE recall = ? AND number = ? AND fence = ? RETURNING start",
                (codes, codes.count(_INTENT), instant(until), chunk.recall, chunk.number, chunk.fence),
            ).fetchall()
            if not row:
                return False
            _write_outcomes(connection, chunk.recall, row[0][0], outcomes, at)
            return True

        return await self._database.write(work)

    async def holding(self, recall: RecallId, states: Iterable[ItemState]) -> Sequence[Chunk]:
        """Read chunks that have items of these states, without claiming them; claimed ones are left out."""
        wanted = frozenset(states)

        def work(connection: Connection) -> Sequence[Chunk]:
            rows = connection.execute(
                "SELECT number, start, codes, fence FROM chunk"
                " WHERE recall = ? AND owner IS NULL ORDER BY number",
                (recall,),
            ).fetchall()
            return [_chunk(connection, recall, row) for row in rows if not wanted.isdisjoint(row[2])]

        return await self._database.read(work)

    async def counts(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count items by state, from committed rows; empty where nothing is planned."""

        def work(connection: Connection) -> Mapping[ItemState, int]:
            counted: Counter[ItemState] = Counter()
            for (codes,) in connection.execute("SELECT codes FROM chunk WHERE recall = ?", (recall,)):
                counted.update({state: codes.count(bytes([state])) for state in ItemState})
            return +counted

        return await self._database.read(work)

    async def reopen(self, recall: RecallId, states: Iterable[ItemState]) -> int:
        """Put items of these states back to PENDING for a new attempt, UNKNOWN ones to INTENT; returns how many.

        A request for an UNKNOWN item may have gone out, so it is doubtful and not as good as never sent.
        What was noted about them is forgotten; the record keeps the numbers.
        """
        wanted = bytes(states)
        return await self._database.write(lambda connection: _reopen(connection, recall, wanted))

    async def release(self, owner: str) -> Sequence[RecallId]:
        """At start: give back chunks that other owners left claimed; returns the recalls concerned."""

        def work(connection: Connection) -> Sequence[RecallId]:
            rows = connection.execute(
                "UPDATE chunk SET owner = NULL, lease_until = NULL, fence = fence + 1"
                " WHERE owner IS NOT NULL AND owner <> ? RETURNING recall",
                (owner,),
            ).fetchall()
            return list(dict.fromkeys(RecallId(row[0]) for row in rows))

        return await self._database.write(work)


def _plan(connection: Connection, recall: RecallId, items: Sequence[str], *, first: bool) -> None:
    if first:
        for table in ("item", "chunk", "item_note"):
            connection.execute(f"DELETE FROM {table} WHERE recall = ?", (recall,)).fetchall()  # noqa: S608 - constants
    number, begin = connection.execute(
        "SELECT (SELECT coalesce(max(number) + 1, 0) FROM chunk WHERE recall = ?1),"
        " (SELECT coalesce(max(n) + 1, 0) FROM item WHERE recall = ?1)",
        (recall,),
    ).fetchone()
    connection.executemany(
        "INSERT INTO item (recall, n, id) VALUES (?, ?, ?)",
        [(recall, begin + n, item) for n, item in enumerate(items)],
    )
    sizes = [len(items[at : at + CHUNK]) for at in range(0, len(items), CHUNK)]
    connection.executemany(
        "INSERT INTO chunk (recall, number, start, codes, todo) VALUES (?, ?, ?, ?, ?)",
        [(recall, number + n, begin + n * CHUNK, _PENDING * size, size) for n, size in enumerate(sizes)],
    )


def _chunk(connection: Connection, recall: RecallId, row: tuple[int, int, bytes, int]) -> Chunk:
    """Read a chunk's items beside its row."""
    number, start, codes, fence = row
    ids = connection.execute(
        "SELECT id FROM item WHERE recall = ? AND n >= ? AND n < ? ORDER BY n",
        (recall, start, start + len(codes)),
    )
    return Chunk(
        recall=recall,
        number=number,
        items=tuple(ItemId(item) for (item,) in ids),
        states=tuple(_STATES[code] for code in codes),
        fence=fence,
    )


def _write_codes(connection: Connection, recall: RecallId, number: int, codes: bytes) -> None:
    """Write a chunk's bytes with what is counted of them, unclaimed, under a new fence."""
    connection.execute(
        "UPDATE chunk SET codes = ?, todo = ?, owner = NULL, lease_until = NULL,"
        " fence = fence + 1 WHERE recall = ? AND number = ?",
        (codes, codes.count(_PENDING) + codes.count(_INTENT), recall, number),
    ).fetchall()


def _write_outcomes(
    connection: Connection, recall: RecallId, start: int, outcomes: Mapping[int, Outcome], at: int
) -> None:
    """Note outcomes; what the vendor named a request at first is kept, for later answers don't name it."""
    connection.executemany(
        "INSERT INTO item_note (recall, n, outcome, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (recall, n) DO UPDATE SET at = excluded.at, outcome = CASE"
        " WHEN json_extract(excluded.outcome, '$.receipt') IS NULL"
        " AND json_extract(item_note.outcome, '$.receipt') IS NOT NULL"
        " THEN json_set(excluded.outcome, '$.receipt', json_extract(item_note.outcome, '$.receipt'))"
        " ELSE excluded.outcome END",
        [(recall, start + n, dump(outcome), at) for n, outcome in outcomes.items()],
    )


def _reopen(connection: Connection, recall: RecallId, wanted: bytes) -> int:
    anew = {int(ItemState.UNKNOWN): int(ItemState.INTENT)}
    table = bytes(anew.get(code, int(ItemState.PENDING)) if code in wanted else code for code in range(256))
    reopened = 0
    rows = connection.execute("SELECT number, start, codes FROM chunk WHERE recall = ?", (recall,)).fetchall()
    for number, start, codes in rows:
        places = [place for place, code in enumerate(codes) if code in wanted]
        if not places:
            continue
        reopened += len(places)
        _write_codes(connection, recall, number, codes.translate(table))
        connection.executemany(
            "DELETE FROM item_note WHERE recall = ? AND n = ?", [(recall, start + place) for place in places]
        )
    return reopened
