"""Serves the page: its files, a socket that pushes snapshots, and what people do on it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import WSCloseCode, web

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.page.trouble import Deed, Patient, Trouble, troubles
from sandbox.phones import Phones
from sandbox.posters import Posters
from sandbox.slack.errors import SlackError
from sandbox.slack.local import LocalSlack
from sandbox.slack.shown import Invisible, Shown
from sandbox.vendors.chatwoot import Chatwoot
from sandbox.vendors.graph import Graph
from sandbox.vendors.netmera import Netmera
from sandbox.vendors.northpost import Northpost

Json: TypeAlias = dict[str, Any]

STATIC = Path(__file__).parent / "static"
HEARTBEAT_SECONDS = 20
REFUSED = (Invisible, SlackError, LookupError, TypeError, ValueError)
"""What the hands and the phones raise when somebody asks for what is not there, or asks in a wrong form."""

SECURITY = "default-src 'self'; img-src * data:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of the page: who does it, and the rest of what was sent."""

    user: str
    body: Json

    @property
    def place(self) -> Json:
        """Where an element stands, as the hands want it: in a message or in a view."""
        if "view_id" in self.body:
            return {"view_id": str(self.body["view_id"])}
        channel, ts = self.body["message"]
        return {"message": (str(channel), str(ts))}


