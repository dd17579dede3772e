"""Recalls and what happened to them."""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import NotFoundError
from bot.ports import Card, NoticeKind
from bot.recall import OPEN, Event, Recall, RecallId, State, Step
from bot.target import TargetRef
from storage.audit import read_events
from storage.codec import clean, instant, load
from storage.database import Database
from storage.file import Connection
from storage.inbox import mark_answered
from storage.moves import CARD_COLUMNS, card_of, read_recall, write_card, write_new, write_step

_OPEN = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_GOING = ", ".join(f"'{state.value}'" for state in sorted(OPEN - {State.PROPOSED}))
_LATEST = 1 << 62


class SqliteRecords:
    """`bot.ports.Records` on SQLite. Every write is one transaction: state, event, outbox."""

    _database: Database

    async def propose(self, step: Step, card: Card) -> None:
        """Write a new recall with its first event and its card. Raises OpenRecallError."""
        await self._database.write(lambda connection: write_new(connection, step, card))

    async def add_card(self, card: Card) -> None:
        """Show an existing recall in one more place. Raises NotFoundError where there is no such recall."""

        def work(connection: Connection) -> None:
            recall = read_recall(connection, card.recall)
            if recall is None:
                raise NotFoundError
            write_card(connection, card, recall)

        await self._database.write(work)

    async def move(
        self, step: Step, notices: Sequence[NoticeKind] = (), *, answers: str | None = None
    ) -> bool:
        """Write a move by compare-and-set on the version it started from; False: somebody was faster.

        Raises OpenRecallError where a retry meets another open recall of the same target.
        """

        def work(connection: Connection) -> bool:
            if not write_step(connection, step, notices):
                return False
            if answers is not None:
                mark_answered(connection, answers)
            return True

        return await self._database.write(work)

    async def recall(self, recall: RecallId) -> Recall | None:
        """Read one recall."""
        return await self._database.read(lambda connection: read_recall(connection, recall))

    async def open_recall(self, ref: TargetRef) -> Recall | None:
        """Read the open recall of a target, if there is one."""
        found = await self._list(
            f"provider = ? AND target = ? AND state IN ({_OPEN})", clean(ref.provider), clean(ref.id)
        )
        return found[0] if found else None

    async def last_recall(self, ref: TargetRef) -> Recall | None:
        """Read the newest recall of a target that was confirmed (not merely shown), if there is one."""
        found = await self._list(
            "provider = ? AND target = ? AND confirmed ORDER BY at DESC, rowid DESC LIMIT 1",
            clean(ref.provider),
            clean(ref.id),
        )
        return found[0] if found else None

    async def recalls(
        self, *, open_only: bool = False, limit: int = 20, before: datetime | None = None
    ) -> Sequence[Recall]:
        """List recalls that were confirmed, newest confirmation first; with `open_only`, those that run or wait.

        `before` looks at the same time: when it was confirmed.
        """
        states = f"AND state IN ({_GOING})" if open_only else ""
        latest = _LATEST if before is None else instant(before)
        return await self._list(
            f"confirmed AND at < ? {states} ORDER BY at DESC, rowid DESC LIMIT ?", latest, limit
        )

    async def overdue(self, now: datetime) -> Sequence[Recall]:
        """List recalls whose card or approval has expired, or whose schedule is due."""
        return await self._list(
            "(state IN ('proposed', 'approving') AND expires_at <= ?1)"
            " OR (state = 'scheduled' AND not_before <= ?1) ORDER BY rowid",
            instant(now),
        )

    async def events(self, recall: RecallId) -> Sequence[Event]:
        """Read a recall's record, oldest first."""
        return await self._database.read(lambda connection: read_events(connection, recall))

    async def cards(self, recall: RecallId) -> Sequence[Card]:
        """List the cards that show a recall, oldest first; one that could never be posted is left out."""

        def work(connection: Connection) -> Sequence[Card]:
            rows = connection.execute(
                f"SELECT {CARD_COLUMNS} FROM card WHERE recall = ? AND NOT gone ORDER BY n",  # noqa: S608 - a constant
                (clean(recall),),
            )
            return [card_of(row) for row in rows]

        return await self._database.read(work)

    async def card_at(self, channel: str, ts: str) -> Card | None:
        """Find a card, or the card of a thread reply of ours, by the Slack message."""

        def work(connection: Connection) -> Card | None:
            row = connection.execute(
                f"SELECT {CARD_COLUMNS} FROM card WHERE (channel = ?1 AND ts = ?2) OR id = ("  # noqa: S608 - a constant
                " SELECT card FROM outbox WHERE channel = ?1 AND ts = ?2 AND state = 2 LIMIT 1"
                ") LIMIT 1",
                (clean(channel), clean(ts)),
            ).fetchone()
            return card_of(row) if row else None

        return await self._database.read(work)

    async def _list(self, where: str, *values: object) -> list[Recall]:
        """Read recalls by a condition of ours."""

        def work(connection: Connection) -> list[Recall]:
            rows = connection.execute(f"SELECT body FROM recall WHERE {where}", values)  # noqa: S608 - no foreign text
            return [load(Recall, row[0]) for row in rows]

        return await self._database.read(work)
