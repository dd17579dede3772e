"""HTTP mode: requests to the app's own address, signed as Slack signs them."""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.deliver import Ack, NotAcked, Outgoing, as_ack

OK = 200


class SignedHttp:
    """Posts payloads to the app. The signature's time is the real one, which the app compares with its own."""

    def __init__(self, *, url: str, signing_secret: str, ack_seconds: float) -> None:
        self.url = url
        self._secret = signing_secret.encode()
        self._ack_seconds = ack_seconds

    async def deliver(self, outgoing: Outgoing) -> Ack:
        """Return what the app answered with status 200 in time; raises NotAcked."""
        body, content_type = _body(outgoing)
        headers = self.signed(body) | {"Content-Type": content_type}
        if outgoing.retry_attempt:
            headers["x-slack-retry-num"] = str(outgoing.retry_attempt)
            headers["x-slack-retry-reason"] = outgoing.retry_reason
        try:
            async with (
                asyncio.timeout(self._ack_seconds),
                aiohttp.ClientSession() as session,
                session.post(self.url, data=body, headers=headers) as response,
            ):
                text = await response.text()
                if response.status != OK:
                    raise NotAcked("dispatch_failed")
                return as_ack(_parsed(text))
        except TimeoutError:
            raise NotAcked("operation_timeout") from None
        except aiohttp.ClientError:
            raise NotAcked("dispatch_failed") from None

    def signed(self, body: str, *, seconds_ago: int = 0) -> dict[str, str]:
        """Return the headers that prove the request to be Slack's, made now or so many seconds ago."""
        timestamp = str(int(time.time()) - seconds_ago)
        digest = hmac.new(self._secret, f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _body(outgoing: Outgoing) -> tuple[str, str]:
    if outgoing.kind == "slash_commands":
        return urlencode(outgoing.payload), "application/x-www-form-urlencoded"
    if outgoing.kind == "interactive":
        return urlencode({"payload": json.dumps(outgoing.payload)}), "application/x-www-form-urlencoded"
    return json.dumps(outgoing.payload), "application/json"


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
