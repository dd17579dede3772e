"""Requests of people, kept before they are acknowledged."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.ports import Clock, Request
from storage.codec import clean, dump, instant, moment
from storage.database import Database
from storage.file import Connection
from storage.intake import Intake

KEPT = timedelta(days=7)
"""How long an answered request is remembered; Slack repeats an envelope for minutes, not days."""


class SqliteInbox:
    """`bot.ports.Inbox` on SQLite."""

    _database: Database
    _intake: Intake
    _clock: Clock

    async def keep(self, request: Request) -> bool:
        """Write a request durably. False: its key was kept before. Raises StorageError."""
        row = (clean(request.key), request.verb, dump(request.body), instant(request.at))
        return await self._intake.keep(row)

    async def answered(self, key: str) -> None:
        """Mark a request as carried out and answered: it will not be replayed."""
        await self._database.write(lambda connection: mark_answered(connection, key))

    async def forget_old(self) -> None:
        """Drop requests that are a week old and answered, or that need no answer."""
        now = self._clock.now()
        await self._database.write(lambda connection: forget_old(connection, now))

    async def unanswered(self) -> Sequence[Request]:
        """List requests with a verb that were kept and never answered, oldest first."""

        def work(connection: Connection) -> Sequence[Request]:
            rows = connection.execute(
                "SELECT key, verb, body, at FROM request WHERE answered = 0 AND verb <> '' ORDER BY at, rowid"
            )
            return [
                Request(key=key, verb=verb, body=json.loads(body), at=moment(at))
                for key, verb, body, at in rows
            ]

        return await self._database.read(work)


def mark_answered(connection: Connection, key: str) -> None:
    """Mark a request as answered within the caller's transaction."""
    connection.execute("UPDATE request SET answered = 1 WHERE key = ?", (clean(key),)).fetchall()


def forget_old(connection: Connection, now: datetime) -> None:
    """Drop old requests that are answered or need no answer."""
    connection.execute(
        "DELETE FROM request WHERE at < ? AND (answered OR verb = '')", (instant(now - KEPT),)
    ).fetchall()
