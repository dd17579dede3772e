"""What the parts of the local Slack share: one workspace, one installed app, and a record of all that happened."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.slack.faults import Faults
from sandbox.slack.limits import RateLimits
from sandbox.slack.passes import Passes
from sandbox.slack.screens import Screens
from sandbox.slack.values import Json
from sandbox.slack.workspace import Workspace

BLOCK_ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz123456789"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortcut:
    """A shortcut from the app's manifest; `type` is "message" or "global"."""

    name: str
    type: str
    callback_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """The app as it is installed: the part of its manifest that Slack acts on."""

    scopes: tuple[str, ...]
    commands: tuple[str, ...]
    shortcuts: tuple[Shortcut, ...]
    events: tuple[str, ...]
    team_id: str = "T0SANDBOX"
    domain: str = "sandbox"
    app_id: str = "A0RECALL"
    bot_id: str = "B0RECALL"
    bot_user: str = "U0RECALL"
    home_tab: bool = True
    escape_command_text: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One Web API call (or response-URL post) as it arrived; `error` is what it was answered with."""

    method: str
    args: Json
    at: datetime
    error: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Something the app sent that breaks a Block Kit rule."""

    method: str
    messages: tuple[str, ...]  # in Slack's words, with a JSON pointer each
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """Something in a post of the bot's that notifies people."""

    channel: str
    ts: str
    target: str  # "channel", "here", "everyone", a user id or a group id
    pointer: str  # where it stood, such as /blocks/0/text/text


@dataclass(frozen=True, kw_only=True, slots=True)
class Toast:
    """A complaint of Slack's client to one person, such as a command that was not answered."""

    user: str
    text: str
    at: datetime


@dataclass(kw_only=True, slots=True)
class SlackState:
    """The local Slack's memory."""

    clock: SandboxClock
    feed: Feed
    app: Installation
    workspace: Workspace
    screens: Screens
    passes: Passes
    limits: RateLimits
    random: random.Random
    user_tokens: dict[str, str] = field(default_factory=dict)  # token -> whose it is; scope chat:write only
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    toasts: list[Toast] = field(default_factory=list)

    def with_block_ids(self, blocks: list[Json]) -> list[Json]:
        """Return the blocks, each with a block id: Slack makes one up where the app gave none."""
        return [
            block if block.get("block_id") else {**block, "block_id": self._block_id()} for block in blocks
        ]

    def violated(self, method: str, messages: list[str]) -> None:
        """Keep a broken rule for whoever asks later."""
        self.violations.append(Violation(method=method, messages=tuple(messages), at=self.clock.now()))

    def toast(self, user: str, text: str) -> str:
        """Let the client complain to one person; returns the text."""
        self.toasts.append(Toast(user=user, text=text, at=self.clock.now()))
        self.feed.changed()
        return text

    def _block_id(self) -> str:
        return "".join(self.random.choices(BLOCK_ID_LETTERS, k=5))
