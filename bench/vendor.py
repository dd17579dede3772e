"""A vendor that costs next to nothing, in a process of its own: what limits a run is never the vendor.

It answers every request at once, or after `latency`, and counts how many were under way at a time. As a program
(`python -m bench.vendor`) it prints its port and lives until its standard input is closed.
"""

import asyncio
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import cast
from urllib.request import urlopen

import uvloop

from bench.child import Child

_ANSWER = b'{"recalled":true}'
_PATIENCE = 10.0
"""Seconds in which the vendor's process has to say its port, and to answer a question about its counts."""


@dataclass(slots=True, kw_only=True)
class Counts:
    """What a vendor saw since it was last asked."""

    requests: int = 0
    most_at_once: int = 0
    busy: float = 0.0  # seconds of work, summed over requests: two at once for a second are two
    first: float = 0.0  # when the first request came; by the vendor's own clock, in seconds
    last: float = 0.0  # when the last answer went

    def kept_full(self, slots: int) -> float:
        """Say which part of what a vendor with so many slots allows was used, from first request to last answer."""
        return self.busy / (slots * (self.last - self.first))


class Desk:
    """What all connections of one vendor share."""

    def __init__(self, latency: float, items: int) -> None:
        self.latency = latency
        self._items = items
        self._now = 0
        self._counts = Counts()

    def begins(self) -> float:
        """Count a request; returns when it came."""
        at = perf_counter()
        counts = self._counts
        counts.requests += 1
        counts.first = counts.first or at
        self._now += 1
        counts.most_at_once = max(counts.most_at_once, self._now)
        return at

    def ends(self, began: float) -> None:
        """Count an answer."""
        self._now -= 1
        self._counts.last = perf_counter()
        self._counts.busy += self._counts.last - began

    def told(self, path: bytes) -> bytes:
        """Answer whatever is no recall: the counts, or a campaign with all of its items."""
        if path.startswith(b"/counts"):
            counts, self._counts = self._counts, Counts()
            return json.dumps(asdict(counts)).encode()
        items = [f"item-{n}" for n in range(self._items)]
        return json.dumps({"id": "1", "name": "Spring sale", "state": "sent", "items": items}).encode()


class _Line(asyncio.Protocol):
    """One kept connection: requests come one after another."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._have = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._have = have = self._have + data
        end = have.find(b"\r\n\r\n")
        if end < 0:
            return
        at = have.lower().find(b"content-length:", 0, end)
        length = int(have[at + 15 : have.find(b"\r", at)]) if at > 0 else 0
        if len(have) < end + 4 + length:
            return
        self._have = b""
        if have.startswith(b"GET"):
            self._say(self._desk.told(have.split(b" ", 2)[1]))
            return
        began = self._desk.begins()
        if self._desk.latency:
            asyncio.get_running_loop().call_later(self._desk.latency, self._answer, began)
        else:
            self._answer(began)

    def _answer(self, began: float) -> None:
        self._desk.ends(began)
        self._say(_ANSWER)

    def _say(self, body: bytes) -> None:
        if self._transport is None:  # who asked was killed
            return
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % len(body) + body)


class Vendor(Child):
    """The vendor's process, while a `with` lasts."""

    def __init__(self, *, latency: float = 0.0, items: int = 0) -> None:
        """Set how long an answer takes, in seconds, and how many items its one campaign has."""
        super().__init__("bench.vendor", "--latency", str(latency), "--items", str(items))

    def counts(self) -> Counts:
        """Ask what it saw since it was last asked."""
        with urlopen(f"{self.url}/counts", timeout=_PATIENCE) as answer:  # noqa: S310 - our own loopback
            return Counts(**json.load(answer))


async def _serve(latency: float, items: int) -> None:
    loop = asyncio.get_running_loop()
    desk = Desk(latency, items)
    server = await loop.create_server(lambda: _Line(desk), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Serve until standard input ends."""
    parser = ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--items", type=int, default=0)
    said = parser.parse_args()
    uvloop.run(_serve(said.latency, said.items))


if __name__ == "__main__":
    main()
