"""Chatwoot: one agent's message in a customer's chat, found and taken back through the application API.

The vendor deletes whatever it is told to, at any time, for any agent; the rules of recalling are therefore kept here
and in the policy. Repeat class B: whether a message is deleted can be read, and is read, before and after.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime

from bot.errors import NotAllowedError, NotFoundError, ProviderError, ProviderRefusedError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Letter, Sighting, Traits, Viewer
from bot.providers.base import ProviderKind, Urgency
from bot.providers.chatwoot_account import ChatwootAccount, Seen
from bot.providers.chatwoot_answers import ChatMessage, Conversation, Direction, lines
from bot.providers.chatwoot_diagnosis import diagnose
from bot.providers.chatwoot_links import MessageId, Recogniser
from bot.providers.chatwoot_rules import Rules
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.chatwoot_webhook import Webhook
from bot.target import (
    Audience,
    ItemState,
    Outcome,
    ProviderName,
    Reason,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
    TargetRef,
)

NOUN = "chat message"
SNIPPET = 60
"""Characters of a message that tell it from the others of a list."""

REASONS = (
    Reason.WRONG_MESSAGE,
    Reason.WRONG_CONVERSATION,
    Reason.UNFINISHED,
    Reason.INTERNAL_NOTE,
    Reason.WRONG_ATTACHMENT,
    Reason.OTHER,
)
_BEGINNING = datetime.min.replace(tzinfo=UTC)


class ChatwootProvider:
    """One Chatwoot account, as `bot.ports.Provider`."""

    def __init__(self, name: ProviderName, settings: ChatwootSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=NOUN,
            repeat=RepeatClass.READABLE,
            listing_is_open=False,
            sender_only=settings.sender_only,
            match_by_email=settings.match_by_email,
            concurrency=settings.concurrency,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        self._clock = clock
        self._rules = Rules(settings=settings)
        self._recogniser = Recogniser(provider=name, settings=settings)
        self._account = ChatwootAccount(settings, clock)
        self._webhook = Webhook(settings=settings)

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what this viewer sent in the liveliest conversations, newest first."""
        if not self._may_list(viewer):
            return ()
        found = await self._read(await self._account.conversations(), viewer)
        return [
            each for each in found if before is None or (each.sent_at is not None and each.sent_at < before)
        ][:limit]

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Look for words among what this viewer sent: in conversations that have them, else in the liveliest."""
        if not self._may_list(viewer):
            return ()
        if (talk := self._recogniser.conversation(words)) is not None:
            return (await self._read([await self._account.conversation(talk)], viewer))[:limit]
        talks = (await self._account.conversations(words))[: self._settings.conversations]
        if not talks or words.strip().isdigit():  # a customer's name or a message's number, perhaps
            talks = [*talks, *await self._account.conversations()]
        found = await self._read(list({each.id: each for each in talks}.values()), viewer)
        wanted = words.casefold().split()
        return [
            each
            for each in found
            if all(word in f"{each.name} {each.text} {each.ref.id}".casefold() for word in wanted)
        ][:limit]

    async def get(self, target: TargetId) -> Target:
        """Fetch one message as it is now."""
        return self._target(await self._account.see(self._named(target), Urgency.PERSON))

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find messages in a post: metadata, then links, then ids."""
        return self._recogniser.in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read a message's link, or its id as Recall shows it."""
        return self._recogniser.in_words(words)

    def names_conversation(self, words: str) -> bool:
        """Say whether this is a conversation's link, in which no message is named."""
        return self._recogniser.conversation(words) is not None

    def hear(self, letter: Letter) -> Sequence[Sighting]:
        """Read a webhook: what an agent said goes into the mirror, marked once deleted. Raises NotAllowedError for an unsigned one."""
        if self._settings.mirror_channel is None:
            raise NotAllowedError("The mirror is off.")
        seen = self._webhook.read(letter, self._clock.now())
        if seen is None or not (seen.message.deleted or list(lines([seen.message]))):
            return ()
        gone = seen.message.deleted
        return (Sighting(target=self._target(seen), channel=self._settings.mirror_channel, gone=gone),)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the message itself."""
        yield (ItemId(target.ref.id),)

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:  # noqa: ARG002
        """Delete, and read back. DONE only where the message is marked as deleted, or nothing of it is left.

        The vendor takes no idempotency key: a repeat is made harmless by reading first.
        """
        if target.capability.operation is None:
            raise ProviderRefusedError(target.capability.refusal)
        return [await self._take_back(self._named(TargetId(item))) for item in items]

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Read what became of it: DONE, or PENDING while it still stands there."""
        del target
        return [await self._look(self._named(TargetId(item)), Urgency.CHECK) for item in items]

    async def reached(self, target: Target) -> str | None:
        """Say that the customer is online by now, so that their window has lost it; None while they are not."""
        seen = await self._account.see(self._named(target.ref.id), Urgency.CHECK)
        gone = seen.message.deleted and seen.conversation.online is True
        return self._rules.remains(seen.conversation) if gone else None

    async def preview(self, target: Target) -> str:
        """Give what the card shows anyway."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Look at address, token, account and the webhook's settings."""
        return await diagnose(self.name, self._settings, self._account)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._account.close()

    async def _take_back(self, message: MessageId) -> Outcome:
        try:
            seen = await self._account.see(message, Urgency.RECALL)
            if seen.message.deleted:
                return self._done(seen)
            if (late := self._rules.window_refusal(seen)) is not None:
                return Outcome(state=ItemState.FAILED, reason=late, code="window_closed")
            await self._account.delete(message)
        except NotFoundError as error:
            return Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)
        try:
            found = await self._look(message, Urgency.RECALL)
        except ProviderError:
            return Outcome(state=ItemState.ACCEPTED, evidence="the deletion was accepted")
        if found.state is ItemState.PENDING:
            return Outcome(state=ItemState.ACCEPTED, evidence=f"accepted, but {found.evidence}")
        return found

    async def _look(self, message: MessageId, urgency: Urgency) -> Outcome:
        """Read the message back and say what that shows."""
        try:
            seen = await self._account.see(message, urgency)
        except NotFoundError as error:
            return Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)
        if seen.message.deleted:
            return self._done(seen)
        return Outcome(state=ItemState.PENDING, evidence="read back, the message still stands there")

    def _done(self, seen: Seen) -> Outcome:
        return Outcome(
            state=ItemState.DONE,
            evidence="read back, the message is marked as deleted",
            remains=self._rules.remains(seen.conversation),
        )

    async def _read(self, talks: Sequence[Conversation], viewer: Viewer) -> list[Target]:
        """Read the latest of these conversations, and give what this viewer may see, newest first."""
        talks = talks[: self._settings.conversations]
        listed = await asyncio.gather(*(self._account.messages(talk.id) for talk in talks))
        now = self._clock.now()
        found = [
            self._target(Seen(message=each, conversation=talk, at=now))
            for talk, messages in zip(talks, listed, strict=True)
            for each in self._mine(lines(messages), viewer)
        ]
        return sorted(found, key=lambda each: each.sent_at or _BEGINNING, reverse=True)

    def _may_list(self, viewer: Viewer) -> bool:
        known = bool(viewer.identity or (self._settings.match_by_email and viewer.email))
        return known or viewer.on_behalf or not self._settings.sender_only

    def _mine(self, messages: Iterable[ChatMessage], viewer: Viewer) -> Iterable[ChatMessage]:
        if viewer.on_behalf or not self._settings.sender_only:
            return messages
        address = (viewer.email or "").casefold() if self._settings.match_by_email else ""
        return (
            each
            for each in messages
            if (each.sender is not None and each.sender == viewer.identity)
            or (address and (each.sender_email or "").casefold() == address)
        )

    def _named(self, target: TargetId) -> MessageId:
        named = MessageId.read(target)
        if named is None:
            raise NotFoundError(f"That is no id of a chat message at {self._settings.title}.")
        return named

    def _target(self, seen: Seen) -> Target:
        message, settings = seen.message, self._settings
        named = MessageId(conversation=message.conversation, message=message.id)
        inbound = message.direction in {Direction.INCOMING, Direction.ACTIVITY}
        customer = seen.conversation.contact or f"conversation {message.conversation}"
        wordless = "an attachment" if message.attachments or message.deleted else "cards or a form"
        said = " ".join(message.text.split())[:SNIPPET] or wordless
        return Target(
            ref=TargetRef(provider=self.name, id=named.target),
            vendor=settings.title,
            noun=NOUN,
            name=f"From {customer}: {said}" if inbound else f"To {customer}: {said}",
            text=message.text,
            url=f"{settings.url.rstrip('/')}/app/accounts/{settings.account}"
            f"/conversations/{message.conversation}?messageId={message.id}",
            sent_at=message.sent_at,
            sent_by=message.sender_name,
            audience=Audience(sent=1),
            status=self._rules.status(seen),
            capability=self._rules.capability(seen),
            sender_id=message.sender,
            sender_email=message.sender_email,
            team_owned=inbound,  # no agent is its sender; whether it may go is a rule of its own
            reasons=REASONS,
        )


KIND = ProviderKind(settings=ChatwootSettings, build=ChatwootProvider)
