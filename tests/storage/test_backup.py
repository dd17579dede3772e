from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.ports import Store
from storage import open_reader, verify_audit
from storage.backup import back_up
from tests.builders import make_card, make_recall, proposal


async def test_a_backup_beside_a_running_store_holds_everything_and_only_its_owner_reads_it(
    store: Store, url: str, tmp_path: Path
) -> None:
    recall = make_recall()
    await store.propose(proposal(recall), make_card())
    to = tmp_path / "copy.db"

    size = await back_up(url, to)

    assert size == to.stat().st_size > 0
    assert to.stat().st_mode & 0o077 == 0
    copy = await open_reader(f"sqlite:///{to}")
    try:
        assert await copy.recall(recall.id) == recall
        assert (await verify_audit(copy)).whole
    finally:
        await copy.close()


async def test_a_backup_never_writes_over_a_file(store: Store, url: str, tmp_path: Path) -> None:
    to = tmp_path / "precious.db"
    to.write_text("mine")

    with pytest.raises(StorageError, match="exists already"):
        await back_up(url, to)

    assert to.read_text() == "mine"


async def test_without_a_database_or_a_place_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database"):
        await back_up(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")

    assert list(tmp_path.iterdir()) == []


async def test_a_damaged_database_gives_no_backup(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"this is no database" * 500)

    with pytest.raises(StorageError):
        await back_up(f"sqlite:///{tmp_path}/bad.db", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()
