"""No stretch of a window ever holds more calls than it may, and none waits that need not."""

from random import Random

import pytest

from bot.providers.window import SLOTS, Window


def played(window: Window, calls: int, begin: float = 0.0, each: float = 0.0) -> list[float]:
    """When so many calls begin, each as soon as it may and `each` seconds after the one before."""
    now, times = begin, []
    for _ in range(calls):
        now += window.wait(now)
        assert window.wait(now) == 0
        window.take(now)
        times.append(now)
        now += each
    return times


@pytest.mark.parametrize("each", [0.0, 0.013, 0.4, 7.0])
def test_no_ten_minutes_hold_more_than_the_limit(each: float) -> None:
    times = played(Window(calls=100, seconds=600), 450, each=each)
    assert all(later - early >= 600 for early, later in zip(times, times[100:], strict=False))


def test_all_go_at_once_and_the_next_when_the_first_are_over() -> None:
    times = played(Window(calls=3, seconds=10), 7, begin=50)
    assert times == [50, 50, 50, 60, 60, 60, 70]


def test_a_steady_pace_below_the_limit_never_waits() -> None:
    times = played(Window(calls=100, seconds=600), 1_000, each=6.1)
    assert times[-1] == pytest.approx(999 * 6.1)


def test_memory_is_bounded_and_costs_a_slot_of_time_at_most() -> None:
    window = Window(calls=50_000, seconds=600)
    times = played(window, 100_000, each=0.005)
    assert len(window._slots) <= SLOTS + 1
    assert times[50_000] <= 600 + 600 / SLOTS + 0.01


def test_a_fraction_a_second_is_one_in_so_many_seconds() -> None:
    assert played(Window.a_second(0.5), 3) == [0, 2, 4]
    assert played(Window.a_second(2.5), 5) == pytest.approx([0, 0, 0.8, 0.8, 1.6])


def test_what_is_kept_stays_free_for_others() -> None:
    window = Window(calls=10, seconds=60)
    window.take(0, 8)
    assert window.wait(1, kept=2) == 59
    assert window.wait(1) == 0
    assert window.room(kept=2) == 0


@pytest.mark.parametrize("seed", range(20))
def test_how_long_it_takes_is_said_as_it_comes(seed: int) -> None:
    random = Random(seed)
    window = Window(calls=random.randint(1, 30), seconds=600)
    now = played(window, random.randint(0, 60), each=random.uniform(0, 90))[-1:] or [0.0]
    moment = now[0] + random.uniform(0, 500)
    calls = random.randint(1, 200)
    said = window.seconds_for(moment, calls)
    assert moment + said == pytest.approx(played(window, calls, begin=moment)[-1], abs=1e-6)
