"""The local Slack, put together."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.slack.hands import Hands, Person
from sandbox.slack.values import Json


class LocalSlack:
    """A workspace with one app installed in it, served on loopback."""

    BOT_TOKEN: ClassVar[str] = "xoxb-sandbox-bot"
    APP_TOKEN: ClassVar[str] = "xapp-sandbox-app"
    SIGNING_SECRET: ClassVar[str] = "sandbox-signing-secret"
    BOT_USER: ClassVar[str] = "U0RECALL"

    hands: Hands
    api_url: str  # "http://127.0.0.1:PORT/api/"

    def __init__(self, *, clock: SandboxClock, feed: Feed, seed: int = 0) -> None:
        self.clock = clock
        self.feed = feed

    def mount(self, app: web.Application) -> None:
        """Add `/api/*`, `/link/` and `/response/*` to an application that is not running yet."""
        raise NotImplementedError

    def person(self, name: str) -> Person:
        """Return somebody's hands, by name ("ann") or id."""
        raise NotImplementedError

    async def until(self, condition: Callable[[], object], *, timeout: float = 5) -> None:  # noqa: ASYNC109 - see Feed.until
        """Return when `condition()` is true; TimeoutError after `timeout` real seconds."""
        await self.feed.until(condition, timeout=timeout)

    def snapshot(self, user_id: str) -> Json:
        """Return what this person's screen shows.

        {"me": {id,name,real_name,tz,tz_offset,title,is_bot,is_restricted,deleted}, "people": [the same],
        "channels": [{id,name,kind,member,bot_member,shared_outside,partner}], "messages": {channel_id: [{ts,thread_ts,user,
        bot,username,text,blocks,attachments,reply_count,ephemeral,edited,deleted,broadcast,state}]},
        "views": [{id,type,hash,title,submit,close,blocks,values,errors}] (bottom first), "home": view|None,
        "toasts": [{id,text,at}], "shortcuts": [{name,type,callback_id}], "commands": [...],
        "health": {"connected": bool, "sockets": int, "mode": "socket"|"http"}}
        """
        raise NotImplementedError

    @property
    def names(self) -> Mapping[str, str]:
        """User and channel names by id, to show mentions."""
        raise NotImplementedError
