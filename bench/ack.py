"""Acknowledgements: Recall, which keeps a row before each, beside a bare Bolt app that does nothing."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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
BEGUN = 50
"""Requests within a tenth of a second that show that a fan-out has begun."""

SETTLE = 300
"""Envelopes sent before anything is measured: imports, caches and connections are none of Slack's business."""

ABOUT = f"""\
Real Bolt over real Socket Mode, two connections, on uvloop; Slack, the app and the vendor each in a process of their own. Slack
sends `/recall help` at a steady rate without waiting, and measures until the acknowledgement is there. Recall writes one
durable row before it acknowledges (`synchronous=FULL`), and answers the person when the acknowledgements are out; the bare apps have an empty
handler and keep nothing. They differ in when Bolt sends the acknowledgement: by default it looks for it every 10 ms; Recall
has it sent after the handler (`process_before_response`). *Beside a fan-out*: the same process takes back one campaign of
{CAMPAIGN:,} items after the other at full speed, 64 requests under way (the bare apps run the plain loop that keeps nothing). Each
figure is the median of the rounds, which are interleaved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How long it is measured."""

    rounds: int
    many: Mapping[int, int]  # envelopes by rate, in one round


FULL = Size(rounds=5, many={1: 3, 20: 60, 50: 150, 200: 600})
SHORT = Size(rounds=3, many={1: 1, 20: 20, 50: 50, 200: 200})


def measure(*, quick: bool) -> Section:
    """Measure all apps in turn, quiet and beside a fan-out."""
    size = SHORT if quick else FULL
    quiet: dict[tuple[str, int], list[Acks]] = {}
    busy: dict[tuple[str, int], list[Acks]] = {}
    bursts: dict[str, list[Acks]] = {}
    speeds: dict[str, list[float]] = {}
    with Vendor() as vendor, ExitStack() as running:
        apps = [running.enter_context(Subject(each, vendor=vendor.url)) for each in APPS]
        for each in apps:
            each.slack.sends("command", rate=200, many=SETTLE)
        for _ in range(size.rounds):
            for rate in RATES:
                for each in apps:
                    _series(each, rate, size, quiet)
            for each in apps:
                bursts.setdefault(each.name, []).append(each.slack.sends("command", rate=0, many=AT_ONCE))
        for _ in range(size.rounds):
            for each in apps:
                each.does("fan out")
                while vendor.counts().requests < BEGUN:
                    time.sleep(0.1)
                for rate in RATES:
                    _series(each, rate, size, busy)
                seen = vendor.counts()
                speeds.setdefault(each.name, []).append(seen.requests / (seen.last - seen.first))
                each.does("rest")
    return Section(
        title="Acknowledgements",
        about=ABOUT,
        columns=(
            "ms, p50 / p99",
            *(f"{rate}/s" for rate in RATES),
            f"{AT_ONCE} at once, all",
            "fan-out, items/s",
        ),
        rows=(
            *(_row(f"{name}, quiet", quiet, name, burst=bursts[name]) for name in APPS),
            *(_row(f"{name}, beside a fan-out", busy, name, speed=speeds[name]) for name in APPS),
        ),
        goals=_goals(quiet, busy, bursts["recall"]),
        curves=(
            Curve(
                name="acknowledgement, p99",
                size="events/s",
                unit="ms",
                points=tuple((float(rate), at(quiet["recall", rate], 0.99)) for rate in RATES),
            ),
        ),
    )


def at(rounds: Sequence[Acks], part: float) -> float:
    """Give the median of the rounds' quantiles; a lost acknowledgement spoils the figure."""
    if any(each.lost for each in rounds):
        return float("inf")
    return median(sorted(each.ms)[min(len(each.ms) - 1, int(len(each.ms) * part))] for each in rounds)


def _series(app: Subject, rate: int, size: Size, into: dict[tuple[str, int], list[Acks]]) -> None:
    acks = app.slack.sends("command", rate=rate, many=size.many[rate])
    into.setdefault((app.name, rate), []).append(acks)


def _row(
    what: str,
    found: Mapping[tuple[str, int], Sequence[Acks]],
    name: str,
    *,
    burst: Sequence[Acks] = (),
    speed: Sequence[float] = (),
) -> tuple[str, ...]:
    return (
        what,
        *(f"{at(found[name, rate], 0.5):.1f} / {at(found[name, rate], 0.99):.1f}" for rate in RATES),
        f"{median(each.whole for each in burst):.0f} ms" if burst else "",
        f"{median(speed):,.0f}" if speed else "",
    )


def _goals(
    quiet: Mapping[tuple[str, int], Sequence[Acks]],
    busy: Mapping[tuple[str, int], Sequence[Acks]],
    bursts: Sequence[Acks],
) -> tuple[Goal, ...]:
    whole = median(float("inf") if each.lost else each.whole for each in bursts)
    return (
        *(_goal(f"p99 quiet at {rate}/s", quiet["recall", rate], QUIET) for rate in RATES),
        *(_goal(f"p99 beside a fan-out at {rate}/s", busy["recall", rate], BUSY) for rate in RATES),
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
