from bench.fanout import judged
from bench.fanout_run import Round


def a_round(*, plain: float, sending: float) -> Round:
    return Round(
        plain=plain,
        plain_work=0.8,
        plain_full=1,
        sending=sending,
        sending_work=1.0,
        whole=sending,
        full=1,
        most_at_once=1,
    )


def test_a_goal_is_held_to_the_clock() -> None:
    assert judged([a_round(plain=9, sending=10)] * 3) == 0.9


def test_a_disturbed_clock_meets_no_goal() -> None:
    assert judged([a_round(plain=14, sending=10)] * 3) == 0.8
