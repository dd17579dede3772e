"""What a Web API method is: who may call it, how often, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.api.arguments import Arguments
from sandbox.slack.limits import Tier
from sandbox.slack.state import SlackState
from sandbox.slack.values import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """One Web API method; `run` returns the reply without "ok", or raises SlackError."""

    run: Callable[[SlackState, Arguments], Json]
    tier: Tier
    scopes: tuple[str, ...] = ()  # one of them is enough
    app_token: bool = False  # wants the app-level token instead of the bot's
