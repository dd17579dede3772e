"""What no vendor means to send, sent all the same: clear words, in time, and nothing is claimed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.errors import ProviderError, RecallError
from bot.ports import ItemId, Provider, SystemClock
from bot.providers.chatwoot import ChatwootProvider
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.graph import GraphProvider
from bot.providers.graph_ids import IdKind, MailId
from bot.providers.graph_settings import GraphSettings
from bot.providers.http import HttpProvider
from bot.providers.http_settings import HttpSettings
from bot.providers.matrix import MatrixProvider
from bot.providers.matrix_settings import MatrixSettings
from bot.providers.netmera import NetmeraProvider
from bot.providers.netmera_settings import NetmeraSettings
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
MAIL = MailId(mailbox="ann@example.com", kind=IdKind.INTERNET, value="x1@example.com")
IDS = {
    "matrix": f"!room:localhost/{EVENT}",
    "slack": "C0NEWS/1790000000.000100",
    "mail": MAIL.target,
    "chat": "42/1002",
    "push": "cmp-1",
    "board": "b-300",
}
ITEMS = IDS | {"matrix": EVENT, "mail": "AAMk x1@example.com"}
TIMEOUT = 0.5


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


def _matrix(url: str) -> Provider:
    about = {"url": url, "token": TOKEN, "rooms": ["!room:localhost"], "timeout": TIMEOUT}
    return MatrixProvider(ProviderName("matrix"), MatrixSettings.model_validate(about), SystemClock())


def _slack(url: str) -> Provider:
    about = {"api_url": url, "bot_token": TOKEN, "timeout": TIMEOUT}
    return SlackProvider(ProviderName("slack"), SlackPostsSettings.model_validate(about), SystemClock())


def _mail(url: str) -> Provider:
    about = {"root": url, "authority": url, "token": TOKEN, "mailbox": "ann@example.com", "timeout": TIMEOUT}
    return GraphProvider(ProviderName("mail"), GraphSettings.model_validate(about), SystemClock())


def _chat(url: str) -> Provider:
    about = {"url": url, "token": TOKEN, "account": 1, "timeout": TIMEOUT}
    return ChatwootProvider(ProviderName("chat"), ChatwootSettings.model_validate(about), SystemClock())


def _push(url: str) -> Provider:
    about = {"url": f"{url}/ai/mcp", "token": TOKEN, "timeout": TIMEOUT}
    return NetmeraProvider(ProviderName("push"), NetmeraSettings.model_validate(about), SystemClock())


def _board(url: str) -> Provider:
    about = {
        "kind": "http",
        "title": "Board",
        "timeout": TIMEOUT,
        "headers": {"Authorization": f"Bearer {TOKEN}"},
        "fields": {"id": "/id", "name": "/title"},
        "get": {"url": f"{url}/b/{{id}}"},
        "recall": {"method": "DELETE", "url": f"{url}/b/{{id}}"},
    }
    return HttpProvider(ProviderName("board"), HttpSettings.model_validate(about), SystemClock())


MAKERS = {"matrix": _matrix, "slack": _slack, "mail": _mail, "chat": _chat, "push": _push, "board": _board}


@pytest.fixture(params=list(MAKERS))
async def provider(request: pytest.FixtureRequest, server: NastyServer) -> AsyncIterator[Provider]:
    made = MAKERS[request.param](server.url)
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


ODD_IDS = {
    "slashes": "a/../../b//c",
    "quotes": """'"`“”'; DROP""",
    "2,000 characters": "x" * 2_000,
    "a line break and a picture": "a\nb😀",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("odd", ODD_IDS.values(), ids=list(ODD_IDS))
async def test_an_odd_id_is_not_found_in_words(provider: Provider, server: NastyServer, odd: str) -> None:
    server.answer = http('{"error": "no", "errcode": "M_NOT_FOUND"}', status="404 Not Found")
    prefix = IDS[provider.name][: -len(MAIL.value)] if provider.name == "mail" else ""
    sentence = await _sentence(lambda: provider.get(TargetId(prefix + odd)))
    assert sentence.endswith(".")
    assert all(request.split(b"\r\n")[0].count(b" ") == 2 for request in server.requests)
    assert not any(b"/../" in request.split(b"\r\n")[0] for request in server.requests)


async def _sentence(ask: Callable[[], Awaitable[object]]) -> str:
    async with asyncio.timeout(8):
        try:
            given = await ask()
        except RecallError as error:
            return error.sentence
    raise AssertionError(f"no error, but {given!r}")
