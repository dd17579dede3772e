"""Telling one person something, wherever they are: every click is answered in words, whatever Slack refuses."""

import asyncio
import logging
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers.cards.kit import Message
from handlers.payloads import Origin
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds for one way of telling before the next is tried."""

HTTP_OK: Final = 200


class Answers:
    """Tries, in this order: an ephemeral message in the thread, the response URL, in the channel, a direct message."""

    def __init__(self, *, client: AsyncWebClient) -> None:
        self._client = client

    async def tell(self, origin: Origin, message: Message) -> bool:
        """Tell the person; only they see it. False: Slack took it in no way."""
        ways = [self._respond, self._whisper, self._direct]
        if origin.in_thread:  # a response URL can't reach into a thread
            ways = [self._whisper, self._respond, self._direct]
        for way in ways:
            try:
                async with asyncio.timeout(PATIENCE):
                    if await way(origin, message):
                        return True
            except FAILURES as error:
                log.info("an answer did not get through: %s", trouble(error).code)
        log.error("an answer reached nobody")
        return False

    async def _respond(self, origin: Origin, message: Message) -> bool:
        if origin.response_url is None:
            return False
        # Without a session it would open a new connection for each answer: half of what an answer costs (measured).
        webhook = AsyncWebhookClient(origin.response_url, session=self._client.session, retry_handlers=[])
        webhook.proxy = self._client.proxy  # the client's own choice, not what the environment says
        answer = await webhook.send(
            text=message.text,
            blocks=list(message.blocks) or None,
            response_type="ephemeral",
            replace_original=False,
        )
        return answer.status_code == HTTP_OK

    async def _whisper(self, origin: Origin, message: Message) -> bool:
        if origin.channel is None or origin.channel.startswith("D"):
            return False
        await self._client.chat_postEphemeral(
            channel=origin.channel,
            user=origin.actor.user,
            thread_ts=origin.thread if origin.in_thread else None,
            text=message.text,
            blocks=list(message.blocks) or None,
        )
        return True

    async def _direct(self, origin: Origin, message: Message) -> bool:
        await self._client.chat_postMessage(
            channel=origin.actor.user,
            text=message.text,
            blocks=list(message.blocks) or None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return True
