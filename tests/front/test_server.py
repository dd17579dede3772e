"""The door for Slack's signed requests: what makes no sense is turned away in order, and nothing but Slack is heard."""

import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from front.server import SLACK_PATH, Server

SECRET = "practice-signing-secret"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

NONSENSE = [
    (b"\xff\xfe", FORM),
    (b"{", JSON),
    (b"null", JSON),
    (b"[1]", JSON),
    (b"[" * 50_000, JSON),
    (b"payload=null", FORM),
    (b"payload=%7B", FORM),
    (b"{}", "application/json; charset=klingon"),
]

Post = Callable[[bytes, Mapping[str, str]], Awaitable[int]]


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_user_id="U1", bot_id="B1")


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    app = AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=True)
    server = Server(host="127.0.0.1", port=0, probes={}, app=app, secret=SECRET)
    await server.start()
    url = f"http://127.0.0.1:{server.port}{SLACK_PATH}"
    async with aiohttp.ClientSession() as session:

        async def post(body: bytes, headers: Mapping[str, str]) -> int:
            async with session.post(url, data=body, headers=headers) as answer:
                return answer.status

        yield post
    await server.stop()


def signed(body: bytes, kind: str, *, at: float | None = None) -> dict[str, str]:
    stamp = str(int(time.time() if at is None else at))
    found = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={found}",
    }


@pytest.mark.parametrize(("body", "kind"), NONSENSE)
async def test_nonsense_that_slack_did_not_sign_is_not_even_read(
    post: Post, caplog: pytest.LogCaptureFixture, body: bytes, kind: str
) -> None:
    headers = {**signed(b"another body", kind)}

    assert await post(body, headers) == 401
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("body", "kind"), NONSENSE)
async def test_signed_nonsense_is_a_bad_request(post: Post, body: bytes, kind: str) -> None:
    assert await post(body, signed(body, kind)) in {400, 401}


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Slack-Request-Timestamp": "9" * 5000},
        {"X-Slack-Request-Timestamp": "\u0661"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Signature": ""},
    ],
)
async def test_headers_that_make_no_sense_are_refused(post: Post, changed: dict[str, str]) -> None:
    assert await post(b"a=b", {**signed(b"a=b", FORM), **changed}) == 401


async def test_what_was_signed_long_ago_is_refused(post: Post) -> None:
    assert await post(b"a=b", signed(b"a=b", FORM, at=time.time() - 400)) == 401
