"""What a practice vendor can be told to do wrong, and for how often."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """The ways to misbehave, each seen in real vendors."""

    SLOW = "slow"
    """Answers rightly, `seconds` late."""
    ERROR = "error"
    """The tool fails with the vendor's `text`, in an answer that is HTTP 200."""
    RATE_LIMITED = "rate_limited"
    """HTTP 429 with `Retry-After: seconds`."""
    SERVER_ERROR = "server_error"
    """HTTP 500 before anything was done."""
    HTML = "html"
    """HTTP 200 with a web page, as a proxy in between answers."""
    DROP_ANSWER = "drop_answer"
    """Does what was asked, then cuts the connection in the middle of the answer."""
    ERROR_AFTER = "error_after"
    """Does what was asked, then answers HTTP 500."""
    NEVER_CONFIRM = "never_confirm"
    """Accepts a recall and stays at RECALLING for ever."""
    BAD_TOKEN = "bad_token"
    """HTTP 401, whatever the token."""
    FORBIDDEN = "forbidden"
    """HTTP 403: the token lacks the right."""
    SESSION_EXPIRED = "session_expired"
    """HTTP 404 for the session that was given out; a new one works."""
    TRUNCATED = "truncated"
    """Half of the JSON that was meant."""
    ODD = "odd"
    """JSON of another form than documented: `text`."""
    WRONG_TYPE = "wrong_type"
    """The right JSON, labelled as plain text."""
    REDIRECT = "redirect"
    """HTTP 302 to the same address, for ever."""
    HUGE = "huge"
    """10 MB of JSON."""
    TRICKLE = "trickle"
    """The right answer, a byte a second."""


WHOLE_TOKEN = frozenset({Kind.BAD_TOKEN, Kind.FORBIDDEN})
"""When in force until cleared, these meet the handshake too; all else only tool calls, so that a count is of calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One order to misbehave. `tool` None = any tool; `times` None = until cleared; `seconds` per its kind."""

    kind: Kind
    tool: str | None = None
    times: int | None = None
    seconds: float = 0.0
    text: str = ""


class Faults:
    """The faults in force, oldest first; each request meets at most one of each kind."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self,
        kind: str,
        *,
        tool: str | None = None,
        times: int | None = 1,
        seconds: float = 0.0,
        text: str = "",
    ) -> None:
        """Orders a fault by its kind's name; an unknown name is a ValueError."""
        self._faults.append(Fault(kind=Kind(kind), tool=tool, times=times, seconds=seconds, text=text))

    def clear(self) -> None:
        """The vendor behaves again."""
        self._faults.clear()

    def take(self, kind: Kind, tool: str | None) -> Fault | None:
        """The fault of that kind that meets this request, used up by one; `tool` None = no tool call."""
        for place, fault in enumerate(self._faults):
            if fault.kind is not kind or not _meets(fault, tool):
                continue
            if fault.times is not None:
                left = fault.times - 1
                self._faults[place : place + 1] = [replace(fault, times=left)] if left > 0 else []
            return fault
        return None

    def active(self) -> list[str]:
        """The kinds in force, for the page."""
        return [fault.kind.value for fault in self._faults]

    def in_store(self) -> dict[str, int | None]:
        """How often each kind will still be met; None: until cleared."""
        left: dict[str, int | None] = {}
        for fault in self._faults:
            before = left.get(fault.kind.value, 0)
            left[fault.kind.value] = None if fault.times is None or before is None else before + fault.times
        return left


def _meets(fault: Fault, tool: str | None) -> bool:
    if tool is None:
        return fault.kind in WHOLE_TOKEN and fault.tool is None and fault.times is None
    return fault.tool in {None, tool}
