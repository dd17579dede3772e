"""A Slack in memory: channels, threads, metadata; and a client of the real kind whose calls end there."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from handlers.ids import METADATA_KEY, METADATA_RECALL
from tests.simulation.virtual import VirtualClock
from tests.simulation.weather import Sky, Weather

SLOW = 40.0
LATENCY = 0.15


@dataclass
class Post:
    """A message as everybody sees it."""

    channel: str
    ts: str
    thread: str | None
    body: dict[str, Any]
    key: str | None  # ours, from the metadata
    recall: str | None
    by: int  # which process of ours posted it
    edits: int = 0
    deleted: bool = False


@dataclass
class Life:
    """One process of ours. What is dead has no effect on the world."""

    number: int
    alive: bool = True


class RefusedError(Exception):
    """Slack's clear no."""


@dataclass
class ModelSlack:
    """What Slack keeps. Whatever it is told stands in `posts`, in order, for good."""

    clock: VirtualClock
    weather: Weather
    posts: list[Post] = field(default_factory=list)
    whispers: list[tuple[str, str]] = field(default_factory=list)
    closed: set[str] = field(
        default_factory=set
    )  # channels that were archived, or that Recall was removed from
    _last: float = 0.0
    _methods: ClassVar[Mapping[str, str]] = {
        "chat.postMessage": "_post",
        "chat.update": "_update",
        "chat.postEphemeral": "_whisper",
        "conversations.history": "_history",
        "conversations.replies": "_replies",
        "conversations.open": "_direct",
        "conversations.info": "_info",
    }

    def found(self, channel: str, ts: str) -> Post | None:
        """Return a message that stands."""
        return next(
            (each for each in self.posts if (each.channel, each.ts) == (channel, ts) and not each.deleted),
            None,
        )

    async def call(self, life: Life, method: str, args: Mapping[str, Any]) -> tuple[int, dict[str, str], Any]:
        """Answer as Slack does: status, headers, body. Raises what aiohttp raises where the line breaks."""
        if not life.alive:
            raise aiohttp.ServerDisconnectedError
        strike = self.weather.strike()
        if strike in NEVER_THERE:
            if strike is Sky.LOST_BEFORE:
                await self._on_the_way()
            raise aiohttp.ServerDisconnectedError
        if strike in TURNED_AWAY:
            status, body = TURNED_AWAY[strike]
            headers = {"Retry-After": str(self.weather.random.randint(1, 90))}
            return status, headers if strike is Sky.BUSY else {}, body
        done = await self._arrive(life, method, args)
        if strike is Sky.LOST_AFTER:
            raise aiohttp.ServerDisconnectedError
        await (asyncio.sleep(SLOW) if strike is Sky.SLOW else self._on_the_way())
        status, body = GARBLED.get(strike, (200, done))
        return status, {}, body

    async def _on_the_way(self) -> None:
        await asyncio.sleep(self.weather.random.uniform(0, LATENCY))

    async def _arrive(self, life: Life, method: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """Carry a request there. What has left when its sender dies may still arrive, or not."""
        try:
            await self._on_the_way()
        except asyncio.CancelledError:
            if self.weather.random.random() < 0.5:
                self._apply(life, method, args)
            raise
        return self._apply(life, method, args)

    def _apply(self, life: Life, method: str, args: Mapping[str, Any]) -> dict[str, Any]:
        act: Callable[[Life, Mapping[str, Any]], dict[str, Any]] = getattr(self, self._methods[method])
        try:
            return {"ok": True, **act(life, args)}
        except RefusedError as error:
            return _no(str(error))

    def _open_channel(self, args: Mapping[str, Any]) -> str:
        channel = str(args["channel"])
        if channel.startswith("U"):
            channel = f"D{channel[1:]}"
        if channel in self.closed:
            raise RefusedError("is_archived")
        return channel

    def _post(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        channel, thread = self._open_channel(args), args.get("thread_ts")
        if thread and self.found(channel, thread) is None:
            raise RefusedError("thread_not_found")
        payload = (args.get("metadata") or {}).get("event_payload") or {}
        self._last = max(self._last + 0.000_01, self.clock.true.timestamp())
        post = Post(
            channel=channel,
            ts=f"{self._last:.6f}",
            thread=thread,
            body={"text": args["text"], "blocks": args.get("blocks")},
            key=payload.get(METADATA_KEY),
            recall=payload.get(METADATA_RECALL),
            by=life.number,
        )
        self.posts.append(post)
        return {"channel": channel, "ts": post.ts}

    def _update(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        post = self.found(self._open_channel(args), str(args["ts"]))
        if post is None:
            raise RefusedError("message_not_found")
        post.body = {"text": args["text"], "blocks": args.get("blocks")}
        post.edits += 1
        return {"channel": post.channel, "ts": post.ts}

    def _whisper(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        self._open_channel(args)
        self.whispers.append((str(args["user"]), str(args["text"])))
        return {"message_ts": "1.0"}

    def _history(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        return self._page(args, lambda post: post.thread is None)

    def _replies(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        root = str(args["ts"])
        if self.found(str(args["channel"]), root) is None:
            raise RefusedError("thread_not_found")
        return self._page(args, lambda post: root in {post.thread, post.ts})

    def _page(self, args: Mapping[str, Any], fits: Callable[[Post], bool]) -> dict[str, Any]:
        channel, oldest = str(args["channel"]), float(args.get("oldest") or 0)
        start, limit = int(args.get("cursor") or 0), min(int(args.get("limit") or 100), 20)
        seen = [
            each
            for each in reversed(self.posts)
            if each.channel == channel and fits(each) and not each.deleted and float(each.ts) >= oldest
        ]
        more = str(start + limit) if len(seen) > start + limit else ""
        shown = [_as_read(each) for each in seen[start : start + limit]]
        return {"messages": shown, "response_metadata": {"next_cursor": more}}

    def _direct(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        return {"channel": {"id": f"D{str(args['users'])[1:]}"}}

    def _info(self, life: Life, args: Mapping[str, Any]) -> dict[str, Any]:
        del life
        closed = args["channel"] in self.closed
        return {"channel": {"id": args["channel"], "is_member": not closed, "is_archived": closed}}


def _as_read(post: Post) -> dict[str, Any]:
    metadata = {"event_type": "x", "event_payload": {METADATA_KEY: post.key, METADATA_RECALL: post.recall}}
    return {"ts": post.ts, **post.body, "metadata": metadata}


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


NEVER_THERE = frozenset({Sky.AWAY, Sky.LOST_BEFORE})
TURNED_AWAY: Mapping[Sky, tuple[int, object]] = {
    Sky.BUSY: (429, _no("ratelimited")),
    Sky.BUSY_WITHOUT_A_TIME: (429, _no("ratelimited")),
    Sky.REVOKED: (200, _no("token_revoked")),
    Sky.FAILS_BEFORE: (503, "upstream connect error"),
}
GARBLED: Mapping[Sky, tuple[int, object]] = {
    Sky.FAILS_AFTER: (500, _no("internal_error")),
    Sky.CONFUSED: (200, "<html>Slack is being upgraded</html>"),
}


class SimulatedClient(AsyncWebClient):
    """The real client, down to where it would open a connection."""

    def __init__(self, slack: ModelSlack, life: Life) -> None:
        super().__init__(token="xoxb-practice", base_url="https://slack.test/api/", retry_handlers=[])
        self._slack = slack
        self._life = life

    async def _request(self, *, http_verb: str, api_url: str, req_args: Mapping[str, Any]) -> dict[str, Any]:
        del http_verb
        args = {**(req_args.get("params") or {}), **(req_args.get("json") or {})}
        status, headers, data = await self._slack.call(self._life, api_url.rsplit("/", 1)[1], args)
        return {"status_code": status, "headers": headers, "data": data}
