from math import inf

import pytest

from bench.fanout_run import Contest
from bench.gate import best_of

ONE = {"one": Contest(items=1, batch=1, concurrency=1, rounds=1)}


@pytest.mark.parametrize(
    ("tries", "until", "best"),
    [
        ([0.9, 0.1], inf, 0.9),  # good at once: no second try
        ([0.5, 0.6, 0.9, 0.1], inf, 0.9),
        ([0.5, 0.8, 0.7, 0.9], inf, 0.8),  # three tries at most
        ([0.5, 0.9], 0.0, 0.5),  # no time left for another
    ],
)
def test_the_best_of_a_few_tries_counts(tries: list[float], until: float, best: float) -> None:
    left = iter(tries)
    assert best_of(ONE, lambda _: next(left), until=until) == {"one": best}
