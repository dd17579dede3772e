"""One run of a tale: a practice world that survives, a bot that is killed and started again, people who go on.

The bot's process is forked from a parent that has imported everything, so a start costs what the bot costs and not
what Python's imports cost. Time passes quickly once there is something to wait for.
"""

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from typing import Final

from sandbox.slack.hands import Invisible
from sandbox.slack.values import Message
from tests.crash.ills import WELL, Ills
from tests.crash.strings import Strings
from tests.crash.victim import Plan, live
from tests.program import FORGE
from tests.stories.conftest import Story, buttons

LONGEST: Final = 90.0
"""Real seconds that a whole run may take, restarts included."""

GLANCE: Final = 0.02
"""Real seconds between two looks at what rings no bell."""

HURRY: Final = 1.0
"""Seconds that pass for everybody at each glance, once people have done their part."""

REST: Final = 0.1
"""Real seconds after which it is looked once more whether nothing is left to do."""

CALM: Final = 0.6
"""Real seconds after which a person believes that nothing more will come of what they did before a crash."""

WHEN: Final = "When shall it begin?"


async def glances(condition: Callable[[], object]) -> None:
    """Look again and again until it is so: neither a process nor a database rings a bell."""
    while not condition():  # noqa: ASYNC110 - the caller sets the time limit
        await asyncio.sleep(GLANCE)


class BotFailedError(AssertionError):
    """The bot ended by itself."""


