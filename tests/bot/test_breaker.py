"""A vendor that is not well gets a rest: nothing but a probe goes out."""

from datetime import timedelta

from bot.breaker import FIRST_BREAK, LONGEST_BREAK, Breaker
from tests.builders import T0


def opened(limit: int = 3) -> Breaker:
    breaker = Breaker(limit)
    for item in range(limit):
        breaker.failed(item, "It is ill.", T0)
    return breaker


def test_it_opens_after_so_many_different_items_in_a_row() -> None:
    breaker = Breaker(3)

    assert [breaker.failed(item, "It is ill.", T0) for item in range(3)] == [False, False, True]
    assert breaker.until == T0 + timedelta(seconds=FIRST_BREAK)
    assert breaker.why == "It is ill."


def test_one_item_that_always_fails_never_opens_it() -> None:
    breaker = Breaker(3)

    assert not any(breaker.failed("mail-1", "No.", T0) for _ in range(50))


def test_one_that_goes_through_begins_the_count_anew() -> None:
    breaker = Breaker(2)
    breaker.failed(1, "No.", T0)
    breaker.succeeded()

    assert not breaker.failed(2, "No.", T0)


def test_a_probe_that_fails_doubles_the_rest_and_one_that_succeeds_ends_it() -> None:
    breaker = opened()
    later = T0 + timedelta(seconds=FIRST_BREAK)

    assert breaker.failed("probe", "Still ill.", later)
    assert breaker.until == later + timedelta(seconds=2 * FIRST_BREAK)
    breaker.succeeded()
    assert not breaker.open


def test_what_was_under_way_when_it_opened_prolongs_nothing() -> None:
    breaker = opened()

    assert breaker.failed("late", "It is ill.", T0 + timedelta(seconds=1))

    assert breaker.until == T0 + timedelta(seconds=FIRST_BREAK)


def test_a_rest_has_a_longest_length() -> None:
    breaker = opened()
    now = T0
    for n in range(10):
        now = breaker.until or now
        breaker.failed(n, "It is ill.", now)

    assert breaker.until == now + timedelta(seconds=LONGEST_BREAK)
