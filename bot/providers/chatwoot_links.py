"""Finding chat messages in what people post and type: metadata, the vendor's links, ids. Pure; no errors.

A message is named by its conversation and its own number, `42/1002`: the vendor has no way to ask for a message alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlsplit

from bot.providers.chatwoot_answers import whole
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.target import ProviderName, SlackPost, TargetId

MOST_IDS = 20

_ID = re.compile(r"#?(\d{1,18})[/:](\d{1,18})", re.ASCII)
_IN_TEXT = re.compile(r"(?<![\w/#])#\d{1,18}[/:]\d{1,18}(?![\w/])", re.ASCII)
"""An id in running text has a # before it: dates such as 12/24 are no message."""

_PATH = re.compile(r"(?:/[^/]+)*?/app/accounts/(\d{1,18})/(?:[^?#]*/)?conversations/(\d{1,18})/?", re.ASCII)
_SLACK_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageId:
    """Which message."""

    conversation: int
    message: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read `42/1002`; None for anything else."""
        found = _ID.fullmatch(text.strip())
        numbers = [whole(each) for each in found.groups()] if found else []
        return cls(conversation=numbers[0], message=numbers[1]) if all(numbers) and numbers else None  # type: ignore[arg-type]

    @property
    def target(self) -> TargetId:
        """The id as Recall uses it."""
        return TargetId(f"{self.conversation}/{self.message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Knows what this account's ids and links look like."""

    provider: ProviderName
    settings: ChatwootSettings

    def in_post(self, post: SlackPost) -> tuple[TargetId, ...]:
        """Find messages, the most certain first: metadata, then links, then an id that is nothing but that."""
        found = [*self._in_metadata(post)]
        found += [target for link in post.links if (target := self._in_link(link))]
        found += [
            each.target for match in _IN_TEXT.findall(post.text[:40_000]) if (each := MessageId.read(match))
        ]
        return tuple(dict.fromkeys(found))[:MOST_IDS]

    def in_words(self, words: str) -> TargetId | None:
        """Read what a person typed, if it is nothing but a link or an id."""
        if (link := _link(words)) is not None:
            return self._in_link(link)
        found = MessageId.read(words)
        return found.target if found else None

    def conversation(self, words: str) -> int | None:
        """Read a conversation's link that names no message; None for anything else."""
        link = _link(words)
        talk, asked = self._parts(link) if link else (None, "")
        return talk if talk is not None and not asked else None

    def _in_metadata(self, post: SlackPost) -> Iterator[TargetId]:
        payload = dict(post.metadata)
        if post.metadata_type not in self.settings.event_types:
            return
        if payload.get("provider", self.provider) != self.provider:
            return
        for key in self.settings.metadata_ids:
            if found := MessageId.read(payload.get(key, "")):
                yield found.target

    def _in_link(self, link: str) -> TargetId | None:
        talk, asked = self._parts(link)
        found = MessageId.read(f"{talk}/{asked}") if talk is not None else None
        return found.target if found else None

    def _parts(self, link: str) -> tuple[int | None, str]:
        """Take the conversation and the message's number, as it stands, out of a link; None: it is no link of ours."""
        try:
            parts, ours = urlsplit(link.replace("&amp;", "&")), urlsplit(self.settings.url)
            same = (parts.hostname, parts.port) == (ours.hostname, ours.port)
            asked = parse_qs(parts.query, max_num_fields=20)
        except ValueError:
            return None, ""
        path = _PATH.fullmatch(parts.path) if same else None
        if path is None or int(path[1]) != self.settings.account:
            return None, ""
        return whole(path[2]), asked.get("messageId", [""])[0]


def _link(words: str) -> str | None:
    """Take a link as it is, or out of Slack's own form; None for anything else."""
    words = words.strip()
    wrapped = _SLACK_LINK.fullmatch(words)
    return wrapped[1] if wrapped else words if words.startswith(("https://", "http://")) else None
