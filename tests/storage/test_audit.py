import sqlite3
from pathlib import Path

import pytest

from bot.ports import NoticeKind
from bot.recall import Kind, step
from storage import open_reader, open_store, verify_audit
from storage.store import SqliteStore
from tests.builders import BOB, T0, FixedClock, make_card, make_recall, make_target, proposal


async def history(store: SqliteStore) -> None:
    for n in range(3):
        recall = make_recall(id=f"r{n}", target=make_target(id=str(n)))
        await store.propose(proposal(recall), make_card(recall=recall.id, id=f"c{n}"))
        move = step(recall, Kind.CONFIRMED, at=T0, by=BOB, data={"name": "ü <!here> \ud83d"})
        await store.move(move, [NoticeKind.REPLY])


@pytest.fixture
async def written(url: str, path: Path, clock: FixedClock) -> Path:
    store = await open_store(url, clock=clock)
    await history(store)
    await store.close()
    return path


def tamper(path: Path, *statements: str) -> None:
    """Change the file as somebody with a shell could, past the triggers."""
    connection = sqlite3.connect(path)
    for name in ("event_is_never_changed", "event_is_never_deleted"):
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


async def audited(url: str) -> str | None:
    reader = await open_reader(url)
    audit = await verify_audit(reader)
    await reader.close()
    return audit.broken


async def test_an_untouched_record_fits_to_its_end(store: SqliteStore) -> None:
    await history(store)

    audit = await verify_audit(store)

    assert (audit.whole, audit.events, len(audit.head)) == (True, 6, 64)


async def test_an_empty_record_fits(store: SqliteStore) -> None:
    audit = await verify_audit(store)

    assert (audit.whole, audit.events) == (True, 0)


@pytest.mark.parametrize(
    "change", ["team = 'T2'", "user = 'U_EVE'", "kind = 'declined'", "at = at + 1", "data = '{}'"]
)
async def test_a_changed_event_is_named(written: Path, url: str, change: str) -> None:
    tamper(written, f"UPDATE event SET {change} WHERE n = 4")

    broken = await audited(url)

    assert broken is not None
    assert broken.startswith("Event 4 (recall r1, step 2,")


async def test_a_removed_event_is_named(written: Path, url: str) -> None:
    tamper(written, "DELETE FROM event WHERE n = 3")

    assert await audited(url) == "Event 3 is missing: the next one is 4 (recall r1, confirmed)."


async def test_a_cut_off_end_is_named_by_its_recall(written: Path, url: str) -> None:
    tamper(written, "DELETE FROM event WHERE n = 6")

    assert await audited(url) == "Recall r2 has moved 2 times, but its record holds 1 events."


@pytest.mark.parametrize("statement", ["UPDATE event SET user = 'U_EVE'", "DELETE FROM event"])
async def test_the_database_itself_refuses_to_change_the_record(written: Path, statement: str) -> None:
    connection = sqlite3.connect(written)
    with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        connection.execute(statement)
    connection.close()
