"""The power goes, or the disk fails, below the real bot in the middle of a recall; it goes on, or says what was not kept.

The recorded cuts (test_power_loss.py) try every moment; these try some, but to the end of the story. `make soak` takes more.
"""

from pathlib import Path

import pytest

from tests.crash.enumeration import run
from tests.crash.ills import Ills
from tests.power.disk import Fate
from tests.power.plug import Ailing, Trouble

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

CUTS = (
    ("sync 2", Fate.LOST),
    ("sync 9", Fate.TORN),
    ("answered tools/call campaign_recall 1", Fate.LOST),
    ("sync 17", Fate.REORDERED),
)
FAILURES = (
    Ailing(trouble=Trouble.FULL, what="write", first=1, times=10),
    Ailing(trouble=Trouble.FULL, what="write", first=90, times=6),
    Ailing(trouble=Trouble.IO_ERROR, what="write", first=60, times=4),
    Ailing(trouble=Trouble.IO_ERROR, what="sync", first=12, times=2),
)


@pytest.mark.parametrize(("point", "fate"), CUTS)
async def test_a_recall_goes_on_after_a_power_cut(point: str, fate: Fate, tmp_path: Path) -> None:
    stage = await run("push", tmp_path / "cut", [point], Ills(ailing=Ailing(fate=fate, seed=7)))

    assert stage.deaths == 1


async def test_a_recall_goes_on_after_one_power_cut_upon_the_other(tmp_path: Path) -> None:
    stage = await run(
        "push", tmp_path / "cuts", ["sync 12", "sync 2", "sync 3"], Ills(ailing=Ailing(fate=Fate.TORN))
    )

    assert stage.deaths >= 2


@pytest.mark.parametrize("ailing", FAILURES, ids=str)
async def test_a_disk_that_fails_for_a_while_loses_nothing_that_was_heard(
    ailing: Ailing, tmp_path: Path
) -> None:
    stage = await run("push", tmp_path / "ailing", [], Ills(ailing=ailing))

    assert stage.deaths == 0
    counted = [each.split(" of ")[0] for each in stage.points()]
    assert f"{ailing.what} {ailing.first}" in counted, "the failure never came"
