"""Long runs outside the normal test time: `make soak`. Every kill point of every tale, then seeded random trouble.

A random run draws its tale, its kills and everything else that goes wrong (`tests.crash.ills`) from its seed, which is
printed before it begins; `--seed N --runs 1` plays one again. What the machine's timing adds can't be replayed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.enumeration import Enumeration, run
from tests.crash.ills import drawn
from tests.crash.tales import TALES


def main() -> int:
    """Run until the seconds are over; the first violation ends it with exit status 1."""
    told = argparse.ArgumentParser(prog="make soak", description=__doc__)
    told.add_argument("--seconds", type=float, default=600.0, help="how long the random runs go on")
    told.add_argument("--seed", type=int, default=None, help="the seed of the first random run")
    told.add_argument("--runs", type=int, default=None, help="how many random runs at most")
    told.add_argument("--all", action="store_true", help="first die at every kill point of every tale")
    told.add_argument("--tale", action="append", choices=sorted(TALES), help="only this one; may be repeated")
    told.add_argument("--part", default="1/1", help="of all kill points only a part: 2/5 takes 2, 7, 12 …")
    given = told.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        asyncio.run(_soak(Path(folder), given))
    return 0


async def _soak(folder: Path, given: argparse.Namespace) -> None:
    points: dict[str, list[str]] = {}
    part, parts = map(int, given.part.split("/"))
    for tale in given.tale or TALES:
        whole = Enumeration(tale=tale, folder=folder / tale)
        await (whole.all(every=parts, first=part - 1) if given.all else whole.undisturbed())
        points[tale] = whole.points
        say(str(whole))
    end = time.monotonic() + given.seconds
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    made = deaths = 0
    while time.monotonic() < end and (given.runs is None or made < given.runs):
        deaths += await _one(folder / f"seed-{seed}", seed, points)
        seed, made = seed + 1, made + 1
    say(f"{made} random runs, {deaths} deaths; everything held")


async def _one(folder: Path, seed: int, points: dict[str, list[str]]) -> int:
    chance = random.Random(seed)
    tale = chance.choice(sorted(points))
    kills = [chance.choice(points[tale]) for _ in range(chance.randint(0, 3))]
    ills = drawn(chance, seed)
    say(f"seed {seed}: {tale}, kills {kills}, {ills}")
    stage = await run(tale, folder, kills, ills)
    say(f"seed {seed}: held, after {stage.deaths} deaths")
    return stage.deaths


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
