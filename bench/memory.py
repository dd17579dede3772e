"""Memory and time of one recall, by its number of items: what a million costs beyond ten thousand."""

import json
import tempfile
from pathlib import Path
from typing import Any

import uvloop

from bench.call import client
from bench.child import run_child, said_to_child
from bench.fanout_run import recalled
from bench.house import LeanProvider, traits
from bench.section import Curve, Goal, Section
from bench.vendor import Vendor

MOST = 3.0
"""Megabytes by which a recall of a million items may need more than one of ten thousand."""

BATCH, CONCURRENCY = 20, 16

ABOUT = f"""\
One recall, each in a process of its own, in batches of {BATCH}, {CONCURRENCY} at a time, every outcome durable and
counted afterwards. The memory is the highest that the process ever had resident (`VmHWM`), the interpreter and all
packages included; the time runs from Yes until the end is durable."""


def measure(*, quick: bool) -> Section:
    """Recall campaigns of rising size."""
    sizes = (10_000, 30_000, 100_000) if quick else (10_000, 100_000, 1_000_000)
    with Vendor() as vendor:
        told = [run_child("bench.memory", {"url": vendor.url, "items": size}) for size in sizes]
    grown = told[-1]["megabytes"] - told[0]["megabytes"]
    return Section(
        title="Memory",
        about=ABOUT,
        columns=("items", "highest memory, MB", "from Yes to the end, s", "items/s"),
        rows=tuple(
            (
                f"{size:,}",
                f"{each['megabytes']:.1f}",
                f"{each['seconds']:.2f}",
                f"{size / each['seconds']:,.0f}",
            )
            for size, each in zip(sizes, told, strict=True)
        ),
        goals=(
            Goal(
                what=f"memory that {sizes[-1]:,} items need beyond {sizes[0]:,}",
                measured=grown,
                limit=MOST,
                at_least=False,
                unit="MB",
            ),
        ),
        curves=(
            _curve("memory of one recall", "MB", sizes, [each["megabytes"] for each in told]),
            _curve("time of one recall in batches", "s", sizes, [each["seconds"] for each in told]),
        ),
    )


def _curve(name: str, unit: str, sizes: tuple[int, ...], figures: list[float]) -> Curve:
    points = tuple((float(size), figure) for size, figure in zip(sizes, figures, strict=True))
    return Curve(name=name, size="items", unit=unit, points=points)


def highest_megabytes() -> float:
    """Read the most memory that this process ever had resident. Linux only."""
    status = Path("/proc/self/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


async def _one(url: str, items: int) -> dict[str, Any]:
    async with client(CONCURRENCY) as session:
        lean = LeanProvider(
            session=session,
            url=url,
            items_in_all=items,
            traits=traits(batch=BATCH, concurrency=CONCURRENCY),
        )
        with tempfile.TemporaryDirectory() as folder:
            done = await recalled(Path(folder), lean, items)
    return {"megabytes": highest_megabytes(), "seconds": done.over - done.yes}


def main() -> None:
    """Recall one campaign in this process; print what it cost as JSON."""
    said = said_to_child()
    print(json.dumps(uvloop.run(_one(said["url"], said["items"]))))


if __name__ == "__main__":
    main()
