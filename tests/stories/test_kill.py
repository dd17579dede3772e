"""The real program is killed (-9) at bad moments and started again: nothing is lost, and nothing is done twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.world import World
from storage import open_reader, verify_audit
from tests.program import Program, bare, started
from tests.stories.conftest import PATIENCE, RULES, SALE, SECOND_PERSON, Story, buttons

pytestmark = pytest.mark.crash

SLOW_START = 30.0
"""Real seconds that a process may take to start on a busy machine."""

RESUMED = "Recall was restarted"
WAY = ("Started", "Netmera accepted", "Recalled.")
"""How the replies of a whole recall begin, in order."""


class Victim:
    """The bot as a process of its own, with a practice world around it."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.process: Program | None = None

    async def starts(self) -> None:
        """Start the program and wait until Slack can reach it."""
        file, environ = self.story.configured()
        sockets = self.story.world.slack.sockets
        await self.story.until(lambda: sockets.connected == 0, "the end of the old connections")
        self.process = await started(
            "--config", str(file), environ=bare() | environ, log=self.story.folder / "recall.log"
        )
        try:
            await self.story.world.slack.until(lambda: sockets.connected, timeout=SLOW_START)
        except TimeoutError:
            raise AssertionError(f"The bot did not come up:\n{self.log()}") from None

    async def is_killed(self) -> None:
        """Kill it: no signal that it could hear, no time to tidy up."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    def log(self) -> str:
        return (self.story.folder / "recall.log").read_text(encoding="utf-8")

    def state(self) -> str:
        """Where the newest recall stands, by the database alone."""
        reading = sqlite3.connect(f"file:{self.story.folder}/recall.db?mode=ro", uri=True)
        try:
            return str(reading.execute("SELECT state FROM recall ORDER BY at DESC, rowid DESC").fetchone()[0])
        finally:
            reading.close()


@pytest.fixture
async def victim(world: World, tmp_path: Path) -> AsyncIterator[Victim]:
    """A running program that is about to be killed."""
    victim = Victim(Story(world=world, folder=tmp_path))
    yield victim
    await victim.is_killed()
    assert world.slack.violations == []
    assert "Traceback" not in victim.log()


async def is_done_once(victim: Victim, card: Message, *, kills: int = 1) -> list[str]:
    """It ends as if nothing had happened: once at the vendor, each status once and in order, all of it recorded."""
    story = victim.story
    await story.hears(card, "Recalled.")
    await story.shows(card, "Recalled")
    await asyncio.sleep(0.15)  # what is told twice would be told now
    replies = story.thread(card)
    told = [next((begin for begin in WAY if each.startswith(begin)), each) for each in replies]
    assert [each for each in told if each in WAY] == list(WAY), replies
    assert sum(RESUMED in each for each in replies) <= kills
    assert story.sale.status == "RECALLED"
    assert story.world.phones.showing(SALE) == []
    assert story.world.netmera.accepted == [SALE]
    assert "Yes, recall" not in buttons(story.fresh(card))
    assert victim.state() == "done"
    reader = await open_reader(f"sqlite:///{story.folder}/recall.db")
    audit = await verify_audit(reader)
    await reader.close()
    assert audit.whole, audit.broken
    return replies


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.1])
async def test_killed_right_after_yes(victim: Victim, after: float) -> None:
    await victim.starts()
    card = await victim.story.asks(victim.story.ann)
    shown = await victim.story.ann.presses("Yes, recall", card)
    assert shown.ok
    await asyncio.sleep(after)  # the moment of the kill is the point
    await victim.is_killed()

    await victim.starts()

    await is_done_once(victim, card)


async def test_killed_right_after_the_second_yes(victim: Victim) -> None:
    story = victim.story
    story.rules = RULES + SECOND_PERSON
    await victim.starts()
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    waiting = await story.shows(card, "Waiting for a second yes")
    await victim.is_killed()
    await victim.starts()
    await story.bob.presses("Approve", waiting)
    await victim.is_killed()

    await victim.starts()

    replies = await is_done_once(victim, card)
    assert sum("@U0BOB approved" in each for each in replies) == 1


async def test_killed_right_after_no(victim: Victim) -> None:
    story = victim.story
    await victim.starts()
    card = await story.asks(story.ann)
    await story.bob.presses("No", card)
    await victim.is_killed()

    await victim.starts()

    await story.hears(card, "@U0BOB said no")
    assert "Declined" in plain(await story.shows(card, "Declined"))
    assert len(story.thread(card)) == 1
    assert story.world.netmera.accepted == []


@pytest.mark.parametrize("again", [False, True])
async def test_killed_in_the_middle_of_the_vendors_call(victim: Victim, again: bool) -> None:
    story = victim.story
    await victim.starts()
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=30, times=2 if again else 1)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    await victim.is_killed()
    if again:
        await victim.starts()
        await story.until(lambda: story.asked() == 2, "the request at the vendor again")
        await victim.is_killed()

    await victim.starts()

    replies = await is_done_once(victim, card, kills=2 if again else 1)
    assert any(RESUMED in each for each in replies)


async def test_killed_after_the_vendor_did_it_and_before_anybody_knew(victim: Victim) -> None:
    story = victim.story
    await victim.starts()
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_detail", seconds=0)  # the look before the request
    story.world.netmera.faults.add("slow", tool="campaign_detail", seconds=30)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.sale.status == "RECALLED", "the vendor's deed")
    await victim.is_killed()
    story.world.netmera.faults.clear()

    await victim.starts()

    await is_done_once(victim, card)
    assert story.asked() == 1


async def test_killed_while_the_first_request_is_still_under_way_at_the_vendor(victim: Victim) -> None:
    story = victim.story
    await victim.starts()
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=2.0)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    await victim.is_killed()

    await victim.starts()

    await is_done_once(victim, card)
    await asyncio.sleep(0.8)  # the first request reaches the vendor's books now
    assert story.world.netmera.accepted == [SALE]


async def test_killed_between_submitted_and_confirmed(victim: Victim) -> None:
    story = victim.story
    story.world.netmera.settle_after = 300
    await victim.starts()
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.shows(card, "Submitted, not yet confirmed")
    await victim.is_killed()
    story.world.clock.advance(300)

    await victim.starts()
    await story.bob.presses("Check now", story.fresh(card))

    replies = await is_done_once(victim, card)
    assert not any(RESUMED in each for each in replies)


@pytest.mark.parametrize("kind", ["slow", "500_after", "reset_after"])
async def test_killed_while_slack_is_being_told(victim: Victim, kind: str) -> None:
    story = victim.story
    await victim.starts()
    card = await story.asks(story.ann)
    story.world.slack.faults.add(method="chat.postMessage", kind=kind, seconds=0.2)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.world.slack.faults.left == 0, "a post")
    await victim.is_killed()

    await victim.starts()

    await is_done_once(victim, card)


async def test_killed_before_the_card_was_posted(victim: Victim) -> None:
    story = victim.story
    await victim.starts()
    story.world.slack.faults.add(method="chat.postMessage", kind="reset")
    await story.ann.types("/recall cmp-1042", "#campaigns")
    await story.until(lambda: story.world.slack.faults.left == 0, "a post")
    await victim.is_killed()

    await victim.starts()

    card = await story.card(story.ann)
    await story.ann.presses("Yes, recall", card)
    await is_done_once(victim, card)
    assert [each.ts for each in story.posts(story.bob, "#campaigns")] == [card.ts]


async def test_killed_again_and_again(victim: Victim) -> None:
    story = victim.story
    story.world.netmera.settle_after = 1
    await victim.starts()
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    for _ in range(3):
        await victim.is_killed()
        await victim.starts()

    await story.until(lambda: len(story.thread(card)) >= 2, "what was accepted")
    await asyncio.wait_for(pressing_check(story, card), PATIENCE)
    await is_done_once(victim, card, kills=3)


async def pressing_check(story: Story, card: Message) -> None:
    """Ask the vendor now, as often as it takes."""
    while "Recalled" not in plain(story.fresh(card)).splitlines():
        if "Check now" in buttons(story.fresh(card)):
            await story.ann.presses("Check now", story.fresh(card))
        await asyncio.sleep(0.2)  # a person's patience
