"""Rows of chunks: their items, one byte per item, what was noted about items, and the running totals.

Every change of a chunk's bytes goes with one of `tally` in the same transaction (here and in `storage.claims`), so that
a recall of a million items is counted by reading seven rows.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from bot.ports import Chunk, ItemId
from bot.recall import RecallId
from bot.target import ItemState, Outcome
from storage.codec import dump
from storage.file import Connection

CHUNK = 1000
"""Items per chunk: one row, one byte each."""

PENDING, INTENT = bytes([ItemState.PENDING]), bytes([ItemState.INTENT])

_STATES = {int(state): state for state in ItemState}
_CODES = tuple(bytes([state]) for state in ItemState)


class StoredItems(Sequence[ItemId]):
    """A chunk's items as they stand on disk. Far more are claimed ahead than are asked for, and as text they take a fifth.

    Each look reads all of them; whoever asks for one after the other makes a tuple of them first.
    """

    __slots__ = ("_ids", "_many")

    def __init__(self, ids: str, many: int) -> None:
        """Take the column, and how many there are in it."""
        self._ids = ids
        self._many = many

    def __len__(self) -> int:
        """Count them without reading them."""
        return self._many

    @overload
    def __getitem__(self, place: int) -> ItemId: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ItemId]: ...
    def __getitem__(self, place: int | slice) -> ItemId | Sequence[ItemId]:
        """Read one, or some."""
        return self._read()[place]

    def __iter__(self) -> Iterator[ItemId]:
        """Read all."""
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        """Compare item by item."""
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Hash as the tuple of them does."""
        return hash(self._read())

    def _read(self) -> tuple[ItemId, ...]:
        return tuple(json.loads(self._ids))


Row = tuple[int, bytes, int]
"""A chunk's number, codes and fence."""


def add_chunks(connection: Connection, recall: RecallId, items: Sequence[str]) -> None:
    """Append items as chunks of PENDING ones."""
    last = connection.execute(
        "SELECT number + 1, start + length(codes) FROM chunk WHERE recall = ? ORDER BY number DESC LIMIT 1",
        (recall,),
    ).fetchone()
    number, start = last or (0, 0)
    pieces = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    connection.executemany(
        "INSERT INTO chunk (recall, number, start, codes, todo) VALUES (?, ?, ?, ?, ?)",
        [
            (recall, number + n, start + n * CHUNK, PENDING * len(piece), len(piece))
            for n, piece in enumerate(pieces)
        ],
    )
    connection.executemany(
        "INSERT INTO chunk_items (recall, number, ids) VALUES (?, ?, ?)",
        [(recall, number + n, json.dumps(piece)) for n, piece in enumerate(pieces)],
    )
    add(connection, recall, {int(ItemState.PENDING): len(items)})


def forget_chunks(connection: Connection, recall: RecallId, start: int) -> None:
    """Drop what was planned from a number on, with all that is known of it."""
    rows = connection.execute(
        "DELETE FROM chunk WHERE recall = ? AND start >= ? RETURNING number, codes", (recall, start)
    ).fetchall()
    change = Counter[int]()
    for _, codes in rows:
        count(change, codes, b"")
    add(connection, recall, change)
    connection.execute(
        "DELETE FROM chunk_items WHERE recall = ? AND number IN (SELECT value FROM json_each(?))",
        (recall, json.dumps([number for number, _ in rows])),
    ).fetchall()
    connection.execute("DELETE FROM item_note WHERE recall = ? AND n >= ?", (recall, start)).fetchall()


def read_chunk(connection: Connection, recall: RecallId, row: Row) -> Chunk:
    """Read a chunk's items beside its row."""
    number, codes, fence = row
    (ids,) = connection.execute(
        "SELECT ids FROM chunk_items WHERE recall = ? AND number = ?", (recall, number)
    ).fetchone()
    items = StoredItems(ids, len(codes))
    return Chunk(recall=recall, number=number, items=items, codes=codes, fence=fence)


def write_chunk(
    connection: Connection, recall: RecallId, number: int, *, before: bytes, codes: bytes
) -> None:
    """Write a chunk's bytes, which were these before, and the totals with them; a claim is given back."""
    connection.execute(
        "UPDATE chunk SET codes = ?, todo = ?, owner = NULL, lease_until = NULL, fence = fence + 1"
        " WHERE recall = ? AND number = ?",
        (codes, open_items(codes), recall, number),
    ).fetchall()
    change = Counter[int]()
    count(change, before, codes)
    add(connection, recall, change)


