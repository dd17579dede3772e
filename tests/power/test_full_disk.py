"""The disk fills up in the middle of a merge, the bot is killed, and starts again while there is still no room."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest

from sandbox.slack.values import Message
from tests.crash.enumeration import played
from tests.crash.ills import Ills
from tests.crash.merges import CHUNK, Merge
from tests.crash.stage import Stage, glances
from tests.crash.tale import End
from tests.power.plug import Ailing
from tests.stories.conftest import Story

NOT_WELL = 503

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]


class Filled(Merge):
    """A mail-merge, below which the disk fills up."""

    name = "filled"

    def __init__(self, full: Path) -> None:
        self.full = full

    async def opens(self, story: Story) -> None:
        await super().opens(story)
        story.port = free_port()
        self._address = f"http://127.0.0.1:{story.port}/healthz"
        self._go_on = asyncio.Event()
        self._recalled = story.world.graph.recalled
        story.world.graph.before = self._waits

    async def goes(self, stage: Stage) -> Sequence[Message]:
        (card,) = await super().goes(stage)
        await glances(lambda: len(self._recalled) >= CHUNK)
        self.full.touch()
        self._go_on.set()
        await self._says_so()
        assert stage.process
        stage.process.kill()
        await glances(lambda: stage.deaths == 1)
        await stage.is_up()
        await self._says_so()
        await self._is_told_that_nothing_is_kept(stage, card)
        self.full.unlink()
        return [card]

    def holds(self, end: End) -> None:
        super().holds(end)
        assert end.stage.deaths == 1
        assert sum("Recall was restarted" in each for each in end.replies) == 1

    async def _says_so(self) -> None:
        """Wait until health says that nothing can be kept."""
        async with aiohttp.ClientSession() as session:
            while True:
                async with session.get(self._address) as answer:
                    parts = (await answer.json())["parts"]
                if answer.status == NOT_WELL and "disk" in parts["database"]:
                    return
                await asyncio.sleep(0.2)

    async def _is_told_that_nothing_is_kept(self, stage: Stage, card: Message) -> None:
        before = len(stage.story.posts(stage.story.ann, "#campaigns"))
        await stage.story.ann.presses("Stop", card)
        await glances(lambda: len(stage.story.posts(stage.story.ann, "#campaigns")) > before)

    async def _waits(self) -> None:
        if len(self._recalled) >= CHUNK:
            await self._go_on.wait()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


async def test_a_disk_that_fills_up_and_stays_full_over_a_restart_loses_nothing(tmp_path: Path) -> None:
    full = tmp_path / "full"
    tale = Filled(full)

    await played(tale, tmp_path / "filled", [], Ills(ailing=Ailing(full_while=full)))
