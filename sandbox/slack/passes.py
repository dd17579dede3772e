"""Short-lived permissions that Slack hands out with an interaction: trigger ids and response URLs."""

import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import SandboxClock
from sandbox.slack.errors import SlackError

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


@dataclass(kw_only=True, slots=True)
class Trigger:
    """The right to open one view for `user`, for 3 seconds."""

    user: str
    made_at: datetime
    view_id: str | None = None  # the modal it came from: views.push needs one
    used: bool = False


@dataclass(kw_only=True, slots=True)
class ResponseUrl:
    """The right to answer where something happened, 5 times within 30 minutes."""

    user: str
    channel: str
    made_at: datetime
    source_ts: str | None = None  # the message whose button was pressed
    thread_ts: str | None = None
    uses: int = 0


class Passes:
    """Hands out trigger ids and response URLs, and refuses them once they are used up or too old."""

    def __init__(self, *, clock: SandboxClock) -> None:
        self.base_url = ""  # "http://127.0.0.1:PORT/response"
        self._clock = clock
        self._count = itertools.count(1)
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}

    def new_trigger(self, user: str, *, view_id: str | None = None) -> str:
        """Return a trigger id, "13345224609.738474920.8088930838d88f008e0" in shape."""
        trigger_id = f"{1000 + next(self._count)}.{738474920}.{secrets.token_hex(10)}"
        self._triggers[trigger_id] = Trigger(user=user, made_at=self._clock.now(), view_id=view_id)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Return who may have a view opened; raises Slack's error when unknown, used or older than 3 s."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock.now() - trigger.made_at > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def new_response_url(
        self, user: str, channel: str, *, source_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """Return a response URL for an interaction in `channel`."""
        key = f"T0SANDBOX/{1000 + next(self._count)}/{secrets.token_urlsafe(16)}"
        self._responses[key] = ResponseUrl(
            user=user,
            channel=channel,
            made_at=self._clock.now(),
            source_ts=source_ts,
            thread_ts=thread_ts,
        )
        return f"{self.base_url}/{key}"

    def use_response(self, key: str) -> ResponseUrl:
        """Return where to answer; raises `used_url` after 5 uses and `expired_url` after 30 minutes."""
        response = self._responses.get(key)
        if response is None or self._clock.now() - response.made_at > RESPONSE_LIFE:
            raise SlackError("expired_url")
        if response.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        response.uses += 1
        return response
