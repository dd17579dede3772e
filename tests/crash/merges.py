"""Tales of a mail-merge: several chunks of mails; stopped in the middle, or tried again in part."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.target import ItemState
from sandbox.slack.values import Message
from sandbox.vendors.faults import Faults
from sandbox.vendors.graph_books import SentMail
from sandbox.vendors.graph_seed import ANN, FINN, mail
from sandbox.world import World
from tests.crash.stage import Stage, glances
from tests.crash.tale import End
from tests.stories.conftest import Story, buttons

MAILS: Final = 7
SUBJECT: Final = "Letter to members"
CHUNK: Final = 3
MOST_AT_ONCE: Final = 4
"""Requests that the mail system takes at a time: so many may be under way when Stop is pressed."""


class Merge:
    """A mail-merge: several chunks of mails, each of which may be asked for again (class A)."""

    name = "merge"
    chunk = CHUNK
    late = False

    async def opens(self, story: Story) -> None:
        graph = story.world.graph
        graph.settle_after = 3
        self.mails = _letters(story.world)
        for each in self.mails:
            graph.post(each)
        story.rules += MAIL_RULES
        story.vendors += mail_table(story.world)

    def vendors(self, world: World) -> Mapping[str, Faults]:
        return {"mail": world.graph.faults}

    async def goes(self, stage: Stage) -> Sequence[Message]:
        card = await stage.asks("letter to members", SUBJECT)
        await stage.presses("Yes, recall", card)
        return [card]

    def holds(self, end: End) -> None:
        world = end.stage.story.world
        assert end.recall["state"] == "done"
        assert set(world.graph.recalled) == {each.internet_id for each in self.mails}
        assert set(end.kept.codes(end.recall["id"])) == {ItemState.DONE}
        assert end.kept.chunks_of(end.recall["id"]) == -(-MAILS // CHUNK)
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

    async def goes(self, stage: Stage) -> Sequence[Message]:
        (card,) = await super().goes(stage)
        await glances(lambda: "Stop" in buttons(stage.story.fresh(card)) and len(self._recalled) >= CHUNK)
        await stage.presses("Stop", card)
        self._at_stop = len(stage.story.world.graph.recalled)
        self._stopped.set()
        return [card]

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
        assert set(ended.values()) <= {ItemState.DONE, ItemState.PENDING} or not end.undisturbed
        assert (end.recall["state"] == "done") == (done == set(ended))
        assert _holding(world, self.mails) <= len(ended) - len(done)
        assert sum("pressed Stop" in each for each in end.replies) <= 1

    async def _waits(self) -> None:
        """The mail system takes its time once some mails are gone, so that there is something to stop."""
        if len(self._recalled) >= CHUNK:
            await self._stopped.wait()


class Retried(Merge):
    """The same mail-merge, of which some mails fail; and then Retry. Killed only from the Retry on."""

    name = "retry"
    late = True

    async def opens(self, story: Story) -> None:
        await super().opens(story)
        self._failing = {each.internet_id for each in self.mails[::2]}
        self._hopeless = {self.mails[0].internet_id}
        story.world.graph.refused |= self._failing

    async def goes(self, stage: Stage) -> Sequence[Message]:
        (card,) = await super().goes(stage)
        stage.hurry()
        await glances(lambda: "Retry failed" in buttons(stage.story.fresh(card)) and not stage.open_work())
        stage.hurry(fast=False)
        graph = stage.story.world.graph
        graph.refused -= self._failing - self._hopeless
        self._before = len(graph.recalled)
        stage.strings.arm()
        await stage.presses("Retry failed", card)
        return [card]

    def holds(self, end: End) -> None:
        graph = end.stage.story.world.graph
        first, again = graph.recalled[: self._before], graph.recalled[self._before :]
        assert set(first) == {each.internet_id for each in self.mails} - self._failing
        assert set(again) == self._failing - self._hopeless, "Retry took something else than what had failed"
        states = end.kept.items_of(end.recall["id"])
        for each, state in states.items():
            hopeless = any(internet_id.strip("<>") in each for internet_id in self._hopeless)
            unsure = set() if end.undisturbed else {ItemState.UNKNOWN}
            assert state in ({ItemState.FAILED} | unsure if hopeless else {ItemState.DONE}), states
        assert end.recall["state"] == "partial"
        assert _holding(end.stage.story.world, self.mails) == len(self._hopeless)
        presses = sum("pressed Retry" in each for each in end.replies)
        assert 1 <= presses <= 1 + end.stage.deaths, end.replies  # who hears nothing presses again


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
