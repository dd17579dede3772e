"""A small app on the real slack_bolt, for trying the local Slack with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import LocalSlack

Json = dict[str, Any]


def bot(slack: LocalSlack, token: str | None = None) -> AsyncWebClient:
    client = AsyncWebClient(token=token or slack.BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])
    client.proxy = None
    return client


def bolt(slack: LocalSlack) -> AsyncApp:
    client = AsyncWebClient(token=slack.BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])
    client.proxy = None
    return AsyncApp(client=client, signing_secret=slack.SIGNING_SECRET)


@asynccontextmanager
async def by_socket(slack: LocalSlack, app: AsyncApp, connections: int = 1) -> AsyncIterator[None]:
    handlers = []
    for _ in range(connections):
        handler = AsyncSocketModeHandler(app, slack.APP_TOKEN, ping_interval=0.2)
        handler.client.proxy = None
        handlers.append(handler)
        await handler.connect_async()
    await slack.until(lambda: slack.sockets.connected == connections)
    try:
        yield
    finally:
        for handler in handlers:
            await handler.close_async()
        await slack.until(lambda: slack.sockets.connected == 0)


@asynccontextmanager
async def by_http(slack: LocalSlack, app: AsyncApp) -> AsyncIterator[None]:
    runner = web.AppRunner(app.web_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events", slack.SIGNING_SECRET)
    try:
        yield
    finally:
        await runner.cleanup()


def button(label: str, action_id: str, value: str = "1") -> Json:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "text": text, "action_id": action_id, "value": value}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def actions(*held: Json) -> Json:
    return {"type": "actions", "elements": list(held)}