@dataclass
class Stage:
    """A story whose bot is a process that dies at given points."""

    story: Story
    plan: Plan
    kills: Sequence[str]
    process: BaseProcess | None = None
    deaths: int = 0
    died_at: list[str] = field(default_factory=list)
    ills: Ills = WELL
    acked: list[str] = field(default_factory=list)  # what people were told was heard
    _starts: int = 0
    _hurrying: bool = False

    def __post_init__(self) -> None:
        self.strings = Strings(self.plan.strings)

    # The bot's life ------------------------------------------------------------------------------------

    def comes_up(self) -> None:
        """Start the bot, to be killed where the next of `kills` says."""
        kill_at = self.kills[self._starts] if self._starts < len(self.kills) else ""
        self._starts += 1
        self.plan.notes.unlink(missing_ok=True)
        self.process = FORGE.Process(target=live, args=(replace(self.plan, kill_at=kill_at),), daemon=True)
        self.process.start()

    async def lives(self) -> None:
        """Start the bot whenever it has been killed, until cancelled. Raises BotFailedError where it ended by itself."""
        while True:
            await self._death()
            assert self.process is not None
            if self.process.exitcode != -signal.SIGKILL:
                raise BotFailedError(f"The bot ended with {self.process.exitcode}:\n{self.log()[-3000:]}")
            self.deaths += 1
            self.died_at.append((self.points() or ["nowhere"])[-1])
            self.comes_up()

    async def is_up(self) -> None:
        """Wait until Slack can reach the bot."""
        sockets = self.story.world.slack.sockets
        await glances(lambda: self.process and self.process.is_alive() and sockets.connected >= 1)

    def dies(self) -> None:
        """Kill the bot for good."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process.close()
            self.process = None

    def log(self) -> str:
        return self.plan.log.read_text(encoding="utf-8", errors="replace")

    def points(self) -> list[str]:
        """What the present bot has come to, with the tables of each commit."""
        return self.plan.notes.read_text(encoding="utf-8").splitlines() if self.plan.notes.exists() else []

    async def _death(self) -> None:
        assert self.process is not None
        gone, loop, sentinel = asyncio.Event(), asyncio.get_running_loop(), self.process.sentinel
        loop.add_reader(sentinel, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(sentinel)
        self.process.join()

    # What people do ------------------------------------------------------------------------------------

    async def asks(self, words: str, about: str) -> Message:
        """Ann types /recall until there is a card, again only after a crash or where Slack said that nobody heard."""
        while True:
            await self.is_up()
            before = self.deaths, self._whispers()
            shown = await self.story.ann.types(f"/recall {words}", "#campaigns")
            while not (cards := self.cards(about)):
                if (self.deaths, self._whispers()) > before or not shown.ok:
                    await self.is_up()
                    await self._calm(lambda: self.cards(about))
                    break
                await asyncio.sleep(GLANCE)
            if cards or (cards := self.cards(about)):
                return cards[0]

    async def presses(self, label: str, card: Message) -> None:
        """Ann presses a button until Slack says that it was heard, or the button is gone."""
        while True:
            await self.is_up()
            told = self._whispers()
            with suppress(Invisible):
                if not await self._press(label, card):
                    await self.is_up()
                    await self._calm(lambda: label not in buttons(self.story.fresh(card)))
                    continue
                if self.plan.ailing and await self._was_told_off(label, card, told):
                    continue
                self.acked.append(label)
            return

    async def plans(self, seconds: float, card: Message) -> None:
        """Ann chooses Schedule… and a moment so far away, until Slack says that it was heard, or it is too late."""
        while "Yes, recall" in buttons(self.story.fresh(card)):
            await self.is_up()
            told = self._whispers()
            with suppress(Invisible):  # somebody's crash took the window, or the card has moved on
                if not await self._fills_in(seconds, card):
                    await self.is_up()
                    await self._calm(lambda: "Yes, recall" not in buttons(self.story.fresh(card)))
                    continue
                if self.plan.ailing and await self._was_told_off("Yes, recall", card, told):
                    continue
                self.acked.append("Schedule…")
                return

    async def _fills_in(self, seconds: float, card: Message) -> bool:
        ann = self.story.ann
        await ann.chooses("Schedule…", card)
        await self._calm(lambda: ann.view is not None)
        if ann.view is None:
            return False
        ann.fills(WHEN, int(self.story.world.clock.now().timestamp() + seconds))
        heard = (await ann.submits()).ok
        if ann.view is not None:
            await ann.closes()
        return heard

    async def _press(self, label: str, card: Message) -> bool:
        """Press it; says whether that was heard."""
        if self.ills.double:
            return any(each.ok for each in await self.story.ann.double_presses(label, card))
        return (await self.story.ann.presses(label, card)).ok

    def cards(self, about: str) -> list[Message]:
        """Cards with their Yes, or what they became."""
        posts = self.story.posts(self.story.ann, "#campaigns")
        return [each for each in posts if each.metadata and each.seen_by is None and about in str(each.blocks)
                and "Yes, recall" in buttons(each)]  # fmt: skip

    async def _was_told_off(self, label: str, card: Message, told: int) -> bool:
        """Say whether a press that was heard was answered with words, and the button is still there."""
        await self._calm(lambda: label not in buttons(self.story.fresh(card)) or self._whispers() > told)
        return self._whispers() > told and label in buttons(self.story.fresh(card))

    def _whispers(self) -> int:
        """How much Ann was told that only she sees."""
        posts = self.story.posts(self.story.ann, "#campaigns")
        return sum(each.seen_by == self.story.ann.id for each in posts)

    async def _calm(self, condition: Callable[[], object]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CALM):
                await glances(condition)

    # The end -------------------------------------------------------------------------------------------

    def hurry(self, *, fast: bool = True) -> None:
        """Let time pass quickly from now on, or as it does."""
        self._hurrying = fast

    async def passes_time(self) -> None:
        """Move everybody's clock on, once told to, until cancelled."""
        while True:
            await asyncio.sleep(GLANCE)
            if self._hurrying:
                self.story.world.clock.advance(HURRY)
                self.strings.pass_time(HURRY)

    async def settles(self) -> None:
        """Wait until nothing is left to do: every recall has ended, and Slack was told everything."""
        while True:
            await self.is_up()
            before = self.deaths
            await glances(lambda: not self.open_work())
            await asyncio.sleep(REST)  # in the middle of a power cut the file shows an earlier state
            if self.deaths == before and self.process and self.process.is_alive() and not self.open_work():
                return

    def open_work(self) -> list[str]:
        """Name what is still to be done, by the database alone."""
        reading = sqlite3.connect(f"file:{self.story.folder}/recall.db?mode=ro", uri=True)
        try:
            return [str(row) for row in reading.execute(OPEN).fetchall()]
        except sqlite3.Error as error:
            return [str(error)]
        finally:
            reading.close()


OPEN: Final = """
SELECT 'recall', id, state, not_before FROM recall
 WHERE confirmed AND (state IN ('approving', 'scheduled', 'queued', 'running', 'submitted')
 OR (state IN ('partial', 'unknown', 'stopped') AND not_before IS NOT NULL))
UNION ALL SELECT 'notice', id, kind, tries FROM outbox WHERE state < 2
UNION ALL SELECT 'request', key, verb, 0 FROM request WHERE answered = 0 AND verb <> ''
"""
