"""The record: events in a chain of hashes, so that a change to any of them shows."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Protocol

from bot.recall import Actor, Event, Kind, RecallId
from storage.codec import dump, instant, moment
from storage.database import Database
from storage.file import Connection

START = "0" * 64
"""Stands before the first event."""

_COLUMNS = "n, recall, seq, kind, at, team, user, data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What checking the chain found."""

    events: int  # how many fitted, from the first on
    head: str  # the hash of the last one that fitted: keep it elsewhere to notice a cut-off end too
    broken: str | None = None  # the first row that does not fit, as a full sentence; None: all do

    @property
    def whole(self) -> bool:
        """Tell whether nothing was changed."""
        return self.broken is None


class Recorded(Protocol):
    """A store that stands on a database file."""

    _database: Database


async def verify_audit(store: Recorded) -> Audit:
    """Recompute the chain over every event, and name the first row that does not fit.

    A record that ends too early is noticed where its recall has moved on further. Reads only.
    """
    return await store._database.read(_verify)  # noqa: SLF001 - same room


def append(connection: Connection, event: Event) -> None:
    """Add an event to the chain within the caller's transaction."""
    last = connection.execute("SELECT n, hash FROM event ORDER BY n DESC LIMIT 1").fetchone()
    number, before = last or (0, START)
    row = (
        number + 1,
        event.recall,
        event.seq,
        event.kind.value,
        instant(event.at),
        event.by.team if event.by else None,
        event.by.user if event.by else None,
        dump(event.data),
    )
    connection.execute(
        f"INSERT INTO event ({_COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        (*row, _hash(before, row)),
    ).fetchall()


def read_events(connection: Connection, recall: RecallId) -> list[Event]:
    """Read a recall's record, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM event WHERE recall = ? ORDER BY seq",  # noqa: S608 - a constant
        (recall,),
    )
    return [_event(row) for row in rows]


def read_event(connection: Connection, recall: RecallId, seq: int) -> Event | None:
    """Read one line of a recall's record."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM event WHERE recall = ? AND seq = ?",  # noqa: S608 - a constant
        (recall, seq),
    ).fetchone()
    return _event(row) if row else None


def _event(row: tuple[Any, ...]) -> Event:
    _, recall, seq, kind, at, team, user, data = row
    return Event(
        recall=recall,
        seq=seq,
        kind=Kind(kind),
        at=moment(at),
        by=Actor(team=team, user=user) if user is not None else None,
        data=json.loads(data),
    )


def _hash(before: str, row: tuple[Any, ...]) -> str:
    return hashlib.sha256((before + dump(row)).encode()).hexdigest()


def _verify(connection: Connection) -> Audit:
    events, head = 0, START
    for *row, found in connection.execute(f"SELECT {_COLUMNS}, hash FROM event ORDER BY n"):  # noqa: S608 - a constant
        if row[0] != events + 1 or found != _hash(head, tuple(row)):
            return Audit(events=events, head=head, broken=_sentence(events + 1, row))
        events, head = events + 1, found
    short = connection.execute(
        "SELECT id, version, (SELECT count(*) FROM event WHERE event.recall = recall.id) AS kept FROM recall"
        " WHERE kept <> version ORDER BY at LIMIT 1"
    ).fetchone()
    broken = None
    if short:
        broken = f"Recall {short[0]} has moved {short[1]} times, but its record holds {short[2]} events."
    return Audit(events=events, head=head, broken=broken)


def _sentence(expected: int, row: list[Any]) -> str:
    if row[0] != expected:
        return f"Event {expected} is missing: the next one is {row[0]} (recall {row[1]}, {row[3]})."
    return f"Event {row[0]} (recall {row[1]}, step {row[2]}, {row[3]}) was changed after it was written, or one before it."
