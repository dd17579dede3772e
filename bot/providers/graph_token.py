"""Access tokens: asked for when first needed, kept while they are good, and renewed once when Graph refuses one.

A person's token is renewed with a refresh token. Microsoft gives a new one with every use, which is kept in memory
alone, for settings are only read; the old ones stay good until they are 90 days old or the person takes them back
(learn.microsoft.com/entra/identity-platform/refresh-tokens).
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.errors import ProviderConfusingError, ProviderError, ProviderRefusedError
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
    """The token of one connection: one person's, as it was given or by a refresh token; or an app's own."""

    def __init__(self, settings: GraphSettings, client: HttpClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._token = ""
        self._refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
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
        request = HttpRequest.of_form(
            "POST",
            f"{settings.place.authority}/{settings.tenant}/oauth2/v2.0/token",
            {"client_id": settings.client_id or "", **self._grant()},
            once=False,
        )
        try:
            answer = await self._client.ask(
                request, urgency=urgency, expect=(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED)
            )
        except ProviderError as error:
            error.maybe_applied = False  # only a token was asked for
            raise
        given = answer.json if isinstance(answer.json, dict) else {}
        self._token, seconds = self._read(answer, given)
        self._good_until = self._clock.now() + max(timedelta(), timedelta(seconds=seconds) - EARLY)
        if self._refresh and isinstance(following := given.get("refresh_token"), str) and following:
            self._refresh = following

    def _grant(self) -> dict[str, str]:
        """Say what the token is asked for with."""
        settings = self._settings
        secret = settings.client_secret
        shown = {"client_secret": secret.get_secret_value()} if secret else {}
        everything = f"{settings.place.root}/.default"
        if not self._refresh:
            return {**shown, "scope": everything, "grant_type": "client_credentials"}
        scope = f"{everything} offline_access"
        return {**shown, "scope": scope, "grant_type": "refresh_token", "refresh_token": self._refresh}

    def _read(self, answer: HttpAnswer, given: Mapping[str, Any]) -> tuple[str, float]:
        if not answer.ok:
            secrets = [value for name, value in self._grant().items() if name in _SECRETS]
            said = redacted(str(given.get("error_description") or given.get("error") or ""), secrets)
            raise ProviderRefusedError(
                f"{self._settings.title} gives Recall no token: {said or f'HTTP {answer.status}'}"
                f"{'' if said.endswith('.') else '.'} {self._mend}"
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

    @property
    def _mend(self) -> str:
        if self._refresh:
            return "Put a new refresh_token into the settings."
        return "Check tenant, client_id and client_secret in the settings."


_SECRETS = frozenset({"client_secret", "refresh_token"})
