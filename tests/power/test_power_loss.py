"""The power goes at any moment of a recall: nothing that was acknowledged is lost, and the file opens again."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import app
from bot.recall import State
from storage import open_store, verify_audit
from storage.file import Connection
from tests.builders import FixedClock
from tests.power.disk import Disk, Fate
from tests.power.filesystem import WatchedFiles
from tests.power.witness import Witness, WitnessedConnection, laid_out, sound
from tests.stories.conftest import Story

SEED = 20260302


@pytest.fixture
def witnessed(quiet: Story, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Witness]:
    def watch(synchronous: str) -> Witness:
        disk = Disk()
        witness = Witness(disk=disk)
        files = WatchedFiles(f"watched-{quiet.folder.name}", disk)

        def connect(path: Path, *, read_only: bool) -> Connection:
            real = files.connect(path, read_only=read_only)
            return real if read_only else WitnessedConnection(real, witness, synchronous)

        monkeypatch.setattr(app, "open_store", partial(open_store, connect=connect))
        return witness

    return watch


async def recalled(story: Story) -> None:
    """A whole recall, from the command to the last status."""
    await story.starts()
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    await story.told(card, 3)


def cuts(witness: Witness) -> list[int]:
    """The moments that differ: before each sync, and right after each acknowledgement."""
    return sorted({*witness.disk.syncs, *witness.acknowledged})


async def test_whatever_was_acknowledged_outlives_a_power_cut_at_any_moment(
    quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("FULL")
    await recalled(quiet)

    chance = random.Random(SEED)
    lost = []
    for cut in cuts(witness):
        for fate in Fate:
            left = witness.disk.after_a_power_cut(cut, fate, chance)
            database = laid_out(left, tmp_path / f"{cut}-{fate}")
            found = sound(database, witness)
            if found is None or found < witness.owed(cut):
                lost.append(f"{fate} before deed {cut}: {found} of {witness.owed(cut)} commits")
    assert lost == []


async def test_turned_down_to_normal_it_would_lose_what_was_acknowledged(
    quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("NORMAL")
    await recalled(quiet)

    lost = 0
    for cut in cuts(witness):
        left = witness.disk.after_a_power_cut(cut, Fate.LOST, random.Random(SEED))
        found = sound(laid_out(left, tmp_path / str(cut)), witness)
        lost += found is None or found < witness.owed(cut)

    assert lost > len(cuts(witness)) / 2


async def test_a_file_that_a_power_cut_left_opens_again_with_its_record_whole(
    quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("FULL")
    await recalled(quiet)

    chance = random.Random(SEED)
    for cut in cuts(witness)[::4]:
        database = laid_out(witness.disk.after_a_power_cut(cut, Fate.TORN, chance), tmp_path / str(cut))
        store = await open_store(f"sqlite:///{database}", clock=FixedClock())
        audit = await verify_audit(store)
        await store.close()
        assert audit.whole, audit.broken
