"""How long to wait before trying or asking again. Pure: randomness is passed in."""

from random import Random

CHECKS = (5.0, 15.0, 30.0, 60.0)
"""Seconds before the first outcome checks; people watch the thread then."""

STEADY = 120.0
SLOWING = 1.15
SLOWEST = 900.0

FIRST_RETRY = 2.0
LAST_RETRY = 60.0

STOP_PATIENCE = 1.5
"""Seconds that requests under way may take after a Stop. Then they are in doubt, and the vendor is asked about them."""

STOP_PATIENCE_UNREADABLE = 10.0
"""The same where the vendor can't be asked: what is cut off there stays unknown for ever."""


def before_check(made: int) -> float:
    """Return the seconds to wait after `made` outcome checks: quick at first, then every 2 minutes, slowing."""
    if made < len(CHECKS):
        return CHECKS[made]
    return min(SLOWEST, STEADY * SLOWING ** min(made - len(CHECKS), 40))


def before_retry(tries: int, random: Random) -> float:
    """Return the seconds to wait after `tries` failed tries: full jitter below a doubling bound, at least 1."""
    bound = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(tries, 10))
    return 1.0 + random.random() * (bound - 1.0)
