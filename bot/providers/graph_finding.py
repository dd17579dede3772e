"""Finding mails in somebody's Sent Items: with `$filter`, since `$search` has answered HTTP 200 with broken JSON.

A mail-merge is many single mails: one mailbox, one subject (case and white space folded), each sent within the gap
of the next. Graph's rule for `$filter` with `$orderby`: what is ordered by stands first in the filter.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import quote

from bot.errors import NotFoundError
from bot.ports import Clock
from bot.providers.base import Urgency
from bot.providers.graph_answers import Mail, fold, mail_in, newest
from bot.providers.graph_ids import IdKind, MailId
from bot.providers.graph_line import PAGE, GraphLine
from bot.providers.graph_settings import GraphSettings

SHOWN = "subject,sentDateTime,internetMessageId,from,toRecipients,ccRecipients,bccRecipients,hasAttachments,webLink"
NEWEST_FIRST = "sentDateTime desc"
CONVERSATION = "AAQk"
"""How ids of conversations begin; those of mails begin with AAMk."""

MOST_WORDS = 6
RECENT_PAGE = 250
RECENT_PAGES = 4
SEARCH_PAGES = 2
"""Pages that a list reads at most: it has two seconds. A merge that is longer is counted when its card is made."""

ROUNDS = 10
"""How often a search for the merge around a mail widens its span. Doubled each time, 15 minutes become ten days."""

ALIKE_SECONDS = 10.0
"""Real seconds after which such a search begins no further round."""

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One mail, or the mails of one merge, newest first. `whole`: no more of them can be out of sight."""

    mails: tuple[Mail, ...]
    whole: bool = True


class Finder:
    """Looks into one connection's mailboxes. Raises ProviderError, and NotFoundError for what is not there."""

    def __init__(self, line: GraphLine, settings: GraphSettings, clock: Clock) -> None:
        self._line = line
        self._settings = settings
        self._clock = clock
        self._gap = timedelta(minutes=settings.merge_gap_minutes)

    async def recent(self, mailbox: str, limit: int, before: datetime | None) -> list[Sending]:
        """List what was sent, newest first."""
        until = before or self._clock.now() + timedelta(days=1)
        seen: list[Mail] = []
        pages = self._line.mails(
            mailbox,
            Urgency.PERSON,
            pages=RECENT_PAGES,
            filter=f"sentDateTime lt {_moment(until)}",
            orderby=NEWEST_FIRST,
            top=str(RECENT_PAGE),
            select=SHOWN,
        )
        whole = True
        async for page in pages:
            seen += page
            whole = len(page) < RECENT_PAGE
            if len(groups := together(seen, self._gap)) > limit:
                return _marked(groups, whole=whole)[:limit]
        return _marked(together(seen, self._gap), whole=whole)[:limit]

    async def search(self, mailbox: str, words: str, limit: int) -> list[Sending]:
        """Look for words in subjects; all of them have to be there."""
        parts = fold(words).split()[:MOST_WORDS]
        if not parts:
            return []
        oldest = self._clock.now() - timedelta(days=self._settings.max_age_days)
        held = " and ".join(f"contains(subject,'{_quoted(part)}')" for part in parts)
        seen: list[Mail] = []
        whole = True
        async for page in self._line.mails(
            mailbox,
            Urgency.PERSON,
            pages=SEARCH_PAGES,
            filter=f"sentDateTime ge {_moment(oldest)} and {held}",
            orderby=NEWEST_FIRST,
            top=str(PAGE),
            select=SHOWN,
        ):
            seen += page
            whole = len(page) < PAGE
        return _marked(together(seen, self._gap), whole=whole)[:limit]

    async def mail(self, wanted: MailId, urgency: Urgency, *, select: str = SHOWN) -> Mail:
        """Fetch one mail by either of its ids; of a conversation, which Outlook's addresses often name, the newest."""
        if wanted.kind is IdKind.GRAPH and wanted.value.startswith(CONVERSATION):
            # Addresses write it in plain base64, Graph in the form that is safe in addresses.
            query = f"conversationId eq '{wanted.value.replace('/', '-').replace('+', '_')}'"
            async for page in self._line.mails(
                wanted.mailbox, urgency, pages=1, filter=query, top=str(PAGE), select=select
            ):
                if page:
                    return newest(page)[0]
        elif wanted.kind is IdKind.GRAPH:
            url = self._line.path(wanted.mailbox, f"/mailFolders/sentitems/messages/{_part(wanted.value)}")
            answer = await self._line.read(url, wanted.mailbox, urgency, select=select)
            found = mail_in(self._line.understood(answer, "mail"))
            if found is not None:
                return found
        else:
            query = f"internetMessageId eq '{_quoted(f'<{wanted.value}>')}'"
            async for page in self._line.mails(
                wanted.mailbox, urgency, pages=1, filter=query, top="2", select=select
            ):
                if page:
                    return page[0]
        raise NotFoundError(
            f"{self._settings.title} has no such mail in the Sent Items of the mailbox that was asked."
        )

    async def alike(self, mailbox: str, mail: Mail) -> Sending:
        """Find the merge that a mail belongs to: the chain of mails of its subject, as far as no gap is too wide.

        Each round looks twice as far as the one before. What has no end by ROUNDS or ALIKE_SECONDS is not `whole`.
        """
        if mail.sent_at is None:
            return Sending(mails=(mail,))
        seen, group = {mail.id: mail}, [mail]
        asked_low = asked_high = mail.sent_at
        reach, ends = self._gap, monotonic() + ALIKE_SECONDS
        for number in range(ROUNDS + 1):
            low, high = _ends(group, mail.sent_at)
            below, above = low - self._gap < asked_low, high + self._gap > asked_high
            if not (below or above):
                return Sending(mails=tuple(group))
            if number == ROUNDS or (number and monotonic() > ends):
                break
            spans = [(low - reach, asked_low)] if below else []
            spans += [(asked_high, high + reach)] if above else []
            asked_low, asked_high = min(asked_low, spans[0][0]), max(asked_high, spans[-1][1])
            for since, until in spans:
                async for page in self._between(mailbox, since, until, Urgency.PERSON):
                    seen |= {each.id: each for each in page if each.folded == mail.folded}
            groups = together(list(seen.values()), self._gap)
            group = next(each for each in groups if any(one.id == mail.id for one in each))
            reach *= 2
        return Sending(mails=tuple(group), whole=False)

    async def merge(self, wanted: MailId, urgency: Urgency) -> AsyncIterator[list[Mail]]:
        """Stream exactly the mails that a merge's id names, page by page, each once."""
        first, last = wanted.moments
        seen: set[str] = set()
        async for page in self._between(wanted.mailbox, first, last, urgency):
            fitting = [each for each in page if each.digest == wanted.digest and each.id not in seen]
            seen.update(each.id for each in fitting)
            if fitting:
                yield fitting

    async def anchor(self, wanted: MailId) -> Mail:
        """Find a mail of the merge that an id of the kind ALIKE names."""
        (moment,) = wanted.moments
        async for page in self._between(wanted.mailbox, moment, moment, Urgency.PERSON):
            for each in page:
                if each.digest == wanted.digest:
                    return each
        raise NotFoundError(f"{self._settings.title} has no such mails in the mailbox that was asked.")

    def _between(
        self, mailbox: str, since: datetime, until: datetime, urgency: Urgency
    ) -> AsyncIterator[list[Mail]]:
        """Read what was sent from one second to another, both included."""
        query = f"sentDateTime ge {_moment(since)} and sentDateTime lt {_moment(until + SECOND)}"
        return self._line.mails(
            mailbox, urgency, filter=query, orderby=NEWEST_FIRST, top=str(PAGE), select=SHOWN
        )


