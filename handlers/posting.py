"""One notice of the outbox, put into Slack: post, edit, or find that it stands already."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.ports import Notice, NoticeKind
from bot.recall import Recall
from handlers.cards.card import card
from handlers.cards.kit import Message
from handlers.cards.reply import progress, reply
from handlers.ids import CARD_EVENT, METADATA_KEY, METADATA_RECALL, STATUS_EVENT

PATIENCE: Final = 15.0
"""Seconds for one call; after that it is not known whether it took effect."""

SKEW: Final = timedelta(minutes=10)
"""How far Slack's clock and ours may be apart when a message is looked for."""

PAGE: Final = 200
PAGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """A message in Slack."""

    channel: str
    ts: str


class Posting:
    """Turns notices into calls. Raises what the Slack client raises; decides nothing about failures."""

    def __init__(self, *, client: AsyncWebClient) -> None:
        """Take a client without retry handlers, which would post a second time after a lost answer."""
        if client.retry_handlers:
            raise ValueError("The outbox needs a Slack client with retry_handlers=[]: it retries by itself.")
        self._client = client

    async def post(self, notice: Notice, message: Message) -> Stands:
        """Post a card or a reply, marked with the notice's key."""
        async with asyncio.timeout(PATIENCE):
            answer = await self._client.chat_postMessage(
                channel=notice.card.place.channel,
                thread_ts=_root(notice),
                unfurl_links=False,
                unfurl_media=False,
                **_marked(notice, message).arguments(),
            )
        return Stands(channel=str(answer["channel"]), ts=str(answer["ts"]))

    async def edit(self, notice: Notice, ts: str, message: Message) -> Stands:
        """Bring a message that stands up to date. Harmless to repeat."""
        async with asyncio.timeout(PATIENCE):
            await self._client.chat_update(channel=notice.card.place.channel, ts=ts, **message.arguments())
        return Stands(channel=notice.card.place.channel, ts=ts)

    async def find(self, notice: Notice, recall: Recall) -> Stands | None:
        """Look for a message that an earlier try may have left: by its key, among what was posted since."""
        since = (notice.event.at if notice.event else recall.asked_at) - SKEW
        async for message in self._posted(notice, f"{since.timestamp():.6f}"):
            metadata = message.get("metadata")
            payload = metadata.get("event_payload") if isinstance(metadata, Mapping) else None
            if isinstance(payload, Mapping) and payload.get(METADATA_KEY) == notice.key:
                return Stands(channel=notice.card.place.channel, ts=str(message["ts"]))
        return None

    async def _posted(self, notice: Notice, oldest: str) -> AsyncIterator[Mapping[str, Any]]:
        root, cursor = _root(notice), ""
        for _ in range(PAGES):
            async with asyncio.timeout(PATIENCE):
                answer = await self._page(notice.card.place.channel, root, oldest, cursor)
            for message in answer.get("messages") or ():
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _page(self, channel: str, root: str | None, oldest: str, cursor: str) -> AsyncSlackResponse:
        asked: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "limit": PAGE,
            "include_all_metadata": True,
        }
        if cursor:
            asked["cursor"] = cursor
        if root is None:
            return await self._client.conversations_history(**asked)
        return await self._client.conversations_replies(ts=root, **asked)


def render(notice: Notice, recall: Recall, *, image: bool, late: bool) -> Message | None:
    """Show a notice as it is now; None for an event that only the card tells. `late`: its own time is said too."""
    match notice.kind:
        case NoticeKind.CARD | NoticeKind.REFRESH:
            return card(recall, image=image)
        case NoticeKind.PROGRESS:
            return progress(recall)
        case NoticeKind.REPLY:
            return reply(notice.event, recall, late=late) if notice.event else None


def standing_ts(notice: Notice) -> str | None:
    """Name the message that a notice edits; None where it posts a new one."""
    return notice.card.ts if notice.kind is NoticeKind.REFRESH else notice.ts


def _root(notice: Notice) -> str | None:
    """The thread to post in: a reply goes below the card's own root, since a reply can't have replies."""
    if notice.kind is NoticeKind.CARD:
        return notice.card.place.thread
    return notice.card.place.thread or notice.card.ts


def _marked(notice: Notice, message: Message) -> Message:
    event = CARD_EVENT if notice.kind is NoticeKind.CARD else STATUS_EVENT
    return message.with_metadata(event, {METADATA_KEY: notice.key, METADATA_RECALL: notice.card.recall})
