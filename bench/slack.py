"""A Slack that costs next to nothing, in a process of its own: Socket Mode and a Web API that says yes to everything.

It sends envelopes at a given rate, without waiting for answers, and measures by its own clock how long each
acknowledgement takes. As a program (`python -m bench.slack`) it prints its port and lives until its standard input ends.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any
from urllib.request import Request, urlopen

import uvloop
from aiohttp import WSMsgType, web

from bench.child import Child

TEAM, PERSON, CHANNEL = "T0BENCH", "U0BENCH", "C0BENCH"
GIVEN_UP = 5.0
"""Seconds after which an acknowledgement is called lost. Slack's client gives up after three."""

_PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acks:
    """What became of a series of envelopes."""

    ms: Sequence[float]  # from sending an envelope to its acknowledgement
    lost: int
    first: (
        float  # when the first one was sent, by the clock that all processes of a machine share, in seconds
    )
    whole: float  # ms from the first envelope to the last acknowledgement


class Slack(Child):
    """The process, while a `with` lasts."""

    def __init__(self) -> None:
        """Start nothing yet."""
        super().__init__("bench.slack")

    @property
    def connections(self) -> int:
        """How many connections stand."""
        return int(self._asked("connections", {}))

    def sends(
        self, kind: str, *, rate: float, many: int, values: Sequence[str] = (), begin: float = 0.0
    ) -> Acks:
        """Send envelopes and wait for their acknowledgements.

        Args:
            kind: "command" (`/recall help`) or "click" (on Yes).
            rate: envelopes a second; 0: all at once.
            many: how many.
            values: what the buttons carry, one after another.
            begin: when the first one goes, by `perf_counter`; a moment that is over: at once.
        """
        said = {"kind": kind, "rate": rate, "many": many, "values": list(values), "begin": begin}
        return Acks(**self._asked("send", said))

    def _asked(self, what: str, body: Mapping[str, Any]) -> Any:
        asked = Request(f"{self.url}/{what}", data=json.dumps(body).encode())  # noqa: S310 - our own loopback
        with urlopen(asked, timeout=_PATIENCE) as answer:  # noqa: S310 - our own loopback
            return json.load(answer)


class _Room:
    """What the server knows: connections, and envelopes that wait for their acknowledgement."""

    def __init__(self) -> None:
        self.url = ""
        self._live: list[web.WebSocketResponse] = []
        self._turn = count()
        self._waiting: dict[str, asyncio.Future[float]] = {}

    async def api(self, request: web.Request) -> web.Response:
        """Say yes to whatever is asked."""
        answer: dict[str, Any] = {"ok": True}
        match request.match_info["method"]:
            case "apps.connections.open":
                answer |= {"url": f"{self.url.replace('http', 'ws')}/link?ticket={next(self._turn)}"}
            case "auth.test":
                answer |= {"team_id": TEAM, "user_id": "UBOT", "bot_id": "B1", "team": "Bench"}
            case "users.info":
                answer |= {"user": {"id": PERSON, "team_id": TEAM}}
            case "chat.postMessage" | "chat.update":
                answer |= {"channel": CHANNEL, "ts": f"{next(self._turn)}.000001"}
        return web.json_response(answer)

    async def yes(self, request: web.Request) -> web.Response:
        """Take an answer by response URL."""
        await request.read()
        return web.Response(text="ok")

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """Hold a connection and hear its acknowledgements."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "connection_info": {"app_id": "A1"}}))
        self._live.append(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    at = perf_counter()
                    waiting = self._waiting.pop(json.loads(frame.data).get("envelope_id"), None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(at)
        finally:
            self._live.remove(socket)
        return socket

    async def connections(self, request: web.Request) -> web.Response:
        """Count the connections that stand."""
        del request
        return web.json_response(len(self._live))

    async def send(self, request: web.Request) -> web.Response:
        """Send a series of envelopes, each at its time, and tell what became of them."""
        asked = await request.json()
        values = asked["values"] or [""]
        frames = [
            self._frame(asked["kind"], values[number % len(values)], number)
            for number in range(asked["many"])
        ]
        between = 1 / asked["rate"] if asked["rate"] else 0.0
        loop = asyncio.get_running_loop()
        waiting: list[asyncio.Future[float]] = []
        sent: list[float] = []
        begin = max(asked["begin"], perf_counter())
        for number, (name, frame) in enumerate(frames):
            if (early := begin + number * between - perf_counter()) > 0:
                await asyncio.sleep(early)
            self._waiting[name] = future = loop.create_future()
            waiting.append(future)
            sent.append(perf_counter())
            await self._live[number % len(self._live)].send_str(frame)
        await asyncio.wait(waiting, timeout=GIVEN_UP)
        pairs = [(at, each.result()) for at, each in zip(sent, waiting, strict=True) if each.done()]
        self._waiting.clear()
        last = max((acked for _, acked in pairs), default=begin)
        return web.json_response(
            {
                "ms": [(acked - at) * 1000 for at, acked in pairs],
                "lost": len(waiting) - len(pairs),
                "first": sent[0],
                "whole": (last - begin) * 1000,
            }
        )

    def _frame(self, kind: str, value: str, number: int) -> tuple[str, str]:
        name = f"{os.getpid()}-{next(self._turn)}-{number}"  # in no earlier run on the same database
        payload = self._click(name, value) if kind == "click" else self._command(name)
        envelope = {
            "envelope_id": name,
            "type": "interactive" if kind == "click" else "slash_commands",
            "accepts_response_payload": kind != "click",
            "payload": payload | {"trigger_id": name, "response_url": f"{self.url}/yes", "api_app_id": "A1"},
        }
        return name, json.dumps(envelope)

    def _command(self, name: str) -> dict[str, Any]:
        del name
        return {
            "command": "/recall",
            "text": "help",
            "team_id": TEAM,
            "user_id": PERSON,
            "channel_id": CHANNEL,
            "is_enterprise_install": "false",
        }

    def _click(self, name: str, value: str) -> dict[str, Any]:
        button = {
            "type": "button",
            "action_id": "recall_yes",
            "block_id": "b",
            "action_ts": name,
            "value": value,
        }
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": PERSON, "team_id": TEAM},
            "channel": {"id": CHANNEL},
            "container": {"type": "message", "message_ts": "1.000001", "channel_id": CHANNEL},
            "actions": [button],
        }


async def _serve() -> None:
    room = _Room()
    site = web.Application()
    site.router.add_post("/api/{method}", room.api)
    site.router.add_get("/api/{method}", room.api)
    site.router.add_post("/yes", room.yes)
    site.router.add_get("/link", room.link)
    site.router.add_post("/connections", room.connections)
    site.router.add_post("/send", room.send)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    room.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(_serve())
