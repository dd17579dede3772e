"""The power goes at any moment of a recall: nothing that was acknowledged is lost, and the file opens again."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import app
import storage.chunks
from storage import open_store, verify_audit
from storage.file import Connection
from tests.builders import FixedClock
from tests.power.disk import Disk, Fate
from tests.power.filesystem import WatchedFiles
from tests.power.plays import CHUNK, PLAYS, push
from tests.power.witness import Witness, WitnessedConnection, intended, laid_out, sound
from tests.stories.conftest import Story

SEED = 20260302
EVERY = {"push": 1, "letters": 1, "batches": 1}


@pytest.fixture
def witnessed(quiet: Story, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Witness]:
    def watch(synchronous: str) -> Witness:
        monkeypatch.setattr(storage.chunks, "CHUNK", CHUNK)
        disk = Disk()
        witness = Witness(disk=disk)
        files = WatchedFiles(f"watched-{quiet.folder.name}", disk)

        def connect(path: Path, *, read_only: bool) -> Connection:
            real = files.connect(path, read_only=read_only)
            return real if read_only else WitnessedConnection(real, witness, synchronous)

        monkeypatch.setattr(app, "open_store", partial(open_store, connect=connect))
        return witness

    return watch


def cuts(witness: Witness) -> list[int]:
    """The moments that differ: before each sync, and right after each acknowledgement."""
    return sorted({*witness.disk.syncs, *witness.acknowledged})


@pytest.mark.parametrize("play", PLAYS)
async def test_whatever_was_acknowledged_outlives_a_power_cut_at_any_moment(
    play: str, quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("FULL")
    await PLAYS[play](quiet, witness)

    chance = random.Random(SEED)
    lost = []
    for cut in cuts(witness)[:: EVERY[play]]:
        for fate in Fate:
            left = witness.disk.after_a_power_cut(cut, fate, chance)
            database = laid_out(left, tmp_path / f"{cut}-{fate}")
            found = sound(database, witness)
            if found is None or found < witness.owed(cut):
                lost.append(f"{fate} before deed {cut}: {found} of {witness.owed(cut)} commits")
            elif forgotten := witness.asked(cut) - intended(database):
                lost.append(f"{fate} before deed {cut}: nobody knows that these were asked for: {forgotten}")
    assert lost == []


@pytest.mark.parametrize("play", PLAYS)
async def test_turned_down_to_normal_it_would_lose_what_was_acknowledged(
    play: str, quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("NORMAL")
    await PLAYS[play](quiet, witness)

    tried = cuts(witness)[:: EVERY[play]]
    lost = 0
    for cut in tried:
        left = witness.disk.after_a_power_cut(cut, Fate.LOST, random.Random(SEED))
        found = sound(laid_out(left, tmp_path / str(cut)), witness)
        lost += found is None or found < witness.owed(cut)

    assert lost > len(tried) / 2


async def test_a_file_that_a_power_cut_left_opens_again_with_its_record_whole(
    quiet: Story, witnessed: Callable[[str], Witness], tmp_path: Path
) -> None:
    witness = witnessed("FULL")
    await push(quiet, witness)

    chance = random.Random(SEED)
    for cut in cuts(witness)[::4]:
        database = laid_out(witness.disk.after_a_power_cut(cut, Fate.TORN, chance), tmp_path / str(cut))
        store = await open_store(f"sqlite:///{database}", clock=FixedClock())
        audit = await verify_audit(store)
        await store.close()
        assert audit.whole, audit.broken
