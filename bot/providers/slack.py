"""Slack's own posts, taken back with chat.delete: the bot's with its token, a person's with theirs where granted.

`ok` is not believed: whether a post is gone is read from its thread afterwards. Repeat class B: that can be read.
Source: docs.slack.dev, chat.delete and conversations.replies. With `slack_calls`, the one provider that knows slack_sdk.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.errors import NotFoundError, ProviderError, ProviderOffError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import Limiter, ProviderKind, Urgency
from bot.providers.slack_calls import SlackCalls, SlackRefusedError
from bot.providers.slack_links import PostId, in_post, in_words
from bot.providers.slack_post import Author, Identity, Post, capability, parse
from bot.providers.slack_settings import SlackPostsSettings
from bot.providers.trouble import bounded
from bot.target import (
    Audience,
    ItemState,
    Outcome,
    ProviderName,
    Reason,
    RepeatClass,
    SlackPost,
    Status,
    Target,
    TargetId,
    TargetRef,
)

VENDOR = "Slack"
NOUN = "Slack post"
NAME_LENGTH = 80
REASONS = (
    Reason.WRONG_INFORMATION,
    Reason.WRONG_CONVERSATION,
    Reason.WRONG_ATTACHMENT,
    Reason.INTERNAL_NOTE,
    Reason.UNFINISHED,
    Reason.OTHER,
)
CALLS_AT_A_TIME = 4

PRIVATE = "It was posted in a private conversation, and its text is shown only there."

GONE = frozenset({"thread_not_found", "message_not_found"})
UNSEEN = frozenset({"channel_not_found", "not_in_channel", "missing_scope", "no_permission"})
"""Slack's words for a channel that the bot may not read."""

REFUSALS: Mapping[str, str] = {
    "cant_delete_message": "Slack does not let this token delete this post: only its author or a workspace admin can.",
    "compliance_exports_prevent_deletion": "This workspace keeps all messages for compliance exports, so Slack deletes none.",
    "ekm_access_denied": "The workspace's administrators have taken away the encryption key of this channel.",
    "enterprise_is_restricted": "The organisation's administrators do not allow this here.",
    "message_not_found": "There is no such post in Slack any more.",
    "channel_not_found": "The token's owner can't see this channel.",
    "is_archived": "The channel is archived, so nothing in it can be deleted.",
    "missing_scope": "The token lacks the scope chat:write.",
    "restricted_action": "A workspace setting does not allow this token to delete messages.",
}
"""Why chat.delete says no, in plain words."""


