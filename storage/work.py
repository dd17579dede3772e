"""The engine's side of memory: who runs which chunk, what follows from the numbers, what has to wait."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.ports import Chunk, Claim, Clock, Follow, Gate, Kept, Move, NoticeKind, Onward, Written
from bot.recall import Recall, RecallId, Step
from bot.target import ItemState, Outcome
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
        wanted = Claim(owner=owner, at=now, until=now + timedelta(seconds=lease))
        claimed = await self._database.write(lambda connection: claims.take(connection, recall, wanted))
        return claimed[0] if claimed else None

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
        gate: Gate | None = None,
    ) -> Recall | None:
        """Write chunks, count, and make the moves that follow from the numbers. One transaction.

        The moves are worked out from the recall as it is in that transaction, so nobody can come between. What is
        written of chunks stands even where no move follows. Returns the recall as it is afterwards.
        """
        at = instant(self._clock.now())

        def work(connection: Connection) -> Recall | None:
            claims.write(connection, recall, written, until=at, at=at)
            if gate is not None:
                hold_back(connection, gate)
            now = read_recall(connection, recall)
            if now is None:
                return None
            return _make(connection, now, follow(now, chunks.tally(connection, recall)))

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
        written = Written(chunk=chunk, codes=bytes(states), outcomes=outcomes, back=True)
        at = instant(self._clock.now())

        def work(connection: Connection) -> bool:
            row = connection.execute(
                "SELECT 1 FROM chunk WHERE recall = ? AND number = ? AND fence = ?",
                (chunk.recall, chunk.number, chunk.fence),
            ).fetchone()
            if row is None or (step is not None and not write_step(connection, step, notices)):
                return False
            claims.write(connection, chunk.recall, (written,), until=at, at=at)
            if answers is not None:
                mark_answered(connection, answers)
            return True

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

    async def recipients(self, recall: RecallId) -> Mapping[ItemState, int]:
        """Count recipients by what became of their copies; empty where no outcome tells them apart."""
        return await self._database.read(lambda connection: chunks.recipients(connection, recall))

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


def _make(connection: Connection, recall: Recall, moves: Sequence[Move]) -> Recall:
    """Make moves, one from the other; returns the recall as it is afterwards."""
    for move in moves:
        if not write_step(connection, move.step, move.notices):
            raise ValueError(f"recall {recall.id}: a move that does not start from where it stands")
        recall = move.step.after
    return recall
