"""What Slack has yet to be told: once each, and in order per card."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from bot.ports import Notice, NoticeKind
from bot.recall import Place, RecallId
from storage.audit import read_event
from storage.codec import clean, instant
from storage.database import Database
from storage.file import Connection
from storage.moves import CARD_COLUMNS, card_of


class _Row(IntEnum):
    """Where a notice stands."""

    WAITING = 0
    SENDING = 1
    SENT = 2
    DROPPED = 3


class SqliteOutbox:
    """`bot.ports.Outbox` on SQLite."""

    _database: Database

    async def pending(self, now: datetime, limit: int = 100) -> Sequence[Notice]:
        """List what may be sent now, in order: of each card the first that does not stand yet.

        So nothing overtakes an earlier notice, whatever becomes of that one: ask again until the list is empty.
        A card's first notice is the CARD, hence nothing else is listed before it stands.
        """

        def work(connection: Connection) -> Sequence[Notice]:
            rows = connection.execute(
                "SELECT id, key, kind, card, recall, seq, tries, ambiguous, attempt FROM outbox WHERE id IN"
                " (SELECT min(id) FROM outbox WHERE state < 2 GROUP BY card)"
                " AND state = 0 AND (not_before IS NULL OR not_before <= ?) ORDER BY id LIMIT ?",
                (instant(now), limit),
            ).fetchall()
            return [_notice(connection, *row) for row in rows]

        return await self._database.read(work)

    async def sending(self, notice: int) -> None:
        """Note durably that a try begins. After a crash it is ambiguous."""
        await self._set("state = ?, tries = tries + 1", notice, _Row.SENDING)

    async def sent(self, notice: int, *, channel: str, ts: str) -> None:
        """Note that it stands. For a CARD this is the card's message from now on."""
        channel, ts = clean(channel), clean(ts)

        def work(connection: Connection) -> None:
            connection.execute(
                "UPDATE outbox SET state = ?, ambiguous = 0, channel = ?, ts = ? WHERE id = ?",
                (_Row.SENT, channel, ts, notice),
            ).fetchall()
            connection.execute(
                "UPDATE card SET channel = ?1, ts = ?2 WHERE id = ("
                "SELECT card FROM outbox WHERE id = ?3 AND kind = 'card')",
                (channel, ts, notice),
            ).fetchall()

        await self._database.write(work)

    async def later(self, notice: int, not_before: datetime, *, ambiguous: bool) -> None:
        """Try again at that time."""
        await self._set(
            "state = ?, not_before = ?, ambiguous = ?",
            notice,
            _Row.WAITING,
            instant(not_before),
            int(ambiguous),
        )

    async def moved(self, notice: int, place: Place) -> None:
        """Post the card somewhere else instead, since it can't stand where it was meant to."""

        def work(connection: Connection) -> None:
            connection.execute(
                "UPDATE card SET channel = ?, thread = ? WHERE id = (SELECT card FROM outbox WHERE id = ?)",
                (clean(place.channel), place.thread, notice),
            ).fetchall()
            connection.execute(
                "UPDATE outbox SET state = ?, not_before = NULL, ambiguous = 0 WHERE id = ?",
                (_Row.WAITING, notice),
            ).fetchall()

        await self._database.write(work)

    async def drop(self, notice: int, why: str) -> None:
        """Give up on a notice: its channel or card is gone. Kept with the reason.

        With a CARD everything else that waits for this card is given up too.
        """

        def work(connection: Connection) -> None:
            row = connection.execute("SELECT kind, card FROM outbox WHERE id = ?", (notice,)).fetchone()
            if row is None:
                return
            kind, card = row
            whole = kind == NoticeKind.CARD.value
            if whole:
                connection.execute("UPDATE card SET gone = 1 WHERE id = ?", (card,)).fetchall()
            connection.execute(
                "UPDATE outbox SET state = ?1, why = ?2 WHERE id = ?3 OR (?4 AND card = ?5 AND state < 2)",
                (_Row.DROPPED, clean(why), notice, int(whole), card),
            ).fetchall()

        await self._database.write(work)

    async def _set(self, changes: str, notice: int, *values: object) -> None:
        def work(connection: Connection) -> None:
            connection.execute(f"UPDATE outbox SET {changes} WHERE id = ?", (*values, notice)).fetchall()  # noqa: S608 - no foreign text

        await self._database.write(work)


def doubt_interrupted(connection: Connection) -> None:
    """After a start: what was being sent when the process died may stand or not."""
    connection.execute(
        "UPDATE outbox SET state = ?, ambiguous = 1 WHERE state = ?", (_Row.WAITING, _Row.SENDING)
    ).fetchall()


def _notice(
    connection: Connection,
    number: int,
    key: str,
    kind: str,
    card: str,
    recall: str,
    seq: int,
    tries: int,
    ambiguous: int,
    attempt: int,
) -> Notice:
    shown = connection.execute(f"SELECT {CARD_COLUMNS} FROM card WHERE id = ?", (card,)).fetchone()  # noqa: S608 - a constant
    told = NoticeKind(kind)
    return Notice(
        id=number,
        key=key,
        kind=told,
        card=card_of(shown),
        event=read_event(connection, RecallId(recall), seq) if told is NoticeKind.REPLY else None,
        tries=tries,
        ambiguous=bool(ambiguous),
        ts=_standing(connection, card, attempt) if told is NoticeKind.PROGRESS else None,
    )


def _standing(connection: Connection, card: str, attempt: int) -> str | None:
    """Find the progress reply of this attempt that already stands, to be edited in place."""
    row = connection.execute(
        "SELECT ts FROM outbox WHERE card = ? AND kind = 'progress' AND attempt = ? AND state = 2"
        " ORDER BY id DESC LIMIT 1",
        (card, attempt),
    ).fetchone()
    return row[0] if row else None
