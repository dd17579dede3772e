"""Fan-out: the whole engine, every outcome durable, beside a plain loop that makes the same calls and keeps nothing."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from bench.disk import slow_disk
from bench.fanout_run import Contest, Round, held
from bench.section import Curve, Goal, Section

SINGLE, BATCH = 0.92, 0.90
FULL = 0.98
SLOW_DISK = 10
"""Milliseconds added to every fsync."""

LATENCY = 0.05
SLOTS = 4

ABOUT = """\
The whole engine (service, engine, store with `synchronous=FULL`; all but Slack) takes back a campaign of many items
at a vendor that answers at once, in a process of its own. Its provider makes the very call that the plain loop makes:
aiohttp on uvloop, the same number of requests under way, the same connections. The plain loop keeps nothing; it is the
limit of what Python can do here. It reads its items from an SQLite table, a row each, through one cursor, while it runs:
whoever has items to take back has them somewhere. (Against a loop that makes their names up as it goes, take off 0.01 for
one call per item and 0.05 for batches of 20.) Both run in one process, one after the other, round by round; a figure is the median
of the rounds' ratios. A run counts only if the file holds every single outcome as done afterwards.

**Efficiency** is the plain loop's time divided by the engine's from its first call until the end of the recall is
durable. **By work** compares the processor time of the same span instead, all threads counted: what else the machine
does disturbs it less. An efficiency above 1 only says that the machine was disturbed, for nothing is faster than the
plain loop; then the goal is held to the figure by work. **From Yes** also counts what
comes before the first call: the vendor is asked for the present state, and every item is written down.

"Slow disk" adds {slow} ms to every fsync. In the rows about a vendor that takes {latency} ms for
an answer and allows {slots} requests at a time, the figure is the part of those slots that was kept full, by the
vendor's own clock. The rows about `http` use the declarative provider, from Yes. Of what it spends on a request the
profiler finds two thirds in aiohttp (as in the plain loop, and headers and hooks that tell whether it was sent), an
eighth in time-outs and the vendor's limits, a twelfth in judging the answer and quoting it as evidence, a fourteenth in
filling the templates in; then the evidence is kept for each item."""


def measure(*, quick: bool) -> Section:
    """Run all contests."""
    rounds = 4 if quick else 8
    one = Contest(items=8_000 if quick else 20_000, batch=1, concurrency=64, rounds=rounds)
    many = Contest(items=100_000 if quick else 300_000, batch=20, concurrency=16, rounds=rounds)
    patient = Contest(items=240 if quick else 1_600, batch=1, concurrency=SLOTS, rounds=1, latency=LATENCY)
    with tempfile.TemporaryDirectory() as folder:
        slow = slow_disk(SLOW_DISK, Path(folder))
        fast = {"one": held(one), "many": held(many)}
        late = {"one": held(one, slow), "many": held(many, slow)}
    full = held(patient)[0]
    http = [_described(1, 64, 2_000 if quick else 5_000), _described(20, 16, 10_000 if quick else 40_000)]
    rows = [
        _row("one call per item, 64 under way", one, fast["one"]),
        _row("batches of 20, 16 under way", many, fast["many"]),
        _row("one call per item, slow disk", one, late["one"]),
        _row("batches of 20, slow disk", many, late["many"]),
        (
            f"vendor takes {LATENCY * 1000:.0f} ms, {SLOTS} at a time",
            f"{patient.items / full.plain:,.0f}",
            f"{patient.items / full.sending:,.0f}",
            f"{full.full:.3f} of the slots (plain loop {full.plain_full:.3f})",
            f"{full.plain_work / full.sending_work:.2f}",
            f"{full.plain / full.whole:.2f}",
        ),
        *(_described_row(contest, done) for contest, done in http),
    ]
    return Section(
        title="Fan-out",
        about=ABOUT.format(slow=SLOW_DISK, latency=f"{LATENCY * 1000:.0f}", slots=SLOTS),
        columns=("what", "plain loop, items/s", "Recall, items/s", "efficiency", "by work", "from Yes"),
        rows=tuple(rows),
        goals=(
            _goal("one call per item", fast["one"], SINGLE),
            _goal("batches of 20", fast["many"], BATCH),
            _goal("one call per item, slow disk", late["one"], SINGLE),
            _goal("batches of 20, slow disk", late["many"], BATCH),
            Goal(what="slots of a slow vendor kept full", measured=full.full, limit=FULL, at_least=True),
        ),
        curves=(_curve(quick=quick),),
    )


def efficiency(done: Sequence[Round], of: Callable[[Round], float] = lambda each: each.sending) -> float:
    """Give the median of the rounds' ratios."""
    return median(each.plain / of(each) for each in done)


def judged(done: Sequence[Round]) -> float:
    """Give what a goal is held to: the efficiency; by work where the clock says that the machine was disturbed."""
    by_clock = efficiency(done)
    return by_clock if by_clock <= 1 else min(1.0, by_work(done))


def by_work(done: Sequence[Round]) -> float:
    """Give the median of the rounds' ratios of processor time."""
    return median(each.plain_work / each.sending_work for each in done)


def _described(batch: int, concurrency: int, items: int) -> tuple[Contest, list[Round]]:
    contest = Contest(items=items, batch=batch, concurrency=concurrency, rounds=3, described=True)
    return contest, held(contest)


def _row(what: str, contest: Contest, done: Sequence[Round]) -> tuple[str, ...]:
    return (
        what,
        f"{contest.items / median(each.plain for each in done):,.0f}",
        f"{contest.items / median(each.sending for each in done):,.0f}",
        f"{efficiency(done):.2f}",
        f"{by_work(done):.2f}",
        f"{efficiency(done, lambda each: each.whole):.2f}",
    )


def _described_row(contest: Contest, done: Sequence[Round]) -> tuple[str, ...]:
    took = [each.described or 0.0 for each in done]
    how = "one call per item" if contest.batch == 1 else f"batches of {contest.batch}"
    return (
        f"through the `http` provider, {how}",
        f"{contest.items / median(each.plain for each in done):,.0f}",
        f"{contest.items / median(took):,.0f}",
        "no goal",
        "",
        f"{median(each.plain / each.described for each in done if each.described):.2f}",
    )


def _goal(what: str, done: Sequence[Round], limit: float) -> Goal:
    return Goal(what=f"fan-out, {what}", measured=judged(done), limit=limit, at_least=True)


def _curve(*, quick: bool) -> Curve:
    sizes = (500, 2_000, 8_000) if quick else (1_000, 10_000, 100_000)
    points = []
    for size in sizes:
        done = held(Contest(items=size, batch=1, concurrency=64, rounds=3 if size < sizes[-1] else 1))
        points.append((float(size), median(each.whole for each in done)))
    return Curve(name="fan-out, from Yes to the end", size="items", unit="s", points=tuple(points))
