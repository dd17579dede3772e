"""Which post is meant: ids, and the permalinks that Slack gives for them. Pure; never raises."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.target import SlackPost, TargetId

_ID = re.compile(r"([CDG][A-Z0-9]{2,30})/(\d{9,11}\.\d{6})")
_PATH = re.compile(r"/archives/([CDG][A-Z0-9]{2,30})/p(\d{9,11})(\d{6})/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostId:
    """Where a post stands. Written as "C024BE7LH/1712345678.000100"."""

    channel: str
    ts: str

    def __str__(self) -> str:
        return f"{self.channel}/{self.ts}"

    @classmethod
    def read(cls, text: str) -> "PostId | None":
        """Read an id as `str` writes it; None for anything else."""
        match = _ID.fullmatch(text)
        return cls(channel=match[1], ts=match[2]) if match else None


def in_words(words: str) -> TargetId | None:
    """Read a permalink or an id that a person typed."""
    found = PostId.read(words.strip()) or _in_link(words.strip())
    return TargetId(str(found)) if found else None


def in_post(post: SlackPost) -> tuple[TargetId, ...]:
    """Find the posts that a post links to or forwards, and ids in its text."""
    linked = [found for link in post.links if (found := _in_link(link)) is not None]
    written = [PostId(channel=match[1], ts=match[2]) for match in _ID.finditer(post.text)]
    return tuple(dict.fromkeys(TargetId(str(each)) for each in (*linked, *written)))


def _in_link(link: str) -> PostId | None:
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    match = _PATH.fullmatch(parts.path)
    if match is None or parts.scheme != "https" or not host.endswith(".slack.com"):
        return None
    return PostId(channel=match[1], ts=f"{match[2]}.{match[3]}")
