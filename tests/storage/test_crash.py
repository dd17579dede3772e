import subprocess
import sys
from pathlib import Path

import pytest

from bot.ports import Store
from bot.recall import RecallId
from storage import open_reader, open_store, verify_audit
from tests.builders import FixedClock

ROOT = Path(__file__).parents[2]


def killed_while_writing(url: str, begin: int, lines: int) -> list[list[str]]:
    """Run a process that writes, kill it after so many acknowledgements, and return all that it said."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.writing_child", url, str(begin)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    return [line.split() for line in said if line.endswith("\n")]


async def assert_all_there(store: Store, said: list[list[str]]) -> None:
    kept = {request.key for request in await store.unanswered()}
    assert {words[1] for words in said if words[0] == "kept"} <= kept
    reached = {words[1]: int(words[2]) for words in said if words[0] == "version"}
    for name, version in reached.items():
        recall = await store.recall(RecallId(name))
        assert recall is not None
        assert recall.version >= version
        assert [event.seq for event in await store.events(recall.id)] == list(range(1, recall.version + 1))


@pytest.mark.crash
async def test_whatever_was_acknowledged_before_a_kill_is_there_afterwards(url: str) -> None:
    said: list[list[str]] = []
    for begin in range(4):
        said += killed_while_writing(url, begin, 40 + 57 * begin)

        store = await open_store(url, clock=FixedClock())
        await assert_all_there(store, said)
        audit = await verify_audit(store)
        await store.close()
        assert audit.whole, audit.broken


@pytest.mark.crash
async def test_after_a_kill_the_history_can_be_read_before_anything_is_started_again(url: str) -> None:
    said = killed_while_writing(url, 0, 60)

    reader = await open_reader(url)
    await assert_all_there(reader, said)
    await reader.close()
