"""Long runs outside the normal test time: `make soak`. Every kill point of every tale, then seeded random trouble.

A random run draws its tale, its kills and what goes wrong at Slack from its seed, which is printed before it begins;
`--seed N --runs 1` plays one again. What the machine's timing adds can't be replayed.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tests.crash.enumeration import Enumeration, run
from tests.crash.points import WHY
from tests.crash.tales import TALES
from tests.power.disk import Fate
from tests.power.plug import Ailing

SLACK_FAULTS: Final = ("429", "500_before", "500_after", "503", "reset", "reset_after", "malformed")
METHODS: Final = ("chat.postMessage", "chat.update", "conversations.replies")


def main() -> int:
    """Run until the seconds are over; the first violation ends it with exit status 1."""
    told = argparse.ArgumentParser(prog="make soak", description=__doc__)
    told.add_argument("--seconds", type=float, default=600.0, help="how long the random runs go on")
    told.add_argument("--seed", type=int, default=None, help="the seed of the first random run")
    told.add_argument("--runs", type=int, default=None, help="how many random runs at most")
    told.add_argument("--all", action="store_true", help="first die at every kill point of every tale")
    given = told.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        asyncio.run(_soak(Path(folder), given))
    return 0


async def _soak(folder: Path, given: argparse.Namespace) -> None:
    points: dict[str, list[str]] = {}
    for tale in TALES:
        whole = Enumeration(tale=tale, folder=folder / tale)
        await (whole.all() if given.all else whole.undisturbed())
        points[tale] = whole.points
        say(str(whole))
    end = time.monotonic() + given.seconds
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    made = 0
    while time.monotonic() < end and (given.runs is None or made < given.runs):
        await _one(folder / f"seed-{seed}", seed, points)
        seed, made = seed + 1, made + 1
    say(f"{made} random runs; everything held")


async def _one(folder: Path, seed: int, points: dict[str, list[str]]) -> None:
    chance = random.Random(seed)
    tale = chance.choice(sorted(TALES))
    kills = [chance.choice(points[tale]).partition(WHY)[0] for _ in range(chance.randint(0, 3))]
    ailing = Ailing(fate=chance.choice(list(Fate)), seed=seed) if chance.random() < 0.3 else None
    faults = [(chance.choice(METHODS), chance.choice(SLACK_FAULTS)) for _ in range(chance.randint(0, 4))]
    say(f"seed {seed}: {tale}, kills {kills}, Slack {faults}, power {ailing or 'stays'}")
    stage = await run(tale, folder, kills, ailing, faults)
    say(f"seed {seed}: held, after {stage.deaths} deaths")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
