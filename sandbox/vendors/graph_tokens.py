"""The practice login authority: an app's tokens, one person's, and refresh tokens that change with every use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

TENANT = "fernhill"
CLIENT, SECRET = "recall-practice", "graph-sandbox-secret"
DELEGATED = "graph-sandbox-delegated-token"
REFRESH = "graph-sandbox-refresh-token"
TOKEN_SECONDS = 3599


@dataclass(slots=True, kw_only=True)
class Tokens:
    """Which tokens are good. `DELEGATED` is always, and so is every refresh token until all are withdrawn."""

    now: Callable[[], datetime]
    refreshed: list[str] = field(default_factory=list)
    """Refresh tokens that were used, oldest first."""
    _good: dict[str, tuple[datetime, bool]] = field(
        default_factory=dict
    )  # until when; whether a person's own
    _refresh: set[str] = field(default_factory=lambda: {REFRESH})
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def revoke(self) -> None:
        """No access token that was given out is good any more."""
        self._good.clear()

    def withdraw(self) -> None:
        """The person took their consent back: no refresh token is good any more either."""
        self.revoke()
        self._refresh.clear()

    def accepts(self, token: str, *, own: bool) -> bool:
        """Whether a token opens a person's own mailbox (`/me`), or, not `own`, anybody's."""
        if own and token == DELEGATED:
            return True
        until, theirs = self._good.get(token, (self.now(), not own))
        return theirs is own and until > self.now()

    def give(self, form: Mapping[str, Any], tenant: str) -> tuple[int, dict[str, Any]]:
        """Answer a request for a token: the status and the body."""
        if form.get("client_id") != CLIENT or tenant != TENANT or form.get("client_secret", SECRET) != SECRET:
            return refused()
        if form.get("grant_type") == "refresh_token":
            return self._renew(str(form.get("refresh_token")))
        if form.get("grant_type") != "client_credentials" or "client_secret" not in form:
            return refused()
        return 200, self._made(own=False)

    def _renew(self, token: str) -> tuple[int, dict[str, Any]]:
        if token not in self._refresh:
            said = "AADSTS50173: The provided grant has expired due to it being revoked."
            return 400, {"error": "invalid_grant", "error_description": said, "error_codes": [50173]}
        self.refreshed.append(token)
        following = f"{REFRESH}-{next(self._numbers)}"
        self._refresh.add(following)
        return 200, {**self._made(own=True), "refresh_token": following}

    def _made(self, *, own: bool) -> dict[str, Any]:
        token = f"graph-sandbox-token-{next(self._numbers)}"
        self._good[token] = (self.now() + timedelta(seconds=TOKEN_SECONDS), own)
        return {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": token}


def refused() -> tuple[int, dict[str, Any]]:
    """What an app with a wrong secret is told."""
    said = "AADSTS7000215: Invalid client secret provided."
    return 401, {"error": "invalid_client", "error_description": said, "error_codes": [7000215]}
