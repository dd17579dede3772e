"""What Slack and a homeserver never send, sent all the same: clear words, in time, and nothing is claimed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.errors import ProviderError, RecallError
from bot.ports import ItemId, Provider, SystemClock
from bot.providers.matrix import MatrixProvider
from bot.providers.matrix_settings import MatrixSettings
from bot.providers.slack import SlackProvider
from bot.providers.slack_settings import SlackPostsSettings
from bot.target import (
    Capability,
    ItemState,
    Operation,
    ProviderName,
    Target,
    TargetId,
    TargetRef,
)
from tests.providers.nasty_server import NastyServer, http, nasty

TOKEN = "xoxb-very-secret-token"
EVENT = "$" + "e" * 43
IDS = {"matrix": f"!room:localhost/{EVENT}", "slack": "C0NEWS/1790000000.000100"}
ITEMS = {"matrix": EVENT, "slack": IDS["slack"]}


async def _trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n")
    for _ in range(900):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


ANSWERS = {
    "a page": http("<html><title>Bad gateway</title></html>", kind="text/html"),
    "a page with 502": http("<html></html>", kind="text/html", status="502 Bad Gateway"),
    "broken off": http('{"ok": true, "messages": [{"ts": "17'),
    "a list": http("[]"),
    "a number": http("7"),
    "nothing at all": http(""),
    "another type": http('{"ok": false, "error": "x"}', kind="image/png"),
    "sent elsewhere": http("", status="302 Found", Location="/again"),
    "ten million bytes": http(b'{"a": "' + b"x" * 10_000_000 + b'"}'),
    "a byte at a time": _trickle,
    "not signed in": http('{"errcode": "M_UNKNOWN_TOKEN", "error": "no"}', status="401 Unauthorized"),
}


@pytest.fixture
async def server() -> AsyncIterator[NastyServer]:
    async with nasty() as server:
        yield server


@pytest.fixture(params=["matrix", "slack"])
async def provider(request: pytest.FixtureRequest, server: NastyServer) -> AsyncIterator[Provider]:
    made: Provider
    if request.param == "matrix":
        about = {"url": server.url, "token": TOKEN, "rooms": ["!room:localhost"], "timeout": 1}
        made = MatrixProvider(ProviderName("matrix"), MatrixSettings.model_validate(about), SystemClock())
    else:
        about = {"api_url": server.url, "bot_token": TOKEN, "timeout": 1}
        made = SlackProvider(ProviderName("slack"), SlackPostsSettings.model_validate(about), SystemClock())
    yield made
    await made.close()


def _target(name: str) -> Target:
    return Target(
        ref=TargetRef(provider=ProviderName(name), id=TargetId(IDS[name])),
        vendor="V",
        noun="message",
        name="n",
        capability=Capability(operation=Operation.RECALL),
        team_owned=True,
    )


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
async def test_a_look_up_ends_in_a_sentence(provider: Provider, server: NastyServer, answer: bytes) -> None:
    server.answer = answer
    sentence = await _sentence(lambda: provider.get(TargetId(IDS[provider.name])))
    assert sentence.endswith(".")
    assert TOKEN not in sentence


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))
async def test_an_order_is_never_called_done(provider: Provider, server: NastyServer, answer: bytes) -> None:
    server.answer = answer
    target, items = _target(provider.name), [ItemId(ITEMS[provider.name])]
    try:
        async with asyncio.timeout(8):
            outcomes = list(await provider.recall(target, items, key="job:0:0"))
    except ProviderError as error:
        assert TOKEN not in error.sentence
        outcomes = []
    assert all(each.state is not ItemState.DONE for each in outcomes), outcomes
    assert all(TOKEN not in f"{each.reason}{each.evidence}" for each in outcomes)


async def _sentence(ask: Callable[[], Awaitable[object]]) -> str:
    async with asyncio.timeout(8):
        try:
            given = await ask()
        except RecallError as error:
            return error.sentence
    raise AssertionError(f"no error, but {given!r}")
