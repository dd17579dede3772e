"""Graph's limits per mailbox: four requests at a time, and 10,000 in any ten minutes, each counted when it came in."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

AT_A_TIME = 4
MOST = 10_000
WINDOW_SECONDS = 600.0


@dataclass(slots=True)
class MailboxLimit:
    """What one mailbox is asked just now. `now` gives seconds."""

    now: Callable[[], float]
    most: int = MOST
    inside: int = 0
    most_inside: int = 0
    _came: deque[float] = field(default_factory=deque)

    def enter(self) -> float | None:
        """Lets a request in, or gives the seconds for `Retry-After`."""
        moment = self.now()
        while self._came and self._came[0] + WINDOW_SECONDS <= moment:
            self._came.popleft()
        if self.inside >= AT_A_TIME:
            return 1.0
        if len(self._came) >= self.most:
            return self._came[0] + WINDOW_SECONDS - moment
        self._came.append(moment)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        return None

    def leave(self) -> None:
        """A request has been answered."""
        self.inside -= 1
