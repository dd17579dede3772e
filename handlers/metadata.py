"""What a post carries unseen: its metadata, which Slack leaves out of what a shortcut sends."""

import asyncio
import logging
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from handlers.payloads import Json, Pointed
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds: the click's trigger is good for three, and a modal may have to open after this."""


async def with_metadata(client: AsyncWebClient, pointed: Pointed) -> Json:
    """Return the post with its metadata; as it came, where the channel can't be read in time.

    Only an app's post can carry metadata, so a person's is not asked for.
    """
    post = pointed.post
    if post.get("metadata") or not post.get("bot_id") or pointed.origin.channel is None:
        return post
    try:
        async with asyncio.timeout(PATIENCE):
            messages = await _around(client, pointed)
    except FAILURES as error:
        log.info("a post's metadata could not be read: %s", trouble(error).code)
        return post
    found = next((each for each in messages if each.get("ts") == pointed.ts), {})
    return {**post, "metadata": found["metadata"]} if found.get("metadata") else post


async def _around(client: AsyncWebClient, pointed: Pointed) -> list[Json]:
    asked: dict[str, Any] = {
        "channel": pointed.origin.channel,
        "oldest": pointed.ts,
        "latest": pointed.ts,
        "inclusive": True,
        "limit": 2,  # conversations.replies gives the thread's root as well
        "include_all_metadata": True,
    }
    if pointed.origin.in_thread:
        answer = await client.conversations_replies(ts=str(pointed.origin.thread), **asked)
    else:
        answer = await client.conversations_history(**asked)
    return list(answer.get("messages") or ())
