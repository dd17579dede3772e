"""The bot is killed (-9) at each commit and each outgoing call of a recall, one run per point; nothing is lost or done twice.

A push campaign is killed at every point, the other tales at every so-many-th, each day at others; `make soak` takes
them all. docs/crash-tests.md says what is seen and what is not.
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

EVERY = {"merge": 40, "once": 24, "stop": 40}


async def test_a_push_campaign_survives_a_kill_at_each_of_its_points(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    push = Enumeration(tale="push", folder=tmp_path)

    await push.all()

    record_property("shown", str(push))
    assert set(SURELY) <= set(push.died_at)
    assert len(push.missed) <= len(push.points) // 10


@pytest.mark.parametrize("tale", EVERY)
async def test_other_recalls_survive_kills_all_along_their_way(
    tale: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    every = EVERY[tale]
    other = Enumeration(tale=tale, folder=tmp_path)

    await other.all(every=every, first=datetime.now(UTC).toordinal() % every)

    record_property("shown", str(other))
    assert len(other.died_at) >= len(other.points) // every - 2


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
