"""The engine's side of memory: who runs which chunk, what follows from the numbers, what has to wait."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.ports import Chunk, Claim, Clock, Follow, Gate, Kept, Move, Onward, Written
from bot.recall import Recall, RecallId
from bot.target import ItemState
from storage import chunks, claims
from storage.codec import instant
from storage.database import Database
from storage.file import Connection
from storage.gates import hold_back
from storage.inbox import mark_answered
from storage.moves import read_recall, write_step


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

    async def hold(
        self, recall: RecallId, written: Sequence[Written], *, until: datetime, claim: Claim | None = None
    ) -> Kept:
        """Write what is known of claimed chunks, hold their claims until then, and claim more. One transaction."""
        at, end = instant(self._clock.now()), instant(until)

        def work(connection: Connection) -> Kept:
            lost = claims.write(connection, recall, written, until=end, at=at)
            return Kept(lost=lost, chunks=claims.take(connection, recall, claim) if claim else ())

        return await self._database.write(work)

    async def reckon(
        self,
        recall: RecallId,
        written: Sequence[Written],
        follow: Follow,
        *,
        version: int | None = None,
        gate: Gate | None = None,
        answers: str | None = None,
    ) -> Recall | None:
        """Write chunks, count, and make the moves that follow from the numbers. One transaction.

        The moves are worked out from the recall as it is in that transaction, so nobody can come between. What is
        written of chunks stands even where no move follows. Returns the recall as it is afterwards.
        `version`: all or nothing; None, and nothing was written, where the recall has moved on from there or a chunk
        is somebody else's by now. A chunk that was read with `holding` is somebody else's after its first write.
        """
        at = instant(self._clock.now())

        def work(connection: Connection) -> Recall | None:
            now = read_recall(connection, recall)
            if now is None or version not in {None, now.version}:
                return None
            if version is not None and not claims.held(connection, recall, written):
                return None
            claims.write(connection, recall, written, until=at, at=at)
            if gate is not None:
                hold_back(connection, gate)
            if answers is not None:
                mark_answered(connection, answers)
            return _make(connection, now, follow(now, _Tally(connection, recall)))

        return await self._database.write(work)

    async def holding(
        self, recall: RecallId, states: Iterable[ItemState], *, after: int = -1, limit: int | None = None
    ) -> Sequence[Chunk]:
        """Read chunks that have items of these states, without claiming them; claimed ones are left out."""
        held = " OR ".join(f"instr(codes, x'{int(state):02x}')" for state in states) or "0"

        def work(connection: Connection) -> Sequence[Chunk]:
            rows = connection.execute(
                "SELECT number, codes, fence FROM chunk"  # noqa: S608 - numbers of ours
                f" WHERE recall = ? AND number > ? AND owner IS NULL AND ({held}) ORDER BY number LIMIT ?",
                (recall, after, -1 if limit is None else limit),
            ).fetchall()
            return [chunks.read_chunk(connection, recall, row) for row in rows]

        return await self._database.read(work)

    async def counts(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count items by state, from committed rows; empty where nothing is planned."""
        return await self._database.read(lambda connection: chunks.counts(connection, recall))

    async def reopen(self, recall: RecallId, states: Iterable[ItemState]) -> int:
        """Put items of these states back to PENDING for a new attempt, UNKNOWN ones to INTENT; returns how many.

        A request for an UNKNOWN item may have gone out, so it is doubtful and not as good as never sent.
        What was noted about them is forgotten; the record keeps the numbers.
        """
        wanted = bytes(states)
        return await self._database.write(lambda connection: chunks.reopen(connection, recall, wanted))

    async def release(self, owner: str, onward: Onward) -> Sequence[RecallId]:
        """At start: give back chunks that other owners left claimed, and move their recalls on. One transaction.

        Returns the recalls concerned.
        """

        def work(connection: Connection) -> Sequence[RecallId]:
            rows = connection.execute(
                "UPDATE chunk SET owner = NULL, lease_until = NULL, fence = fence + 1"
                " WHERE owner IS NOT NULL AND owner <> ? RETURNING recall",
                (owner,),
            ).fetchall()
            released = list(dict.fromkeys(RecallId(row[0]) for row in rows))
            for recall in released:
                if (now := read_recall(connection, recall)) is not None:
                    _make(connection, now, onward(now))
            return released

        return await self._database.write(work)


class _Tally:
    """`bot.ports.Tally`, as the rows are in a transaction."""

    def __init__(self, connection: Connection, recall: RecallId) -> None:
        self._connection = connection
        self._recall = recall

    @property
    def items(self) -> Mapping[ItemState, int]:
        """Count the items."""
        return chunks.counts(self._connection, self._recall)

    @property
    def recipients(self) -> Mapping[ItemState, int]:
        """Count the recipients."""
        return chunks.recipients(self._connection, self._recall)


def _make(connection: Connection, recall: Recall, moves: Sequence[Move]) -> Recall:
    """Make moves, one from the other; returns the recall as it is afterwards."""
    for move in moves:
        if not write_step(connection, move.step, move.notices):
            raise ValueError(f"recall {recall.id}: a move that does not start from where it stands")
        recall = move.step.after
    return recall
