"""Against what people would use instead: a script, and two engines that keep what they did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from statistics import median
from typing import Any

from bench.child import run_child
from bench.fanout_run import Contest, held
from bench.postgres import postgres
from bench.section import Curve, Goal, Section
from bench.vendor import Vendor

NEEDED = ("dbos", "httpx", "procrastinate")
FASTER, TIMES = 1.0, 20.0

ABOUT = """\
The same work for everybody: a campaign's items are taken back one by one at the same vendor, which answers at once and
counts what it is asked. Recall's time runs from Yes until the end of the recall is durable, so the look at the present
state and the writing down of every item are in it. The **script** is httpx in a `gather` with a semaphore; it keeps
nothing. **DBOS** (SQLite: as it comes, and with a write-ahead log) runs one workflow with one step for each item;
**Procrastinate** (PostgreSQL on a socket, as it comes) one job for each item, and the time to enter the jobs is in it.
Steps and jobs make the plain loop's call (aiohttp;
in plain functions `http.client` with one kept connection). Each was tried with several numbers of requests at a time, since they
differ in what suits them; it is compared at its best. The slow ones do fewer items; items per second are compared, as
the median of {rounds} round(s). Everything that Recall, DBOS and Procrastinate are credited with is counted in their
databases afterwards. The **plain loop** makes Recall's calls and keeps nothing: no engine in Python can be faster, so where it
is hardly twenty times as fast as a rival, Recall can't be. The last row is the same campaign at a vendor that takes 20 items in one call: an engine that
keeps a step or a job for each item gains nothing from that."""


class NotInstalledError(Exception):
    """A rival is not installed, so nothing can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One way to do without Recall."""

    name: str
    module: str
    items: int
    said: dict[str, Any]
    keeps: bool = True  # what it did survives a crash
    rates: list[float] = field(default_factory=list)  # items per second, one for each round

    @property
    def rate(self) -> float:
        """Items per second, the median of the rounds."""
        return median(self.rates)

    def run(self, vendor: Vendor) -> None:
        """Do the work once, for the table."""
        self.rates.append(self.items / self.seconds(vendor, self.items))

    def seconds(self, vendor: Vendor, items: int) -> float:
        """Do so much work once. Raises where something is missing at the vendor or in the rival's memory."""
        vendor.counts()
        told = run_child(self.module, {"url": vendor.url, "items": items, **self.said})
        if not vendor.counts().requests == told["kept"] == items:
            raise AssertionError(f"{self.name}: not everything was done and kept")
        took: float = told["seconds"]
        return took


def measure(*, quick: bool) -> Section:
    """Run everybody, round by round."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise NotInstalledError(
            f"{', '.join(missing)} not installed here; `make bench` installs what it needs."
        )
    rounds = 1 if quick else 3
    single = Contest(items=4_000 if quick else 20_000, batch=1, concurrency=64, rounds=1)
    batches = Contest(items=40_000 if quick else 200_000, batch=20, concurrency=16, rounds=1)
    ours: list[float] = []
    limit: list[float] = []
    in_batches: list[float] = []
    with Vendor() as vendor, postgres() as dsn:
        rivals = list(_rivals(dsn, few=200 if quick else 500))
        for _ in range(rounds):
            (once,) = held(single)
            ours.append(single.items / once.whole)
            limit.append(single.items / once.plain)
            for each in rivals:
                each.run(vendor)
            (once,) = held(batches)
            in_batches.append(batches.items / once.whole)
        curves = _curves(vendor, rivals, quick=quick)
    table = _Rates(ours=median(ours), limit=median(limit), in_batches=median(in_batches))
    return _section(table, rivals, rounds, curves)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rates:
    """Items per second: Recall's, and of the loop that is its limit."""

    ours: float
    limit: float
    in_batches: float


def _curves(vendor: Vendor, rivals: Sequence[Rival], *, quick: bool) -> tuple[Curve, ...]:
    """Measure the best of each kind at three sizes."""
    sizes = (50, 100, 200) if quick else (200, 600, 2_000)
    curves = []
    for module in dict.fromkeys(each.module for each in rivals):
        best = max((each for each in rivals if each.module == module), key=lambda each: each.rate)
        points = tuple((float(size), best.seconds(vendor, size)) for size in sizes)
        curves.append(Curve(name=best.name, size="items", unit="s", points=points))
    return tuple(curves)


def _rivals(dsn: str, few: int) -> Iterator[Rival]:
    for together in (4, 20, 64):
        yield Rival(
            name=f"httpx script, {together} at a time",
            module="bench.rival_script",
            items=few,
            said={"concurrency": together},
            keeps=False,
        )
    for how, wal, together in (
        ("as it comes, plain functions", False, 0),
        ("as it comes, coroutines", False, 1),
        ("WAL, plain functions", True, 0),
        ("WAL, coroutines", True, 1),
        ("WAL, 16 coroutines at a time", True, 16),
    ):
        yield Rival(
            name=f"DBOS, SQLite {how}",
            module="bench.rival_dbos",
            items=few,
            said={"wal": wal, "together": together},
        )
    for together in (20, 64):
        yield Rival(
            name=f"Procrastinate, PostgreSQL, {together} at a time",
            module="bench.rival_procrastinate",
            items=few * 3,
            said={"dsn": dsn, "concurrency": together},
        )


def _section(rates: _Rates, rivals: Sequence[Rival], rounds: int, curves: tuple[Curve, ...]) -> Section:
    ours, in_batches = rates.ours, rates.in_batches
    script = max(each.rate for each in rivals if not each.keeps)
    durable = max(each.rate for each in rivals if each.keeps)
    return Section(
        title="Against what people would use instead",
        about=ABOUT.format(rounds=rounds),
        columns=("what", "survives a crash", "items/s", "Recall is … times as fast"),
        rows=(
            ("Recall, one call per item, 64 at a time", "yes", f"{ours:,.0f}", "1"),
            ("a plain loop that keeps nothing", "no", f"{rates.limit:,.0f}", f"{ours / rates.limit:.2f}"),
            *(
                (each.name, "yes" if each.keeps else "no", f"{each.rate:,.0f}", f"{ours / each.rate:.1f}")
                for each in rivals
            ),
            ("Recall, batches of 20, 16 at a time", "yes", f"{in_batches:,.0f}", ""),
        ),
        goals=(
            Goal(
                what="times as fast as the script that keeps nothing",
                measured=ours / script,
                limit=FASTER,
                at_least=True,
            ),
            Goal(
                what="times as fast as the fastest durable engine, one call per item",
                measured=ours / durable,
                limit=TIMES,
                at_least=True,
            ),
            Goal(
                what="times as fast per item as the fastest durable engine, where the vendor takes 20 in one call",
                measured=in_batches / durable,
                limit=TIMES,
                at_least=True,
            ),
        ),
        curves=curves,
    )
