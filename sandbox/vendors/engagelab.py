"""A practice EngageLab: nothing but its withdraw call, as its documentation has it.

Source: EngageLab, AppPush developer guide, "Message Recall API": DELETE /v4/push/withdraw/{msg_id}, within one day,
duplicate recalls not supported; a refusal is HTTP 400 with `{"error": {"code", "message"}}`.
"""

from datetime import datetime, timedelta

from sandbox.clock import SandboxClock
from sandbox.vendors.rest import Asked, Reply, RestVendor

WINDOW = timedelta(days=1)
PREFIX = "/v4/push/withdraw/"
INVALID = 21003


class EngageLab(RestVendor):
    """One app with a few pushes."""

    AUTH = "cHJhY3RpY2Uta2V5OnByYWN0aWNlLXNlY3JldA=="

    def __init__(self, *, clock: SandboxClock) -> None:
        super().__init__(clock=clock)
        now = clock.now()
        self.sent: dict[str, datetime] = {
            "1828256757": now - timedelta(hours=2),
            "1828250001": now - timedelta(days=2),
        }
        self.withdrawn: set[str] = set()

    def call_of(self, method: str, path: str) -> str:
        """Name the only call."""
        return "withdraw" if method == "DELETE" and path.startswith(PREFIX) else ""

    def answer(self, asked: Asked) -> Reply:
        """Withdraw, or refuse as documented."""
        if asked.headers.get("Authorization") != f"Basic {self.AUTH}":
            return Reply(status=401, body={"error": {"code": 20101, "message": "Authorization failed"}})
        if asked.call != "withdraw":
            return Reply(status=404, body={"error": {"code": 20404, "message": "Not found"}})
        msg = asked.path.removeprefix(PREFIX)
        if msg not in self.sent:
            return _invalid("Parameter value is invalid,msg_id not exist")
        if self.clock.now() - self.sent[msg] > WINDOW:
            return _invalid("Parameter value is invalid,msg_id is expired")
        if msg in self.withdrawn:
            return _invalid("Parameter value is invalid,msg_id has been withdrawn")
        self.withdrawn.add(msg)
        return Reply(body={"request_id": "", "msg_id": msg})


def _invalid(message: str) -> Reply:
    return Reply(status=400, body={"error": {"code": INVALID, "message": message}})
