"""The mirror's copies, put into Slack: each posted once, and edited once its original is recalled or gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final, TypeAlias

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StorageError
from bot.mirror import Copies, Copy
from bot.ports import Clock
from handlers.cards.copied import copied
from handlers.ids import COPY_EVENT, COPY_ID, COPY_PROVIDER, METADATA_KEY
from handlers.trouble import FAILURES, Trouble, trouble

log = logging.getLogger(__name__)

LOOK: Final = 1.0
"""Seconds after which the store is looked at again unasked."""

PATIENCE: Final = 15.0
"""Seconds for one call; after that it is not known whether it took effect."""

REST: Final = 60.0
"""Seconds until a refusal that somebody can mend is met again."""

SKEW: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=1)
"""How long a copy that Slack refuses is tried: until then somebody may invite Recall."""

MENDABLE: Final = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "restricted_action",
    }
)
PAGE: Final = 200

Write: TypeAlias = Callable[[], Awaitable[None]]
"""What has to be written down about a copy that was tried."""


class MirrorPosts:
    """Tells the mirror's channels what is due, one copy after the other."""

    def __init__(self, *, copies: Copies, client: AsyncWebClient, clock: Clock) -> None:
        """Wire it. `client` must have no retry handlers: a repeated post would be a second copy."""
        if client.retry_handlers:
            raise ValueError("The mirror needs a Slack client with retry_handlers=[]: it retries by itself.")
        self._copies = copies
        self._client = client
        self._clock = clock
        self._bell = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        self._owed: list[Write] = []
        self._one_at_a_time = asyncio.Lock()

    def wake(self) -> None:
        """Look soon."""
        self._bell.set()

    async def run(self) -> None:
        """Tell what is due, until cancelled; then what is under way is ended, not broken off."""
        try:
            while True:
                self._bell.clear()
                try:
                    await self.drain()
                except StorageError as error:
                    log.warning("the mirror's copies can't be used: %s", error.code)
                except Exception:  # the boundary: a bug must not end the mirror for good
                    log.exception("a copy could not be told")
                try:
                    async with asyncio.timeout(LOOK):
                        await self._bell.wait()
                except TimeoutError:
                    continue
        finally:
            if self._telling is not None:
                await asyncio.wait([self._telling])

    async def drain(self) -> None:
        """Tell everything that is due now. Raises StorageError."""
        async with self._one_at_a_time:
            while self._owed:
                await self._owed[0]()
                self._owed.pop(0)
            for copy in await self._copies.copies_due(self._clock.now()):
                telling = asyncio.get_running_loop().create_task(self._told(copy), name=f"copy {copy.id}")
                self._telling = telling
                await asyncio.shield(telling)

    async def _told(self, copy: Copy) -> None:
        write = await self._tell(copy)
        try:
            await write()
        except StorageError:
            self._owed.append(write)  # what became of it must not be lost: it would be posted again
            raise

    async def _tell(self, copy: Copy) -> Write:
        """Tell one copy; returns what has to be written down about it. Raises StorageError before the call only."""
        stands = self._copies.copy_stands
        try:
            if copy.ts is None and copy.ambiguous and (found := await self._find(copy)) is not None:
                return partial(stands, copy.id, found, says="")
            await self._copies.copy_sending(copy.id)
            ts = await (self._post(copy) if copy.ts is None else self._edit(copy, copy.ts))
        except FAILURES as error:
            return self._failed(copy, trouble(error))
        return partial(stands, copy.id, ts, says=copy.says)

    async def _post(self, copy: Copy) -> str:
        ref = copy.target.ref
        named = {METADATA_KEY: copy.key, COPY_PROVIDER: ref.provider, COPY_ID: ref.id}
        message = copied(copy).with_metadata(COPY_EVENT, named)
        async with asyncio.timeout(PATIENCE):
            answer = await self._client.chat_postMessage(
                channel=copy.channel, unfurl_links=False, unfurl_media=False, **message.arguments()
            )
        return str(answer["ts"])

    async def _edit(self, copy: Copy, ts: str) -> str:
        async with asyncio.timeout(PATIENCE):
            await self._client.chat_update(channel=copy.channel, ts=ts, **copied(copy).arguments())
        return ts

    async def _find(self, copy: Copy) -> str | None:
        """Look for what an earlier try may have left, among what was posted since the copy was asked for."""
        cursor = ""
        while True:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.conversations_history(
                    channel=copy.channel,
                    oldest=f"{(copy.at - SKEW).timestamp():.6f}",
                    limit=PAGE,
                    include_all_metadata=True,
                    cursor=cursor or None,
                )
            for message in answer.get("messages") or ():
                metadata = message.get("metadata")
                payload = metadata.get("event_payload") if isinstance(metadata, Mapping) else None
                if isinstance(payload, Mapping) and payload.get(METADATA_KEY) == copy.key:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    def _failed(self, copy: Copy, what: Trouble) -> Write:
        log.warning("copy %s: Slack says %s", copy.id, what.code)
        now = self._clock.now()
        if what.refused is not None and (what.refused not in MENDABLE or now - copy.at > KEPT):
            return partial(self._copies.drop_copy, copy.id, what.code)
        pause = min(REST, 2.0 ** min(copy.tries, 6))
        pause = REST if what.refused else pause if what.wait is None else what.wait
        until, doubt = now + timedelta(seconds=pause), what.unclear or copy.ambiguous
        return partial(self._copies.copy_later, copy.id, until, ambiguous=doubt)
