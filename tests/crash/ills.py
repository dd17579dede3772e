"""What goes wrong in a run beside the kills: the disk, Slack, the vendors, and people who press twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from sandbox.vendors.faults import Faults
from tests.power.disk import Fate
from tests.power.plug import Ailing

SLACK_FAULTS: Final = ("429", "500_before", "500_after", "503", "reset", "reset_after", "malformed")
METHODS: Final = ("chat.postMessage", "chat.update", "conversations.replies")
CALLS: Final = {
    "push": ("campaign_recall", "campaign_detail"),
    "mail": ("recall", "get", "look"),
    "board": ("recall", "get"),
}
"""Whom a tale's vendors are, by provider, and which of their calls go wrong."""
PASSING: Final = ("slow", "rate_limited", "server_error", "html", "drop_answer", "error_after")
"""What a vendor does wrong for once. None of it changes how a recall must end, but where nobody can look."""
SECONDS: Final = {"slow": 0.4, "rate_limited": 2.0}
"""How late an answer is, or how long a vendor asks to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ills:
    """Everything that goes wrong in one run."""

    ailing: Ailing | None = (
        None  # the disk below the database; then the power goes where the bot would be killed
    )
    slack: Sequence[tuple[str, str]] = ()  # Slack's methods, each with the kind of fault
    vendors: Sequence[tuple[str, str, str]] = ()  # provider, call, kind of fault
    double: bool = False  # people press every button twice

    def befall(self, provider: str, faults: Faults) -> None:
        """Have a vendor do wrong what it is to do wrong."""
        for vendor, call, kind in self.vendors:
            if vendor == provider:
                faults.add(kind, tool=call, seconds=SECONDS.get(kind, 0.0))

    def times(self, provider: str, call: str, kind: str) -> int:
        """Count how often a vendor's call is to go wrong in one way."""
        return list(self.vendors).count((provider, call, kind))

    def __str__(self) -> str:
        presses = "twice" if self.double else "once"
        return f"pressed {presses}, Slack {list(self.slack)}, vendors {list(self.vendors)}, power {self.ailing or 'stays'}"


WELL: Final = Ills()


def drawn(chance: Random, seed: int) -> Ills:
    """Draw what goes wrong."""
    ailing = Ailing(fate=chance.choice(list(Fate)), seed=seed) if chance.random() < 0.3 else None
    slack = [(chance.choice(METHODS), chance.choice(SLACK_FAULTS)) for _ in range(chance.randint(0, 4))]
    calls = [(provider, call) for provider, calls in CALLS.items() for call in calls]
    vendors = [(*chance.choice(calls), chance.choice(PASSING)) for _ in range(chance.randint(0, 8))]
    return Ills(ailing=ailing, slack=slack, vendors=vendors, double=ailing is None and chance.random() < 0.5)
