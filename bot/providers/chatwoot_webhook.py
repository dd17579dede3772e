"""Chatwoot's webhooks: who may send them, and what an agent said.

The vendor signs `timestamp.body` with HMAC-SHA256 (`X-Chatwoot-Signature`, `X-Chatwoot-Timestamp`); its older versions
sign nothing, and then the address's secret end is all there is to tell who calls.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.errors import NotAllowedError, ProviderConfusingError
from bot.ports import Letter
from bot.providers.chatwoot_account import Seen
from bot.providers.chatwoot_answers import conversation, message, whole
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.json_values import as_moment

CREATED = "message_created"
UPDATED = "message_updated"
"""How the vendor tells of a deletion: the message with another text, marked as deleted."""

FRESH = timedelta(minutes=5)
"""How old a signed webhook may be; an older one is somebody's recording."""

SIGNED = "x-chatwoot-signature"
STAMPED = "x-chatwoot-timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Reads what comes in at the webhook's address."""

    settings: ChatwootSettings

    def read(self, letter: Letter, now: datetime) -> Seen | None:
        """Read a created message, or one that was deleted; None for any other event.

        Raises:
            NotAllowedError: not signed by the vendor, signed too long ago, or of another account.
            ProviderConfusingError: signed, but not of a known form.
        """
        self._must_be_genuine(letter, now)
        try:
            event = json.loads(letter.body)
        except (ValueError, RecursionError):
            raise self._confusing() from None
        if not isinstance(event, dict):
            raise self._confusing()
        if event.get("event") not in {CREATED, UPDATED}:
            return None
        account = event.get("account")
        if not isinstance(account, dict) or whole(account.get("id")) != self.settings.account:
            raise NotAllowedError("That webhook is of another account.")
        title = self.settings.title
        said = message(event, title)
        if event["event"] == UPDATED and not said.deleted:
            return None
        return Seen(message=said, conversation=conversation(event.get("conversation"), title), at=now)

    def _must_be_genuine(self, letter: Letter, now: datetime) -> None:
        token, secret = self.settings.webhook_token, self.settings.webhook_secret
        if token is not None and not _same(letter.token, token.get_secret_value()):
            raise NotAllowedError("That webhook does not have the address's secret end.")
        if secret is None:
            return
        stamp = letter.headers.get(STAMPED, "")
        signed = as_moment(stamp) if stamp.isascii() and stamp.isdigit() else None
        if signed is None or abs(now - signed) > FRESH:
            raise NotAllowedError("That webhook is not signed, or was signed too long ago.")
        digest = hmac.new(
            secret.get_secret_value().encode(), f"{stamp}.".encode() + letter.body, sha256
        ).hexdigest()
        if not _same(letter.headers.get(SIGNED, ""), f"sha256={digest}"):
            raise NotAllowedError("That webhook's signature is wrong.")

    def _confusing(self) -> ProviderConfusingError:
        return ProviderConfusingError(f"{self.settings.title} sent a webhook that can't be understood.")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
