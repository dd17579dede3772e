"""The tales in which the bot is killed: what there is to recall, what people do, and what must be true at the end."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from bot.target import ItemState
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.bulletin import BulletinBoard
from sandbox.vendors.graph_books import SentMail
from sandbox.vendors.graph_seed import ANN, FINN, mail
from sandbox.world import World
from tests.crash.invariants import (
    Kept,
    assert_counts_are_sums,
    assert_each_told_once,
    assert_kept_whole,
)
from tests.crash.stage import Stage, glances
from tests.providers.http_vendors import ENVIRONMENT, written
from tests.stories.conftest import RULES, SALE, Story, buttons

MAILS: Final = 7
SUBJECT: Final = "Letter to members"
CHUNK: Final = 3
MOST_AT_ONCE: Final = 4
"""Requests that the mail system takes at a time: so many may be under way when Stop is pressed."""
RESUMED: Final = "Recall was restarted"
BULLETIN: Final = "b-300"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended: what people see, and what was kept."""

    stage: Stage
    card: Message
    kept: Kept
    recall: dict[str, Any]  # the row of the one recall

    @property
    def replies(self) -> list[str]:
        """What stands in the thread."""
        return self.stage.story.thread(self.card)


class Tale(Protocol):
    """One recall, from the command to its end."""

    name: str
    chunk: int

    async def opens(self, story: Story) -> None:
        """Fill the world, and name in the settings what the bot needs."""
        ...

    async def goes(self, stage: Stage) -> Message:
        """Do what people do; returns the card."""
        ...

    def holds(self, end: End) -> None:
        """Assert what must be true of this tale's recall."""
        ...

    async def closes(self) -> None:
        """End what `opens` began."""
        ...


async def assert_holds(stage: Stage, tale: Tale, card: Message) -> None:
    """Assert everything that must be true once nothing is left to do."""
    file = stage.story.folder / "recall.db"
    await assert_kept_whole(file)
    kept = Kept(file)
    assert_each_told_once(kept, stage.story.world.slack.workspace)
    (recall,) = kept.recalls
    counts = json.loads(recall["body"])["counts"]
    assert_counts_are_sums(kept, recall, counts)
    replies = stage.story.thread(card)
    assert sum(RESUMED in each for each in replies) <= stage.deaths, replies
    assert "Yes, recall" not in buttons(stage.story.fresh(card))
    tale.holds(End(stage=stage, card=card, kept=kept, recall=recall))
    if not (stage.plan.ailing and stage.plan.ailing.trouble):
        assert "Traceback" not in stage.log(), stage.log()


class Push:
    """A push campaign: one vendor call, whose state can be read (class B)."""

    name = "push"
    chunk = 1000
    WAY: Final = ("Started", "Netmera accepted", "Recalled.")

    async def opens(self, story: Story) -> None:
        story.world.netmera.settle_after = 0

    async def goes(self, stage: Stage) -> Message:
        card = await stage.asks("cmp-1042", "Spring sale: 50% off")
        await stage.presses("Yes, recall", card)
        return card

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