class Page:
    """The page of one practice world. `kill_bot` is set by whoever runs the bot, if it can be killed."""

    def __init__(
        self,
        *,
        slack: LocalSlack,
        netmera: Netmera,
        graph: Graph,
        northpost: Northpost,
        phones: Phones,
        posters: Posters,
        chatwoot: Chatwoot,
        clock: SandboxClock,
        feed: Feed,
    ) -> None:
        self.kill_bot: Deed | None = None
        self._slack = slack
        self._graph = graph
        self._phones = phones
        self._posters = posters
        self._chatwoot = chatwoot
        self._clock = clock
        self._feed = feed
        self._patients = (
            Patient(key="push", group="Netmera", vendor=netmera, recall="campaign_recall"),
            Patient(key="chat", group="Chatwoot", vendor=chatwoot, recall="delete"),
            Patient(key="mail", group="Microsoft 365", vendor=graph, recall="recall"),
            Patient(key="club", group="Northpost", vendor=northpost, recall="recall"),
        )
        self._open: set[web.WebSocketResponse] = set()
        self._deeds: dict[str, Callable[[Asked], Awaitable[Shown | None]]] = {
            "types": self._types,
            "act": self._act,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "global": self._global,
            "home": self._home,
            "phone": self._phone,
            "visitor": self._visitor,
            "chat": self._chat,
            "poster": self._poster,
            "trouble": self._trouble,
        }

    def mount(self, app: web.Application) -> None:
        """Adds the page's addresses to an application that is not running yet."""
        app.router.add_get("/", _index)
        app.router.add_static("/static/", STATIC)
        app.router.add_get("/page/ws", self._watch)
        app.router.add_post("/page/act", self._do)
        app.router.add_post("/page/suggest", self._suggest)
        app.on_shutdown.append(self._close_all)

    def snapshot(self, user: str) -> Json:
        """Everything that the page shows to one person; the local Slack's part is described there."""
        return {
            **self._slack.snapshot(user),
            "now": self._clock.now().timestamp(),
            "phones": self._phones.snapshot(),
            "posters": self._posters.snapshot(),
            "vendors": [one.state() for one in self._patients],
            "mail": self._graph.snapshot(),
            "chats": self._chatwoot.snapshot(),
            "trouble": [one.as_json() for one in self._troubles().values()],
        }

    async def _watch(self, request: web.Request) -> web.WebSocketResponse:
        """Pushes a snapshot now and after every change, until the page goes away."""
        user = request.query.get("as", "")
        if user not in self._slack.workspace.users:
            raise web.HTTPNotFound(text="Nobody here has that id.")
        if request.headers.get("Origin", f"http://{request.host}") != f"http://{request.host}":
            raise web.HTTPForbidden(text="Only the page itself may watch.")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS)
        await socket.prepare(request)
        self._open.add(socket)
        pushing = asyncio.create_task(self._push(socket, user), name="page")
        try:
            async for _ in socket:
                pass  # the page says nothing here; reading is what notices that it went away
        finally:
            self._open.discard(socket)
            pushing.cancel()
            await asyncio.gather(pushing, return_exceptions=True)
        return socket

    async def _push(self, socket: web.WebSocketResponse, user: str) -> None:
        with contextlib.suppress(ConnectionError):  # the page went away while it was being told
            async for _ in self._feed.changes():
                await socket.send_json(self.snapshot(user))

    async def _do(self, request: web.Request) -> web.Response:
        """Does what somebody did on the page; a thing that is not on their screen is an error in words."""
        asked = await _read(request)
        deed = self._deeds.get(str(asked.body.get("do")))
        if deed is None:
            return web.json_response({"ok": False, "error": "The page asked for something unknown."})
        try:
            shown = await deed(asked)
        except REFUSED as refusal:
            return _refused(refusal)
        if shown is None:
            self._feed.changed()
            return web.json_response({"ok": True})
        return web.json_response({"ok": shown.ok, "toast": shown.toast, "errors": shown.errors})

    async def _suggest(self, request: web.Request) -> web.Response:
        """Asks the app for a typeahead's options."""
        asked = await _read(request)
        names = (str(asked.body.get(key, "")) for key in ("action_id", "block_id", "value"))
        try:
            shown = await self._slack.hands.suggest(asked.user, *names, **asked.place)
        except REFUSED as refusal:
            return _refused(refusal)
        groups = [{"options": list(shown.options)}]
        return web.json_response({"ok": shown.ok, "groups": groups, "error": shown.toast})

    async def _types(self, asked: Asked) -> Shown:
        body = asked.body
        return await self._slack.hands.command(
            asked.user, body["channel"], body["text"], body.get("thread_ts")
        )

    async def _act(self, asked: Asked) -> Shown:
        values = asked.body.get("state_values")
        return await self._slack.hands.act_block(
            asked.user, asked.body["action"], state_values=values, **asked.place
        )

    async def _submit(self, asked: Asked) -> Shown:
        return await self._slack.hands.submit_view(asked.user, asked.body["view_id"], asked.body["values"])

    async def _close(self, asked: Asked) -> Shown:
        return await self._slack.hands.close_view(asked.user, asked.body["view_id"])

    async def _shortcut(self, asked: Asked) -> Shown:
        body = asked.body
        return await self._slack.hands.message_action(
            asked.user, body["callback_id"], body["channel"], body["ts"]
        )

    async def _global(self, asked: Asked) -> Shown:
        return await self._slack.hands.global_action(asked.user, asked.body["callback_id"])

    async def _home(self, asked: Asked) -> Shown:
        return await self._slack.hands.open_home(asked.user)

    async def _phone(self, asked: Asked) -> None:
        self._phones.set_online(asked.body["phone"], online=bool(asked.body["online"]))

    async def _visitor(self, asked: Asked) -> None:
        self._chatwoot.visitors.set_online(int(asked.body["window"]), online=bool(asked.body["online"]))

    async def _chat(self, asked: Asked) -> None:
        """An agent of the practice shop writes into a chat, as in the service desk's own window."""
        text = str(asked.body["text"]).strip()[:1000]
        if not text:
            raise ValueError("An empty message is not sent.")
        self._chatwoot.says(int(asked.body["agent"]), int(asked.body["window"]), text)

    async def _poster(self, asked: Asked) -> None:
        self._posters.take_down(str(asked.body["poster"]))

    async def _trouble(self, asked: Asked) -> None:
        await self._troubles()[asked.body["name"]].deed()

    def _troubles(self) -> dict[str, Trouble]:
        return troubles(slack=self._slack, patients=self._patients, clock=self._clock, kill_bot=self.kill_bot)

    async def _close_all(self, _app: web.Application) -> None:
        """Says good-bye to every page."""
        for socket in tuple(self._open):
            await socket.close(code=WSCloseCode.GOING_AWAY)


def _refused(refusal: Exception) -> web.Response:
    said = isinstance(refusal, Invisible | SlackError)
    error = str(refusal) if said else f"The page asked in a wrong form ({refusal!r})."
    return web.json_response({"ok": False, "error": error})


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": SECURITY})


async def _read(request: web.Request) -> Asked:
    """The request's JSON; anything that is no object, or that another site's form could send, is refused."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="The page speaks JSON.")
    try:
        body = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="The page sent no JSON.") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="The page sent no object.")
    return Asked(user=str(body.pop("as", "")), body=body)
