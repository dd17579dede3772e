"""A practice Feishu/Lark: batch messages with their progress, recalled in the background; a tenant token for it.

Source: Feishu open platform, im-v1: "batch_message/delete" (asynchronous), "batch_message/get_progress", and
"auth/v3/tenant_access_token/internal"; error codes 230009 (older than allowed), 230030 (no such message), and
99991663 for a token that is not good any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import SandboxClock
from sandbox.vendors.rest import Asked, Reply, RestVendor

SIGN_IN = "/open-apis/auth/v3/tenant_access_token/internal"
BATCHES = "/open-apis/im/v1/batch_messages/"
WINDOW = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch message and how far its recall is."""

    sent_at: datetime
    meant_for: int = 204
    delivered: int = 200
    read: int = 150
    recalled_at: datetime | None = None


class Feishu(RestVendor):
    """One tenant. A recall takes `settle_after` seconds; `stuck` batches are never finished."""

    APP_ID = "cli_practice"
    APP_SECRET = "practice-secret-of-the-app"
    BATCH = "bm-0b3d5d1b2df7c6d5dbd1abe2c91e2217"
    OLD = "bm-00000000000000000000000000000001"

    def __init__(self, *, clock: SandboxClock, settle_after: float = 2.0) -> None:
        super().__init__(clock=clock)
        self.settle_after = settle_after
        self.tokens = 0
        self.revoked = 0
        self.stuck: set[str] = set()
        now = clock.now()
        self.batches = {
            self.BATCH: Batch(sent_at=now - timedelta(minutes=20)),
            self.OLD: Batch(sent_at=now - timedelta(days=3)),
        }

    def revoke(self) -> None:
        """Make all tokens given out so far worthless."""
        self.revoked = self.tokens

    def call_of(self, method: str, path: str) -> str:
        """Name the documented calls."""
        if path == SIGN_IN:
            return "sign_in"
        if not path.startswith(BATCHES):
            return ""
        if method == "GET" and path.endswith("/get_progress"):
            return "get_progress"
        return "delete" if method == "DELETE" else ""

    def answer(self, asked: Asked) -> Reply:
        """Answer as documented: a code in the body, and HTTP 400 with a refusal."""
        if asked.call == "sign_in":
            return self._sign_in(asked)
        if not self._signed_in(asked):
            return _refusal(99991663, "Invalid access token for authorization. Please make a test attempt.")
        batch = self.batches.get(asked.path.removeprefix(BATCHES).removesuffix("/get_progress"))
        if batch is None:
            return _refusal(230030, "The message id is invalid, record not found.")
        return self._delete(batch) if asked.call == "delete" else self._progress(asked, batch)

    def recalled(self, batch: Batch, *, stuck: bool = False) -> int:
        """Count how many have lost it by now."""
        if batch.recalled_at is None:
            return 0
        settled = (self.clock.now() - batch.recalled_at).total_seconds() >= self.settle_after
        return batch.delivered if settled and not stuck else batch.delivered // 2

    def _sign_in(self, asked: Asked) -> Reply:
        if asked.body != {"app_id": self.APP_ID, "app_secret": self.APP_SECRET}:
            return Reply(body={"code": 10014, "msg": "app secret invalid"})
        self.tokens += 1
        token = f"t-practice{self.tokens:020d}"
        return Reply(body={"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200})

    def _signed_in(self, asked: Asked) -> bool:
        number = asked.headers.get("Authorization", "").removeprefix("Bearer t-practice")
        return number.isdigit() and self.revoked < int(number) <= self.tokens

    def _delete(self, batch: Batch) -> Reply:
        if self.clock.now() - batch.sent_at > WINDOW:
            return _refusal(230009, "Message can only be recalled within one days.")
        batch.recalled_at = batch.recalled_at or self.clock.now()
        return Reply(body={"code": 0, "data": {}, "msg": "ok"})

    def _progress(self, asked: Asked, batch: Batch) -> Reply:
        stuck = asked.path.removeprefix(BATCHES).removesuffix("/get_progress") in self.stuck
        return Reply(
            body={
                "code": 0,
                "msg": "success",
                "data": {
                    "batch_message_send_progress": {
                        "valid_user_ids_count": batch.meant_for,
                        "success_user_ids_count": batch.delivered,
                        "read_user_ids_count": batch.read,
                    },
                    "batch_message_recall_progress": {
                        "recall": batch.recalled_at is not None,
                        "recall_count": self.recalled(batch, stuck=stuck),
                    },
                },
            }
        )


def _refusal(code: int, message: str) -> Reply:
    return Reply(status=400, body={"code": code, "msg": message, "data": {}})