class Merge:
    """A mail-merge: several chunks of mails, each of which may be asked for again (class A)."""

    name = "merge"
    chunk = CHUNK

    async def opens(self, story: Story) -> None:
        graph = story.world.graph
        graph.settle_after = 3
        self.mails = _letters(story.world)
        for each in self.mails:
            graph.post(each)
        story.rules = RULES + MAIL_RULES
        story.vendors = mail_table(story.world)

    async def goes(self, stage: Stage) -> Message:
        card = await stage.asks("letter to members", SUBJECT)
        await stage.presses("Yes, recall", card)
        return card

    def holds(self, end: End) -> None:
        world = end.stage.story.world
        assert end.recall["state"] == "done"
        assert set(world.graph.recalled) == {each.internet_id for each in self.mails}
        assert set(end.kept.codes(end.recall["id"])) == {ItemState.DONE}
        assert len(end.kept.chunks) == -(-MAILS // CHUNK)
        assert _holding(world, self.mails) == 0
        assert any(f"{MAILS} recalled" in each for each in end.replies)

    async def closes(self) -> None:
        """Nothing to end."""


class Stopped(Merge):
    """The same mail-merge, and a Stop in the middle of it."""

    name = "stop"

    async def opens(self, story: Story) -> None:
        await super().opens(story)
        self._stopped = asyncio.Event()
        self._recalled = story.world.graph.recalled
        story.world.graph.before = self._waits

    async def goes(self, stage: Stage) -> Message:
        card = await super().goes(stage)
        await glances(lambda: "Stop" in buttons(stage.story.fresh(card)) and len(self._recalled) >= CHUNK)
        await stage.presses("Stop", card)
        self._at_stop = len(stage.story.world.graph.recalled)
        self._stopped.set()
        return card

    def holds(self, end: End) -> None:
        world = end.stage.story.world
        asked = {each.strip("<>") for each in world.graph.recalled}
        ended = end.kept.items_of(end.recall["id"])
        assert len(asked) <= self._at_stop + MOST_AT_ONCE
        done = {each for each, state in ended.items() if state is ItemState.DONE}
        asked_for = {each for each in ended if any(internet_id in each for internet_id in asked)}
        assert done <= asked_for, "called done, and never asked for"
        assert ItemState.PENDING not in {ended[each] for each in asked_for}, "called not sent, and asked for"
        assert len(asked_for - done) <= MOST_AT_ONCE, "more is gone than was under way when Stop was pressed"
        assert set(ended.values()) <= {ItemState.DONE, ItemState.PENDING} or end.stage.deaths
        assert (end.recall["state"] == "done") == (done == set(ended))
        assert _holding(world, self.mails) <= len(ended) - len(done)
        assert sum("pressed Stop" in each for each in end.replies) <= 1

    async def _waits(self) -> None:
        """The mail system takes its time once some mails are gone, so that there is something to stop."""
        if len(self._recalled) >= CHUNK:
            await self._stopped.wait()


class Once:
    """A vendor that must not be asked twice, and can only be looked at (class C)."""

    name = "once"
    chunk = 1000

    async def opens(self, story: Story) -> None:
        self.board = BulletinBoard(clock=story.world.clock)
        await self.board.start()
        story.rules = '[[policy.allow]]\nwho = ["S0MARKETING"]\n'
        table = written("board", self.board)
        story.vendors = table.replace("window_minutes", "outcome_deadline = 60\nwindow_minutes", 1)
        story.environ = dict(ENVIRONMENT)

    async def goes(self, stage: Stage) -> Message:
        card = await stage.asks(BULLETIN, "New prices")
        await stage.presses("Yes, recall", card)
        return card

    def holds(self, end: End) -> None:
        asked, state = self.board.times("recall"), end.recall["state"]
        assert asked <= 1, "asked for twice"
        assert state in {"done", "unknown"}
        assert state == "unknown" or self.board.bulletins[BULLETIN].state == "recalled"
        assert state == "done" or end.stage.deaths, "nothing went wrong, and yet it is not known"

    async def closes(self) -> None:
        await self.board.stop()


TALES: Final = {each.name: each for each in (Push, Merge, Once, Stopped)}

MAIL_RULES: Final = """
[[policy.allow]]
who = ["U0ANN"]
providers = ["mail"]
[people.U0ANN]
mail = "ann@fernhill.example"
"""


def mail_table(world: World) -> str:
    """The settings that connect the practice mail system."""
    graph = world.graph
    return f"""
        [providers.mail]
        kind = "graph"
        root = "{graph.url}"
        authority = "{graph.url}"
        tenant = "fernhill"
        client_id = "recall-practice"
        client_secret = "{graph.secret}"
        link_hosts = ["127.0.0.1"]
        outcome_deadline = 600
        """


def _letters(world: World) -> list[SentMail]:
    begin = world.clock.now() - timedelta(minutes=20)
    return [
        mail(500 + n, SUBJECT, f"Dear member {n}", (FINN,), begin + timedelta(seconds=n))
        for n in range(MAILS)
    ]


def _holding(world: World, mails: list[SentMail]) -> int:
    """How many of the mails still lie in some inbox."""
    wanted = {each.internet_id for each in mails}
    return sum(
        each.internet_id in wanted
        for address, box in world.graph.books.mailboxes.items()
        if address != ANN
        for each in box.copies
    )
