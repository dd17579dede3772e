"""An app that answers Slack, in a process of its own: Recall as `app.build` makes it, or a bare Bolt app that does nothing.

As a program (`python -m bench.ack_app JSON`) it takes orders on standard input, one JSON line each, and answers each with
one: "fan out" and "rest" start and pause a fan-out at full speed in the same process; "propose" puts up a card.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import uvloop
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from app import build
from bench.call import PAGE, ask, client
from bench.child import said_to_child
from bench.house import GOING, NAME, LeanProvider, traits
from bench.slack import CHANNEL, PERSON, TEAM
from bot.ports import ItemId
from bot.providers import kinds
from bot.recall import Actor, Place
from bot.settings_file import load
from bot.target import Outcome, ProviderName, Target, TargetId, TargetRef
from front.bot import Bot, settle

AT_ONCE = 64
"""Requests of the fan-out that are under way at a time."""

CAMPAIGN = 100_000
"""Items of one campaign; when it is done, the next one begins."""

CONNECTIONS = 2

DATABASE = "recall.db"
"""What Recall's database is called, in its folder."""

ANN = Actor(team=TEAM, user=PERSON)
TOKEN = "xoxb-1"  # noqa: S105 - nobody's

Order: TypeAlias = Callable[[], Awaitable[Any]]

SETTINGS = """
[storage]
url = "sqlite:///{path}"
[server]
port = 0
[slack]
channel = "{channel}"
[[policy.allow]]
who = ["{person}"]
[providers.posts]
kind = "slack"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the process is told."""

    app: str  # "recall", "bolt" or "bolt, acking after the handler"
    slack: str
    vendor: str
    folder: str


@dataclass
class Gated(LeanProvider):
    """The lean vendor, whose campaign of many can be paused."""

    going: asyncio.Event = field(default_factory=asyncio.Event)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Stream this campaign's own items: what an earlier one took back would not be taken back again."""
        for begin in range(0, self.items_in_all, PAGE):
            end = min(begin + PAGE, self.items_in_all)
            yield [ItemId(f"item-{target.ref.id}-{n}") for n in range(begin, end)]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Make the call, when it may."""
        if self.items_in_all > 1:
            await self.going.wait()
        return await super().recall(target, items, key=key)


async def _recall(plan: Plan, session: aiohttp.ClientSession) -> dict[str, Order]:
    """Run the whole bot."""
    file = Path(plan.folder) / "recall.toml"
    file.write_text(
        SETTINGS.format(path=Path(plan.folder) / DATABASE, channel=CHANNEL, person=PERSON), "utf-8"
    )
    environ = {
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_API_URL": f"{plan.slack}/api/",
    }
    bot = await build(load(file, environ, {kind: each.settings for kind, each in kinds().items()}))
    many = Gated(session, plan.vendor, CAMPAIGN, traits(batch=1, concurrency=AT_ONCE))
    one = LeanProvider(session, plan.vendor, 1, traits(batch=1, concurrency=1), name=ProviderName("single"))
    bot.providers |= {many.name: many, one.name: one}
    await bot.start()
    settle()
    shown = 0

    async def propose() -> str:
        nonlocal shown
        shown += 1
        ref = TargetRef(provider=one.name, id=TargetId(f"{os.getpid()}-{shown}"))  # in no earlier run
        return (await bot.service.propose(ANN, ref, Place(channel=CHANNEL))).recall.id

    async def fan_out() -> None:
        if not campaigns:
            campaigns.append(asyncio.create_task(_campaigns(bot)))
        many.going.set()

    async def rest() -> None:
        many.going.clear()

    campaigns: list[asyncio.Task[None]] = []
    return {"propose": propose, "fan out": fan_out, "rest": rest}


async def _campaigns(bot: Bot) -> None:
    """Take back one campaign after another."""
    for number in count():
        ref = TargetRef(provider=NAME, id=TargetId(str(number)))
        shown = await bot.service.propose(ANN, ref, Place(channel=CHANNEL))
        await bot.service.confirm(ANN, shown.recall.id)
        while True:
            await asyncio.sleep(0.2)  # the bot's own bell is the bot's
            if (await bot.service.recall(shown.recall.id)).state not in GOING:
                break


async def _bolt(plan: Plan, session: aiohttp.ClientSession) -> dict[str, Order]:
    """Run a bare app: an empty handler, and beside it the plain loop that keeps nothing."""
    slack = AsyncWebClient(token=TOKEN, base_url=f"{plan.slack}/api/", retry_handlers=[])
    slack.proxy = None

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=TEAM, bot_user_id="UBOT", bot_id="B1", bot_token=TOKEN
        )

    async def nothing(ack: Any) -> None:
        await ack()

    app = AsyncApp(client=slack, authorize=authorize, process_before_response=plan.app != "bolt")
    app.command("/recall")(nothing)
    app.action("recall_yes")(nothing)
    for _ in range(CONNECTIONS):
        handler = AsyncSocketModeHandler(app, "xapp-1", web_client=slack)
        handler.client.proxy = None
        await handler.connect_async()  # type: ignore[no-untyped-call]
    going = asyncio.Event()

    async def work() -> None:
        for number in count():
            await going.wait()
            await ask(session, plan.vendor, [f"item-{number}"], True)

    working = [asyncio.create_task(work()) for _ in range(AT_ONCE)]

    async def fan_out() -> None:
        assert working
        going.set()

    async def rest() -> None:
        going.clear()

    return {"fan out": fan_out, "rest": rest}


@asynccontextmanager
async def _orders() -> Any:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    yield reader


async def _main() -> None:
    plan = Plan(**said_to_child())
    async with client(AT_ONCE) as session, _orders() as orders:
        can = await (_recall if plan.app == "recall" else _bolt)(plan, session)
        print(json.dumps("ready"), flush=True)
        async for line in orders:
            print(json.dumps(await can[json.loads(line)]()), flush=True)
        os._exit(0)  # nobody waits for the rest of a campaign


if __name__ == "__main__":
    uvloop.run(_main())
