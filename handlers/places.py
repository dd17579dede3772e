"""Where a card goes: where it was asked for, if the bot may post there; else where fewer people see it, never more."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import RecallError
from bot.ports import Clock
from bot.recall import Actor, Place
from handlers.cards import words
from handlers.payloads import Origin
from handlers.trouble import FAILURES, trouble

log = logging.getLogger(__name__)

KEPT: Final = timedelta(seconds=60)
PATIENCE: Final = 5.0

THREAD_GONE: Final = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found"})
"""Slack's words for a root that is no longer there."""


class Standing(StrEnum):
    """How a channel and the bot stand to each other."""

    MEMBER = "member"  # the bot may post there
    OUTSIDE = "outside"  # a public channel that the bot is not in
    HIDDEN = "hidden"  # private, somebody else's direct message, or not readable just now
    ARCHIVED = "archived"
    SHARED = "shared"  # with another organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a card goes, and why not where it was asked for."""

    place: Place
    instead_of: Standing | None = None  # None: it is where the person expects it


class NoPlaceError(RecallError):
    """There is no place for this card."""

    code = "no_place"


class Places:
    """Decides where cards go. Asks conversations.info, cached for at most a minute."""

    def __init__(
        self, *, client: AsyncWebClient, clock: Clock, channel: str | None, allow_shared: bool = False
    ) -> None:
        """Wire it. `channel` is the settings' channel for cards that can't stand where they were asked for."""
        self._client = client
        self._clock = clock
        self._channel = channel
        self._allow_shared = allow_shared
        self._seen: dict[str, tuple[datetime, Standing]] = {}

    async def for_card(self, origin: Origin) -> Placed:
        """Choose the place of a card that somebody asks for.

        Raises:
            NoPlaceError: another organisation would read it, the channel is archived, Slack lets Recall post
                nowhere, not even to the person directly, or is away.
        """
        if origin.channel is None:
            return Placed(place=await self._common(origin.actor))
        match await self._standing(origin.channel):
            case Standing.MEMBER:
                return Placed(place=Place(channel=origin.channel, thread=origin.thread))
            case Standing.SHARED:
                raise NoPlaceError(words.SHARED_CHANNEL)
            case Standing.ARCHIVED:
                raise NoPlaceError(words.ARCHIVED_CHANNEL)
            case Standing.OUTSIDE:
                return Placed(place=await self._common(origin.actor), instead_of=Standing.OUTSIDE)
            case standing:
                return Placed(place=await self._direct(origin.actor), instead_of=standing)

    async def instead(self, place: Place, asked_by: Actor, *, refused: str) -> Place | None:
        """Choose another place for a card that Slack refused; None: there is none left.

        Goes to the person who asked, in private: who may read the first place is not known any more.
        Raises what the Slack client raises where their conversation can't be opened.
        """
        self._seen.pop(place.channel, None)
        if refused in THREAD_GONE:  # who may read the channel is the same as before
            return Place(channel=place.channel)
        if place.channel.startswith("D"):
            return None
        try:
            return await self.messages_of(asked_by)
        except NoPlaceError:
            return None

    async def _common(self, actor: Actor) -> Place:
        """The settings' channel where the bot may post there, else the person's direct messages."""
        if self._channel is not None and await self._standing(self._channel) is Standing.MEMBER:
            return Place(channel=self._channel)
        return await self._direct(actor)

    async def messages_of(self, actor: Actor) -> Place:
        """Open somebody's conversation with the bot. Raises what the Slack client raises, or NoPlaceError."""
        async with asyncio.timeout(PATIENCE):
            answer = await self._client.conversations_open(users=actor.user)
        channel = answer.get("channel")
        if not isinstance(channel, Mapping) or not isinstance(channel.get("id"), str):
            raise NoPlaceError(words.NO_PLACE)
        return Place(channel=channel["id"])

    async def _direct(self, actor: Actor) -> Place:
        try:
            return await self.messages_of(actor)
        except FAILURES as error:
            what = trouble(error)
            log.warning("conversations.open failed: %s", what.code)
            raise NoPlaceError(words.NO_PLACE if what.refused else words.SLACK_AWAY) from None

    async def _standing(self, channel: str) -> Standing:
        at, kept = self._seen.get(channel, (None, Standing.HIDDEN))
        if at is not None and self._clock.now() - at < KEPT:
            return kept
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.conversations_info(channel=channel)
        except FAILURES as error:
            what = trouble(error)
            if what.refused is None:
                log.warning("conversations.info failed: %s", what.code)
                return Standing.HIDDEN  # the safe guess, and not kept
            standing = Standing.HIDDEN
        else:
            standing = self._judge(answer.get("channel"))
        if standing is Standing.MEMBER:  # only the good news is kept: an invitation works at once
            self._seen[channel] = (self._clock.now(), standing)
        return standing

    def _judge(self, channel: object) -> Standing:
        if not isinstance(channel, Mapping):
            return Standing.HIDDEN
        if channel.get("is_archived"):
            return Standing.ARCHIVED
        shared = channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
        if shared and not self._allow_shared:
            return Standing.SHARED
        if channel.get("is_im") or channel.get("is_member"):
            return Standing.MEMBER
        private = channel.get("is_private") or channel.get("is_mpim") or channel.get("is_group")
        return Standing.HIDDEN if private else Standing.OUTSIDE
