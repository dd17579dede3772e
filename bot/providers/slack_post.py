"""One Slack post as Slack's Web API gives it, who wrote it, and who may delete it. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bot.providers.trouble import bounded
from bot.target import Capability, Operation

LONGEST = 40_000
"""Characters of a post; Slack cuts longer ones itself."""

OURS = frozenset({"recall_card", "recall_status"})
"""Types of the metadata that Recall's own cards and statuses carry."""

_BY_PEOPLE_OR_APPS = frozenset({"", "bot_message", "thread_broadcast", "file_share", "me_message"})

OWN_CARD = "Recall's own cards and statuses can't be recalled."
LIMITS = (
    "Slack deletes it for everybody here; who has read it, or was notified of it, has seen it.",
    "Replies below it stay, under a note that the message was deleted.",
    "A copy of its text stays in Recall's history.",
)
FILES = "Files that were shared with it stay in Slack until they are deleted there."


class Author(Enum):
    """Whose post it is, as far as it matters for who may delete it."""

    BOT = "bot"  # posted with Recall's own bot token
    PERSON = "person"
    APP = "app"  # another app
    SLACK = "slack"  # Slack itself: somebody joined, a topic was set …


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who Recall is in this workspace."""

    user: str
    bot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post. All texts are foreign."""

    ts: str
    text: str
    user: str | None  # id of the person, or of the bot's user
    app: str | None  # how the app that posted it calls itself
    author: Author
    recalls_own: bool  # a card or status of Recall's
    gone: bool  # only its tombstone stands, above its replies
    files: bool

    @property
    def at(self) -> datetime:
        """When it was posted."""
        seconds, _, micros = self.ts.partition(".")
        return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micros))


def parse(message: Mapping[str, Any], us: Identity) -> Post:
    """Read a message. Tolerant: what is missing is empty."""
    text = _text(message, "text") or _fallback(message)
    metadata, files = message.get("metadata"), message.get("files")
    kind = metadata.get("event_type") if isinstance(metadata, Mapping) else None
    author = _author(message, us)
    return Post(
        ts=_text(message, "ts"),
        text=bounded(_plain(text), LONGEST),
        user=_text(message, "user") or None,
        app=_text(message, "username") or _profile(message) or None,
        author=author,
        recalls_own=author is Author.BOT and kind in OURS,
        gone=message.get("subtype") == "tombstone",
        files=isinstance(files, list) and bool(files),
    )


def capability(post: Post, writer: str, tokens: Collection[str]) -> Capability:
    """Say whether Recall can delete a post, and else who can. `tokens`: users whose token Recall holds."""
    why = None
    match post.author:
        case _ if post.gone:
            why = "It has been deleted already."
        case _ if post.recalls_own:
            why = OWN_CARD
        case Author.SLACK:
            why = "Slack itself wrote this, so nobody can take it back with Recall."
        case Author.APP:
            why = f"It was posted by another app, {writer}: only that app or a workspace admin can delete it."
        case Author.PERSON if post.user not in tokens:
            why = (
                f"Recall holds no token of {writer}, who wrote it. "
                f"{writer} can delete it in Slack itself, and so can a workspace admin."
            )
    if why is not None:
        return Capability(operation=None, refusal=why)
    return Capability(operation=Operation.RECALL, limits=(*LIMITS, FILES) if post.files else LIMITS)


def _author(message: Mapping[str, Any], us: Identity) -> Author:
    subtype, bot = _text(message, "subtype"), _text(message, "bot_id")
    if subtype not in _BY_PEOPLE_OR_APPS and subtype != "tombstone":
        return Author.SLACK
    if bot == us.bot or message.get("user") == us.user:
        return Author.BOT
    if message.get("user") and subtype != "bot_message" and not _profile(message):
        return Author.PERSON
    return Author.APP


def _profile(message: Mapping[str, Any]) -> str:
    profile = message.get("bot_profile")
    return _text(profile, "name") if isinstance(profile, Mapping) else ""


def _fallback(message: Mapping[str, Any]) -> str:
    """Take what an attachment offers to those that can't show it, for posts without a text of their own."""
    attachments = message.get("attachments")
    parts = (
        [each for each in attachments if isinstance(each, Mapping)] if isinstance(attachments, list) else []
    )
    return "\n".join(found for each in parts if (found := _text(each, "fallback") or _text(each, "text")))


def _text(message: Mapping[str, Any], name: str) -> str:
    value = message.get(name)
    return value if isinstance(value, str) else ""


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
