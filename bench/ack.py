"""Acknowledgements: Recall, which keeps a row before each, beside a bare Bolt app that does nothing."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from bench.ack_app import CAMPAIGN
from bench.section import Curve, Goal, Section
from bench.slack import Acks
from bench.subject import Subject
from bench.vendor import Vendor

RATES = (1, 20, 50, 200)
QUIET, BUSY, BURST = 5.0, 30.0, 500.0
AT_ONCE = 300
APPS = ("recall", "bolt", "bolt, acking after the handler")
BESIDE = APPS[:2]
"""Those that are also measured beside a fan-out."""

APART = 100
"""From this rate on the apps are measured one after another: their envelopes would meet."""

BEGUN = 50
"""Requests within a tenth of a second that show that a fan-out has begun."""

SETTLE = 300
"""Envelopes sent before anything is measured: imports, caches and connections are none of Slack's business."""

ENOUGH = 100
"""Envelopes of which a round's p99 can be told; where rounds have fewer, all rounds' are taken together."""

ABOUT = f"""\
Real Bolt over real Socket Mode, two connections, on uvloop; Slack, the app and the vendor each in a process of their own. Slack
sends `/recall help` at a steady rate without waiting, and measures until the acknowledgement is there. Recall writes one
durable row before it acknowledges (`synchronous=FULL`), and answers the person when the acknowledgements are out; the bare apps have an empty
handler and keep nothing. They differ in when Bolt sends the acknowledgement: by default it looks for it every 10 ms; Recall
has it sent after the handler (`process_before_response`). *Quiet*, up to 50 a second, the apps are measured at the same time,
each one's envelopes between the others'. *Beside a fan-out*: the same process takes back one campaign of
{CAMPAIGN:,} items after the other at full speed, 64 requests under way (the bare app runs the plain loop that keeps nothing).
The rounds are interleaved. At 1/s much of it is the machine's: what a process has not touched for a second has to be fetched again,
in the bare app as well. A p99 is the median of the rounds' where a round has {ENOUGH} envelopes; where it has fewer, the
rounds are taken together, and with fewer than {ENOUGH} in all it is simply the slowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How long it is measured: envelopes in one round, by rate."""

    rounds: int
    quiet: Mapping[int, int]
    busy: Mapping[int, int]


FULL = Size(rounds=3, quiet={1: 5, 20: 100, 50: 125, 200: 250}, busy={1: 5, 20: 60, 50: 100, 200: 200})
SHORT = Size(rounds=2, quiet={1: 1, 20: 20, 50: 50, 200: 100}, busy={1: 1, 20: 20, 50: 50, 200: 100})


@dataclass(slots=True)
class Found:
    """What was measured, by app and rate."""

    quiet: dict[tuple[str, int], list[Acks]] = field(default_factory=dict)
    busy: dict[tuple[str, int], list[Acks]] = field(default_factory=dict)
    bursts: dict[str, list[Acks]] = field(default_factory=dict)
    speeds: dict[tuple[str, int], list[float]] = field(default_factory=dict)  # the fan-out's, items a second


def measure(*, quick: bool) -> Section:
    """Measure all apps in turn, quiet and beside a fan-out."""
    size, found = SHORT if quick else FULL, Found()
    with Vendor() as vendor, ExitStack() as running:
        apps = [running.enter_context(Subject(each, vendor=vendor.url)) for each in APPS]
        for each in apps:
            each.slack.sends("command", rate=200, many=SETTLE)
        for _ in range(size.rounds):
            for rate, many in size.quiet.items():
                _side_by_side(apps, rate, many, found)
            for each in apps:
                burst = each.slack.sends("command", rate=0, many=AT_ONCE)
                found.bursts.setdefault(each.name, []).append(burst)
        for _ in range(size.rounds):
            for each in apps:
                if each.name in BESIDE:
                    _beside(each, vendor, size.busy, found)
    return _section(found)


def _side_by_side(apps: Sequence[Subject], rate: int, many: int, found: Found) -> None:
    """Send to all apps, each at its own moment of the time between two envelopes; or to one after another."""

    def send(place: int) -> Acks:
        at = 0.0 if rate >= APART else begin + place / (rate * len(apps))
        return apps[place].slack.sends("command", rate=rate, many=many, begin=at)

    begin = time.perf_counter() + 0.1
    with ThreadPoolExecutor(1 if rate >= APART else len(apps)) as pool:
        for app, acks in zip(apps, pool.map(send, range(len(apps))), strict=True):
            found.quiet.setdefault((app.name, rate), []).append(acks)


