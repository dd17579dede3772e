"""Gates: vendors' words to wait, which outlive a restart."""

from datetime import datetime

from bot.ports import Gate
from storage.codec import clean, instant, moment
from storage.database import Database
from storage.file import Connection


class SqliteGates:
    """The part of `bot.ports.Work` that knows which vendor asked us to wait, on SQLite."""

    _database: Database

    async def gate(self, account: str, now: datetime) -> Gate | None:
        """Read until when a vendor asked us to wait; None where it does not, or the time is over."""
        return await self._database.read(lambda connection: read_gate(connection, account, instant(now)))


def read_gate(connection: Connection, account: str, now: int) -> Gate | None:
    """Read an account's gate; None where none is shut."""
    row = connection.execute(
        "SELECT held_until, why FROM gate WHERE provider = ? AND held_until > ?", (clean(account), now)
    ).fetchone()
    return Gate(account=account, until=moment(row[0]), why=row[1]) if row else None


def hold_back(connection: Connection, gate: Gate) -> None:
    """Note a vendor's word to wait within the caller's transaction; a later end counts."""
    connection.execute(
        "INSERT INTO gate (provider, held_until, why) VALUES (?, ?, ?) ON CONFLICT (provider)"
        " DO UPDATE SET held_until = max(held_until, excluded.held_until), why = excluded.why",
        (clean(gate.account), instant(gate.until), clean(gate.why)),
    ).fetchall()