def open_items(codes: bytes) -> int:
    """Count what is PENDING or INTENT."""
    return codes.count(PENDING) + codes.count(INTENT)


def counts(connection: Connection, recall: RecallId) -> Mapping[ItemState, int]:
    """Count items by state; empty where nothing is planned."""
    rows = connection.execute("SELECT state, n FROM tally WHERE recall = ? AND n > 0", (recall,))
    return {_STATES[state]: n for state, n in rows}


def recipients(connection: Connection, recall: RecallId) -> Mapping[ItemState, int]:
    """Count recipients by what became of their copies; empty where no outcome tells them apart."""
    rows = connection.execute(
        "SELECT json_extract(each.value, '$.state'), count(*)"
        " FROM item_note, json_each(item_note.outcome, '$.recipients') AS each"
        " WHERE item_note.recall = ? AND item_note.recipients > 0 GROUP BY 1",
        (recall,),
    )
    return {ItemState(state): count for state, count in rows}


def note(
    connection: Connection, recall: RecallId, start: int, outcomes: Mapping[int, Outcome], at: int
) -> None:
    """Note outcomes; what the vendor named a request at first is kept, for later answers don't name it."""
    connection.executemany(
        "INSERT INTO item_note (recall, n, outcome, recipients, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (recall, n) DO UPDATE SET at = excluded.at, recipients = excluded.recipients, outcome = CASE"
        " WHEN json_extract(excluded.outcome, '$.receipt') IS NULL"
        " AND json_extract(item_note.outcome, '$.receipt') IS NOT NULL"
        " THEN json_set(excluded.outcome, '$.receipt', json_extract(item_note.outcome, '$.receipt'))"
        " ELSE excluded.outcome END",
        [(recall, start + n, dump(outcome), len(outcome.recipients), at) for n, outcome in outcomes.items()],
    )


def reopen(connection: Connection, recall: RecallId, wanted: bytes) -> int:
    """Put items of these states back to PENDING, UNKNOWN ones to INTENT; what was noted about them is forgotten."""
    anew = {int(ItemState.UNKNOWN): int(ItemState.INTENT)}
    table = bytes(anew.get(code, int(ItemState.PENDING)) if code in wanted else code for code in range(256))
    reopened = 0
    rows = connection.execute("SELECT number, start, codes FROM chunk WHERE recall = ?", (recall,)).fetchall()
    for number, start, codes in rows:
        places = [place for place, code in enumerate(codes) if code in wanted]
        if not places:
            continue
        reopened += len(places)
        write_chunk(connection, recall, number, before=codes, codes=codes.translate(table))
        connection.executemany(
            "DELETE FROM item_note WHERE recall = ? AND n = ?", [(recall, start + place) for place in places]
        )
    return reopened


def count_anew(connection: Connection) -> None:
    """Fill the totals from the chunks; for databases that were written before there were any."""
    rows = connection.execute("SELECT recall, codes FROM chunk").fetchall()
    for recall, codes in rows:
        add(connection, RecallId(recall), {n: codes.count(code) for n, code in enumerate(_CODES)})


def count(change: Counter[int], before: bytes, after: bytes) -> None:
    """Note by how much the totals change where a chunk's bytes do."""
    if before != after:
        for codes, sign in ((after, 1), (before, -1)):
            if codes and codes == codes[:1] * len(
                codes
            ):  # most are all alike, and counting a thousand takes its time
                change[codes[0]] += sign * len(codes)
                continue
            for n, code in enumerate(_CODES):
                change[n] += sign * codes.count(code)


def add(connection: Connection, recall: RecallId, change: Mapping[int, int]) -> None:
    """Change the totals."""
    changed = [(state, n) for state, n in change.items() if n]
    if not changed:
        return
    connection.execute(
        "INSERT INTO tally (recall, state, n)"
        " SELECT ?, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true"
        " ON CONFLICT (recall, state) DO UPDATE SET n = n + excluded.n",
        (recall, json.dumps(changed)),
    ).fetchall()
