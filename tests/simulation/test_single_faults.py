"""One fault at a time, in simulated time: how a recall ends, and that everything was told."""

from collections.abc import Iterator

import pytest

from bot.recall import Recall, State
from tests.simulation.checks import always, in_the_end, quiet
from tests.simulation.house import ANN, BOB
from tests.simulation.weather import STRIKES, Sky
from tests.simulation.world import World

PASSING = [*STRIKES, Sky.MIXED, Sky.AWAY, Sky.SLOW, Sky.REVOKED, Sky.CONFUSED]
HOUR = 3600.0


@pytest.fixture
def world() -> Iterator[World]:
    world = World(1)
    for vendor in world.vendors.values():
        world.refs += [vendor.sent(1, 500), vendor.sent(5, 500)]
    yield world
    world.close()


def proposed(world: World, number: int) -> Recall:
    world.asks(ANN, world.refs[number], "C1")
    return world.recalls()[-1]


def confirmed(world: World, number: int) -> Recall:
    recall = proposed(world, number)
    world.presses(ANN, "confirm", recall)
    return recall


def state(world: World, recall: Recall) -> State:
    return next(each.state for each in world.recalls() if each.id == recall.id)


def ended(world: World, *, hours: float = 1.0) -> None:
    """Let time pass until nothing is left to do, and look at everything."""
    for _ in range(int(hours * 60)):
        world.passes(60)
        always(world)
        if quiet(world):
            break
    in_the_end(world)


@pytest.mark.parametrize("sky", PASSING)
def test_whatever_slack_does_the_recall_runs_and_is_told_once_slack_is_well(world: World, sky: Sky) -> None:
    recall = confirmed(world, 1)
    world.slack.weather.changes(sky, 1.0)
    world.passes(100)
    assert state(world, recall) is State.DONE

    world.slack.weather.clears()

    ended(world, hours=0.2)


@pytest.mark.parametrize("sky", PASSING)
@pytest.mark.parametrize("number", [1, 5])
def test_whatever_one_vendor_does_nothing_false_is_said(world: World, sky: Sky, number: int) -> None:
    world.vendors[world.refs[number].provider].weather.changes(sky, 0.5)
    confirmed(world, number)
    other = confirmed(world, (number + 2) % 6)
    world.passes(60)
    assert state(world, other) is State.DONE

    ended(world)


@pytest.mark.parametrize("seconds", [-240.0, 240.0, -7200.0, 7200.0])
def test_a_clock_that_jumps_in_the_middle_loses_and_doubles_nothing(world: World, seconds: float) -> None:
    recall = confirmed(world, 3)
    world.passes(0.3)
    world.clock.off = seconds
    world.passes(60)
    world.crashes()
    world.clock.off = 0

    ended(world, hours=3)

    assert state(world, recall) is State.DONE


def test_a_machine_that_slept_for_hours_goes_on_where_it_was(world: World) -> None:
    recall = confirmed(world, 1)
    world.passes(0.3)
    world.loop.skip(5 * HOUR)

    ended(world, hours=0.5)

    assert state(world, recall) is State.DONE


def test_a_card_that_nobody_answered_closes_after_the_machine_slept(world: World) -> None:
    recall = proposed(world, 0)
    world.loop.skip(5 * HOUR)
    world.presses(BOB, "confirm", recall)

    ended(world, hours=0.1)

    assert state(world, recall) is State.EXPIRED
    assert world.vendors["a"].sendings["a0"].things["a0"].gone_at is None


def test_a_loop_that_was_blocked_for_a_minute_sends_nothing_twice(world: World) -> None:
    recall = confirmed(world, 5)
    world.passes(0.4)
    world.loop.skip(60)

    ended(world, hours=0.5)

    assert state(world, recall) is State.DONE
    assert all(sum(each.effects.values()) == 1 for each in world.vendors["c"].sendings["c1"].things.values())


@pytest.mark.parametrize("turns", range(0, 40, 8))
def test_a_crash_at_any_turn_of_the_loop_loses_and_doubles_nothing(world: World, turns: int) -> None:
    confirmed(world, 1)
    confirmed(world, 5)
    world.passes(0.2, turns)
    world.crashes()

    ended(world, hours=0.2)
