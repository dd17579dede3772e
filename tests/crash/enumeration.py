"""Kills the bot at each point of a tale, one run per point, and sees that everything holds afterwards."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox.slack.values import Message
from sandbox.world import World
from tests.crash.ills import WELL, Ills
from tests.crash.points import WHY
from tests.crash.stage import LONGEST, Stage
from tests.crash.tale import Tale, assert_holds
from tests.crash.tales import TALES
from tests.crash.victim import Plan
from tests.stories.conftest import Story

ACK_SECONDS: Final = 1.0
SIDE_BY_SIDE: Final = 2
"""Runs at a time: one for each core of a small machine."""


class RunFailedError(AssertionError):
    """A run did not end as it must; says at which point the bot was killed."""


@dataclass
class Enumeration:
    """The points of one tale, and what became of each."""

    tale: str
    folder: Path
    points: list[str] = field(default_factory=list)  # as an undisturbed run comes to them
    died_at: list[str] = field(default_factory=list)
    missed: list[str] = field(
        default_factory=list
    )  # points that the run that was to die there did not come to

    def __str__(self) -> str:
        return f"{self.tale}: {len(self.points)} kill points, killed at {len(self.died_at)}, not come to {self.missed}"

    async def repeatedly(self, kills: Sequence[str]) -> None:
        """Die at these points of one life after the other, all in one run."""
        stage = await run(self.tale, self.folder / "repeatedly", kills)
        self.died_at = stage.died_at

    async def undisturbed(self) -> None:
        """Run the tale without a death, and note its points."""
        stage = await run(self.tale, self.folder / "undisturbed", [])
        self.points = [each.partition(WHY)[0] for each in stage.points()]

    async def all(self, *, every: int = 1, first: int = 0) -> None:
        """Run it undisturbed, then die at every `every`-th point from number `first` on, each in a run of its own."""
        await self.undisturbed()
        waiting = deque(enumerate(self.points[first::every]))

        async def work() -> None:
            while waiting:
                number, point = waiting.popleft()
                stage = await run(self.tale, self.folder / str(number), [point])
                (self.died_at if stage.deaths else self.missed).append(point)

        async with asyncio.TaskGroup() as group:
            for _ in range(SIDE_BY_SIDE):
                group.create_task(work())


async def run(name: str, folder: Path, kills: Sequence[str], ills: Ills = WELL) -> Stage:
    """Run a tale of that name; see `played`."""
    return await played(TALES[name](), folder, kills, ills)


async def played(tale: Tale, folder: Path, kills: Sequence[str], ills: Ills = WELL) -> Stage:
    """Run a tale, with the bot killed at these points of its successive lives. Raises RunFailedError.

    Args:
        tale: not begun yet.
        folder: where everything is kept; must not exist.
        kills: the points, one for each life.
        ills: what goes wrong besides.
    """
    folder.mkdir(parents=True)
    async with await World.start(settle_after=0, ack_seconds=ACK_SECONDS) as world:
        story = Story(world=world, folder=folder)
        await tale.opens(story)
        for method, kind in ills.slack:
            world.slack.faults.add(method=method, kind=kind)
        for provider, faults in tale.vendors(world).items():
            ills.befall(provider, faults)
        settings, environ = story.configured()
        plan = Plan(folder=folder, settings=settings, environ=environ, chunk=tale.chunk, ailing=ills.ailing)
        stage = Stage(story=story, plan=plan, kills=kills, ills=ills)
        try:
            await _play(stage, tale)
        except Exception as error:
            raise RunFailedError(
                f"{tale.name}, killed at {', '.join(stage.died_at) or kills}: {error or type(error).__name__}\n{story.everything()}"
                f"\nopen: {stage.open_work()}\n{stage.log()[-4000:]}"
            ) from error
        finally:
            stage.dies()
            await tale.closes()
    return stage


async def _play(stage: Stage, tale: Tale) -> None:
    stage.comes_up()
    await stage.is_up()
    if not tale.late:
        stage.strings.arm()
    background: list[asyncio.Task[None]] = [
        asyncio.create_task(each) for each in (stage.lives(), stage.passes_time())
    ]
    acting = asyncio.create_task(_act(stage, tale))
    try:
        async with asyncio.timeout(LONGEST):
            await asyncio.wait([acting, *background], return_when=asyncio.FIRST_COMPLETED)
        for each in background:
            if each.done():
                each.result()
        cards = acting.result()
    finally:
        acting.cancel()
        for each in background:
            each.cancel()
        await asyncio.gather(acting, *background, return_exceptions=True)
        stage.dies()
    await assert_holds(stage, tale, cards)


async def _act(stage: Stage, tale: Tale) -> Sequence[Message]:
    cards = await tale.goes(stage)
    stage.hurry()
    await stage.settles()
    return cards
