"""From Yes to the first vendor call: a click leaves Slack, and a request arrives at the vendor."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.first_call_file import copied, grow
from bench.section import Curve, Goal, Section
from bench.slack import Slack
from bench.subject import Subject
from bench.vendor import Vendor

LIMIT = 20.0
SETTLED = 10
"""Recalls before the first one that counts."""

PATIENCE = 5.0

TOLD = 2.0
"""Seconds after which the first recall's end stands in its thread."""

ABOUT = """\
The whole bot behind real Bolt and Socket Mode; Slack, the bot and the vendor each in a process of their own, one recall
after another. Measured from the moment at which the click on Yes leaves Slack until its request arrives at the vendor, by the clock that
the processes of one machine share. In between: the click is kept durably, acknowledged and carried out (rights, the
card's window, the move to *queued* with its event and its notices), the vendor's present state is compared, the recall
starts, its items and the intent are durable. The lean provider knows the state without a call, so the first call is the one
that takes something back. The person has been looked up in Slack less than a minute before, as whoever has just
seen the card's buttons work usually has. Each database begins with so many ended recalls, copies of one that was really made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is kept when it begins, and how often Yes is pressed."""

    recalls: tuple[int, ...]
    clicks: int


FULL = Size(recalls=(100, 1_000, 10_000), clicks=150)
SHORT = Size(recalls=(100, 1_000), clicks=30)


def measure(*, quick: bool) -> Section:
    """Press Yes again and again, with more and more kept."""
    size = SHORT if quick else FULL
    with Vendor() as vendor, TemporaryDirectory() as folder:
        one = Path(folder) / "one.db"
        _make_one(one, vendor)
        took = {recalls: _pressed(one, recalls, size.clicks, vendor) for recalls in size.recalls}
    return Section(
        title="From Yes to the first vendor call",
        about=ABOUT,
        columns=("recalls kept before", "clicks", "median, ms", "p99, ms", "slowest, ms"),
        rows=tuple(
            (f"{recalls:,}", f"{len(ms)}", f"{median(ms):.1f}", f"{_p99(ms):.1f}", f"{max(ms):.1f}")
            for recalls, ms in took.items()
        ),
        goals=tuple(
            Goal(
                what=f"from Yes to the first vendor call with {recalls:,} recalls kept, p99",
                measured=_p99(ms),
                limit=LIMIT,
                at_least=False,
                unit="ms",
            )
            for recalls, ms in took.items()
        ),
        curves=(
            Curve(
                name="from Yes to the first call, median",
                size="recalls kept",
                unit="ms",
                points=tuple((float(recalls), median(ms)) for recalls, ms in took.items()),
            ),
        ),
    )


def _p99(ms: Sequence[float]) -> float:
    return sorted(ms)[ceil(len(ms) * 0.99) - 1]


def _make_one(into: Path, vendor: Vendor) -> None:
    """Make a database with one recall that has come to its end and was told."""
    with Subject("recall", vendor=vendor.url) as app:
        _one(app, app.slack, vendor)
        time.sleep(TOLD)
        copied(app.database, into)


def _pressed(one: Path, recalls: int, clicks: int, vendor: Vendor) -> list[float]:
    """Press Yes so often where so many recalls are kept; returns the ms until the vendor was called."""
    many = one.with_name(f"{recalls}.db")
    copied(one, many)
    grow(many, recalls)
    with Subject("recall", vendor=vendor.url, database=many) as app:
        return [_one(app, app.slack, vendor) for _ in range(SETTLED + clicks)][SETTLED:]


def _one(app: Subject, slack: Slack, vendor: Vendor) -> float:
    """Put up a card, press Yes; returns the ms until the vendor is called."""
    recall = app.does("propose")
    vendor.counts()
    clicked = slack.sends("click", rate=0, many=1, values=[recall])
    deadline = time.monotonic() + PATIENCE
    while not (seen := vendor.counts()).requests:
        if time.monotonic() > deadline:
            raise TimeoutError("the vendor was never called")
        time.sleep(0.01)
    time.sleep(0.05)  # the end of the recall is told before the next one begins
    return (seen.first - clicked.first) * 1000
