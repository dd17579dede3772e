"""What Slack has yet to be told: once each, and in order per card."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from bot.ports import Card, CardId, Notice, NoticeKind
from bot.recall import Kind, Place, RecallId
from storage.audit import read_event
from storage.codec import clean, instant
from storage.database import Database
from storage.file import Connection
from storage.moves import CARD_COLUMNS, card_of, read_recall, write_card

IN_FLIGHT: Final = timedelta(seconds=2)
"""How long a request of a process that died may still be on its way into Slack: looked for sooner, it would be missed."""


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
        """List what may be sent now: of each card the first post, the first refresh and the first edit of its count.

        Posts come in order, and nothing overtakes an earlier one, whatever becomes of that: ask again until the list is
        empty. Edits show the present state, so they need not wait for a post, nor a post for them. A card that does not
        stand yet has nothing but its CARD listed.
        """

        def work(connection: Connection) -> Sequence[Notice]:
            rows = connection.execute(_DUE, (instant(now), limit)).fetchall()
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
            if kind == NoticeKind.CARD.value:
                _give_up(connection, card, why)
            connection.execute(
                "UPDATE outbox SET state = ?, why = ? WHERE id = ? AND state < 2",
                (_Row.DROPPED, clean(why), notice),
            ).fetchall()

        await self._database.write(work)

    async def rehome(self, card: CardId, fresh: Card | None, why: str) -> None:
        """Tell a recall in `fresh` from now on, since the place of `card` is gone; None: it is told elsewhere already.

        What the thread was still to hear goes along. Twice is harmless.
        """

        def work(connection: Connection) -> None:
            standing = connection.execute("SELECT 1 FROM card WHERE id = ? AND NOT gone", (card,)).fetchone()
            if standing is None:
                return
            recall = read_recall(connection, fresh.recall) if fresh is not None else None
            if fresh is not None and recall is not None:
                write_card(connection, fresh, recall)
                connection.execute(
                    "UPDATE outbox SET card = ?, state = ?, not_before = NULL, ambiguous = 0"
                    " WHERE card = ? AND kind = 'reply' AND state < 2",
                    (fresh.id, _Row.WAITING, card),
                ).fetchall()
            _give_up(connection, card, why)

        await self._database.write(work)

    async def _set(self, changes: str, notice: int, *values: object) -> None:
        def work(connection: Connection) -> None:
            order = f"UPDATE outbox SET {changes} WHERE id = ? AND state < 2"  # noqa: S608 - no foreign text
            connection.execute(order, (*values, notice)).fetchall()

        await self._database.write(work)


_DUE = """
SELECT id, key, kind, card, recall, seq, tries, ambiguous, attempt FROM (
    SELECT o.*, row_number() OVER (PARTITION BY o.card, lane ORDER BY o.id) AS place FROM (
        SELECT w.*, CASE
            WHEN w.kind = 'refresh' THEN 1
            WHEN w.kind = 'progress' AND EXISTS (
                SELECT 1 FROM outbox AS p
                WHERE p.card = w.card AND p.kind = 'progress' AND p.attempt = w.attempt AND p.state = 2
            ) THEN 2
            ELSE 0
        END AS lane
        FROM outbox AS w JOIN card AS c ON c.id = w.card
        WHERE w.state < 2 AND (c.ts IS NOT NULL OR w.kind = 'card')
    ) AS o
)
WHERE place = 1 AND state = 0 AND (not_before IS NULL OR not_before <= ?)
ORDER BY id LIMIT ?
"""


def doubt_interrupted(connection: Connection, now: datetime) -> None:
    """After a start: what was being sent when the process died may stand or not, or come to stand yet."""
    connection.execute(
        "UPDATE outbox SET state = ?, ambiguous = 1, not_before = ?"
        " WHERE state < 2 AND state = ?",  # the index of unsent ones
        (_Row.WAITING, instant(now + IN_FLIGHT), _Row.SENDING),
    ).fetchall()


def _give_up(connection: Connection, card: str, why: str) -> None:
    """Tell a card nothing further."""
    connection.execute("UPDATE card SET gone = 1 WHERE id = ?", (card,)).fetchall()
    connection.execute(
        "UPDATE outbox SET state = ?, why = ? WHERE card = ? AND state < 2", (_Row.DROPPED, clean(why), card)
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
        behind=_behind(connection, card, number) if told is NoticeKind.REPLY else (),
    )


def _behind(connection: Connection, card: str, number: int) -> tuple[Kind, ...]:
    """Name what the same thread is to hear after a reply, in order."""
    rows = connection.execute(
        "SELECT e.kind FROM outbox AS o JOIN event AS e ON e.recall = o.recall AND e.seq = o.seq"
        " WHERE o.card = ? AND o.id > ? AND o.kind = 'reply' AND o.state < 2 ORDER BY o.id",
        (card, number),
    )
    return tuple(Kind(each) for (each,) in rows)


def _standing(connection: Connection, card: str, attempt: int) -> str | None:
    """Find the progress reply of this attempt that already stands, to be edited in place."""
    row = connection.execute(
        "SELECT ts FROM outbox WHERE card = ? AND kind = 'progress' AND attempt = ? AND state = 2"
        " ORDER BY id DESC LIMIT 1",
        (card, attempt),
    ).fetchone()
    return row[0] if row else None
