"""What a visitor of the page can make go wrong, by the name of its button."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeAlias

from sandbox.clock import SandboxClock
from sandbox.slack.local import LocalSlack
from sandbox.vendors.faults import Faults, Kind

Deed: TypeAlias = Callable[[], Awaitable[None]]

SLOW_SECONDS = 6
SLOW_CALLS = 3
RETRY_AFTER = 5
MINUTE = 60

COMING = {
    Kind.SLOW: "slow answers",
    Kind.RATE_LIMITED: "too many requests",
    Kind.SERVER_ERROR: "an error before anything is done",
    Kind.ERROR: "an error before anything is done",
    Kind.ERROR_AFTER: "an error after it was done",
    Kind.DROP_ANSWER: "a lost answer",
    Kind.NEVER_CONFIRM: "a recall that is never confirmed",
    Kind.BAD_TOKEN: "every token refused",
}
"""The faults that can be ordered here, as the page says that they are in store."""


class Breakable(Protocol):
    """A practice vendor that can be made ill."""

    faults: Faults

    @property
    def up(self) -> bool:
        """Whether it listens."""

    async def go_down(self) -> None:
        """Refuse connections from now on."""

    async def come_up(self) -> None:
        """Listen again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A vendor on the page: what its buttons' names begin with, its name, and what the recall is called in it."""

    key: str
    group: str
    vendor: Breakable
    recall: str

    def state(self) -> dict[str, Any]:
        """How it is, for the page: up or down, and in words what is in store."""
        coming = [
            COMING.get(Kind(kind), kind.replace("_", " ")) + (f" (× {times})" if times and times > 1 else "")
            for kind, times in self.vendor.faults.in_store().items()
        ]
        return {"group": self.group, "up": self.vendor.up, "coming": coming}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One button: whose trouble it is, what it says, and what it does."""

    name: str
    group: str
    label: str
    hint: str
    deed: Deed

    def as_json(self) -> dict[str, str]:
        """What the page needs to draw it."""
        return {"name": self.name, "group": self.group, "label": self.label, "hint": self.hint}


def troubles(
    *, slack: LocalSlack, patients: Iterable[Patient], clock: SandboxClock, kill_bot: Deed | None
) -> dict[str, Trouble]:
    """All the buttons, in the order of the page; the bot's only where there is a way to kill it."""
    known = []
    if kill_bot:
        hint = "Ends the bot's process at once, as a crash would; it is started again"
        known.append(Trouble(name="bot_kill", group="World", label="Kill the bot", hint=hint, deed=kill_bot))
    known += _clock(clock)
    for patient in patients:
        known += _vendor(patient)
    known += _slack(slack)
    return {one.name: one for one in known}


def _vendor(patient: Patient) -> Iterator[Trouble]:
    vendor, faults = patient.vendor, patient.vendor.faults

    def button(name: str, label: str, hint: str, deed: Deed) -> Trouble:
        return Trouble(name=f"{patient.key}_{name}", group=patient.group, label=label, hint=hint, deed=deed)

    def fault(kind: Kind, times: int | None = 1, seconds: float = 0, *, recall: bool = False) -> Deed:
        tool = patient.recall if recall else None
        return _at_once(lambda: faults.add(kind, tool=tool, times=times, seconds=seconds))

    async def well() -> None:
        faults.clear()
        await vendor.come_up()

    yield button("down", "Down", "Connections are refused", vendor.go_down)
    yield button(
        "slow",
        "Slow",
        f"The next {SLOW_CALLS} answers take {SLOW_SECONDS} seconds",
        fault(Kind.SLOW, SLOW_CALLS, SLOW_SECONDS),
    )
    yield button(
        "429",
        "Too many",
        f"The next 2 calls: 429, try again after {RETRY_AFTER} seconds",
        fault(Kind.RATE_LIMITED, 2, RETRY_AFTER),
    )
    if patient.key == "push":  # its errors come inside an answer that is HTTP 200
        yield button("error", "Error", "The next call fails with the vendor's code 2001", fault(Kind.ERROR))
        yield button(
            "lost",
            "Lost answer",
            "The next recall is done, but its answer gets lost",
            fault(Kind.DROP_ANSWER, recall=True),
        )
    else:
        yield button("error", "500 before", "The next call fails, nothing is done", fault(Kind.SERVER_ERROR))
        yield button(
            "after",
            "500 after",
            "The next recall is done, but answered with an error",
            fault(Kind.ERROR_AFTER, recall=True),
        )
    yield button(
        "never",
        "No effect",
        "The next recall is accepted and never carried out",
        fault(Kind.NEVER_CONFIRM, recall=True),
    )
    yield button(
        "token", "Token revoked", "Recall's access is refused from now on", fault(Kind.BAD_TOKEN, None)
    )
    yield button("well", "All well", "It is up and behaves", well)


def _slack(slack: LocalSlack) -> Iterator[Trouble]:
    def button(name: str, label: str, hint: str, deed: Deed) -> Trouble:
        return Trouble(name=f"slack_{name}", group="Slack", label=label, hint=hint, deed=deed)

    def fault(kind: str, seconds: float = 1) -> Deed:
        return _at_once(lambda: slack.faults.add(method="*", kind=kind, seconds=seconds))

    yield button(
        "429",
        "Too many",
        f"The next call: 429, try again after {RETRY_AFTER} seconds",
        fault("429", RETRY_AFTER),
    )
    yield button("500_before", "500 before", "The next call fails, nothing is done", fault("500_before"))
    yield button("500_after", "500 after", "The next call fails, although it was done", fault("500_after"))
    yield button(
        "drop_sockets",
        "Drop sockets",
        "Cuts the bot's connections without a word",
        _at_once(slack.sockets.drop),
    )
    yield button("well", "All well", "Slack behaves", _at_once(slack.faults.clear))


def _clock(clock: SandboxClock) -> Iterator[Trouble]:
    for minutes in (5, 20):
        yield Trouble(
            name=f"clock_{minutes}m",
            group="World",
            label=f"+{minutes} minutes",
            hint=f"Lets {minutes} minutes pass for vendors and customers",
            deed=_at_once(partial(clock.advance, minutes * MINUTE)),
        )


def _at_once(act: Callable[[], object]) -> Deed:
    async def deed() -> None:
        act()

    return deed
