"""Right of way: whether a person waits for an acknowledgement, so that requests to vendors make way (`bot.turns`)."""

from collections.abc import Iterator
from contextlib import contextmanager


class RightOfWay:
    """Counts the requests of people that wait for their acknowledgement; who is to make way asks here."""

    def __init__(self) -> None:
        """Begin with nobody on the way."""
        self._people = 0
        self.taken = False  # somebody waits for an acknowledgement

    def take(self) -> None:
        """Have others make way, until `give_back`."""
        self._people += 1
        self.taken = True

    def give_back(self) -> None:
        """Let others go on, where nobody else is on the way."""
        self._people -= 1
        self.taken = self._people > 0

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Have others make way for a while."""
        self.take()
        try:
            yield
        finally:
            self.give_back()
