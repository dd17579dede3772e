"""Keeps requests from a vendor that is not well: after many failures in a row nothing but a probe goes out for a while."""

from collections.abc import Hashable
from datetime import datetime, timedelta

FIRST_BREAK = 30.0
"""Seconds for which nothing goes out once the breaker opens; doubled for every probe that fails."""

LONGEST_BREAK = 300.0


class Breaker:
    """Counts the items that failed since one went through, over all recalls at one vendor.

    One item that always fails never opens it, however often it is tried. While it is open, whoever runs is a probe.
    """

    def __init__(self, limit: int) -> None:
        """Open after so many different items in a row."""
        self._limit = limit
        self._failed: set[Hashable] = set()
        self._break = FIRST_BREAK
        self.until: datetime | None = None  # open: nothing before then, one request at a time from then on
        self.why = ""

    @property
    def open(self) -> bool:
        """Whether nothing but a probe may go out."""
        return self.until is not None

    def shut(self, now: datetime) -> bool:
        """Say whether nothing at all may go out just now."""
        return self.until is not None and now < self.until

    @property
    def calm(self) -> bool:
        """Whether nothing went wrong lately."""
        return self.until is None and not self._failed

    def succeeded(self) -> None:
        """Close it: the vendor answers."""
        self._failed.clear()
        self._break = FIRST_BREAK
        self.until = None

    def failed(self, item: Hashable, why: str, now: datetime) -> bool:
        """Count a failure; says whether the breaker is open now.

        What was under way when it opened, and fails later, prolongs nothing.
        """
        self._failed.add(item)
        if self.until is None and len(self._failed) < self._limit:
            return False
        if self.until is None or now >= self.until:
            self.why = why
            self.until = now + timedelta(seconds=self._break)
            self._break = min(LONGEST_BREAK, 2 * self._break)
        return True
