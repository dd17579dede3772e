import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

import app
from bot.errors import StorageLockedError
from bot.providers import kinds
from bot.settings import Settings
from bot.settings_file import load
from front.verbs import addresses_of
from sandbox.world import World

CLOSED = "http://127.0.0.1:9/api/"
"""The discard port: nothing listens there."""

Run = Callable[..., Awaitable[app.Bot]]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0) as world:
        yield world


@pytest.fixture
def settings_for(tmp_path: Path, world: World) -> Callable[..., Settings]:
    def settings_for(*, netmera: str | None = None, **environ: str) -> Settings:
        file = tmp_path / "recall.toml"
        here = addresses_of(world, port=0)
        here = replace(here, netmera=netmera or here.netmera)
        file.write_text(here.settings(tmp_path))
        models = {kind: each.settings for kind, each in kinds().items()}
        return load(file, {**here.environment(), **environ}, models)

    return settings_for


@pytest.fixture
async def run(settings_for: Callable[..., Settings]) -> AsyncIterator[Run]:
    running: list[app.Bot] = []

    async def run(ping_seconds: float | None = None, **environ: str) -> app.Bot:
        bot = await app.build(settings_for(**environ))
        running.append(bot)
        if ping_seconds is not None and bot.sockets is not None:
            bot.sockets.ping_seconds = ping_seconds
        await bot.start()
        return bot

    yield run
    for bot in running:
        await bot.stop()


async def health(bot: app.Bot) -> tuple[int, Mapping[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{bot.server.port}/healthz") as answer,
    ):
        return answer.status, (await answer.json())["parts"]


async def connected(world: World) -> None:
    await world.slack.until(lambda: world.slack.sockets.connected == 2)


async def test_a_list_comes_back_over_socket_mode(world: World, run: Run) -> None:
    await run()
    await connected(world)
    ann = world.slack.person("ann")
    await ann.types("/recall", "campaigns")
    await world.slack.until(lambda: "Spring sale" in str(ann.sees("campaigns")[-1].blocks))


async def test_health_is_well_only_while_everything_is(world: World, run: Run) -> None:
    bot = await run()
    await connected(world)
    assert await health(bot) == (200, dict.fromkeys(("database", "slack", "threads", "work"), "well"))

    bot.running[0].cancel()
    await bot.broken()
    status, parts = await health(bot)
    assert (status, parts["work"]) == (503, "Ended: engine.")


async def test_health_says_when_no_connection_to_slack_stands_any_more(world: World, run: Run) -> None:
    bot = await run(ping_seconds=0.1)
    await connected(world)
    world.slack.sockets.allowed = False
    world.slack.sockets.drop()
    async with asyncio.timeout(20):
        while True:
            status, parts = await health(bot)
            if parts["slack"] != "well":
                break
            await asyncio.sleep(0.02)  # the SDK's clients ring no bell
    assert (status, parts["slack"], parts["work"]) == (503, "No connection to Slack stands.", "well")


async def test_a_slack_that_is_away_does_not_stop_the_start(run: Run) -> None:
    bot = await run(SLACK_API_URL=CLOSED)
    status, parts = await health(bot)
    assert status == 503
    assert parts["work"] == "well"
    assert parts["slack"].startswith("Slack ")


async def test_slack_is_joined_once_it_is_there(world: World, run: Run) -> None:
    world.slack.faults.add(method="auth.test", kind="500_before", times=1)
    await run()
    await connected(world)


async def test_a_dead_vendor_does_not_stop_the_start(world: World, run: Run) -> None:
    await run(netmera="http://127.0.0.1:9/mcp")
    await connected(world)
    ann = world.slack.person("ann")
    await ann.types("/recall", "campaigns")
    await world.slack.until(lambda: "Netmera" in str(ann.sees("campaigns")[-1]))


async def test_a_second_bot_on_the_same_database_is_refused(
    run: Run, settings_for: Callable[..., Settings]
) -> None:
    await run()
    with pytest.raises(StorageLockedError):
        await app.build(settings_for())


async def test_the_same_commands_come_over_signed_http(world: World, run: Run) -> None:
    bot = await run(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=world.slack.SIGNING_SECRET)
    world.slack.deliver_to(f"http://127.0.0.1:{bot.server.port}/slack/events", world.slack.SIGNING_SECRET)
    ann = world.slack.person("ann")
    await ann.types("/recall help", "campaigns")
    await world.slack.until(lambda: "/recall" in str(ann.sees("campaigns")[-1].text))
    assert world.slack.sockets.connected == 0


@pytest.mark.parametrize(
    ("secret", "stamp", "age"),
    [
        ("wrong", None, 0),
        ("sandbox-signing-secret", None, 301),
        ("sandbox-signing-secret", "soon", 0),
    ],
    ids=["another secret", "too old", "no time at all"],
)
async def test_what_slack_did_not_sign_is_turned_away(
    world: World, run: Run, secret: str, stamp: str | None, age: int
) -> None:
    bot = await run(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=world.slack.SIGNING_SECRET)
    body = "command=/recall&text=help&user_id=U0ANN&team_id=T0SANDBOX"
    stamp = stamp or str(int(time.time()) - age)
    signature = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    url = f"http://127.0.0.1:{bot.server.port}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 401


async def test_in_socket_mode_nothing_is_taken_over_http(run: Run) -> None:
    bot = await run()
    url = f"http://127.0.0.1:{bot.server.port}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(url) as answer:
        assert answer.status == 404


async def test_a_dead_ticket_is_replaced_by_a_new_one(world: World, run: Run) -> None:
    world.slack.faults.dead_tickets = 2
    await run(ping_seconds=0.1)
    await world.slack.until(lambda: world.slack.sockets.connected == 2, timeout=10)


async def test_a_dropped_connection_comes_back(world: World, run: Run) -> None:
    await run(ping_seconds=0.1)
    await connected(world)
    world.slack.sockets.drop()
    await world.slack.until(lambda: world.slack.sockets.connected == 2, timeout=10)


async def test_a_stopped_bot_can_be_started_again_on_its_database(
    world: World, run: Run, settings_for: Callable[..., Settings]
) -> None:
    bot = await run()
    await connected(world)
    await bot.stop()
    again = await app.build(settings_for())
    assert set(again.providers) == set(bot.providers)
    await again.stop()
