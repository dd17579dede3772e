"""Recall's Slack room at work: real Bolt on the local Slack, real storage and service, a vendor in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.lookup import Lookup
from bot.policy import Policy, Rule
from bot.proposal import Terms
from bot.service import RecallService
from bot.target import Target, TargetId
from bot.tasks import Tasks
from handlers.answers import Answers
from handlers.desk import Desk
from handlers.people import SlackPeople
from handlers.places import Places
from handlers.thread import Threads
from sandbox.slack import LocalSlack, Message, plain
from sandbox.world import World
from storage import open_store
from storage.file import Connection, connect
from storage.store import SqliteStore
from tests.vendor import MemoryVendor

TEAM = "T0SANDBOX"
GROUP = "S0MARKETING"


class Disk:
    """The database's disk, which can stop taking anything."""

    def __init__(self) -> None:
        self._writing: Connection | None = None

    def __call__(self, path: Path, *, read_only: bool) -> Connection:
        connection = connect(path, read_only=read_only)
        if not read_only:
            self._writing = connection
        return connection

    def writable(self, *, yes: bool) -> None:
        assert self._writing is not None
        self._writing.execute(f"PRAGMA query_only = {int(not yes)}").fetchall()


class PatientVendor(MemoryVendor):
    """A vendor that can be made to take its time."""

    holds: asyncio.Event | None = None

    async def get(self, target: TargetId) -> Target:
        if self.holds is not None:
            await self.holds.wait()
        return await super().get(target)


@dataclass
class Office:
    """One running bot and the world around it."""

    world: World
    vendor: PatientVendor
    store: SqliteStore
    service: RecallService
    threads: Threads
    places: Places
    people: SlackPeople
    desk: Desk
    client: AsyncWebClient
    app: AsyncApp
    disk: Disk

    @property
    def slack(self) -> LocalSlack:
        return self.world.slack

    def texts(self, who: str, channel: str, thread: str | None = None) -> list[str]:
        """Read what somebody sees in a channel or thread."""
        return [plain(each) for each in self.slack.person(who).sees(channel, thread)]

    async def shown(self, who: str, words: str, channel: str, thread: str | None = None) -> Message:
        """Wait until somebody sees a message with these words."""

        def found() -> list[Message]:
            seen = self.slack.person(who).sees(channel, thread)
            return [each for each in seen if words in plain(each)]

        try:
            await self.slack.until(found)
        except TimeoutError:
            told = "\n---\n".join(self.texts(who, channel, thread))
            raise AssertionError(f"{who} does not see {words!r} but:\n{told}") from None
        return found()[-1]

    async def card(
        self, who: str = "ann", text: str = "/recall Spring sale", channel: str = "#campaigns"
    ) -> Message:
        """Ask for a card and wait for it."""
        await self.slack.person(who).types(text, channel)
        return await self.shown(who, "Yes, recall", channel)

    def posted(self, method: str = "chat.postMessage") -> int:
        """Count calls that were answered with ok."""
        return sum(call.method == method and call.error is None for call in self.slack.state.calls)


def make_client(slack: LocalSlack) -> AsyncWebClient:
    client = AsyncWebClient(token=slack.BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])
    client.proxy = None
    return client


def make_app(client: AsyncWebClient) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=TEAM,
            bot_user_id="U0RECALL",
            bot_id="B0RECALL",
            bot_token=client.token,
        )

    return AsyncApp(client=client, signing_secret="s", authorize=authorize, process_before_response=True)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0, ack_seconds=1) as world:
        yield world


@pytest.fixture
async def office(world: World, tmp_path: Path) -> AsyncIterator[Office]:
    disk = Disk()
    store = await open_store(f"sqlite:///{tmp_path / 'recall.db'}", clock=world.clock, connect=disk)
    client = make_client(world.slack)
    vendor = PatientVendor()
    vendor.sent("4711", name="Spring sale")
    vendor.sent("cmp-1042", name="Garden party")
    vendor.sent("cmp-1041", name="Garden teaser")
    lookup = Lookup(providers={vendor.name: vendor}, index=store)
    await lookup.refresh()
    places = Places(client=client, clock=world.clock, channel="C0RECALLS")
    threads = Threads(outbox=store, records=store, places=places, client=client, clock=world.clock)
    people = SlackPeople(client=client, clock=world.clock, groups=[GROUP], home_team=TEAM)
    ids = count(1)
    service = RecallService(
        records=store,
        work=store,
        lookup=lookup,
        people=people,
        terms=Terms(policy=Policy(allow=(Rule(who=frozenset({GROUP})),))),
        clock=world.clock,
        new_id=lambda: f"id{next(ids)}",
        wake=threads.wake,
    )
    desk = Desk(
        service=service,
        inbox=store,
        tasks=Tasks(),
        clock=world.clock,
        places=places,
        client=client,
        answers=Answers(client=client),
        new_id=lambda: f"incident{next(ids)}",
    )
    app = make_app(client)
    handlers.register(app, desk)
    running = asyncio.create_task(threads.run())
    socket = AsyncSocketModeHandler(app, world.slack.APP_TOKEN, ping_interval=0.2)
    socket.client.proxy = None
    await socket.connect_async()
    await world.slack.until(lambda: world.slack.sockets.connected == 1)
    yield Office(world, vendor, store, service, threads, places, people, desk, client, app, disk)
    await socket.close_async()
    await desk.tasks.drain(2)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await store.close()
