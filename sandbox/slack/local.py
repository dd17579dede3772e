"""The local Slack, put together."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.slack.answers import Answers
from sandbox.slack.api.arguments import Arguments
from sandbox.slack.api.method import Method
from sandbox.slack.api.server import WebApi
from sandbox.slack.client import Hands
from sandbox.slack.deliver import ACK_SECONDS, Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import Faults
from sandbox.slack.hands import Person
from sandbox.slack.http import SignedHttp
from sandbox.slack.limits import RateLimits, Tier
from sandbox.slack.passes import Passes
from sandbox.slack.screens import Screens
from sandbox.slack.seed import plant
from sandbox.slack.snapshot import snapshot
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import Call, Installation, Mention, Shortcut, SlackState, Violation
from sandbox.slack.values import Json
from sandbox.slack.workspace import Workspace

MANIFEST = Installation(
    scopes=(
        "commands",
        "chat:write",
        "channels:read",
        "groups:read",
        "im:read",
        "im:write",
        "channels:history",
        "groups:history",
        "im:history",
        "users:read",
        "usergroups:read",
    ),
    commands=("/recall",),
    shortcuts=(
        Shortcut(name="Recall", type="message", callback_id="recall_message"),
        Shortcut(name="Recall something", type="global", callback_id="recall_global"),
    ),
    events=("app_home_opened",),
)


class LocalSlack:
    """A workspace with one app installed in it, served on loopback.

    `ack_seconds`: how long the client waits for an ack, in real seconds (Slack: 3).
    """

    BOT_TOKEN: ClassVar[str] = "xoxb-sandbox-bot"
    APP_TOKEN: ClassVar[str] = "xapp-sandbox-app"
    SIGNING_SECRET: ClassVar[str] = "sandbox-signing-secret"
    BOT_USER: ClassVar[str] = "U0RECALL"
    ANNS_TOKEN: ClassVar[str] = "xoxp-sandbox-ann"

    def __init__(
        self,
        *,
        clock: SandboxClock,
        feed: Feed,
        seed: int = 0,
        app: Installation = MANIFEST,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self.clock = clock
        self.feed = feed
        self.api_url = ""
        chance = random.Random(seed)  # noqa: S311 - which connection, which block id: nothing secret
        self.state = SlackState(
            clock=clock,
            feed=feed,
            app=app,
            workspace=Workspace(clock=clock, feed=feed),
            screens=Screens(feed=feed),
            passes=Passes(clock=clock),
            limits=RateLimits(clock=clock),
            random=chance,
            user_tokens={self.ANNS_TOKEN: "U0ANN"},
        )
        self.sockets = Sockets(
            feed=feed, faults=self.state.faults, chance=chance, app_id=app.app_id, ack_seconds=ack_seconds
        )
        self.http: SignedHttp | None = None
        self.hands = Hands(self.state, reach=self._reach)
        self._ack_seconds = ack_seconds
        plant(self.state)

    def mount(self, app: web.Application) -> None:
        """Add `/api/*`, `/link/` and `/response/*` to an application that is not running yet."""
        opening = Method(run=self._open_connection, tier=Tier.THREE, app_token=True)
        api = WebApi(
            self.state,
            bot_token=self.BOT_TOKEN,
            app_token=self.APP_TOKEN,
            more={"apps.connections.open": opening},
        )
        app.router.add_route("*", "/api/{method}", api.handle)
        app.router.add_get("/link/", self.sockets.handle)
        app.router.add_post("/response/{key:.+}", Answers(self.state).handle)

    def grant(self, scope: str) -> None:
        """Install the app again with one more scope."""
        self.state.app = replace(self.state.app, scopes=(*self.state.app.scopes, scope))

    def gives_address(self, user: str, email: str) -> None:
        """Put an e-mail address into somebody's profile."""
        self.workspace.set_user(replace(self.workspace.users[user], email=email))

    def served_at(self, port: int) -> None:
        """Say where the application is served; addresses handed out point there."""
        self.api_url = f"http://127.0.0.1:{port}/api/"
        self.state.passes.base_url = f"http://127.0.0.1:{port}/response"
        self.sockets.base_url = f"ws://127.0.0.1:{port}/link/"

    def deliver_to(self, url: str, signing_secret: str) -> None:
        """Send everything to the app's own address from now on, signed, instead of Socket Mode."""
        self.http = SignedHttp(url=url, signing_secret=signing_secret, ack_seconds=self._ack_seconds)

    async def stop(self) -> None:
        """Close the connections and end what still waits."""
        await self.hands.stop()
        await self.sockets.close()

    # people

    def person(self, name: str) -> Person:
        """Return somebody's hands, by name ("ann") or id."""
        return Person(self.state.workspace.user(name).id, state=self.state, hands=self.hands)

    async def until(self, condition: Callable[[], object], *, timeout: float = 5) -> None:  # noqa: ASYNC109 - see Feed.until
        """Return when `condition()` is true; TimeoutError after `timeout` real seconds."""
        await self.feed.until(condition, timeout=timeout)

    def snapshot(self, user_id: str) -> Json:
        """Return what this person's screen shows, for a page; snapshot.py names the fields."""
        return snapshot(self.state, user_id, sockets=self.sockets.connected, http=self.http is not None)

    # what happened

    @property
    def workspace(self) -> Workspace:
        """People, channels and messages."""
        return self.state.workspace

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self.state.faults

    @property
    def limits(self) -> RateLimits:
        """The rate limits; `limits.enabled = False` switches them off."""
        return self.state.limits

    @property
    def calls(self) -> list[Call]:
        """Every Web API call and response-URL post, oldest first."""
        return self.state.calls

    @property
    def violations(self) -> list[Violation]:
        """Every Block Kit rule that the app broke."""
        return self.state.violations

    @property
    def mentions(self) -> list[Mention]:
        """Everything in the bot's posts that notified people."""
        return self.state.mentions

    def _reach(self) -> Delivery:
        return self.http or self.sockets

    def _open_connection(self, _state: SlackState, _args: Arguments) -> Json:
        if not self.sockets.allowed:
            raise SlackError("forbidden_team")
        return {"url": self.sockets.new_url()}
