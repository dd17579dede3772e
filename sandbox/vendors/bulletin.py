"""A practice vendor of in-app bulletins: a made-up REST API that has everything, list, search, get, recall and check.

Campaigns may consist of several messages, each recalled on its own or up to 100 at a time.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.clock import SandboxClock
from sandbox.vendors.rest import Asked, Reply, RestVendor

ROOT = "/api/bulletins"


@dataclass(slots=True, kw_only=True)
class Bulletin:
    """What was sent in one go."""

    id: str
    title: str
    text: str
    sent_at: datetime
    state: str = "sent"
    sent: int = 1_200
    opened: int = 340
    author: str = "Ann"
    messages: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Write it as the vendor does."""
        return {
            "id": self.id,
            "title": self.title,
            "body": {"text": self.text},
            "sent_at": self.sent_at.isoformat(),
            "author": {"name": self.author},
            "state": self.state,
            "stats": {"recipients": self.sent, "opened": self.opened},
            "messages": self.messages,
        }


class BulletinBoard(RestVendor):
    """Holds bulletins by id. A recall shows in the record after `settle_after` seconds."""

    KEY = "practice-key-0123456789"

    def __init__(self, *, clock: SandboxClock, settle_after: float = 0.0) -> None:
        super().__init__(clock=clock)
        self.settle_after = settle_after
        now = clock.now()
        self.bulletins = {
            each.id: each
            for each in (
                Bulletin(
                    id="b-301",
                    title="Maintenance tonight",
                    text="From ten",
                    sent_at=now - timedelta(minutes=4),
                ),
                Bulletin(
                    id="b-300", title="New prices", text="All 20 % up", sent_at=now - timedelta(minutes=9)
                ),
                Bulletin(id="b-299", title="Welcome", text="Hello", sent_at=now - timedelta(hours=5)),
                Bulletin(
                    id="b-298",
                    title="Gone already",
                    text="x",
                    sent_at=now - timedelta(minutes=12),
                    state="recalled",
                ),
            )
        }
        self.recalled: dict[str, datetime] = {}
        self.gone: set[str] = set()  # single messages that were recalled
        self.refused: dict[str, str] = {}  # single messages that can't be, with the reason

    def call_of(self, method: str, path: str) -> str:
        """Name the calls."""
        if path == ROOT:
            return "list"
        if path == f"{ROOT}/messages/recall":
            return "recall_messages"
        if path.endswith("/recall") and method == "POST":
            return "recall"
        return "get" if path.startswith(f"{ROOT}/") else ""

    def answer(self, asked: Asked) -> Reply:
        """Answer; refusals are problem objects."""
        if asked.headers.get("X-Api-Key") != self.KEY:
            return Reply(status=401, body={"problem": {"code": "key", "text": "This key is not known."}})
        if asked.call == "list":
            return self._list(parse_qs(urlsplit(asked.path).query))
        if asked.call == "recall_messages":
            return self._messages(list(asked.body["ids"]))
        identity = unquote(urlsplit(asked.path).path.removeprefix(f"{ROOT}/").removesuffix("/recall"))
        bulletin = self.bulletins.get(identity)
        if bulletin is None:
            return Reply(
                status=404, body={"problem": {"code": "unknown", "text": "There is no such bulletin."}}
            )
        self._settle(bulletin)
        return (
            self._recall(bulletin) if asked.call == "recall" else Reply(body={"bulletin": bulletin.as_json()})
        )

    def _list(self, query: dict[str, list[str]]) -> Reply:
        words = query.get("q", [""])[0].casefold()
        limit = int(query.get("limit", ["20"])[0])
        listed = sorted(self.bulletins.values(), key=lambda each: each.sent_at, reverse=True)
        for each in listed:
            self._settle(each)
        found = [each.as_json() for each in listed if words in each.title.casefold()]
        return Reply(body={"data": {"bulletins": found[:limit]}})

    def _recall(self, bulletin: Bulletin) -> Reply:
        if bulletin.state == "recalled" or bulletin.id in self.recalled:
            return Reply(status=409, body={"problem": {"code": "done", "text": "It was recalled before."}})
        self.recalled[bulletin.id] = self.clock.now()
        return Reply(status=202, body={"accepted": True})

    def _settle(self, bulletin: Bulletin) -> None:
        at = self.recalled.get(bulletin.id)
        if at is not None and (self.clock.now() - at).total_seconds() >= self.settle_after:
            bulletin.state = "recalled"

    def _messages(self, ids: list[str]) -> Reply:
        failed = {each: self.refused[each] for each in ids if each in self.refused}
        done = [each for each in ids if each not in failed]
        self.gone |= set(done)
        return Reply(body={"done": done, "failed": failed})