def _beside(app: Subject, vendor: Vendor, envelopes: Mapping[int, int], found: Found) -> None:
    """Send while the app fans out."""
    app.does("fan out")
    while vendor.counts().requests < BEGUN:
        time.sleep(0.1)
    for rate, many in envelopes.items():
        vendor.counts()
        acks = app.slack.sends("command", rate=rate, many=many)
        seen = vendor.counts()
        found.busy.setdefault((app.name, rate), []).append(acks)
        found.speeds.setdefault((app.name, rate), []).append(seen.requests / (seen.last - seen.first))
    app.does("rest")


def at(rounds: Sequence[Acks], part: float) -> float:
    """Give the quantile: the median of the rounds' own, or of all together where rounds are short.

    A lost acknowledgement spoils the figure.
    """
    if any(each.lost for each in rounds):
        return float("inf")
    if all(len(each.ms) >= ENOUGH for each in rounds):
        return median(_quantile(each.ms, part) for each in rounds)
    return _quantile([ms for each in rounds for ms in each.ms], part)


def _quantile(ms: Sequence[float], part: float) -> float:
    """Give the smallest figure that such a part does not exceed (nearest rank)."""
    return sorted(ms)[ceil(len(ms) * part) - 1]


def _section(found: Found) -> Section:
    return Section(
        title="Acknowledgements",
        about=ABOUT,
        columns=("ms, p50 / p99 (envelopes)", *(f"{rate}/s" for rate in RATES), f"{AT_ONCE} at once, all"),
        rows=(
            *(_row(f"{name}, quiet", found.quiet, name, burst=found.bursts[name]) for name in APPS),
            *(_row(f"{name}, beside a fan-out", found.busy, name) for name in BESIDE),
            *(_speeds(f"{name}, fan-out, items/s", found.speeds, name) for name in BESIDE),
        ),
        goals=_goals(found),
        curves=(
            _curve("acknowledgement, quiet, p99", found.quiet),
            _curve("acknowledgement beside a fan-out, p99", found.busy),
        ),
    )


def _curve(name: str, found: Mapping[tuple[str, int], Sequence[Acks]]) -> Curve:
    points = tuple((float(rate), at(found["recall", rate], 0.99)) for rate in RATES)
    return Curve(name=name, size="events/s", unit="ms", points=points)


def _row(
    what: str,
    found: Mapping[tuple[str, int], Sequence[Acks]],
    name: str,
    *,
    burst: Sequence[Acks] = (),
) -> tuple[str, ...]:
    return (
        what,
        *(_cell(found[name, rate]) for rate in RATES),
        f"{median(each.whole for each in burst):.0f} ms" if burst else "",
    )


def _cell(rounds: Sequence[Acks]) -> str:
    many = sum(len(each.ms) for each in rounds)
    return f"{at(rounds, 0.5):.1f} / {at(rounds, 0.99):.1f} ({many})"


def _speeds(what: str, speeds: Mapping[tuple[str, int], Sequence[float]], name: str) -> tuple[str, ...]:
    return (what, *(f"{median(speeds[name, rate]):,.0f}" for rate in RATES), "")


def _goals(found: Found) -> tuple[Goal, ...]:
    whole = median(float("inf") if each.lost else each.whole for each in found.bursts["recall"])
    return (
        *(_goal(f"p99 quiet at {rate}/s", found.quiet["recall", rate], QUIET) for rate in RATES),
        *(_goal(f"p99 beside a fan-out at {rate}/s", found.busy["recall", rate], BUSY) for rate in RATES),
        Goal(
            what=f"a burst of {AT_ONCE}, all acknowledged",
            measured=whole,
            limit=BURST,
            at_least=False,
            unit="ms",
        ),
    )


def _goal(what: str, found: Sequence[Acks], limit: float) -> Goal:
    return Goal(
        what=f"acknowledgement, {what}", measured=at(found, 0.99), limit=limit, at_least=False, unit="ms"
    )
