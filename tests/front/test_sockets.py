"""Socket Mode with real connections: nothing that a person presses is lost while connections come and go."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.right_of_way import RightOfWay
from front.sockets import CONNECTIONS, Sockets
from sandbox.slack import LocalSlack
from sandbox.world import World

PING = 0.2


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once something is so; the SDK's clients ring no bell."""
    async with asyncio.timeout(20):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)


class Line:
    """A bot's connections, and what it heard over them."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.heard: list[str] = []
        self.first: list[bool] = []  # whether what was heard had the right of way
        client = AsyncWebClient(token=slack.BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])
        client.proxy = None

        async def authorize() -> AuthorizeResult:
            return AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_token=slack.BOT_TOKEN)

        async def hear(ack: Any, command: dict[str, str]) -> None:
            self.heard.append(command["text"])
            self.first.append(self.way.taken)
            await asyncio.sleep(0.005)  # the row that is kept before the ack
            await ack()

        app = AsyncApp(client=client, authorize=authorize, process_before_response=True)
        app.command("/recall")(hear)
        self.way = RightOfWay()
        self.sockets = Sockets(
            app=app, client=client, app_token=slack.APP_TOKEN, way=self.way, ping_seconds=PING
        )

    async def stands(self, at_least: int = CONNECTIONS) -> None:
        """Wait until so many connections stand on both sides."""

        async def both() -> bool:
            return self.slack.sockets.connected >= at_least and await self.sockets.connected() >= at_least

        await eventually(both)

    async def down(self) -> bool:
        return await self.sockets.connected() == 0

    def opened(self) -> int:
        return sum(call.method == "apps.connections.open" for call in self.slack.calls)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0, ack_seconds=8) as world:
        yield world


@pytest.fixture
async def line(world: World) -> AsyncIterator[Line]:
    line = Line(world.slack)
    world.slack.limits.enabled = False
    line.sockets.start()
    await line.stands()
    yield line
    await line.sockets.stop(1)


async def lost_while(line: Line, disturbed: Callable[[], Awaitable[None]], *, many: int = 60) -> list[str]:
    """Type commands all the time while something happens to the connections; returns what was not acknowledged."""
    ann = line.slack.person("ann")

    async def types(number: int) -> str | None:
        shown = await ann.types(f"/recall {number}", "#campaigns")
        return None if shown.ok else f"{number}: {shown.toast}"

    typing = []
    for number in range(many):
        typing.append(asyncio.create_task(types(number)))
        await asyncio.sleep(0.01)
        if number == many // 4:
            typing.append(asyncio.create_task(disturbed()))  # type: ignore[arg-type]
    return [each for each in await asyncio.gather(*typing) if each]


async def test_an_envelope_has_the_right_of_way_until_it_is_acknowledged(line: Line) -> None:
    async def nobody() -> bool:
        return not line.way.taken

    await eventually(nobody)
    shown = await line.slack.person("ann").types("/recall spring", "#campaigns")

    assert shown.ok
    assert line.first == [True]
    await eventually(nobody)


async def test_a_refresh_takes_no_right_of_way(line: Line) -> None:
    line.slack.faults.dead_tickets = 3
    await line.slack.sockets.disconnect("refresh_requested")
    await line.slack.until(lambda: line.opened() > CONNECTIONS)

    assert not line.way.taken
    await line.stands()


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_nothing_is_lost_when_slack_refreshes_every_connection_at_once(line: Line, reason: str) -> None:
    async def refreshed() -> None:
        await line.slack.sockets.disconnect(reason)

    assert await lost_while(line, refreshed) == []
    assert len(line.heard) == len(set(line.heard)) == 60
    await line.stands()


async def test_nothing_is_lost_over_one_refresh_after_the_other(line: Line) -> None:
    async def refreshed() -> None:
        for _ in range(3):
            await line.slack.sockets.disconnect("refresh_requested")
            await asyncio.sleep(0.08)

    assert await lost_while(line, refreshed) == []
    await line.stands()
    await line.slack.until(
        lambda: line.slack.sockets.connected == CONNECTIONS, timeout=10
    )  # the old ones are let go


async def test_a_ticket_that_is_dead_in_the_middle_of_a_refresh_costs_nothing(line: Line) -> None:
    async def refreshed() -> None:
        line.slack.faults.dead_tickets = 3
        await line.slack.sockets.disconnect("refresh_requested")

    assert await lost_while(line, refreshed) == []
    await line.stands()


@pytest.mark.parametrize("how", ["closed", "aborted", "silent"])
async def test_connections_that_go_without_a_warning_come_back(line: Line, how: str) -> None:
    match how:
        case "closed":
            await line.slack.sockets.close()
        case "aborted":
            line.slack.sockets.drop()
        case "silent":
            line.slack.sockets.silence()
    await line.stands()
    assert (await line.slack.person("ann").types("/recall again", "#campaigns")).ok


async def test_a_silent_peer_is_not_called_connected_for_long(line: Line) -> None:
    line.slack.sockets.allowed = False
    line.slack.sockets.silence()
    await eventually(line.down)

    line.slack.sockets.allowed = True
    await line.stands()


async def test_socket_mode_that_was_switched_off_is_said_and_comes_back_when_it_is_on_again(
    line: Line,
) -> None:
    line.slack.sockets.allowed = False
    await line.slack.sockets.disconnect("link_disabled", cut=True)
    await eventually(line.down)

    line.slack.sockets.allowed = True
    await line.stands()


@pytest.mark.parametrize("kind", ["503", "500_before", "reset", "malformed", "429"])
async def test_a_slack_that_opens_no_connection_for_a_while_is_asked_again(line: Line, kind: str) -> None:
    line.slack.faults.add(method="apps.connections.open", kind=kind, times=3, seconds=1)
    line.slack.sockets.drop()
    await line.stands()


async def test_too_many_connections_are_not_answered_with_ever_more(line: Line) -> None:
    before = line.opened()
    for _ in range(3):
        await line.slack.sockets.disconnect("too_many_websockets", cut=True)
        await asyncio.sleep(PING)
    await line.stands()
    assert line.opened() - before <= 12
