"""How a payload reaches the app, whichever way it is connected."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.slack.values import Json

ACK_SECONDS = 3.0  # real seconds that Slack waits for an ack


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """Something for the app: `kind` is slash_commands, interactive or events_api."""

    kind: str
    payload: Json
    accepts_response: bool = False
    retry_attempt: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ack:
    """The app's answer in time; `payload` is empty for a bare ack, text became {"text": …}."""

    payload: Json = field(default_factory=dict)


class NotAcked(Exception):  # noqa: N818 - reads as what happened
    """No answer in time (`operation_timeout`), or nobody there or an error page (`dispatch_failed`)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Delivery(Protocol):
    """A way to the app: Socket Mode or signed HTTP."""

    async def deliver(self, outgoing: Outgoing) -> Ack:
        """Return the app's ack; raises NotAcked."""


def as_ack(body: Any) -> Ack:
    """Return an ack from what the app sent: nothing, text, or an object."""
    if isinstance(body, str) and body:
        return Ack(payload={"text": body})
    return Ack(payload=body) if isinstance(body, dict) else Ack()
