"""Everything that runs, and how it starts and stops. `app.build` puts it together."""

import asyncio
import gc
import logging
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.engine import Engine
from bot.lookup import Lookup
from bot.mirror import Mirror
from bot.ports import Provider, Request, Store
from bot.reconnecting import Reconnecting
from bot.schedule import Schedule
from bot.service import RecallService
from bot.settings import Settings
from bot.target import ProviderName
from bot.upkeep import Upkeep
from front.server import Server
from front.slack_line import Introduction, open_session
from front.sockets import Sockets
from handlers import decisions
from handlers.desk import Desk
from handlers.mirror import MirrorPosts
from handlers.thread import Threads
from storage import share_the_interpreter

TICK_SECONDS = 1.0
"""How often what waits for its time is looked at."""

PRESENCE_SECONDS = 60.0
"""How often it is looked whether customers who were offline are back."""

INDEX_SECONDS = 300.0
"""How often the index of everything sent is renewed."""

TIDY_SECONDS = 3600.0
"""How often what is old is let go."""

LOOK_SECONDS = 5.0
"""How often the next piece of the database is looked through for damage."""

DRAIN_SECONDS = 10.0
"""What a stop takes at most, all its parts together; whatever is not done by then goes on at the next start."""

HEAR_SECONDS = 2.0
"""Of these, what requests may take that came before the stop: their acknowledgements need the connections."""

WORK_SECONDS = 2.5
"""What answers to people may take, and after them the requests to vendors that are under way."""

CLOSE_SECONDS = 1.0
"""What is kept for closing the vendors' connections."""

log = logging.getLogger("recall")


def settle() -> None:
    """Leave what the program consists of out of Python's search for garbage, which stops everything meanwhile.

    Looking through all of it took 80 ms and more, each few seconds beside a fan-out; what is made from now on takes a
    millisecond. For a process that is one bot until it ends, after `Bot.start`.
    """
    gc.freeze()


@dataclass(slots=True, kw_only=True)
class Bot:
    """Everything that runs. Made by `build`; tests reach the parts by name."""

    settings: Settings
    store: Store
    providers: dict[ProviderName, Provider]
    lookup: Lookup
    service: RecallService
    engine: Engine
    schedule: Schedule
    threads: Threads
    mirror: Mirror
    copies: MirrorPosts
    reconnecting: Reconnecting
    upkeep: Upkeep
    desk: Desk
    app: AsyncApp
    introduction: Introduction
    clients: tuple[AsyncWebClient, ...]
    sockets: Sockets | None
    meeting: asyncio.Task[None] | None = None
    running: list[asyncio.Task[None]] = field(default_factory=list)
    sessions: list[aiohttp.ClientSession] = field(default_factory=list)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        secret = self.settings.access.signing_secret
        self.server = Server(
            host=self.settings.server.host,
            port=self.settings.server.port,
            probes={
                "database": self._database_trouble,
                "slack": self._slack_trouble,
                "threads": self._threads_trouble,
                "work": self._work_trouble,
            },
            hear=self.mirror.heard,
            app=None if self.sockets else self.app,
            secret=secret.get_secret_value() if secret else "",
        )

    async def start(self) -> None:
        """Start everything. A Slack or a vendor that is away is waited for in the background."""
        share_the_interpreter()
        self.sessions = [open_session(each) for each in self.clients]
        left = (
            await self.store.unanswered()
        )  # before anybody can press anything: what comes now is not left over
        self.engine.leave_alone(decisions.ended_by(left))
        await self.server.start()
        await self.engine.resume()
        self.schedule.every(TICK_SECONDS, self._tick, "tick")
        self.schedule.every(INDEX_SECONDS, self.lookup.refresh, "index")
        self.schedule.every(PRESENCE_SECONDS, self.reconnecting.sweep, "presence")
        self.schedule.every(TIDY_SECONDS, self.upkeep.tidy, "what is old")
        self.schedule.every(LOOK_SECONDS, self.upkeep.look_on, "damage")
        self.schedule.start()
        self._keep_running(self.engine.run(), "engine")
        self._keep_running(self.threads.run(), "threads")
        self._keep_running(self.copies.run(), "mirror")
        self.desk.tasks.spawn(self.lookup.refresh(), "first index")
        self.meeting = asyncio.get_running_loop().create_task(self._meet_slack(left), name="meet Slack")

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand within 10 seconds, close what is open. Twice is harmless."""
        deadline = time.monotonic() + DRAIN_SECONDS

        def within(seconds: float) -> float:
            return max(0.0, min(seconds, deadline - time.monotonic()))

        self.schedule.stop()
        if self.meeting is not None:
            self.meeting.cancel()
        await self._hear_no_more(HEAR_SECONDS)
        await self.desk.tasks.drain(within(WORK_SECONDS))
        await self.engine.drain(within(WORK_SECONDS))
        for task in self.running:
            task.cancel()
        if self.running:
            await asyncio.wait(self.running, timeout=max(0.0, within(DRAIN_SECONDS) - CLOSE_SECONDS))
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(
                    *(each.close() for each in self.providers.values()), return_exceptions=True
                )
        await self.store.close()
        for session in self.sessions:
            await session.close()

    async def _hear_no_more(self, seconds: float) -> None:
        """Acknowledge what is in hand and close both ways in, side by side."""
        await asyncio.gather(
            self.server.stop(seconds), *([self.sockets.stop(seconds)] if self.sockets else [])
        )

    async def broken(self) -> None:
        """Return when something that must not end has ended."""
        await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)

    async def _tick(self) -> None:
        self.engine.wake()
        self.threads.wake()
        self.copies.wake()
        await self.service.sweep()

    async def _meet_slack(self, left: Sequence[Request]) -> None:
        identity = await self.introduction.ask()
        log.info("signed in to Slack as %s in %s", identity.user, identity.workspace or identity.team)
        self.desk.tasks.spawn(self._replay(left), "replay")
        if self.sockets is not None:
            self.sockets.start()

    async def _replay(self, left: Sequence[Request]) -> None:
        await decisions.replay(self.desk, left)
        self.engine.leave_alone(())

    async def _database_trouble(self) -> str | None:
        await self.store.recalls(limit=1)
        return self.upkeep.damage or await self.store.refusal()

    async def _slack_trouble(self) -> str | None:
        if self.introduction.trouble or self.sockets is None:
            return self.introduction.trouble
        return None if await self.sockets.connected() else "No connection to Slack stands."

    async def _threads_trouble(self) -> str | None:
        return self.threads.trouble()

    async def _work_trouble(self) -> str | None:
        ended = [each.get_name() for each in self.running if each.done()]
        return f"Ended: {', '.join(ended)}." if ended or not self.running else self.engine.trouble

    def _keep_running(self, work: Coroutine[None, None, None], name: str) -> None:
        self.running.append(asyncio.get_running_loop().create_task(work, name=name))
