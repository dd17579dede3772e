"""Graph's limits per mailbox: four requests at a time, and 10,000 in ten minutes as a bucket that starts full."""

from collections.abc import Callable
from dataclasses import dataclass, field

AT_A_TIME = 4
BUCKET = 10_000
REFILL_SECONDS = 600.0


@dataclass(slots=True)
class MailboxLimit:
    """What one mailbox is asked just now. `now` gives seconds."""

    now: Callable[[], float]
    bucket: float = BUCKET
    inside: int = 0
    most_inside: int = 0
    _size: float = BUCKET
    _filled_at: float = field(default=0.0)

    def enter(self) -> float | None:
        """Lets a request in, or gives the seconds for `Retry-After`."""
        moment = self.now()
        if self._filled_at:
            self.bucket = min(
                self._size, self.bucket + (moment - self._filled_at) * self._size / REFILL_SECONDS
            )
        self._filled_at = moment
        if self.inside >= AT_A_TIME:
            return 1.0
        if self.bucket < 1:
            return (1 - self.bucket) * REFILL_SECONDS / self._size
        self.bucket -= 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        return None

    def leave(self) -> None:
        """A request has been answered."""
        self.inside -= 1
