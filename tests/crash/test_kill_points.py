"""The bot is killed (-9) at each commit and each outgoing call of a recall, one run per point; nothing is lost or done twice.

The points are numbered; here every so-many-th is taken, each day others, so that the whole suite stays short; `make soak`
takes them all. docs/crash-tests.md says what is seen and what is not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.crash.enumeration import Enumeration, run

pytestmark = [pytest.mark.crash, pytest.mark.timeout(600)]

SURELY = (
    "before an ack 2",
    "after an ack 2",
    "before tools/call campaign_recall 1",
    "answered tools/call campaign_recall 1",
    "before POST /api/chat.postMessage 4",
    "answered POST /api/chat.postMessage 4",
    "before commit 12",
    "after commit 12",
)
"""Some of the points that every run comes to."""

EVERY = {"push": 8, "merge": 40, "once": 24, "stop": 40, "retry": 32, "schedule": 32}
TODAY = datetime.now(UTC).toordinal()


@pytest.mark.parametrize("tale", EVERY)
async def test_a_recall_survives_kills_all_along_its_way(
    tale: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    every = EVERY[tale]
    kills = Enumeration(tale=tale, folder=tmp_path)

    await kills.all(every=every, first=TODAY % every)

    record_property("shown", str(kills))
    assert len(kills.died_at) >= len(kills.points) // every - 2


async def test_the_points_that_matter_most_are_come_to(tmp_path: Path) -> None:
    push = Enumeration(tale="push", folder=tmp_path)

    await push.undisturbed()

    assert set(SURELY) <= set(push.points)


async def test_a_yes_that_was_heard_was_kept_before(tmp_path: Path) -> None:
    stage = await run("push", tmp_path / "heard", ["after an ack 2"])

    assert (stage.deaths, stage.acked) == (1, ["Yes, recall"])


async def test_a_yes_is_durable_before_anybody_is_told(tmp_path: Path) -> None:
    stage = await run("push", tmp_path / "told", ["before an ack 2"])

    assert stage.deaths == 1


async def test_a_bot_that_is_killed_again_while_it_recovers_still_ends_well(tmp_path: Path) -> None:
    again = Enumeration(tale="push", folder=tmp_path)

    await again.repeatedly(
        ["before tools/call campaign_recall 1", "after commit 3", "before commit 2", "after commit 4"]
    )

    assert len(again.died_at) >= 3
