"""The client of all HTTP vendors against a server that does everything wrong."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderOffError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpRequest
from bot.providers.limiter import Limiter
from tests.providers.nasty_server import DATE, NastyServer, http, nasty

TOKEN = "tok-0123456789abcdef"
Make = Callable[..., HttpClient]


@pytest.fixture
async def server() -> AsyncIterator[NastyServer]:
    async with nasty() as server:
        yield server


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[HttpClient] = []

    def make(**settings: Any) -> HttpClient:
        made.append(HttpClient(**{"vendor": "Pushy", "seconds": 20.0, "secrets": [TOKEN], **settings}))
        return made[-1]

    yield make
    for client in made:
        await client.close()


def _request(server: NastyServer, method: str = "GET", path: str = "/v1", **rest: Any) -> HttpRequest:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return HttpRequest(method=method, url=server.url + path, headers=headers, **rest)


async def _error(client: HttpClient, request: HttpRequest, **rest: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await client.ask(request, **rest)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value.__cause__)
    return caught.value


async def test_json_comes_with_the_vendors_own_time(server: NastyServer, make: Make) -> None:
    server.answer = http('{"a": [1, "ä"]}', Date=DATE)
    answer = await make().ask(_request(server))
    assert answer.json == {"a": [1, "ä"]}
    assert answer.at == datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert f"Bearer {TOKEN}".encode() in server.requests[0]


async def test_json_is_read_whatever_it_is_labelled_as(server: NastyServer, make: Make) -> None:
    server.answer = http('{"code": 0}', kind="text/html")
    assert (await make().ask(_request(server))).json == {"code": 0}


async def test_no_body_is_an_answer(server: NastyServer, make: Make) -> None:
    server.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    answer = await make().ask(_request(server, "DELETE"))
    assert (answer.status, answer.json, answer.at) == (204, None, None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>Sign in</html>", "text/html"),
        ('{"list": [1, 2', "application/json"),
        ("[" * 100_000, "application/json"),
        ('{"n": NaN}', "application/json"),
        (b"\xff\xfe\x00", "application/octet-stream"),
        ("9" * 5000, "application/json"),
    ],
)
async def test_what_is_no_json_is_said_to_be_confusing(
    server: NastyServer, make: Make, body: str | bytes, kind: str
) -> None:
    server.answer = http(body, kind=kind)
    error = await _error(make(), _request(server, "POST"))
    assert isinstance(error, ProviderConfusingError)
    assert error.maybe_applied
    assert kind in error.sentence


async def test_text_may_be_asked_for(server: NastyServer, make: Make) -> None:
    server.answer = http("{hub-7, <id>}", status="202 Accepted", kind="text/plain")
    answer = await make().ask(_request(server, "POST"), plain=True)
    assert (answer.status, answer.text, answer.is_json) == (202, "{hub-7, <id>}", False)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_redirects_are_not_followed(server: NastyServer, make: Make, status: str) -> None:
    server.answer = http(b"", status=status, Location=f"{server.url}/v1")
    error = await _error(make(), _request(server, "POST"))
    assert isinstance(error, ProviderConfusingError)
    assert "another address" in error.sentence
    assert len(server.requests) == 1


async def test_ten_megabytes_are_not_read(server: NastyServer, make: Make) -> None:
    server.answer = http(b'{"a": "' + b"x" * 10_000_000 + b'"}')
    error = await _error(make(), _request(server))
    assert isinstance(error, ProviderConfusingError)
    assert "4,194,304 bytes" in error.sentence


async def test_an_endless_refusal_is_a_refusal(server: NastyServer, make: Make) -> None:
    server.answer = http(b"x" * 10_000_000, status="403 Forbidden")
    assert isinstance(await _error(make(), _request(server)), ProviderRefusedError)


async def test_a_byte_a_second_ends_in_time(server: NastyServer, make: Make) -> None:
    async def trickle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    server.answer = trickle
    error = await _error(make(seconds=0.3), _request(server, "POST"))
    assert isinstance(error, ProviderSlowError)
    assert error.maybe_applied


async def test_a_vendor_that_says_nothing_is_slow(server: NastyServer, make: Make) -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    server.answer = silent
    error = await _error(make(seconds=0.2), _request(server, "DELETE"))
    assert isinstance(error, ProviderSlowError)
    assert error.maybe_applied


async def test_nothing_that_listens_means_nothing_was_sent(make: Make) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        error = await _error(make(), HttpRequest(method="POST", url=url))
    assert type(error) is ProviderDownError
    assert not error.maybe_applied


async def test_a_handshake_that_never_ends_means_nothing_was_sent(server: NastyServer, make: Make) -> None:
    request = HttpRequest(method="POST", url=server.url.replace("http:", "https:"))
    error = await _error(make(seconds=0.2), request)
    assert type(error) is ProviderDownError
    assert not error.maybe_applied
    assert not server.requests


async def test_a_handshake_that_fails_means_nothing_was_sent(server: NastyServer, make: Make) -> None:
    async def garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no TLS here\r\n" * 10)
        await writer.drain()

    garbage.before_reading = True  # type: ignore[attr-defined]
    server.answer = garbage
    error = await _error(make(), HttpRequest(method="POST", url=server.url.replace("http:", "https:")))
    assert type(error) is ProviderDownError
    assert not error.maybe_applied


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_reset_after_the_request_leaves_doubt_and_is_sent_once(
    server: NastyServer, make: Make, method: str
) -> None:
    async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    server.answer = reset
    error = await _error(make(), _request(server, method))
    assert isinstance(error, ProviderLostError)
    assert error.maybe_applied
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_hang_up_after_the_request_leaves_doubt_and_is_sent_once(
    server: NastyServer, make: Make, method: str
) -> None:
    async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        return

    server.answer = hang_up
    error = await _error(make(), _request(server, method))
    assert isinstance(error, ProviderLostError)
    assert error.maybe_applied
    assert len(server.requests) == 1


async def test_an_answer_cut_off_in_its_body_leaves_doubt(server: NastyServer, make: Make) -> None:
    async def cut(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}")
        await writer.drain()

    server.answer = cut
    error = await _error(make(), _request(server, "POST"))
    assert isinstance(error, ProviderLostError)
    assert error.maybe_applied


async def test_an_answer_that_is_no_http_leaves_doubt(server: NastyServer, make: Make) -> None:
    server.answer = b"SSH-2.0-OpenSSH_9.2\r\n\r\n"
    error = await _error(make(), _request(server, "POST"))
    assert error.maybe_applied


async def test_orders_never_go_over_a_connection_that_may_be_stale(server: NastyServer, make: Make) -> None:
    server.answer = http()
    client = make()
    for method in ("GET", "GET", "POST", "DELETE"):
        await client.ask(_request(server, method))
    assert server.connections == 3


@pytest.mark.parametrize(
    ("status", "kind", "passing", "maybe"),
    [
        ("400 Bad", ProviderRefusedError, False, False),
        ("401 Unauthorized", ProviderRefusedError, False, False),
        ("403 Forbidden", ProviderRefusedError, False, False),
        ("404 Not Found", ProviderOffError, False, False),
        ("409 Conflict", ProviderRefusedError, False, False),
        ("429 Too Many", ProviderBusyError, True, False),
        ("500 Oops", ProviderDownError, True, True),
        ("502 Bad Gateway", ProviderDownError, True, True),
        ("503 Unavailable", ProviderDownError, True, True),
        ("504 Gateway Timeout", ProviderSlowError, True, True),
    ],
)
async def test_each_status_has_its_meaning(
    server: NastyServer, make: Make, status: str, kind: type[ProviderError], passing: bool, maybe: bool
) -> None:
    server.answer = http(f"<p>{TOKEN}</p>", status=status, kind="text/html")
    error = await _error(make(), _request(server, "POST"))
    assert type(error) is kind
    assert (error.passing, error.maybe_applied) == (passing, maybe)


@pytest.mark.parametrize("status", ["429 Too Many", "503 Unavailable"])
@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.25", 0.25), ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0)],
)
async def test_retry_after_is_read_in_every_form(
    server: NastyServer, make: Make, status: str, value: str, seconds: float
) -> None:
    server.answer = http(status=status, Date=DATE, Retry_After=value)
    error = await _error(make(), _request(server))
    assert isinstance(error, ProviderBusyError)
    assert error.retry_after == seconds
    assert not error.maybe_applied


async def test_a_wait_may_stand_in_the_body(server: NastyServer, make: Make) -> None:
    server.answer = http('{"retry_after_ms": 1500}', status="429 Too Many")
    client = make(wait_in=lambda value: value["retry_after_ms"] / 1000)
    error = await _error(client, _request(server))
    assert isinstance(error, ProviderBusyError)
    assert error.retry_after == 1.5


async def test_who_is_told_to_wait_holds_everybody_back(server: NastyServer, make: Make) -> None:
    server.answer = http(status="429 Too Many", Retry_After="60")
    client = make(limiters=(Limiter(vendor="Pushy"),))
    await _error(client, _request(server))
    error = await _error(client, _request(server))
    assert isinstance(error, ProviderBusyError)
    assert len(server.requests) == 1


async def test_an_expected_status_is_an_answer(server: NastyServer, make: Make) -> None:
    server.answer = http('{"code": 21003}', status="404 Not Found")
    answer = await make().ask(_request(server), expect={404})
    assert (answer.status, answer.json, answer.ok) == (404, {"code": 21003}, False)


@pytest.mark.parametrize(
    "request_",
    [
        HttpRequest(url="http://127.0.0.1:99999/"),
        HttpRequest(url="http://[::/"),
        HttpRequest(url="http://127.0.0.1:9/", headers={"X-Key": f"{TOKEN}\r\nEvil: 1"}),
        HttpRequest(url="http://127.0.0.1:9/", headers={"X-Key": f"{TOKEN}ä→"}),
    ],
)
async def test_what_no_request_can_be_made_of_is_the_settings_fault(
    make: Make, request_: HttpRequest
) -> None:
    error = await _error(make(), request_)
    assert not error.maybe_applied


async def test_escapes_arrive_as_they_were_made(server: NastyServer, make: Make) -> None:
    server.answer = http()
    request = _request(server, path="/a%2Fb%20c?x=1", query=(("q", 'spring & "sale" +/ä'),))
    await make().ask(request)
    assert server.requests[0].startswith(
        b"GET /a%2Fb%20c?x=1&q=spring%20%26%20%22sale%22%20%2B%2F%C3%A4 HTTP/1.1\r\n"
    )


async def test_bodies_are_json_or_forms(server: NastyServer, make: Make) -> None:
    server.answer = http()
    client = make()
    await client.ask(HttpRequest.of_json("POST", server.url, {"id": 'a"b'}))
    await client.ask(HttpRequest.of_form("POST", server.url, {"id": "a b&c"}))
    assert server.requests[0].endswith(b'\r\n\r\n{"id":"a\\"b"}')
    assert b"application/json" in server.requests[0]
    assert server.requests[1].endswith(b"\r\n\r\nid=a+b%26c")


async def test_a_vendors_words_lose_what_the_request_held(server: NastyServer, make: Make) -> None:
    said = make().quoted(f"bad key {TOKEN} of ann@example.com\nsorry", _request(server))
    assert said == "bad key … of … sorry"


async def test_a_closed_client_opens_nothing_that_nobody_would_close(server: NastyServer, make: Make) -> None:
    server.answer = http()
    client = make()
    await client.ask(_request(server))
    await client.close()

    with pytest.raises(ProviderDownError, match="Recall is ending") as refused:
        await client.ask(_request(server))

    assert not refused.value.maybe_applied
