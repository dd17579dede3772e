"""The database can't be written at the moment of a click: the click is acknowledged, and nothing runs."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from bot.errors import StorageError
from bot.ports import Request
from bot.recall import State
from sandbox.slack.hands import Shown, plain
from storage.store import SqliteStore
from tests.stories.conftest import Story, buttons

SHORT = 60
"""Milliseconds for which the bot waits for somebody else's lock here, so that the story need not."""


def pragma(story: Story, text: str) -> None:
    """Set something on the connection that writes."""
    store = story.bot.store
    assert isinstance(store, SqliteStore)
    assert store._database._writer is not None
    store._database._writer._connection.execute(f"PRAGMA {text}").fetchall()


def holding(story: Story) -> sqlite3.Connection:
    """Open the database as another program would, in the middle of writing."""
    other = sqlite3.connect(story.folder / "recall.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


@asynccontextmanager
async def locked(story: Story) -> AsyncIterator[None]:
    """Another program holds the database."""
    pragma(story, f"busy_timeout = {SHORT}")
    other = holding(story)
    yield
    other.close()


@asynccontextmanager
async def full(story: Story) -> AsyncIterator[None]:
    """The disk has no room for one more row."""
    pragma(story, "max_page_count = 1")
    for size in (100_000, 4_000, 1_000, 300, 100, 30, 10, 1):
        await fill(story, size)
    yield
    pragma(story, "max_page_count = 1073741823")


async def fill(story: Story, size: int) -> None:
    for number in range(10_000):
        row = Request(key=f"{size}:{number}", verb="", body={"": "x" * size}, at=story.world.clock.now())
        try:
            await story.bot.store.keep(row)
        except StorageError:
            return


@asynccontextmanager
async def read_only(story: Story) -> AsyncIterator[None]:
    """The file can't be written any more."""
    pragma(story, "query_only = 1")
    yield
    pragma(story, "query_only = 0")


async def health(story: Story, part: str = "work") -> str:
    """What health says about a part."""
    url = f"http://127.0.0.1:{story.bot.server.port}/healthz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return str((await answer.json())["parts"][part])


Trouble = Callable[[Story], AbstractAsyncContextManager[None]]
TROUBLES: list[Trouble] = [locked, full, read_only]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("label", ["Yes, recall", "No"])
async def test_a_click_that_cannot_be_kept_is_acknowledged_and_nothing_is_done(
    story: Story, trouble: Trouble, label: str
) -> None:
    card = await story.asks(story.ann)
    async with trouble(story):
        shown = await story.ann.presses(label, card)

        assert shown.ok
        assert "nothing was done" in await story.whisper(story.ann, "could not keep what you pressed")
        assert story.asked() == 0

    await story.passes(30)
    assert story.asked() == 0
    assert {"Yes, recall", "No"} <= set(buttons(story.fresh(card)))
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    assert len(await story.told(card, 3)) == 3


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_click_that_was_not_kept_is_not_carried_out_at_the_next_start(
    story: Story, trouble: Trouble
) -> None:
    card = await story.asks(story.ann)
    async with trouble(story):
        await story.ann.presses("Yes, recall", card)
        await story.whisper(story.ann, "could not keep")
    await story.stops()

    await story.starts()
    await story.bot.desk.tasks.settle()

    assert story.asked() == 0
    assert "Yes, recall" in buttons(story.fresh(card))


async def test_several_who_press_while_it_is_locked_are_all_answered_in_time(story: Story) -> None:
    card = await story.asks(story.ann)
    other = holding(story)

    async def a_moment_later() -> Shown:
        await asyncio.sleep(0.1)
        return await story.bob.presses("No", card)

    shown = await asyncio.gather(story.ann.presses("Yes, recall", card), a_moment_later())

    assert [each.ok for each in shown] == [True, True]
    await story.whisper(story.ann, "could not keep")
    await story.whisper(story.bob, "could not keep")
    other.close()


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_looking_goes_on_while_nothing_can_be_written(story: Story, trouble: Trouble) -> None:
    async with trouble(story):
        shown = await story.ann.types("/recall", "#campaigns")
        assert shown.ok
        await story.whisper(story.ann, "Spring sale: 50% off everything")


@pytest.mark.parametrize("trouble", [locked, read_only])
async def test_a_card_that_cannot_be_kept_is_not_put_up_and_that_is_said(
    story: Story, trouble: Trouble
) -> None:
    await story.ann.types("/recall", "#campaigns")
    await story.whisper(story.ann, "Spring sale: 50% off everything")
    async with trouble(story):
        shown = await story.ann.types("/recall cmp-1042", "#campaigns")
        assert shown.ok
        assert "othing was" in await story.whisper(story.ann, "Recall's database")

    assert [each for each in story.posts(story.bob, "#campaigns") if buttons(each)] == []
    await story.asks(story.ann)


async def test_trouble_between_the_click_and_its_work_is_said_truly(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.passes(61)
    story.world.slack.faults.add(method="users.info", kind="slow", seconds=0.2)
    await story.ann.presses("Yes, recall", card)
    async with locked(story):
        answer = await story.whisper(story.ann, "database")
        assert "carried out when Recall starts again" in answer
    assert story.asked() == 0
    await story.stops()

    await story.starts()

    await story.ends(State.DONE)
    assert len(await story.told(card, 3)) == 3
    assert story.asked() == 1


async def test_trouble_while_it_runs_loses_no_outcome(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=0.2)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    async with locked(story):
        await story.until(lambda: story.sale.status == "RECALLED", "the vendor's deed")
        await asyncio.sleep(0.2)
        assert "Recalled" not in plain(story.fresh(card)).splitlines()

    await story.passes(10)

    await story.ends(State.DONE)
    replies = await story.told(card, 3)
    assert [each.split()[0] for each in replies] == ["Started", "Netmera", "Recalled."]
    assert story.asked() == 1


@pytest.mark.parametrize("trouble", [locked, read_only])
async def test_a_start_while_nothing_can_be_written_goes_on_where_it_was_once_it_can(
    story: Story, trouble: Trouble
) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("slow", tool="campaign_recall", seconds=30)
    await story.ann.presses("Yes, recall", card)
    await story.until(lambda: story.asked() == 1, "the request at the vendor")
    await story.bot.engine.drain(0.0)
    await story.stops()
    story.world.netmera.faults.clear()

    await story.builds()
    async with trouble(story):
        await story.begins()
        assert "the database takes nothing" in await health(story)
        assert (await story.ann.types("/recall", "#campaigns")).ok
    await story.passes(1)

    await story.ends(State.DONE)
    assert ["restarted" in each for each in await story.told(card, 4)] == [False, True, False, False]
    assert await health(story) == "well"


@pytest.mark.parametrize("trouble", [full, read_only])
async def test_health_says_that_nothing_can_be_kept_until_something_can(
    story: Story, trouble: Trouble
) -> None:
    card = await story.asks(story.ann)
    assert await health(story, "database") == "well"
    async with trouble(story):
        await story.ann.presses("Yes, recall", card)
        await story.whisper(story.ann, "othing was")
        assert "Nothing was kept" in await health(story, "database")
    assert await health(story, "database") == "well"
