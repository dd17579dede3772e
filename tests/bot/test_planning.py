"""When a recall may begin that is put off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.planning import UnfitTimeError, can_wait, must_fit
from bot.target import Operation, Target
from tests.builders import make_target

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def closing(after: timedelta | None, operation: Operation = Operation.RECALL) -> Target:
    """A target whose window ends so long after now."""
    target = make_target()
    closes = None if after is None else NOW + after
    return replace(target, capability=replace(target.capability, operation=operation, closes_at=closes))


@pytest.mark.parametrize(
    ("window", "due", "says"),
    [
        (None, timedelta(), "over already"),
        (None, -HOUR, "over already"),
        (HOUR, HOUR, "ends before then"),
        (HOUR, 2 * HOUR, "ends before then"),
        (None, timedelta(days=366), "more than a year"),
    ],
)
def test_a_moment_that_can_not_be_is_refused_in_words(
    window: timedelta | None, due: timedelta, says: str
) -> None:
    with pytest.raises(UnfitTimeError, match=says):
        must_fit(closing(window), NOW, NOW + due)


def test_a_moment_within_the_window_is_fine() -> None:
    must_fit(closing(HOUR), NOW, NOW + HOUR / 2)
    must_fit(closing(None), NOW, NOW + timedelta(days=30))


def test_planning_is_offered_only_where_there_is_something_to_wait_for() -> None:
    assert can_wait(closing(None), NOW)
    assert can_wait(closing(HOUR), NOW)
    assert not can_wait(closing(timedelta(minutes=5)), NOW)
    assert not can_wait(closing(None, Operation.MANUAL), NOW)
