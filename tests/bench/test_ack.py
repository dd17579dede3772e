"""What is said about acknowledgements: quantiles that rest on enough of them, and a lost one is never passed over."""

from math import inf

from bench.ack import at
from bench.slack import Acks


def acks(*ms: float, lost: int = 0) -> Acks:
    return Acks(ms=ms, lost=lost, first=0.0, whole=sum(ms))


def test_a_figure_is_the_median_of_the_rounds_quantiles() -> None:
    rounds = [acks(*range(1, 101)), acks(*range(101, 201)), acks(*range(201, 301))]

    assert at(rounds, 0.5) == 150
    assert at(rounds, 0.99) == 199


def test_of_short_rounds_the_slowest_acknowledgement_counts() -> None:
    assert at([acks(1.0, 2.0, 3.0), acks(1.0, 9.0), acks(1.0)], 0.99) == 9.0


def test_a_lost_acknowledgement_spoils_the_figure() -> None:
    assert at([acks(1.0, 2.0), acks(1.0, lost=1)], 0.5) == inf
