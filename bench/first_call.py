"""From Yes to the first vendor call: a click leaves Slack, and a request arrives at the vendor."""

import time
from statistics import median

from bench.section import Goal, Section
from bench.slack import Slack
from bench.subject import Subject
from bench.vendor import Vendor

LIMIT = 20.0
SETTLED = 10
"""Recalls before the first one that counts."""

PATIENCE = 5.0

ABOUT = """\
The whole bot behind real Bolt and Socket Mode; Slack, the bot and the vendor each in a process of their own, one recall
after another. Measured from the moment at which the click on Yes leaves Slack until its request arrives at the vendor, by the clock that
the processes of one machine share. In between: the click is kept durably, acknowledged and carried out (rights, the
card's window, the move to *queued* with its event and its notices), the vendor's present state is compared, the recall
starts, its items and the intent are durable. The lean provider knows the state without a call, so the first call is the one
that takes something back. The person has been looked up in Slack less than a minute before, as whoever has just
seen the card's buttons work usually has."""


def measure(*, quick: bool) -> Section:
    """Press Yes again and again."""
    many = 40 if quick else 200
    with Vendor() as vendor, Subject("recall", vendor=vendor.url) as app:
        took = [_one(app, app.slack, vendor) for _ in range(SETTLED + many)][SETTLED:]
    p99 = sorted(took)[min(len(took) - 1, int(len(took) * 0.99))]
    return Section(
        title="From Yes to the first vendor call",
        about=ABOUT,
        columns=("clicks", "median, ms", "p99, ms", "slowest, ms"),
        rows=((f"{len(took)}", f"{median(took):.1f}", f"{p99:.1f}", f"{max(took):.1f}"),),
        goals=(
            Goal(
                what="from Yes to the first vendor call, p99",
                measured=p99,
                limit=LIMIT,
                at_least=False,
                unit="ms",
            ),
        ),
    )


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
