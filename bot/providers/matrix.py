"""Matrix: messages redacted at a homeserver; one, or everything that somebody sent in a room.

A redaction of an unknown event by an account with the power is answered with 200, so an event is read before and after. Repeat class A: the
transaction's id is the same for a repeat, and the server answers it with the same event.
Source: the Matrix client-server API; observed with Synapse 1.163.
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import NotFoundError, ProviderError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import ProviderKind, Urgency
from bot.providers.matrix_account import PAGE, ForbiddenError, MatrixAccount
from bot.providers.matrix_diagnosis import diagnose
from bot.providers.matrix_links import Meant, Recogniser
from bot.providers.matrix_room import Message
from bot.providers.matrix_settings import MatrixSettings
from bot.providers.matrix_target import Finder
from bot.target import (
    ItemState,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
)

NOUN = "chat message"
_log = logging.getLogger(__name__)


class MatrixProvider:
    """One homeserver, as `bot.ports.Provider` and `bot.ports.TakesReason`."""

    def __init__(self, name: ProviderName, settings: MatrixSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        del clock  # there is no window
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=NOUN,
            repeat=RepeatClass.HARMLESS,
            listing_is_open=False,
            sender_only=True,
            others="A moderator of the room can remove it in any Matrix client.",
            concurrency=settings.concurrency,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        self._recogniser = Recogniser(rooms=settings.rooms)
        self._account = MatrixAccount(settings)
        self._finder = Finder(provider=name, noun=NOUN, settings=settings, account=self._account)

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List the viewer's own messages of the settings' rooms, or everybody's where they act for others."""
        return await self._listed(limit, "", before, viewer)

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Find by words in the rooms' newest messages, within what this viewer may see."""
        return await self._listed(limit, words, None, viewer)

    async def get(self, target: TargetId) -> Target:
        """Read one message, or count what somebody sent. The result's id names the room by its id."""
        meant = Meant.read(target)
        if meant is None:
            raise NotFoundError(f"That is no id of a message at {self._settings.title}.")
        try:
            if meant.user is not None and meant.room is not None:
                room = await self._account.room_id(meant.room)
                return await self._finder.everything(room, meant.user, meant.until)
            return await self._one(meant)
        except ForbiddenError as error:
            raise NotFoundError(
                f"Recall's account can't read that room at {self._settings.title}. {error.sentence}"
            ) from None

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find links to messages, ids, and "@user:server in #room" in a post."""
        return self._recogniser.in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read a link, an id, or "@user:server in #room"."""
        return self._recogniser.in_words(words)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the message and its edits, or page through everything that somebody sent."""
        meant = Meant.read(target.ref.id)
        assert meant is not None
        assert meant.room is not None
        if meant.event is not None:
            edits = await self._finder.edits_of(meant.room, meant.event)
            yield [ItemId(meant.event), *(ItemId(each) for each in edits)]
            return
        async for page in self._finder.sent_by(meant):
            for start in range(0, len(page), PAGE):
                yield [ItemId(each.id) for each in page[start : start + PAGE]]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Redact without a reason."""
        return await self.recall_because(target, items, key=key, why="")

    async def recall_because(
        self, target: Target, items: Sequence[ItemId], *, key: str, why: str
    ) -> Sequence[Outcome]:
        """Redact, and look afterwards; the reason stands in the room's own record of it."""
        meant = Meant.read(target.ref.id)
        room = meant.room if meant and meant.room else ""
        return [await self._redact(room, item, key, why) for item in items]

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Read each: DONE where its content is gone, PENDING where it stands as if nothing had been asked."""
        meant = Meant.read(target.ref.id)
        room = meant.room if meant and meant.room else ""
        return [await self._look(room, item, Urgency.CHECK) for item in items]

    async def preview(self, target: Target) -> str:
        """Give the text, which stands on the card as well."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Try the tokens, and look at the rooms."""
        return await diagnose(self.name, self._settings, self._account)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._account.close()

    # Below: the parts ---------------------------------------------------------------------------------

    async def _listed(
        self, limit: int, words: str, before: datetime | None, viewer: Viewer
    ) -> Sequence[Target]:
        if not (viewer.identity or viewer.on_behalf):
            return ()
        whose = None if viewer.on_behalf else viewer.identity
        found: list[Target] = []
        for room in self._settings.rooms:
            found += await self._finder.newest(room, limit, words=words, before=before, sender=whose)
        found.sort(key=lambda each: each.sent_at.timestamp() if each.sent_at else 0.0, reverse=True)
        return found[:limit]

    async def _one(self, meant: Meant) -> Target:
        assert meant.event is not None
        for room in (meant.room,) if meant.room else self._settings.rooms:
            try:
                known = await self._account.room_id(room)
                return await self._finder.one(known, meant.event)
            except NotFoundError:
                continue
            except ForbiddenError:
                if meant.room:
                    raise
        raise NotFoundError(f"{self._settings.title} has no such message, as far as Recall may read.")

    async def _redact(self, room: str, item: ItemId, key: str, why: str) -> Outcome:
        try:
            before = await self._account.event(room, item, Urgency.RECALL)
        except NotFoundError as error:  # redacting it would be answered with 200 all the same
            return Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)
        if before.gone:
            return _gone(before)
        token = self._account.token_of(before.sender)
        event = await self._account.redact(room, item, token=token, key=key, why=why)
        try:
            seen = await self._look(room, item, Urgency.RECALL)
        except ProviderError as error:
            _log.info("provider %s took a redaction, then gave no event: %s", self.name, error.code)
            return Outcome(state=ItemState.ACCEPTED, evidence=f"the redaction {event} was taken")
        if seen.state is ItemState.PENDING:
            return replace(seen, state=ItemState.ACCEPTED, evidence=f"the redaction {event} was taken")
        return seen

    async def _look(self, room: str, item: ItemId, urgency: Urgency) -> Outcome:
        try:
            found = await self._account.event(room, item, urgency)
        except NotFoundError as error:
            return Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)
        return (
            _gone(found)
            if found.gone
            else Outcome(state=ItemState.PENDING, evidence="it still has its content")
        )


def _gone(found: Message) -> Outcome:
    return Outcome(state=ItemState.DONE, evidence=f"the event is empty, redacted by {found.redacted_by}")


KIND = ProviderKind(settings=MatrixSettings, build=MatrixProvider)
