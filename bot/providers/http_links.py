"""Finding a described vendor's ids in what people post and type. Pure: no network, no errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from bot.providers.http_settings import HttpSettings
from bot.providers.http_targets import LONGEST_ID
from bot.providers.json_values import as_id
from bot.target import ProviderName, SlackPost, TargetId

MOST_IDS = 20
LONGEST_READ = 40_000
"""Characters of a post that are looked at; Slack's own limit for a message."""

_SLACK_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")
_END = re.compile(r"[/?#&]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Knows what this provider's ids and links look like."""

    provider: ProviderName
    settings: HttpSettings

    def in_post(self, post: SlackPost) -> tuple[TargetId, ...]:
        """Find ids, the most certain first: metadata, then links, then ids in the text."""
        found = [*self._in_metadata(post)]
        found += [target for link in post.links if (target := self._in_link(link))]
        if (pattern := self.settings.text_pattern or self.settings.id_pattern) is not None:
            matches = re.finditer(pattern, post.text[:LONGEST_READ])
            found += [target for match in matches if (target := _id_in(match))]
        return tuple(dict.fromkeys(found))[:MOST_IDS]

    def in_words(self, words: str) -> TargetId | None:
        """Read what a person typed, if it is nothing but a link or an id."""
        words = words.strip()
        wrapped = _SLACK_LINK.fullmatch(words)
        if wrapped or words.startswith(("https://", "http://")):
            return self._in_link(wrapped[1] if wrapped else words)
        pattern = self.settings.id_pattern
        match = re.fullmatch(pattern, words) if pattern is not None else None
        return _id_in(match) if match else None

    def _in_metadata(self, post: SlackPost) -> Iterator[TargetId]:
        payload = dict(post.metadata)
        if post.metadata_type not in self.settings.event_types:
            return
        if payload.get("provider", self.provider) != self.provider:
            return
        for key in self.settings.metadata_ids:
            if target := as_id(payload.get(key), LONGEST_ID):
                yield target

    def _in_link(self, link: str) -> TargetId | None:
        link = link.replace("&amp;", "&")
        for template in self.settings.links:
            before, after = template.split("{id}")
            if not link.startswith(before):
                continue
            rest = link.removeprefix(before)
            segment = _END.split(rest, maxsplit=1)[0]
            if not after or rest[len(segment) :].startswith(after):
                return as_id(unquote(segment), LONGEST_ID)
        return None


def _id_in(match: re.Match[str]) -> TargetId | None:
    return as_id(next((group for group in match.groups() if group), match[0]), LONGEST_ID)
