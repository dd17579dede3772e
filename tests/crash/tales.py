"""The tales in which the bot is killed: what there is to recall, what people do, and what must be true at the end."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.bulletin import BulletinBoard
from sandbox.vendors.faults import Faults
from sandbox.world import World
from tests.crash.merges import CHUNK, SUBJECT, Merge, Retried, Stopped
from tests.crash.stage import HURRY, Stage
from tests.crash.tale import End, Tale
from tests.providers.http_vendors import ENVIRONMENT, written
from tests.stories.conftest import SALE, Story

BULLETIN: Final = "b-300"


class Push:
    """A push campaign: one vendor call, whose state can be read (class B)."""

    name = "push"
    chunk = 1000
    late = False
    WAY: Final = ("Started", "Netmera accepted", "Recalled.")

    async def opens(self, story: Story) -> None:
        story.world.netmera.settle_after = 0

    def vendors(self, world: World) -> Mapping[str, Faults]:
        return {"push": world.netmera.faults}

    async def goes(self, stage: Stage) -> Sequence[Message]:
        card = await stage.asks("cmp-1042", "Spring sale: 50% off")
        await stage.presses("Yes, recall", card)
        return [card]

    def holds(self, end: End) -> None:
        story = end.stage.story
        assert end.recall["state"] == "done"
        assert story.sale.status == "RECALLED"
        assert story.world.netmera.accepted == [SALE], "asked for twice"
        assert story.world.phones.showing(SALE) == []
        told = [begin for each in end.replies for begin in self.WAY if each.startswith(begin)]
        assert told == list(self.WAY), end.replies
        assert "Recalled" in plain(story.fresh(end.card))

    async def closes(self) -> None:
        """Nothing to end."""


class Once:
    """A vendor that must not be asked twice, and can only be looked at (class C)."""

    name = "once"
    chunk = 1000
    late = False

    async def opens(self, story: Story) -> None:
        self.board = BulletinBoard(clock=story.world.clock)
        await self.board.start()
        story.rules += '[[policy.allow]]\nwho = ["S0MARKETING"]\nproviders = ["board"]\n'
        table = written("board", self.board)
        story.vendors += table.replace("window_minutes", "outcome_deadline = 60\nwindow_minutes", 1)
        story.environ |= ENVIRONMENT

    def vendors(self, _world: World) -> Mapping[str, Faults]:
        return {"board": self.board.faults}

    async def goes(self, stage: Stage) -> Sequence[Message]:
        card = await stage.asks(BULLETIN, "New prices")
        await stage.presses("Yes, recall", card)
        return [card]

    def holds(self, end: End) -> None:
        asked, state = self.board.times("recall"), end.recall["state"]
        turned_away = end.stage.ills.times("board", "recall", "rate_limited")  # a 429 certainly had no effect
        assert asked <= 1 + turned_away, "asked for twice"
        assert state in {"done", "unknown"}
        assert state == "unknown" or self.board.bulletins[BULLETIN].state == "recalled"
        assert state == "done" or not end.undisturbed, "nothing went wrong, and yet it is not known"

    async def closes(self) -> None:
        await self.board.stop()


class Planned(Push):
    """The same push campaign, planned for a little later, so that it begins by itself."""

    name = "schedule"
    WAY = ("Its time has come", "Netmera accepted", "Recalled.")
    LATER: Final = 30.0

    async def goes(self, stage: Stage) -> Sequence[Message]:
        card = await stage.asks("cmp-1042", "Spring sale: 50% off")
        await stage.plans(self.LATER, card)
        return [card]

    def holds(self, end: End) -> None:
        super().holds(end)
        (due,) = (datetime.fromisoformat(each) for each in end.said("due"))
        asked = [each.at for each in end.stage.story.world.netmera.calls if each.tool == "campaign_recall"]
        assert min(asked) >= due - timedelta(seconds=HURRY), "begun before its time"
        assert sum("said yes, for later" in each for each in end.replies) == 1, end.replies


class Crowd:
    """Three recalls at once, each at a vendor of its own."""

    name = "crowd"
    chunk = CHUNK
    late = False

    def __init__(self) -> None:
        self._tales: dict[str, Tale] = {"push": Push(), "mail": Merge(), "board": Once()}

    async def opens(self, story: Story) -> None:
        for each in self._tales.values():
            await each.opens(story)

    def vendors(self, world: World) -> Mapping[str, Faults]:
        return {name: each.vendors(world)[name] for name, each in self._tales.items()}

    async def goes(self, stage: Stage) -> Sequence[Message]:
        cards = [
            await stage.asks(words, about)
            for words, about in (
                ("cmp-1042", "Spring sale: 50% off"),
                ("letter to members", SUBJECT),
                (BULLETIN, "New prices"),
            )
        ]
        await asyncio.gather(*(stage.presses("Yes, recall", each) for each in cards))
        return cards

    def holds(self, end: End) -> None:
        self._tales[end.recall["provider"]].holds(end)

    async def closes(self) -> None:
        for each in self._tales.values():
            await each.closes()


TALES: Final[dict[str, Callable[[], Tale]]] = {
    each.name: each for each in (Push, Merge, Once, Stopped, Retried, Planned, Crowd)
}
