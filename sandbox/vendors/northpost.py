"""A practice Northpost: a made-up push service with a plain REST API, as small vendors have one.

A message can be taken back for 24 hours. The request is only accepted; then device after device loses the message,
and a progress call tells how far it is.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Notification, Phones
from sandbox.vendors.faults import Kind
from sandbox.vendors.rest import Asked, Reply, RestVendor

ROOT = "/v1/messages"
KEY = "northpost-sandbox-key"
APP = "Fernhill Club"
WINDOW = timedelta(hours=24)
SETTLE_AFTER = 4.5
TICK_SECONDS = 0.25
DEVICES = 9_200
ARRIVED = 8_940


@dataclass(slots=True, kw_only=True)
class Posted:
    """One message that went out."""

    id: str
    title: str
    text: str
    sent_at: datetime
    phones: tuple[str, ...] = ()  # on which of the practice world's phones it stands
    read: int = 1_310
    recalled_at: datetime | None = None
    stuck: bool = False  # its recall was accepted and is never carried out

    def as_json(self) -> dict[str, Any]:
        """Write it as the vendor does."""
        return {
            "id": self.id,
            "title": self.title,
            "text": self.text,
            "sent_at": self.sent_at.isoformat(),
            "author": "Ann Berg",
            "state": "sent",
            "devices": DEVICES,
            "arrived": ARRIVED,
            "read": self.read,
        }


class Northpost(RestVendor):
    """Holds messages by id. A recall takes `settle_after` seconds of the practice world's clock."""

    KEY = KEY

    def __init__(
        self, *, clock: SandboxClock, feed: Feed, phones: Phones, settle_after: float = SETTLE_AFTER
    ) -> None:
        super().__init__(clock=clock)
        self.settle_after = settle_after
        self._feed = feed
        self._phones = phones
        self._ticking: asyncio.Task[None] | None = None
        now = clock.now().replace(microsecond=0)
        self.messages = {each.id: each for each in _seed(now)}
        for each in self.messages.values():
            for phone in each.phones:
                phones.deliver(
                    phone,
                    Notification(campaign=each.id, app=APP, text=each.text, image=None, at=each.sent_at),
                )
        clock.when_advanced(self._roll)

    async def start(self, port: int = 0) -> None:
        """Listen, and begin to carry recalls out."""
        await super().start(port)
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick(), name="northpost")
        self._feed.changed()

    async def stop(self) -> None:
        """End everything."""
        ticking, self._ticking = self._ticking, None
        if ticking:
            ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticking
        await self.go_down()

    async def go_down(self) -> None:
        """Refuse connections; recalls under way go on."""
        await super().stop()
        self._feed.changed()

    def call_of(self, method: str, path: str) -> str:
        """Name the calls."""
        if path == ROOT:
            return "list"
        if not path.startswith(f"{ROOT}/"):
            return ""
        if path.endswith("/recall"):
            return "recall" if method == "POST" else "progress"
        return "get"

    def answer(self, asked: Asked) -> Reply:
        """Answer; a refusal is an object with a code and a text."""
        if asked.headers.get("X-Api-Key") != KEY:
            return _refused(401, "key", "This key is not known.")
        if asked.call == "list":
            return self._list(parse_qs(urlsplit(asked.path).query))
        identity = unquote(urlsplit(asked.path).path.removeprefix(f"{ROOT}/").removesuffix("/recall"))
        posted = self.messages.get(identity)
        if posted is None:
            return _refused(404, "unknown", "There is no such message.")
        if asked.call == "recall":
            return self._recall(posted)
        return Reply(
            body=self.progress(posted) if asked.call == "progress" else {"message": posted.as_json()}
        )

    def progress(self, posted: Posted) -> dict[str, Any]:
        """Tell how far a recall is; nothing is removed before it was asked for."""
        if posted.recalled_at is None:
            return {"state": "none", "removed": 0, "devices": ARRIVED}
        share = self._share(posted)
        return {
            "state": "done" if share >= 1 else "working",
            "removed": int(ARRIVED * share),
            "devices": ARRIVED,
        }

    def _share(self, posted: Posted) -> float:
        if posted.recalled_at is None:
            return 0.0
        passed = (self.clock.now() - posted.recalled_at).total_seconds()
        share = min(1.0, passed / self.settle_after) if self.settle_after else 1.0
        return min(share, 0.5) if posted.stuck else share

    def _list(self, query: dict[str, list[str]]) -> Reply:
        words = query.get("q", [""])[0].casefold()
        limit = int(query.get("limit", ["20"])[0])
        newest = sorted(self.messages.values(), key=lambda each: each.sent_at, reverse=True)
        found = [each.as_json() for each in newest if words in f"{each.id} {each.title}".casefold()]
        return Reply(body={"messages": found[:limit]})

    def _recall(self, posted: Posted) -> Reply:
        if self.clock.now() - posted.sent_at > WINDOW:
            return _refused(422, "too_late", "Messages can be taken back for 24 hours.")
        if posted.recalled_at is not None:
            return _refused(409, "repeated", "It is being taken back already.")
        posted.recalled_at = self.clock.now()
        posted.stuck = self.faults.take(Kind.NEVER_CONFIRM, "recall") is not None
        return Reply(status=202, body={"accepted": True})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._roll()

    def _roll(self) -> None:
        """Take messages off as many phones as their recall has come to."""
        for each in self.messages.values():
            for phone in each.phones[: int(len(each.phones) * self._share(each))]:
                self._phones.withdraw(each.id, phone=phone)


def _seed(now: datetime) -> tuple[Posted, ...]:
    return (
        Posted(
            id="np-2001",
            title="Club evening",
            text="Club evening tonight at 8: all drinks are on the house!",
            sent_at=now - timedelta(minutes=2),
            phones=("lena", "omar"),
        ),
        Posted(
            id="np-2000",
            title="Members' prices",
            text="Your members' prices for November.",
            sent_at=now - timedelta(hours=30),
        ),
    )


def _refused(status: int, code: str, text: str) -> Reply:
    return Reply(status=status, body={"error": {"code": code, "text": text}})
