"""Ids of mails and mail-merges, and finding them in what people type and post. Pure: no network, no errors.

A target's id names the mailbox, the kind and the value: `<mailbox>:<kind>:<value>`. The mailbox is written in
letters that show no address, since ids travel in buttons and logs. It is empty where an id or a link was given that
does not say whose it is: then the asker's own mailbox is meant.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from bot.target import SlackPost, TargetId

MOST_IDS = 20
LONGEST_READ = 40_000
"""Characters of a post that are looked at; Slack's own limit for a message."""

_GRAPH_ID = re.compile(r"AA[A-Za-z][A-Za-z0-9+/_=-]{40,1990}")
_INTERNET_ID = re.compile(r"<([^<>@\s:\"'|]{1,200}@[^<>@\s:\"'|]{1,200})>")
_BARE_INTERNET_ID = re.compile(r"(?=[^@]*\d)[\w.+=$!%/-]{20,200}@[\w.-]{3,200}")
_ADDRESS = re.compile(r"[^\s@:<>\"'|]{1,64}@[^\s@:<>\"'|]{1,190}")
_SLACK_LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")
_READING_PATH = re.compile(r"/(?:id|read)/([^/?#]+)")


class IdKind(StrEnum):
    """What the value of an id is."""

    INTERNET = "i"  # an internetMessageId, without its brackets
    GRAPH = "g"  # Graph's own id of a message
    ALIKE = "a"  # any one of a merge's mails: its subject's digest and the moment it was sent
    MERGE = "m"  # a merge, exactly: its subject's digest, the first and the last moment


@dataclass(frozen=True, slots=True, kw_only=True)
class MailId:
    """A target's id, taken apart."""

    mailbox: str  # empty: not said
    kind: IdKind
    value: str

    def __str__(self) -> str:
        """Give the text that stands in buttons and in the store."""
        letters = base64.urlsafe_b64encode(self.mailbox.encode("utf-8", "replace")).decode().rstrip("=")
        return f"{letters}:{self.kind}:{self.value}"

    @property
    def target(self) -> TargetId:
        """The same, as an id."""
        return TargetId(str(self))

    @property
    def digest(self) -> str:
        """The folded subject's digest, of a merge."""
        return self.value.split("-")[0]

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments that a merge's id names."""
        return tuple(datetime.fromtimestamp(int(each), UTC) for each in self.value.split("-")[1:])


def read(text: str) -> MailId | None:
    """Take an id apart; None for anything else."""
    letters, _, rest = text.partition(":")
    kind, _, value = rest.partition(":")
    try:
        mailbox = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode() if letters else ""
        found = MailId(mailbox=mailbox, kind=IdKind(kind), value=value)
    except (ValueError, binascii.Error):
        return None
    shapes = {IdKind.ALIKE: r"[0-9a-f]{12}-\d{1,12}", IdKind.MERGE: r"[0-9a-f]{12}-\d{1,12}-\d{1,12}"}
    return found if re.fullmatch(shapes.get(found.kind, r"\S{1,2000}"), value) else None


def owned(target: TargetId, mailbox: str | None) -> TargetId:
    """Put a mailbox into an id that names none."""
    found = read(target)
    if found is None or found.mailbox or not mailbox:
        return target
    return replace(found, mailbox=mailbox.casefold()).target


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a person typed: a mailbox perhaps, and an id, a link or words of the subject."""

    mailbox: str | None
    id: MailId | None
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """Knows what mails' ids and links look like."""

    link_hosts: tuple[str, ...]

    def in_post(self, post: SlackPost) -> tuple[TargetId, ...]:
        """Find mails in a post: links first, then ids in its text."""
        found = [each for link in post.links if (each := self._in_link(link))]
        found += self._in_text(post.text[:LONGEST_READ])
        return tuple(dict.fromkeys(each.target for each in found))[:MOST_IDS]

    def in_words(self, words: str) -> MailId | None:
        """Read what somebody typed, if it is nothing but an id or a link."""
        words = words.strip().removeprefix("mailto:")
        wrapped = _SLACK_LINK.fullmatch(words)
        if wrapped or words.startswith(("https://", "http://")):
            return self._in_link(wrapped[1] if wrapped else words)
        if (known := read(words)) is not None:
            return known
        if found := _INTERNET_ID.fullmatch(words):
            return _internet(found[1])
        if _BARE_INTERNET_ID.fullmatch(words):
            return _internet(words)
        if _GRAPH_ID.fullmatch(words):
            return MailId(mailbox="", kind=IdKind.GRAPH, value=words)
        return None

    def taken_apart(self, words: str) -> Words:
        """Split `ann@example.com: spring prices` into the mailbox and what is looked for in it."""
        head, colon, tail = words.strip().removeprefix("mailto:").partition(":")
        if not colon or not _ADDRESS.fullmatch(head) or not tail.strip():
            return Words(mailbox=None, id=self.in_words(words), rest=words.strip())
        return Words(mailbox=head.casefold(), id=self.in_words(tail), rest=tail.strip())

    def _in_link(self, link: str) -> MailId | None:
        try:
            parts = urlsplit(link.replace("&amp;", "&"))
            host = (parts.hostname or "").rstrip(".")
            asked = {name.casefold(): values[0] for name, values in parse_qs(parts.query).items()}
        except ValueError:
            return None
        if not any(host == one or host.endswith(f".{one}") for one in self.link_hosts):
            return None
        path = _READING_PATH.search(parts.path)
        found = asked.get("itemid") or (unquote(path[1]) if path else "")
        # A plus in a query is read as a space, and Graph's ids have none.
        found = found.replace(" ", "+")
        return MailId(mailbox="", kind=IdKind.GRAPH, value=found) if _GRAPH_ID.fullmatch(found) else None

    def _in_text(self, text: str) -> Iterator[MailId]:
        for found in _INTERNET_ID.finditer(text):
            yield _internet(found[1])
        for found in _BARE_INTERNET_ID.finditer(_INTERNET_ID.sub(" ", text)):
            yield _internet(found[0])
        for found in re.finditer(r"(?<![\w/=%])AAMk[A-Za-z0-9+/_=-]{40,1990}", text):
            yield MailId(mailbox="", kind=IdKind.GRAPH, value=found[0])


def _internet(value: str) -> MailId:
    return MailId(mailbox="", kind=IdKind.INTERNET, value=value)
