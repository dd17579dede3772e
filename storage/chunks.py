"""Rows of chunks: their items, one byte per item, what was noted about items, and the running totals.

Every change of a chunk's bytes goes through `write_chunk` or `add_chunks`, which keep `tally` right, so that a
recall of a million items is counted by reading seven rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from bot.ports import Chunk, ItemId, Tally, Written
from bot.recall import RecallId
from bot.target import ItemState, Outcome
from storage.codec import dump
from storage.file import Connection

CHUNK = 1000
"""Items per chunk: one row, one byte each."""

PENDING, INTENT = bytes([ItemState.PENDING]), bytes([ItemState.INTENT])

_STATES = {int(state): state for state in ItemState}
_CODES = tuple(bytes([state]) for state in ItemState)

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
    _add(connection, recall, {int(ItemState.PENDING): len(items)})


def forget_chunks(connection: Connection, recall: RecallId) -> None:
    """Drop everything that was planned."""
    for table in ("chunk_items", "chunk", "item_note", "tally"):
        connection.execute(f"DELETE FROM {table} WHERE recall = ?", (recall,)).fetchall()  # noqa: S608 - constants


def read_chunk(connection: Connection, recall: RecallId, row: Row) -> Chunk:
    """Read a chunk's items beside its row."""
    number, codes, fence = row
    (ids,) = connection.execute(
        "SELECT ids FROM chunk_items WHERE recall = ? AND number = ?", (recall, number)
    ).fetchone()
    items: tuple[ItemId, ...] = tuple(json.loads(ids))
    return Chunk(recall=recall, number=number, items=items, codes=codes, fence=fence)


def write_chunk(
    connection: Connection,
    recall: RecallId,
    number: int,
    codes: bytes,
    *,
    until: int | None,
    fence: int | None = None,
) -> int | None:
    """Write a chunk's bytes, and the totals with them; returns the place of its first item.

    Args:
        connection: within the caller's transaction.
        recall: whose chunk.
        number: which one.
        codes: one byte per item.
        until: the new end of the lease; None gives the claim back, under a new fence.
        fence: what the writer knows; None: whatever it is. None is returned where it is another by now.
    """
    row = connection.execute(
        "SELECT start, codes, fence FROM chunk WHERE recall = ? AND number = ?", (recall, number)
    ).fetchone()
    if row is None or fence not in {None, row[2]}:
        return None
    start: int = row[0]
    todo = codes.count(PENDING) + codes.count(INTENT)
    if until is None:
        connection.execute(
            "UPDATE chunk SET codes = ?, todo = ?, owner = NULL, lease_until = NULL, fence = fence + 1"
            " WHERE recall = ? AND number = ?",
            (codes, todo, recall, number),
        ).fetchall()
    else:
        connection.execute(
            "UPDATE chunk SET codes = ?, todo = ?, lease_until = ? WHERE recall = ? AND number = ?",
            (codes, todo, until, recall, number),
        ).fetchall()
    _move(connection, recall, row[1], codes)
    return start


def write_all(
    connection: Connection, recall: RecallId, written: Iterable[Written], *, until: int, at: int
) -> frozenset[int]:
    """Write what is known of claimed chunks; returns the numbers of those that are somebody else's by now."""
    lost = set()
    for each in written:
        chunk = each.chunk
        end = None if each.back else until
        start = write_chunk(connection, recall, chunk.number, each.codes, until=end, fence=chunk.fence)
        if start is None:
            lost.add(chunk.number)
        elif each.outcomes:
            note(connection, recall, start, each.outcomes, at)
    return frozenset(lost)


def intend(
    connection: Connection, recall: RecallId, row: Row, *, owner: str, until: int, all_of_it: bool
) -> Chunk:
    """Claim a chunk under a new fence; with `all_of_it` what is PENDING becomes INTENT."""
    number, codes, fence = row
    meant = codes.replace(PENDING, INTENT) if all_of_it else codes
    connection.execute(
        "UPDATE chunk SET owner = ?, lease_until = ?, fence = ?, codes = ? WHERE recall = ? AND number = ?",
        (owner, until, fence + 1, meant, recall, number),
    ).fetchall()
    _move(connection, recall, codes, meant)
    return read_chunk(connection, recall, (number, codes, fence + 1))


def tally(connection: Connection, recall: RecallId) -> Tally:
    """Count items and recipients by state."""
    return Tally(items=counts(connection, recall), recipients=recipients(connection, recall))


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
        write_chunk(connection, recall, number, codes.translate(table), until=None)
        connection.executemany(
            "DELETE FROM item_note WHERE recall = ? AND n = ?", [(recall, start + place) for place in places]
        )
    return reopened


def count_anew(connection: Connection) -> None:
    """Fill the totals from the chunks; for databases that were written before there were any."""
    rows = connection.execute("SELECT recall, codes FROM chunk").fetchall()
    for recall, codes in rows:
        _add(connection, RecallId(recall), {n: codes.count(code) for n, code in enumerate(_CODES)})


def _move(connection: Connection, recall: RecallId, before: bytes, after: bytes) -> None:
    if before != after:
        _add(
            connection,
            recall,
            {n: after.count(code) - before.count(code) for n, code in enumerate(_CODES)},
        )


def _add(connection: Connection, recall: RecallId, change: Mapping[int, int]) -> None:
    connection.executemany(
        "INSERT INTO tally (recall, state, n) VALUES (?, ?, ?)"
        " ON CONFLICT (recall, state) DO UPDATE SET n = n + excluded.n",
        [(recall, state, n) for state, n in change.items() if n],
    )
