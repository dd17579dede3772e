"""Claimed chunks, many at a time: taking them, and writing what is known of them.

At every statement, and at every row of an answer, the writing thread lets go of the interpreter and has to wait until
it gets it back, which takes longest beside a fan-out at full speed. So a group of chunks is one question, and one answer
for all that changed alike, however many chunks it has.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from bot.ports import Chunk, Claim, Written
from bot.recall import RecallId
from storage import chunks
from storage.chunks import INTENT, PENDING
from storage.codec import instant
from storage.file import Connection

_THESE = "WHERE recall = ? AND number IN (SELECT value FROM json_each(?))"


def take(connection: Connection, recall: RecallId, claim: Claim) -> Sequence[Chunk]:
    """Take chunks with open items, those that were tried least first; none of a recall that is not going."""
    doubtful = f"AND instr(codes, x'{INTENT.hex()}')" if claim.doubtful else ""
    rows = connection.execute(
        "SELECT number, codes, fence, ids FROM chunk JOIN chunk_items USING (recall, number)"  # noqa: S608 - a constant
        " WHERE recall = ?1 AND todo > 0 AND (owner IS NULL OR owner = ?3 OR lease_until <= ?2)"
        f" AND number NOT IN (SELECT value FROM json_each(?5)) {doubtful} AND EXISTS"
        " (SELECT 1 FROM recall WHERE id = ?1 AND state IN ('queued', 'running', 'submitted'))"
        " ORDER BY fence, number LIMIT ?4",
        (recall, instant(claim.at), claim.owner, claim.most, json.dumps(list(claim.besides))),
    ).fetchall()
    alike = defaultdict[bytes, list[int]](list)
    change = Counter[int]()
    for number, codes, _, _ in rows:
        meant = codes.replace(PENDING, INTENT) if claim.intend else codes
        alike[meant].append(number)
        chunks.count(change, codes, meant)
    for meant, numbers in alike.items():
        connection.execute(
            f"UPDATE chunk SET owner = ?, lease_until = ?, fence = fence + 1, codes = ? {_THESE}",  # noqa: S608 - a constant
            (claim.owner, instant(claim.until), meant, recall, json.dumps(numbers)),
        ).fetchall()
    chunks.add(connection, recall, change)
    return [
        Chunk(
            recall=recall,
            number=number,
            items=chunks.StoredItems(ids, len(codes)),
            codes=codes,
            fence=fence + 1,
        )
        for number, codes, fence, ids in rows
    ]


def write(
    connection: Connection, recall: RecallId, written: Iterable[Written], *, until: int, at: int
) -> frozenset[int]:
    """Write what is known of claimed chunks; returns the numbers of those that are somebody else's by now."""
    known = {each.chunk.number: each for each in written}
    if not known:
        return frozenset()
    rows = connection.execute(
        f"SELECT number, start, codes, fence FROM chunk {_THESE}",  # noqa: S608 - a constant
        (recall, json.dumps(list(known))),
    ).fetchall()
    alike = defaultdict[tuple[bytes, bool], list[int]](list)
    change = Counter[int]()
    for number, start, codes, fence in rows:
        each = known[number]
        if fence != each.chunk.fence:
            continue
        alike[each.codes, each.back].append(number)
        chunks.count(change, codes, each.codes)
        if each.outcomes:
            chunks.note(connection, recall, start, each.outcomes, at)
    for (codes, back), numbers in alike.items():
        _write_alike(connection, recall, numbers, codes, None if back else until)
    chunks.add(connection, recall, change)
    return frozenset(known).difference(*alike.values())


def held(connection: Connection, recall: RecallId, written: Iterable[Written]) -> bool:
    """Say whether all of these chunks are still as they were claimed or read."""
    fences = {each.chunk.number: each.chunk.fence for each in written}
    rows = connection.execute(
        f"SELECT number, fence FROM chunk {_THESE}",  # noqa: S608 - a constant
        (recall, json.dumps(list(fences))),
    ).fetchall()
    return dict(rows) == fences


def _write_alike(
    connection: Connection, recall: RecallId, numbers: Sequence[int], codes: bytes, until: int | None
) -> None:
    """Give chunks the same bytes. `until`: the new end of the lease; None gives the claims back, under new fences."""
    claimed = "lease_until = ?" if until else "owner = NULL, lease_until = ?, fence = fence + 1"
    connection.execute(
        f"UPDATE chunk SET codes = ?, todo = ?, {claimed} {_THESE}",  # noqa: S608 - a constant
        (codes, chunks.open_items(codes), until, recall, json.dumps(numbers)),
    ).fetchall()
