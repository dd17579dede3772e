"""What a visitor of the page can make go wrong, by the name of its button."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.clock import SandboxClock
from sandbox.slack.local import LocalSlack
from sandbox.vendors.netmera import Netmera

Deed: TypeAlias = Callable[[], Awaitable[None]]

SLOW_SECONDS = 6
SLOW_CALLS = 3
RETRY_AFTER = 5
MINUTE = 60


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
    *, slack: LocalSlack, netmera: Netmera, clock: SandboxClock, kill_bot: Deed | None
) -> dict[str, Trouble]:
    """All the buttons, in the order of the page; the bot's only where there is a way to kill it."""
    known = [*_vendor(netmera), *_slack(slack), *_clock(clock)]
    if kill_bot:
        hint = "Ends the bot's process at once, as a crash would"
        known.append(Trouble(name="bot_kill", group="Bot", label="Kill the bot", hint=hint, deed=kill_bot))
    return {one.name: one for one in known}


def _vendor(netmera: Netmera) -> list[Trouble]:
    group = "Vendor"
    faults = netmera.faults

    def with_fault(kind: str, times: int, seconds: float = 0) -> Deed:
        return _at_once(lambda: faults.add(kind, times=times, seconds=seconds))

    async def well() -> None:
        faults.clear()
        await netmera.come_up()

    return [
        Trouble(
            name="vendor_down",
            group=group,
            label="Down",
            hint="Connections are refused",
            deed=netmera.go_down,
        ),
        Trouble(
            name="vendor_slow",
            group=group,
            label="Slow",
            hint=f"The next {SLOW_CALLS} answers take {SLOW_SECONDS} seconds",
            deed=with_fault("slow", SLOW_CALLS, SLOW_SECONDS),
        ),
        Trouble(
            name="vendor_429",
            group=group,
            label="429",
            hint=f"The next two calls: too many requests, retry after {RETRY_AFTER} seconds",
            deed=with_fault("rate_limited", 2, RETRY_AFTER),
        ),
        Trouble(
            name="vendor_error",
            group=group,
            label="Error",
            hint="The next call fails with the vendor's code 2001",
            deed=with_fault("error", 1),
        ),
        Trouble(
            name="vendor_never_confirms",
            group=group,
            label="No confirmation",
            hint="The next recall is accepted and never confirmed",
            deed=with_fault("never_confirm", 1),
        ),
        Trouble(
            name="vendor_drops_answer",
            group=group,
            label="Lost answer",
            hint="The next recall is done, but its answer gets lost",
            deed=_at_once(lambda: faults.add("drop_answer", tool="campaign_recall")),
        ),
        Trouble(
            name="vendor_well",
            group=group,
            label="All well",
            hint="The vendor is up and behaves",
            deed=well,
        ),
    ]


def _slack(slack: LocalSlack) -> list[Trouble]:
    group = "Slack"

    def with_fault(kind: str, seconds: float = 1) -> Deed:
        return _at_once(lambda: slack.faults.add(method="*", kind=kind, seconds=seconds))

    return [
        Trouble(
            name="slack_429",
            group=group,
            label="429",
            hint=f"The next call: rate limited for {RETRY_AFTER} seconds",
            deed=with_fault("429", RETRY_AFTER),
        ),
        Trouble(
            name="slack_500_before",
            group=group,
            label="500 before",
            hint="The next call fails, and nothing was done",
            deed=with_fault("500_before"),
        ),
        Trouble(
            name="slack_500_after",
            group=group,
            label="500 after",
            hint="The next call fails, although it was done",
            deed=with_fault("500_after"),
        ),
        Trouble(
            name="slack_drop_sockets",
            group=group,
            label="Drop sockets",
            hint="Cuts the bot's connections without a word",
            deed=_at_once(slack.sockets.drop),
        ),
        Trouble(
            name="slack_well",
            group=group,
            label="All well",
            hint="Slack behaves",
            deed=_at_once(slack.faults.clear),
        ),
    ]


def _clock(clock: SandboxClock) -> list[Trouble]:
    def step(name: str, label: str, minutes: int) -> Trouble:
        hint = f"Lets {minutes} minutes pass in the practice world"
        deed = _at_once(lambda: clock.advance(minutes * MINUTE))
        return Trouble(name=name, group="Clock", label=label, hint=hint, deed=deed)

    return [step("clock_5m", "+5 minutes", 5), step("clock_20m", "+20 minutes", 20)]


def _at_once(act: Callable[[], object]) -> Deed:
    async def deed() -> None:
        act()

    return deed