class SlackProvider:
    """The posts of one workspace, as `bot.ports.Provider`."""

    def __init__(self, name: ProviderName, settings: SlackPostsSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        del clock  # there is no window
        self.name = name
        self.traits = Traits(
            vendor=VENDOR,
            noun=NOUN,
            repeat=RepeatClass.READABLE,
            listing_is_open=False,
            sender_only=True,
            slack_ids=True,
            takes_posts=True,
            others="A workspace admin can delete it in Slack itself.",
            concurrency=CALLS_AT_A_TIME,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        limiter = Limiter(vendor=VENDOR, concurrency=CALLS_AT_A_TIME)
        self._calls = SlackCalls(url=settings.api_url, seconds=settings.timeout, limiter=limiter)
        self._us: Identity | None = None
        self._names: dict[str, str] = {}

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List nothing: a workspace's talk is no list of what was sent."""
        del limit, before, viewer
        return ()

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Find nothing: a bot may not search, and its own reading is for the post it was pointed at."""
        del words, limit, viewer
        return ()

    async def get(self, target: TargetId) -> Target:
        """Read one post as it stands now."""
        place = PostId.read(target)
        post = await self._read(place, Urgency.PERSON) if place else None
        if place is None or post is None:
            raise NotFoundError("There is no such post in Slack, or it is gone already.")
        channel = await self._ask("conversations.info", channel=place.channel, include_num_members=True)
        return self._target(TargetId(str(place)), post, channel.get("channel"), await self._writer(post))

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find permalinks of posts, and posts that this one forwards."""
        return in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read a permalink or an id."""
        return in_words(words)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the post itself."""
        yield (ItemId(target.ref.id),)

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:  # noqa: ARG002 - Slack takes no idempotency key
        """Delete, and look whether it is gone. Gone already is success: it stood there a moment ago."""
        return [await self._delete(target, item) for item in items]

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Look whether posts are gone: DONE, or PENDING while they stand as if nothing had been asked."""
        del target
        return [await self._look(item, Urgency.CHECK) for item in items]

    async def preview(self, target: Target) -> str:
        """Give the text: of a deleted post only Recall's own copy is left.

        What Recall or another app said in private is for those who were there: a rule is no invitation.
        """
        if target.team_owned and not target.text_is_public:
            return PRIVATE
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Try each token."""
        found = [await self._try(None)]
        return [*found, *[await self._try(user) for user in self._settings.tokens]]

    async def close(self) -> None:
        """Nothing stays open between two calls."""

    # Below: the parts ---------------------------------------------------------------------------------

    async def _delete(self, target: Target, item: ItemId) -> Outcome:
        place = PostId.read(item)
        token = self._token_for(target)
        if place is None or token is None:
            return Outcome(state=ItemState.FAILED, reason=target.capability.refusal, code="no_token")
        said = "ok"
        try:
            await self._calls.ask("chat.delete", token, Urgency.RECALL, channel=place.channel, ts=place.ts)
        except SlackRefusedError as error:
            if error.word not in GONE:
                why = REFUSALS.get(error.word, error.sentence)
                return Outcome(state=ItemState.FAILED, reason=why, code=error.word)
            said = error.word
        try:
            seen = await self._look(item, Urgency.RECALL)
        except ProviderError as error:
            return Outcome(state=ItemState.ACCEPTED, evidence=f"chat.delete says {said}; {error.code}")
        if seen.state is ItemState.PENDING:
            return replace(seen, state=ItemState.ACCEPTED, evidence=f"chat.delete says {said}")
        return seen

    def _token_for(self, target: Target) -> str | None:
        if target.team_owned:
            return self._bot_token()
        token = self._settings.tokens.get(target.sender_id or "")
        return token.get_secret_value() if token else None

    async def _look(self, item: ItemId, urgency: Urgency) -> Outcome:
        place = PostId.read(item)
        try:
            post = await self._read(place, urgency) if place else None
        except NotFoundError as error:
            return Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)
        if post is None or post.gone:
            shown = "a tombstone" if post else "no such message"
            return Outcome(state=ItemState.DONE, evidence=f"conversations.replies shows {shown}")
        return Outcome(state=ItemState.PENDING, evidence="conversations.replies still shows it")

    async def _read(self, place: PostId, urgency: Urgency) -> Post | None:
        """Read a post; None where it is gone. Raises NotFoundError where the channel can't be read."""
        us = await self._identity(urgency)
        try:
            answer = await self._calls.ask(
                "conversations.replies",
                self._bot_token(),
                urgency,
                channel=place.channel,
                ts=place.ts,
                oldest=place.ts,
                latest=place.ts,
                inclusive=True,
                limit=2,
                include_all_metadata=True,
            )
        except SlackRefusedError as error:
            if error.word in GONE:
                return None
            if error.word in UNSEEN:
                raise NotFoundError(
                    "Recall can't read that channel, so it can't take anything back there. "
                    "A member can invite it: /invite @Recall."
                ) from None
            raise
        listed = answer.get("messages")
        messages = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
        return next((parse(each, us) for each in messages if each.get("ts") == place.ts), None)

    async def _identity(self, urgency: Urgency) -> Identity:
        if self._us is None:
            answer = await self._calls.ask("auth.test", self._bot_token(), urgency)
            self._us = Identity(user=str(answer.get("user_id")), bot=str(answer.get("bot_id")))
        return self._us

    async def _writer(self, post: Post) -> str:
        """Name who wrote it, as people call them."""
        if post.author is not Author.PERSON or post.user is None:
            return "Recall" if post.author is Author.BOT else bounded(post.app or "another app", NAME_LENGTH)
        if post.user not in self._names:
            try:
                about = (await self._ask("users.info", user=post.user)).get("user")
            except ProviderError:
                return "its author"
            named = about.get("real_name") if isinstance(about, Mapping) else None
            self._names[post.user] = bounded(str(named or "its author"), NAME_LENGTH)
        return self._names[post.user]

    def _target(self, target: TargetId, post: Post, channel: object, writer: str) -> Target:
        about: Mapping[str, Any] = channel if isinstance(channel, Mapping) else {}
        public = bool(about.get("is_channel")) and not about.get("is_private")
        members = about.get("num_members")
        where = f"#{about['name']}" if public and about.get("name") else "a private conversation"
        first = " ".join(post.text.split())[:NAME_LENGTH]
        return Target(
            ref=TargetRef(provider=self.name, id=target),
            vendor=VENDOR,
            noun=NOUN,
            name=bounded(first if public and first else f"Post in {where}", NAME_LENGTH),
            text=post.text,
            sent_at=post.at,
            sent_by=writer,
            audience=Audience(sent=members if isinstance(members, int) else None),
            status=Status.RECALLED if post.gone else Status.SENT,
            capability=capability(post, writer, self._settings.tokens),
            sender_id=post.user if post.author is Author.PERSON else None,
            team_owned=post.author is not Author.PERSON,
            text_is_public=public,
            reasons=REASONS,
        )

    async def _ask(self, method: str, **arguments: object) -> Mapping[str, Any]:
        return await self._calls.ask(method, self._bot_token(), Urgency.PERSON, **arguments)

    def _bot_token(self) -> str:
        if self._settings.bot_token is None:
            raise ProviderOffError("Slack's bot token is not known here: set SLACK_BOT_TOKEN.")
        return self._settings.bot_token.get_secret_value()

    async def _try(self, user: str | None) -> Diagnosis:
        what = f"provider {self.name}: {f'token of {user}' if user else 'bot token'}"
        setting = f"tokens.{user}" if user else "SLACK_BOT_TOKEN"
        try:
            token = self._settings.tokens[user].get_secret_value() if user else self._bot_token()
            answer = await self._calls.ask("auth.test", token, Urgency.PERSON)
        except ProviderError as error:
            return Diagnosis(ok=False, what=what, found=error.sentence, mend=f"Look at {setting}.")
        owner = answer.get("user_id")
        if user and owner != user:
            return Diagnosis(
                ok=False, what=what, found=f"it belongs to {owner}", mend=f"Put {user}'s own token there."
            )
        return Diagnosis(ok=True, what=what, found="works")


KIND = ProviderKind(settings=SlackPostsSettings, build=SlackProvider)
