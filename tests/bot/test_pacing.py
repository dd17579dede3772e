"""Waiting: quick while people watch, slow later, never in step with others."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import before_check, before_retry


def test_outcome_checks_come_quickly_then_every_two_minutes_then_slower() -> None:
    waits = [before_check(made) for made in range(60)]

    assert waits[:5] == [5.0, 15.0, 30.0, 60.0, 120.0]
    assert waits == sorted(waits)
    assert waits[-1] == 900.0


@given(tries=st.integers(min_value=0, max_value=10_000), seed=st.integers())
def test_retries_wait_at_least_a_second_and_at_most_a_minute(tries: int, seed: int) -> None:
    assert 1.0 <= before_retry(tries, Random(seed)) <= 60.0
