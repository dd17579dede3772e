"""A practice Chatwoot: the application API's messages and conversations, and its webhooks, on loopback.

Paths, fields and the header `api_access_token` are the vendor's own; so is what a deletion leaves behind: the message
with another text, `content_attributes.deleted`, and no attachments.
"""

import json
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.chatwoot_books import (
    AGENTS,
    CHANNELS,
    OFFLINE,
    SLIP,
    TALKS,
    WEBSITE,
    Direction,
    Said,
    Talk,
    said,
    slip,
)
from sandbox.vendors.chatwoot_courier import Courier
from sandbox.vendors.chatwoot_door import Door
from sandbox.vendors.faults import Faults, Kind
from sandbox.visitors import Line, Visitors, Window

TOKEN = "chatwoot-sandbox-token"
WEBHOOK_SECRET = "chatwoot-sandbox-webhook-secret"
ACCOUNT = 1
CREATED, UPDATED = "message_created", "message_updated"
PAGE = 20
TALKS_A_PAGE = 25
SHOP = "Fernhill"
LONG_AGO = timedelta(minutes=30)
"""Before anybody arrives: what is older than the newest campaigns, and can't be recalled any more."""


class Chatwoot:
    """The practice vendor: its books, its API, its webhooks, and the chat windows that it serves."""

    def __init__(self, *, clock: SandboxClock, feed: Feed, visitors: Visitors) -> None:
        self.token = TOKEN
        self.webhook_secret = WEBHOOK_SECRET
        self.faults = Faults()
        self.visitors = visitors
        self.webhook: str | None = None
        self.talks = {one.id: one for one in TALKS}
        self._clock = clock
        self._feed = feed
        self._said = {one.id: one for one in said(clock.now() - LONG_AGO)}
        self._door = Door(token=self.token, faults=self.faults, clock=clock)
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._courier = Courier(clock)
        for talk in TALKS:
            if talk.channel in {WEBSITE, "Channel::Line"}:
                visitors.comes(
                    Window(
                        id=talk.id,
                        owner=talk.name,
                        channel=CHANNELS[talk.channel],
                        online=talk.id not in OFFLINE,
                        pending=tuple(self._lines(talk.id)),
                    )
                )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def calls(self) -> list[str]:
        """Every request that came in, oldest first, by the name of what was asked."""
        return self._door.calls

    @property
    def up(self) -> bool:
        """Whether it listens."""
        return self._runner is not None

    def message(self, number: int) -> Said:
        """One message as it is on the books."""
        return self._said[number]

    def link(self, number: int) -> str:
        """A message's own link, as the vendor's dashboard copies it."""
        return f"{self.url}/app/accounts/{ACCOUNT}/conversations/{self._said[number].talk}?messageId={number}"

    def keep(self, message: Said) -> None:
        """Adds a message to the books, or replaces the one with its id."""
        self._said[message.id] = message
        self.visitors.sync(message.talk, self._lines(message.talk))
        self._feed.changed()

    def just_said(self) -> None:
        """Makes what was said long ago as fresh as if it had been said within these minutes."""
        for message in said(self._clock.now()):
            self.keep(message)

    def slips(self) -> int:
        """Lets an agent have repeated the wrong price to somebody a moment ago; gives the message's id."""
        self.keep(slip(self._clock.now()))
        return SLIP

    def forget(self, number: int) -> None:
        """Loses a message altogether, as a clean-up job does."""
        talk = self._said.pop(number).talk
        self.visitors.sync(talk, self._lines(talk))

    def says(self, agent: int | None, talk: int, text: str) -> Said:
        """An agent (None: the visitor) writes into a conversation; webhooks go out."""
        message = Said(
            id=max(self._said) + 1,
            talk=talk,
            direction=Direction.INCOMING if agent is None else Direction.OUTGOING,
            text=text,
            at=self._clock.now().replace(microsecond=0),
            agent=agent,
        )
        self.keep(message)
        self.announce(message.id)
        return message

    def deletes(self, number: int) -> None:
        """Somebody deletes a message in the vendor's own panel; webhooks go out."""
        self.keep(self._said[number].taken_back())
        self.announce(number, UPDATED)

    def announce(self, number: int, event: str = CREATED, **changes: str) -> None:
        """Sends the webhook of a message; `changes` replace headers, an empty one leaves the header out."""
        if self.webhook is None:
            return
        body = json.dumps(self._event(self._said[number], event))
        self._courier.sets_out(self.webhook, self.webhook_secret, number, body, changes)

    async def announced(self) -> None:
        """Returns when every webhook was answered or given up."""
        await self._courier.is_back()

    async def start(self, port: int = 0) -> None:
        """Begins to listen; port 0 takes a free one."""
        app = web.Application(middlewares=[self._door.weather])
        base = f"/api/v1/accounts/{ACCOUNT}/conversations"
        app.router.add_get("/api/v1/profile", self._profile, name="profile")
        app.router.add_get(base, self._list, name="conversations")
        app.router.add_get(f"{base}/{{talk}}", self._show, name="conversation")
        app.router.add_get(f"{base}/{{talk}}/messages", self._messages, name="messages")
        app.router.add_delete(f"{base}/{{talk}}/messages/{{message}}", self._delete, name="delete")
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Ends everything; the books stay readable."""
        self._courier.gives_up()
        await self.go_down()

    async def go_down(self) -> None:
        """Connections are refused from now on."""
        runner, self._runner = self._runner, None
        if runner:
            self._door.close()
            await runner.cleanup()
            self._feed.changed()

    async def come_up(self) -> None:
        """Listens again on the same port."""
        if self._runner is None:
            self._door.open()
            await self.start(self._port)
            self._feed.changed()

    def snapshot(self) -> dict[str, Any]:
        """What the page shows: the windows, and who can write into them."""
        agents = [{"id": one.id, "name": one.name} for one in AGENTS.values()]
        return {
            "up": self.up,
            "faults": self.faults.active(),
            "agents": agents,
            "windows": self.visitors.snapshot(),
        }

    async def _profile(self, _request: web.Request) -> web.Response:
        accounts = [{"id": ACCOUNT, "name": SHOP, "role": "administrator"}]
        return web.json_response(
            {"id": 1, "name": "Recall", "email": "recall@fernhill.example", "accounts": accounts}
        )

    async def _list(self, request: web.Request) -> web.Response:
        """Conversations, the liveliest first; `q` keeps those in which a message has the words."""
        words = request.query.get("q", "").casefold()
        page = int(request.query.get("page", "1"))
        found = [
            talk
            for talk in sorted(self.talks.values(), key=lambda one: self._last(one.id).at, reverse=True)
            if any(words in one.text.casefold() for one in self._of(talk.id))
        ]
        shown = found[(page - 1) * TALKS_A_PAGE : page * TALKS_A_PAGE]
        meta = {"mine_count": 0, "unassigned_count": len(found), "assigned_count": 0, "all_count": len(found)}
        return web.json_response({"data": {"meta": meta, "payload": [self._talk_json(one) for one in shown]}})

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self._talk_json(self._talk(request)))

    async def _messages(self, request: web.Request) -> web.Response:
        """The latest twenty, or the twenty before an id; oldest first."""
        talk = self._talk(request)
        before = request.query.get("before")
        found = [one for one in self._of(talk.id) if before is None or one.id < int(before)]
        meta = {"labels": [], "contact": talk.contact_json(online=self._online(talk))}
        return web.json_response({"meta": meta, "payload": [self._json(one) for one in found[-PAGE:]]})

    async def _delete(self, request: web.Request) -> web.Response:
        talk = self._talk(request)
        number = request.match_info["message"]
        message = self._said.get(int(number)) if number.isdecimal() else None
        if message is None or message.talk != talk.id:
            raise _missing()
        if not self.faults.take(Kind.NEVER_CONFIRM, "delete"):
            self.deletes(message.id)
        return web.json_response(self._json(self._said[message.id]))

    def _talk(self, request: web.Request) -> Talk:
        number = request.match_info["talk"]
        talk = self.talks.get(int(number)) if number.isdecimal() else None
        if talk is None:
            raise _missing()
        return talk

    def _of(self, talk: int) -> list[Said]:
        return sorted((one for one in self._said.values() if one.talk == talk), key=lambda one: one.id)

    def _last(self, talk: int) -> Said:
        return self._of(talk)[-1]

    def _online(self, talk: Talk) -> bool:
        try:
            return self.visitors[talk.id].online
        except KeyError:
            return False

    def _lines(self, talk: int) -> list[Line]:
        return [
            Line(
                message=one.id,
                author=AGENTS[one.agent].name if one.agent else self.talks[talk].name,
                from_shop=one.agent is not None,
                text=one.text,
                at=one.at,
                deleted=one.deleted,
            )
            for one in self._of(talk)
            if not one.private and one.direction is not Direction.ACTIVITY
        ]

    def _sender(self, message: Said) -> dict[str, Any] | None:
        talk = self.talks[message.talk]
        if message.agent is not None:
            return AGENTS[message.agent].as_json()
        if message.direction is Direction.INCOMING:
            return talk.contact_json(online=self._online(talk))
        return None

    def _json(self, message: Said) -> dict[str, Any]:
        talk = self.talks[message.talk]
        return {
            "id": message.id,
            "content": message.text,
            "inbox_id": talk.inbox,
            "conversation_id": talk.id,
            "message_type": int(message.direction),
            "content_type": "text",
            "status": "sent",
            "content_attributes": {"deleted": True} if message.deleted else {},
            "created_at": int(message.at.timestamp()),
            "private": message.private,
            "source_id": None,
            "sender": self._sender(message),
        }

    def _talk_json(self, talk: Talk) -> dict[str, Any]:
        last = self._last(talk.id)
        return {
            "meta": {
                "sender": talk.contact_json(online=self._online(talk)),
                "channel": talk.channel,
                "assignee": None,
                "hmac_verified": False,
            },
            "id": talk.id,
            "messages": [self._json(last)],
            "account_id": ACCOUNT,
            "inbox_id": talk.inbox,
            "status": "open",
            "last_activity_at": int(last.at.timestamp()),
            "timestamp": int(last.at.timestamp()),
        }

    def _event(self, message: Said, event: str) -> dict[str, Any]:
        """A webhook's body: here times are ISO 8601, and types are words."""
        talk = self.talks[message.talk]
        return {
            **self._json(message),
            "event": event,
            "message_type": message.direction.name.lower(),
            "created_at": message.at.isoformat().replace("+00:00", "Z"),
            "account": {"id": ACCOUNT, "name": SHOP},
            "inbox": {"id": talk.inbox, "name": CHANNELS[talk.channel]},
            "conversation": self._talk_json(talk) | {"channel": talk.channel},
        }

    @property
    def delivered(self) -> list[int]:
        """The statuses with which webhooks were answered."""
        return self._courier.answered


def _missing() -> web.HTTPNotFound:
    return web.HTTPNotFound(text='{"error":"Resource could not be found"}', content_type="application/json")
