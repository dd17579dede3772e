import asyncio
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from sandbox.slack import LocalSlack
from sandbox.world import World
from tests.sandbox.slack_app import bolt, bot, by_socket


@pytest.fixture
def slack(world: World) -> LocalSlack:
    return world.slack


def listening(slack: LocalSlack) -> tuple[AsyncApp, list[str]]:
    app, heard = bolt(slack), list[str]()

    @app.command("/recall")
    async def command(ack: Any, command: Any) -> None:
        heard.append(command["text"])
        await ack()
        slack.feed.changed()

    return app, heard


async def test_a_ticket_works_once(slack: LocalSlack) -> None:
    opened = await bot(slack).apps_connections_open(app_token=slack.APP_TOKEN)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(opened["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])
        slack.faults.dead_tickets = 1
        opened = await bot(slack).apps_connections_open(app_token=slack.APP_TOKEN)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])


async def test_ten_connections_and_no_more(slack: LocalSlack) -> None:
    client = bot(slack)
    async with aiohttp.ClientSession() as session:
        kept = []
        for _ in range(10):
            url = (await client.apps_connections_open(app_token=slack.APP_TOKEN))["url"]
            socket = await session.ws_connect(url)
            assert (await socket.receive_json())["type"] == "hello"
            kept.append(socket)
        url = (await client.apps_connections_open(app_token=slack.APP_TOKEN))["url"]
        async with session.ws_connect(url) as one_too_many:
            assert (await one_too_many.receive_json())["reason"] == "too_many_websockets"
        await asyncio.gather(*(socket.close() for socket in kept))


async def test_an_ack_may_come_back_on_another_connection(slack: LocalSlack) -> None:
    client, ann = bot(slack), slack.person("ann")
    async with aiohttp.ClientSession() as session:
        first, second = [
            await session.ws_connect((await client.apps_connections_open(app_token=slack.APP_TOKEN))["url"])
            for _ in range(2)
        ]
        for socket in (first, second):
            await socket.receive_json()
        typing = asyncio.create_task(ann.types("/recall", "#campaigns"))
        arrivals = [asyncio.create_task(socket.receive_json()) for socket in (first, second)]
        done, pending = await asyncio.wait(arrivals, return_when=asyncio.FIRST_COMPLETED)
        arrived = done.pop()
        other = second if arrived is arrivals[0] else first
        await other.send_json({"envelope_id": arrived.result()["envelope_id"]})
        assert (await typing).ok
        for waiting in pending:
            waiting.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        await asyncio.gather(first.close(), second.close())


async def test_a_repeated_envelope_and_a_malformed_one_reach_the_app(slack: LocalSlack) -> None:
    app, heard = listening(slack)
    async with by_socket(slack, app):
        await slack.person("ann").types("/recall one", "#campaigns")
        await slack.sockets.repeat_last()
        await slack.until(lambda: len(heard) == 2)
        await slack.sockets.send_raw('{"type": "interactive", "envelope_id": 7, "payload": []}')
        await slack.sockets.send_raw("not even JSON")
        await slack.person("ann").types("/recall two", "#campaigns")
    assert heard == ["one", "one", "two"]


@pytest.mark.parametrize("how", ["refresh", "drop"])
async def test_the_app_comes_back_after_its_connection_went(slack: LocalSlack, how: str) -> None:
    app, heard = listening(slack)
    async with by_socket(slack, app):
        before = len([call for call in slack.calls if call.method == "apps.connections.open"])
        if how == "refresh":
            await slack.sockets.disconnect("refresh_requested")
        else:
            slack.sockets.drop()
        await slack.until(
            lambda: len([call for call in slack.calls if call.method == "apps.connections.open"]) > before
        )
        await slack.until(lambda: slack.sockets.connected == 1)
        assert (await slack.person("ann").types("/recall again", "#campaigns")).ok
    assert heard == ["again"]


async def test_socket_mode_can_be_switched_off(slack: LocalSlack) -> None:
    slack.sockets.allowed = False
    with pytest.raises(SlackApiError, match="forbidden_team"):
        await bot(slack).apps_connections_open(app_token=slack.APP_TOKEN)


async def test_an_event_that_is_not_acked_comes_again(world: World, slack: LocalSlack) -> None:
    client = bot(slack)
    async with aiohttp.ClientSession() as session:
        url = (await client.apps_connections_open(app_token=slack.APP_TOKEN))["url"]
        async with session.ws_connect(url) as socket:
            await socket.receive_json()
            opening = asyncio.create_task(slack.person("ann").opens_home())
            first = await socket.receive_json()
            await opening
            second = await socket.receive_json()
            world.clock.advance(60)
            third = await socket.receive_json()
            await socket.send_json({"envelope_id": third["envelope_id"]})
    attempts = [frame["retry_attempt"] for frame in (first, second, third)]
    assert attempts == [0, 1, 2]
    assert {frame["payload"]["event_id"] for frame in (first, second, third)} == {
        first["payload"]["event_id"]
    }
    assert second["retry_reason"] == "http_timeout"


async def test_the_screen_of_a_person_as_json(slack: LocalSlack) -> None:
    app, _ = listening(slack)
    async with by_socket(slack, app):
        screen = slack.snapshot("U0ANN")
        assert screen["health"] == {"connected": True, "sockets": 1, "mode": "socket"}
    channels = {channel["id"]: channel for channel in screen["channels"]}
    assert channels["C0GENERAL"]["member"]
    assert not channels["C0GENERAL"]["bot_member"]
    assert channels["D0ANNBOB"]["partner"] == "U0BOB"
    assert "G0SECRET" not in {channel["id"] for channel in slack.snapshot("U0CLEO")["channels"]}
    assert screen["messages"]["C0CAMPAIGNS"][-2]["username"] == "Campaign feed"
    await slack.person("cleo").types("/recall", "#campaigns")
    assert [toast["text"] for toast in slack.snapshot("U0CLEO")["toasts"]] == [
        '/recall failed with the error "dispatch_failed"'
    ]
