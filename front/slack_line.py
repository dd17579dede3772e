"""The line to Slack: one Web API client, and who we are there.

Traps that are met here: slack_sdk sends loopback calls to a proxy of the environment (NO_PROXY is ignored); it
opens a TCP session per call unless it is given one, and then ignores its own time-out; Bolt asks `auth.test`
before the first envelope unless it is given the answer.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackAccess, is_loopback

log = logging.getLogger(__name__)

CALL_SECONDS = 10
PAUSES = (0.2, 0.5, 1, 2, 5, 10, 30)
"""Seconds between attempts to reach a Slack that is away at start; the last one for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are in Slack: the answer of `auth.test`."""

    team: str
    user: str
    bot: str
    scopes: frozenset[str]
    workspace: str = ""


def web_client(access: SlackAccess) -> AsyncWebClient:
    """Make the client that everything shares. It needs `open_session` before its first call."""
    token = access.bot_token
    client = AsyncWebClient(
        token=token.get_secret_value() if token else None, base_url=access.api_url, timeout=CALL_SECONDS
    )
    if is_loopback(urlsplit(access.api_url).hostname or ""):
        client.proxy = None
    return client


def open_session(client: AsyncWebClient) -> aiohttp.ClientSession:
    """Give the client one session for all its calls; the caller closes it."""
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS))
    client.session = session
    return session


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack who we are. Raises what slack_sdk raises."""
    answer = await client.auth_test()
    scopes = answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or ""
    return Identity(
        team=answer["team_id"],
        user=answer["user_id"],
        bot=answer.get("bot_id") or "",
        scopes=frozenset(each.strip() for each in scopes.split(",") if each.strip()),
        workspace=answer.get("team") or "",
    )


async def identify_at_last(client: AsyncWebClient, trouble: Callable[[str | None], None]) -> Identity:
    """Ask until Slack answers; `trouble` hears why it has not yet, and None once it has."""
    tries = 0
    while True:
        try:
            identity = await identify(client)
        except (SlackApiError, aiohttp.ClientError, OSError, KeyError) as error:  # TimeoutError is an OSError
            why = explain(error)
            trouble(why)
            log.warning("Slack is not ready for us: %s", why)
            await asyncio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1
        else:
            trouble(None)
            return identity


def explain(error: Exception) -> str:
    """Say what Slack, or the way to it, did. Never with a token, a URL or a body."""
    if isinstance(error, SlackApiError):
        data = getattr(error.response, "data", None)
        code = data.get("error") if isinstance(data, dict) else None
        status = getattr(error.response, "status_code", None)
        return f"Slack answers {code}" if code else f"Slack answers with HTTP status {status}"
    if isinstance(error, TimeoutError):
        return f"Slack does not answer within {CALL_SECONDS} seconds"
    return f"Slack can't be reached ({type(error).__name__})"


def authorization(identity: Identity, client: AsyncWebClient) -> AuthorizeResult:
    """Make the answer that Bolt would otherwise ask Slack for on the first request."""
    return AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team,
        bot_user_id=identity.user,
        bot_id=identity.bot,
        bot_token=client.token,
        bot_scopes=sorted(identity.scopes),
    )


class Introduction:
    """Our identity, asked for until Slack tells it. Everything else goes on meanwhile."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._identity: Identity | None = None
        self._told = asyncio.Event()
        self.trouble: str | None = "Slack has not been asked yet"

    async def ask(self) -> Identity:
        """Ask until Slack answers."""
        self._identity = await identify_at_last(self._client, self._note)
        self._told.set()
        return self._identity

    async def known(self) -> Identity:
        """Wait until it is known."""
        await self._told.wait()
        assert self._identity is not None
        return self._identity

    def _note(self, why: str | None) -> None:
        self.trouble = why
