"""Access tokens: asked for when first needed, kept while they are good, and renewed once when Graph refuses one."""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.errors import ProviderConfusingError, ProviderRefusedError
from bot.ports import Clock
from bot.providers.base import redacted
from bot.providers.graph_settings import GraphSettings
from bot.providers.http_client import HttpClient
from bot.providers.http_message import HttpAnswer, HttpRequest
from bot.providers.limiter import Urgency

EARLY = timedelta(seconds=60)
"""A token is renewed so long before its end, since clocks differ."""

SHORTEST = 120.0
"""Seconds for which a token is kept where the answer does not say how long it is good."""


class GraphToken:
    """The token of one connection: one person's, as it was given; or an app's, by its client credentials."""

    def __init__(self, settings: GraphSettings, client: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._token = ""
        self._good_until: datetime | None = None
        self._asking = asyncio.Lock()

    async def current(self, urgency: Urgency) -> str:
        """Give a token that should be good. Raises ProviderError."""
        if self._settings.token is not None:
            return self._settings.token.get_secret_value()
        async with self._asking:
            if self._good_until is None or self._clock.now() >= self._good_until:
                await self._renew(urgency)
            return self._token

    def refused(self, token: str) -> bool:
        """Note that Graph did not take a token; says whether another one can be asked for."""
        if self._settings.token is not None:
            return False
        if token == self._token:
            self._good_until = None
        return True

    async def _renew(self, urgency: Urgency) -> None:
        settings = self._settings
        secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
        request = HttpRequest.of_form(
            "POST",
            f"{settings.place.authority}/{settings.tenant}/oauth2/v2.0/token",
            {
                "client_id": settings.client_id or "",
                "client_secret": secret,
                "scope": f"{settings.place.root}/.default",
                "grant_type": "client_credentials",
            },
            once=False,
        )
        try:
            answer = await self._client.ask(
                request, urgency=urgency, expect=(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
            )
        except Exception as error:
            if hasattr(error, "maybe_applied"):
                error.maybe_applied = False  # only a token was asked for
            raise
        self._token, seconds = self._read(answer, secret)
        self._good_until = self._clock.now() + max(timedelta(), timedelta(seconds=seconds) - EARLY)

    def _read(self, answer: HttpAnswer, secret: str) -> tuple[str, float]:
        given = answer.json if isinstance(answer.json, dict) else {}
        if not answer.ok:
            said = redacted(str(given.get("error_description") or given.get("error") or ""), [secret])
            raise ProviderRefusedError(
                f"{self._settings.title} gives Recall no token: {said or f'HTTP {answer.status}'}"
                f"{'' if said.endswith('.') else '.'} Check tenant, client_id and client_secret in the settings."
            )
        token = given.get("access_token")
        if not isinstance(token, str) or not token:
            error = ProviderConfusingError(
                f"{self._settings.title} gave an answer that can't be understood: no token."
            )
            error.maybe_applied = False
            raise error
        seconds = given.get("expires_in")
        return token, float(seconds) if isinstance(seconds, int | float) else SHORTEST
