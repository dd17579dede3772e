"""Finding campaigns in what people post and type: metadata, panel links, ids. Pure: no network, no errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName, SlackPost, TargetId

MOST_IDS = 20
LONGEST_READ = 40_000
"""Characters of a post that are looked at; Slack's own limit for a message."""

_CAMPAIGN_PATH = re.compile(r"/campaigns/([\w.~-]{0,100}\d[\w.~-]{0,100})")
_SHAPE = re.compile(r"[\w.~:-]{1,200}")
_SLACK_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Knows what this provider's ids and links look like."""

    provider: ProviderName
    settings: NetmeraSettings

    def in_post(self, post: SlackPost) -> tuple[TargetId, ...]:
        """Find ids, the most certain first: metadata, then links, then ids in the text."""
        found = [*self._in_metadata(post)]
        found += [target for link in post.links if (target := self._in_link(link))]
        found += self._in_text(post.text[:LONGEST_READ])
        return tuple(dict.fromkeys(found))[:MOST_IDS]

    def in_words(self, words: str) -> TargetId | None:
        """Read what a person typed, if it is nothing but a link or an id."""
        words = words.strip()
        wrapped = _SLACK_LINK.fullmatch(words)
        if wrapped or words.startswith(("https://", "http://")):
            return self._in_link(wrapped[1] if wrapped else words)
        match = re.fullmatch(self.settings.id_pattern, words, re.IGNORECASE)
        return _id_in(match) if match else None

    def _in_metadata(self, post: SlackPost) -> Iterator[TargetId]:
        payload = dict(post.metadata)
        if post.metadata_type not in self.settings.event_types:
            return
        if payload.get("provider", self.provider) != self.provider:
            return
        for key in self.settings.metadata_ids:
            if _SHAPE.fullmatch(payload.get(key, "")):
                yield TargetId(payload[key])

    def _in_link(self, link: str) -> TargetId | None:
        link = link.replace("&amp;", "&")
        if self.settings.panel_url:
            before, after = self.settings.panel_url.split("{id}")
            if link.startswith(before):
                rest = link.removeprefix(before)
                rest = rest.split(after, 1)[0] if after else rest
                found = _SHAPE.match(rest)
                return TargetId(found[0]) if found else None
        try:
            host = (urlsplit(link).hostname or "").rstrip(".")
        except ValueError:
            return None
        ours = any(host == one or host.endswith(f".{one}") for one in self.settings.link_hosts)
        found = _CAMPAIGN_PATH.search(link) if ours else None
        return TargetId(found[1]) if found else None

    def _in_text(self, text: str) -> list[TargetId]:
        return [_id_in(match) for match in re.finditer(self.settings.id_pattern, text, re.IGNORECASE)]


def _id_in(match: re.Match[str]) -> TargetId:
    return TargetId(next((group for group in match.groups() if group), match[0]))
