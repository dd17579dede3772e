"""Ways in which Slack misbehaves on request: for tests, and for showing that nothing is lost."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong. "before" and "after" say whether the call had been applied."""

    RATE_LIMITED = "429"
    SERVER_ERROR_BEFORE = "500_before"
    SERVER_ERROR_AFTER = "500_after"
    UNAVAILABLE = "503"  # text/plain, not applied
    ERROR_BEFORE = "error"  # ok: false with `error`, not applied
    ERROR_AFTER = "error_after"  # ok: false with `error`, although it was applied
    RESET_BEFORE = "reset"  # the connection drops, not applied
    RESET_AFTER = "reset_after"  # the connection drops, although it was applied
    SLOW = "slow"  # answers after `seconds` of real time
    MALFORMED = "malformed"  # applied, but the answer is broken JSON


@dataclass(kw_only=True, slots=True)
class Fault:
    """The next `times` calls of `method` go wrong in one way."""

    method: str  # a Web API method, "response_url", or "*" for any
    kind: FaultKind
    times: int
    seconds: float  # Retry-After, or how slow
    error: str  # the error code, for the kinds that carry one


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []
        self.dead_tickets = 0  # so many of the next Socket Mode upgrades are refused

    def add(
        self,
        *,
        method: str,
        kind: str,
        times: int = 1,
        seconds: float = 1,
        error: str = "internal_error",
    ) -> None:
        """Make the next `times` calls of `method` go wrong; `kind` is a FaultKind's value."""
        self._coming.append(
            Fault(method=method, kind=FaultKind(kind), times=times, seconds=seconds, error=error)
        )

    @property
    def left(self) -> int:
        """How many calls are still to go wrong."""
        return sum(fault.times for fault in self._coming)

    def clear(self) -> None:
        """Behave again."""
        self._coming.clear()
        self.dead_tickets = 0

    def take(self, method: str) -> Fault | None:
        """Return the fault that this call meets, if any, and count it."""
        for fault in self._coming:
            if fault.method in {method, "*"} and fault.times > 0:
                fault.times -= 1
                return fault
        return None
