"""Carries the practice Chatwoot's webhooks: signed as the vendor signs them, each tried once."""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import ClientError, ClientSession, ClientTimeout

from sandbox.clock import SandboxClock

PATIENCE_SECONDS = 5.0


class Courier:
    """What is on its way, and how it was received."""

    def __init__(self, clock: SandboxClock) -> None:
        self.answered: list[int] = []  # the statuses with which webhooks were answered
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    def sets_out(self, url: str, secret: str, number: int, body: str, changes: Mapping[str, str]) -> None:
        """Sends a webhook about a message; `changes` replace headers, an empty one leaves the header out."""
        errand = asyncio.get_running_loop().create_task(self._deliver(url, secret, number, body, changes))
        self._under_way.add(errand)
        errand.add_done_callback(self._under_way.discard)

    async def is_back(self) -> None:
        """Returns when every webhook was answered or given up."""
        while self._under_way:
            await asyncio.wait(tuple(self._under_way))

    def gives_up(self) -> None:
        """Drops what is under way."""
        for errand in tuple(self._under_way):
            errand.cancel()

    async def _deliver(
        self, url: str, secret: str, number: int, body: str, changes: Mapping[str, str]
    ) -> None:
        at = str(int(self._clock.now().timestamp()))
        digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Chatwoot-Delivery": f"delivery-{number}",
            "X-Chatwoot-Timestamp": at,
            "X-Chatwoot-Signature": f"sha256={digest}",
        }
        sent = {name: value for name, value in {**headers, **changes}.items() if value}
        with suppress(ClientError, TimeoutError, OSError):  # the vendor does not try again
            async with (
                ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS)) as session,
                session.post(url, data=body, headers=sent) as answer,
            ):
                self.answered.append(answer.status)
