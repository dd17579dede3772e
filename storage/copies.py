"""Copies of what vendors told of: each posted once, and marked once its original is recalled."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from bot.mirror import GONE, Copy
from bot.ports import Sighting
from bot.recall import RecallId
from bot.target import ProviderName, Target, TargetId, TargetRef
from storage.codec import clean, dump, instant, load, moment
from storage.database import Database
from storage.file import Connection
from storage.moves import read_recall
from storage.outbox import IN_FLIGHT


class _Row(IntEnum):
    """Where a copy stands."""

    WAITING = 0
    SENDING = 1
    STANDS = 2
    DROPPED = 3


class SqliteCopies:
    """`bot.mirror.Copies` on SQLite."""

    _database: Database

    async def keep_copy(self, sighting: Sighting, at: datetime) -> bool:
        """Write down that something shall be copied; False: its target is known already. Raises StorageError."""
        target = sighting.target
        named = (clean(target.ref.provider), clean(target.ref.id))

        def work(connection: Connection) -> bool:
            added = connection.execute(
                "INSERT INTO copy (provider, target, channel, body, at, recall) VALUES (?1, ?2, ?3, ?4, ?5, ("
                " SELECT id FROM recall WHERE provider = ?1 AND target = ?2 AND state = 'done'"
                " ORDER BY at DESC LIMIT 1)) ON CONFLICT DO NOTHING RETURNING 1",
                (*named, clean(sighting.channel), dump(target), instant(at)),
            )
            return bool(added.fetchall())

        return await self._database.write(work)

    async def copies_due(self, now: datetime, limit: int = 50) -> Sequence[Copy]:
        """List copies to be posted or brought up to date now, oldest first."""

        def work(connection: Connection) -> Sequence[Copy]:
            rows = connection.execute(
                "SELECT id, provider, target, channel, body, at, ts, recall, tries, ambiguous, gone FROM copy"
                " WHERE state = 0 AND (not_before IS NULL OR not_before <= ?) ORDER BY id LIMIT ?",
                (instant(now), limit),
            ).fetchall()
            return [_copy(connection, *row) for row in rows]

        return await self._database.read(work)

    async def copy_sending(self, copy: int) -> None:
        """Note durably that a try begins. After a crash it is ambiguous."""
        await self._change_copy("state = ?, tries = tries + 1", copy, _Row.SENDING)

    async def copy_gone(self, ref: TargetRef, at: datetime, *, not_before: datetime) -> None:
        """Note that the vendor deleted an original; its copy says so then, unless a recall turns out to have done it."""

        def work(connection: Connection) -> None:
            connection.execute(
                "UPDATE copy SET gone = ?1, not_before = iif(state = ?3, ?2, not_before), tries = 0,"
                " state = iif(state = ?3, ?4, state)"
                " WHERE provider = ?5 AND target = ?6 AND gone IS NULL AND recall IS NULL",
                (
                    instant(at),
                    instant(not_before),
                    _Row.STANDS,
                    _Row.WAITING,
                    clean(ref.provider),
                    clean(ref.id),
                ),
            ).fetchall()

        await self._database.write(work)

    async def copy_stands(self, copy: int, ts: str, *, says: str) -> None:
        """Note that it stands and what it says; where it has more to say by now, it is due again."""
        await self._change_copy(
            f"ts = ?, ambiguous = 0, not_before = NULL,"
            f" state = iif(coalesce(recall, iif(gone IS NULL, '', '{GONE}')) = ?, ?, ?)",
            copy,
            clean(ts),
            says,
            _Row.STANDS,
            _Row.WAITING,
        )

    async def copy_later(self, copy: int, not_before: datetime, *, ambiguous: bool) -> None:
        """Try again at that time."""
        await self._change_copy(
            "state = ?, not_before = ?, ambiguous = ?",
            copy,
            _Row.WAITING,
            instant(not_before),
            int(ambiguous),
        )

    async def drop_copy(self, copy: int, why: str) -> None:
        """Give up on a copy. Kept with the reason."""
        await self._change_copy("state = ?, why = ?", copy, _Row.DROPPED, clean(why))

    async def copy_at(self, channel: str, ts: str) -> TargetRef | None:
        """Find what a copy of ours is about, by its message."""

        def work(connection: Connection) -> TargetRef | None:
            row = connection.execute(
                "SELECT provider, target FROM copy WHERE channel = ? AND ts = ? LIMIT 1",
                (clean(channel), clean(ts)),
            ).fetchone()
            return TargetRef(provider=ProviderName(row[0]), id=TargetId(row[1])) if row else None

        return await self._database.read(work)

    async def _change_copy(self, changes: str, copy: int, *values: object) -> None:
        def work(connection: Connection) -> None:
            connection.execute(f"UPDATE copy SET {changes} WHERE id = ?", (*values, copy)).fetchall()  # noqa: S608 - no foreign text

        await self._database.write(work)


def doubt_interrupted_copies(connection: Connection, now: datetime) -> None:
    """After a start: what was being posted when the process died may stand or not, or come to stand yet."""
    connection.execute(
        f"UPDATE copy SET state = ?, ambiguous = 1, not_before = ? WHERE state = {_Row.SENDING:d}",  # noqa: S608 - a number, so that its index is used
        (_Row.WAITING, instant(now + IN_FLIGHT)),
    ).fetchall()


def _copy(
    connection: Connection,
    number: int,
    provider: str,
    target: str,
    channel: str,
    body: str,
    at: int,
    ts: str | None,
    recall: str | None,
    tries: int,
    ambiguous: int,
    gone: int | None,
) -> Copy:
    return Copy(
        id=number,
        key=f"copy:{provider}:{target}",
        target=load(Target, body),
        channel=channel,
        at=moment(at),
        ts=ts,
        recall=read_recall(connection, RecallId(recall)) if recall else None,
        tries=tries,
        ambiguous=bool(ambiguous),
        gone=None if gone is None else moment(gone),
    )
