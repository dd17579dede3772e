"""What goes wrong on the way to a service, and how often. Drawn from one seeded source, so every run can be repeated."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Sky(StrEnum):
    """How a service fares."""

    FINE = "fine"
    BUSY = "busy"  # 429 with a time to wait
    BUSY_WITHOUT_A_TIME = "busy without a time"
    FAILS_BEFORE = "fails before"  # an error that had no effect
    FAILS_AFTER = "fails after"  # an error although it took effect
    LOST_BEFORE = "lost before"  # the connection breaks: it never arrived
    LOST_AFTER = "lost after"  # the connection breaks: it had arrived
    MIXED = "mixed"  # any of the above
    AWAY = "away"  # can't be reached
    SLOW = "slow"  # answers, long after anybody waits
    REVOKED = "revoked"  # the token is worth nothing
    CONFUSED = "confused"  # an answer about something else


STRIKES = (
    Sky.BUSY,
    Sky.BUSY_WITHOUT_A_TIME,
    Sky.FAILS_BEFORE,
    Sky.FAILS_AFTER,
    Sky.LOST_BEFORE,
    Sky.LOST_AFTER,
)


@dataclass
class Weather:
    """The sky over one service: of each call it strikes a share."""

    random: Random
    sky: Sky = Sky.FINE
    share: float = 0.0

    def strike(self) -> Sky:
        """Draw what happens to one call."""
        if self.sky is Sky.FINE or self.random.random() >= self.share:
            return Sky.FINE
        return self.random.choice(STRIKES) if self.sky is Sky.MIXED else self.sky

    def changes(self, sky: Sky, share: float) -> None:
        """Change it until further notice."""
        self.sky, self.share = sky, share

    def clears(self) -> None:
        """Nothing goes wrong from now on."""
        self.changes(Sky.FINE, 0.0)