def together(mails: Sequence[Mail], gap: timedelta) -> list[list[Mail]]:
    """Put the mails of a merge together; groups and mails newest first."""
    groups: list[list[Mail]] = []
    last: dict[str, list[Mail]] = {}
    for mail in newest(mails):
        group = last.get(mail.folded)
        end = group[-1].sent_at if group else None
        if group is not None and end is not None and mail.sent_at is not None and end - mail.sent_at <= gap:
            group.append(mail)
        else:
            last[mail.folded] = [mail]
            groups.append(last[mail.folded])
    return groups


def merge_id(mailbox: str, mails: Sequence[Mail]) -> MailId:
    """Name a merge exactly: what is sent later does not belong to it."""
    times = [int(each.sent_at.timestamp()) for each in mails if each.sent_at is not None]
    value = f"{mails[0].digest}-{min(times)}-{max(times)}"
    return MailId(mailbox=mailbox, kind=IdKind.MERGE, value=value)


def _ends(group: Sequence[Mail], otherwise: datetime) -> tuple[datetime, datetime]:
    """Give the first and the last moment of mails."""
    times = [each.sent_at for each in group if each.sent_at is not None] or [otherwise]
    return min(times), max(times)


def alike_id(mailbox: str, mail: Mail) -> MailId:
    """Name the merge that a mail belongs to, however long it turns out to be."""
    moment = int(mail.sent_at.timestamp()) if mail.sent_at else 0
    return MailId(mailbox=mailbox, kind=IdKind.ALIKE, value=f"{mail.digest}-{moment}")


def _marked(groups: list[list[Mail]], *, whole: bool) -> list[Sending]:
    """Say of which groups more may lie beyond the last page that was read: of those that reach close to it."""
    sendings = [Sending(mails=tuple(each)) for each in groups]
    if whole or not sendings:
        return sendings
    return [replace(each, whole=len(each.mails) == 1 and each is not sendings[-1]) for each in sendings]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _part(value: str) -> str:
    """Escape an id for a path: ids may hold slashes."""
    return quote(value, safe="")
