"""A Slack message as providers see it when they look for their own ids in it. Pure; bounded; never raises."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.recall import RecallId
from bot.target import SlackPost
from handlers.ids import CARD_EVENT, METADATA_RECALL, STATUS_EVENT
from handlers.payloads import Json

LONGEST: Final = 20_000
"""Characters of a post that are looked at; a message holds 40,000 at the very most."""

DEEPEST: Final = 16
"""Levels of nesting; a forwarded post with a list in its rich text has 13."""

MOST_LINKS: Final = 200
SENTENCE: Final = frozenset(".,;:!?'\"*~`]}")
"""What ends a sentence or an emphasis, and no link."""

READABLE: Final = frozenset(
    {
        "alt_text",
        "author_name",
        "fallback",
        "footer",
        "header",
        "name",
        "plain_text",  # of a mail that came in as a file
        "pretext",
        "preview",
        "subject",
        "text",
        "title",
        "value",
    }
)
LINKS: Final = frozenset(
    {"app_unfurl_url", "author_link", "from_url", "original_url", "title_link", "title_url", "url"}
)
PARTS: Final = ("blocks", "attachments", "files")

_LINK_IN_TEXT = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>|(https?://[^\s<>|]+)")


def slack_post(message: Json) -> SlackPost:
    """Gather everything readable and every link of a message: text, blocks, attachments, files, metadata."""
    lines: list[str] = []
    links: list[str] = []
    if isinstance(text := message.get("text"), str):
        lines.append(text)
    for part in PARTS:
        for name, found in _strings(message.get(part), DEEPEST):
            (links if name in LINKS else lines).append(found)
    whole = "\n".join(dict.fromkeys(lines))[:LONGEST]
    links += [match[1] or _bare(match[2]) for match in _LINK_IN_TEXT.finditer(whole)]
    kind, payload = _metadata(message)
    return SlackPost(
        text=plain(whole),
        links=tuple(dict.fromkeys(plain(link) for link in links))[:MOST_LINKS],
        metadata_type=kind,
        metadata=payload,
    )


def own_recall(message: Json) -> RecallId | None:
    """Read the recall that a message says it belongs to: our cards and statuses carry it in their metadata.

    Another app could write the same metadata; all it would gain is a card that somebody still has to confirm.
    """
    kind, payload = _metadata(message)
    if kind not in {CARD_EVENT, STATUS_EVENT}:
        return None
    named = dict(payload).get(METADATA_RECALL)
    return RecallId(named) if named else None


def plain(text: str) -> str:
    """Undo Slack's escapes of `&`, `<` and `>`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _bare(link: str) -> str:
    """Cut off what belongs to the sentence or to Markdown's `[words](link)` around a link that stands in a text."""
    while link and (link[-1] in SENTENCE or (link[-1] == ")" and link.count(")") > link.count("("))):
        link = link[:-1]
    return link


def _metadata(message: Json) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping):
        return None, ()
    kind, payload = metadata.get("event_type"), metadata.get("event_payload")
    scalars = payload.items() if isinstance(payload, Mapping) else ()
    return (
        kind if isinstance(kind, str) else None,
        tuple((str(name), str(each)) for name, each in scalars if isinstance(each, str | int | float)),
    )


def _strings(part: object, depth: int) -> Iterator[tuple[str, str]]:
    """Walk through blocks of any kind, known to us or not, for what a person could read or open."""
    if depth == 0:
        return
    if isinstance(part, Mapping):
        for name, each in part.items():
            if isinstance(each, str):
                if name in READABLE or name in LINKS:
                    yield str(name), each
            else:
                yield from _strings(each, depth - 1)
    elif isinstance(part, list):
        for each in part:
            yield from _strings(each, depth - 1)
