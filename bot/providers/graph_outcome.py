"""What became of recalled mails, by what can be seen: the report mail to the sender, and the recipients' mailboxes.

Graph has no answer of its own to this. A mailbox that can't be looked into is unknown, and so is everybody outside
the organisation. The report mail's words are not documented, so only what it is about is read from it.
"""

import asyncio
import logging
import re
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.errors import NotFoundError, ProviderError
from bot.providers.base import Urgency
from bot.providers.graph_answers import Mail, Report, fold, reports_in
from bot.providers.graph_line import GraphLine
from bot.providers.graph_settings import GraphSettings
from bot.target import ItemState, Outcome, RecipientOutcome, together

LOOKING = 40.0
"""Seconds that one check looks into recipients' mailboxes; who was not reached is looked for at the next check."""

MAILBOXES_AT_A_TIME = 32
MOST_REPORT_PAGES = 20

CLOCKS_DIFFER = timedelta(minutes=1)
"""A report counts that seems to have come so long before its recall began."""

_LEAD = re.compile(r"^\s*(?:(?:for|of)\b\s*)?(?:(?:the\s+)?message\b\s*)?:?\s*(?:recall:\s*)?")
_QUOTES = {"[]", '""', "''", "“”", "‘’", "«»"}

_log = logging.getLogger(__name__)


class OutcomeFinder:
    """Looks for outcomes. What each recipient's state is, is decided in `_judged`."""

    def __init__(self, line: GraphLine, settings: GraphSettings) -> None:
        self._line = line
        self._settings = settings

    async def outcomes(
        self, mailbox: str, mails: Sequence[Mail], *, alone: bool, since: datetime | None = None
    ) -> list[Outcome]:
        """Find out about mails, one outcome each.

        `alone`: no other mail has the subject, so it tells too. `since`: when the recall began, for reports from
        before that are about an earlier one; None: it is not known, and no report counts.
        """
        reported = set() if since is None else await self._reports(mailbox, mails, since, alone=alone)
        seen: dict[tuple[str, str], bool | str] = {}
        gate = asyncio.Semaphore(MAILBOXES_AT_A_TIME)

        async def look(recipient: str, mail: Mail) -> None:
            async with gate:
                seen[recipient, mail.internet_id] = await self._holds(recipient, mail)

        inside = [(each, mail) for mail in mails for each in mail.recipients if self._inside(each, mailbox)]
        if self._looks:
            await _within(LOOKING, [look(*each) for each in inside])
        return [self._outcome(mail, mailbox, seen, reported=mail.internet_id in reported) for mail in mails]

    def _outcome(
        self,
        mail: Mail,
        mailbox: str,
        seen: Mapping[tuple[str, str], bool | str],
        *,
        reported: bool,
    ) -> Outcome:
        recipients = tuple(
            self._judged(each, seen.get((each, mail.internet_id)), reported=reported)
            if self._inside(each, mailbox)
            else RecipientOutcome(
                address=each,
                state=ItemState.UNKNOWN,
                reason="Outside the organisation, where nobody can look.",
            )
            for each in mail.recipients
        )
        state = together(each.state for each in recipients) if recipients else ItemState.UNKNOWN
        report = "a report mail came" if reported else "no report mail yet"
        reason = next((each.reason for each in recipients if each.state is state and each.reason), None)
        if state is ItemState.UNKNOWN and reason is None:
            reason = f"{self._settings.title} names no recipients of this mail."
        return Outcome(
            state=state,
            recipients=recipients,
            reason=reason if state in {ItemState.FAILED, ItemState.UNKNOWN} else None,
            evidence=f"{report}; {_counted(recipients)}",
        )

    def _judged(self, recipient: str, held: bool | str | None, *, reported: bool) -> RecipientOutcome:
        """Judge one recipient. `held`: whether the mail lies in the mailbox; a sentence: why nobody can tell."""
        if isinstance(held, str):
            return RecipientOutcome(address=recipient, state=ItemState.UNKNOWN, reason=held)
        if held is None:
            return self._unseen(recipient, reported=reported)
        if reported:
            left = "Still in the mailbox after the report." if held else None
            state = ItemState.FAILED if held else ItemState.DONE
            return RecipientOutcome(address=recipient, state=state, reason=left)
        where = "Still in the mailbox" if held else "Not found at the recipient"
        late = ItemState.FAILED if held else ItemState.DONE
        return RecipientOutcome(
            address=recipient, state=ItemState.ACCEPTED, reason=f"{where}; no report came.", late=late
        )

    def _unseen(self, recipient: str, *, reported: bool) -> RecipientOutcome:
        if reported and not self._looks:
            unseen = "A report came, but Recall may not look into the mailbox."
            return RecipientOutcome(address=recipient, state=ItemState.UNKNOWN, reason=unseen)
        return RecipientOutcome(
            address=recipient, state=ItemState.ACCEPTED, reason="Nobody has looked into the mailbox."
        )

    @property
    def _looks(self) -> bool:
        return self._settings.look_at_recipients and not self._settings.delegated

    def _inside(self, recipient: str, mailbox: str) -> bool:
        """Say whether somebody belongs to the organisation; a recall reaches nobody else for sure."""
        domain = recipient.rpartition("@")[2].casefold()
        home = mailbox.rpartition("@")[2].casefold()
        return domain == home or domain in {each.casefold() for each in self._settings.internal_domains}

    async def _reports(
        self, mailbox: str, mails: Sequence[Mail], since: datetime, *, alone: bool
    ) -> set[str]:
        """Name the mails (by internet id) that a report mail is about."""
        since -= CLOCKS_DIFFER
        words = self._settings.report_words.replace("'", "''")
        query: dict[str, str] = {
            "filter": f"receivedDateTime ge {since:%Y-%m-%dT%H:%M:%SZ} and contains(subject,'{words}')",
            "orderby": "receivedDateTime desc",
            "top": "500",
            "select": "subject,receivedDateTime,internetMessageHeaders",
        }
        url: str | None = self._line.path(mailbox, "/messages")
        found: set[str] = set()
        for _ in range(MOST_REPORT_PAGES):
            answer = self._line.understood(
                await self._line.read(str(url), mailbox, Urgency.CHECK, **query), "mailbox"
            )
            late = [each for each in reports_in(answer) if each.at is not None and each.at >= since]
            found |= self._named(late, mails, alone=alone)
            url, query = self._line.following(answer), {}
            if url is None:
                break
        return found

    def _named(self, reports: Iterable[Report], mails: Sequence[Mail], *, alone: bool) -> set[str]:
        by_id = {mail.internet_id: mail for mail in mails}
        found: set[str] = set()
        for report in reports:
            named = [each.strip("<>,") for each in report.about.split()]
            hits = [each for each in named if each in by_id]
            if not hits and not named and alone and self._about(report.subject, mails[0]):
                hits = [mails[0].internet_id]
            found.update(hits)
        return found

    def _about(self, subject: str, mail: Mail) -> bool:
        """Say whether a report's subject is its own words and then exactly the mail's: "New prices" is not "Prices".

        Seen so far: `Message Recall Report for message [Prices]`, `Recall: Prices`, `Message Recall Report: Prices`.
        """
        _, words, rest = fold(subject).partition(fold(self._settings.report_words))
        rest = _LEAD.sub("", rest if words else fold(subject)).strip()
        rest = rest[1:-1].strip() if rest[:1] + rest[-1:] in _QUOTES and mail.folded != rest else rest
        return bool(rest) and rest == mail.folded

    async def _holds(self, recipient: str, mail: Mail) -> bool | str:
        """Look whether a mail lies in somebody's mailbox; a sentence where that can't be known."""
        quoted = mail.internet_id.replace("'", "''")
        query = {"filter": f"internetMessageId eq '<{quoted}>'", "top": "1", "select": "internetMessageId"}
        answer = await self._line.read(
            self._line.path(recipient, "/messages"), recipient, Urgency.CHECK, **query
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            return "Recall may not look into the mailbox."
        try:
            listed = self._line.understood(answer, "mailbox")
        except NotFoundError:
            return "The organisation has no mailbox of that name that Recall could look into."
        value = listed.get("value") if isinstance(listed, dict) else None
        return bool(value) if isinstance(value, list) else "The mailbox gave no clear answer."


async def _within(seconds: float, looks: Sequence[Coroutine[None, None, None]]) -> None:
    """Run look-ups for so long; those that fail or are not reached are left out."""
    tasks = [asyncio.ensure_future(each) for each in looks]
    if not tasks:
        return
    done, left = await asyncio.wait(tasks, timeout=seconds)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left)
    for task in done:
        error = task.exception()
        if isinstance(error, ProviderError):
            _log.info("a recipient's mailbox gave no answer: %s", error.code)
        elif error is not None:
            raise error


def _counted(recipients: Sequence[RecipientOutcome]) -> str:
    gone = sum(each.state is ItemState.DONE for each in recipients)
    return f"gone from {gone:,} of {len(recipients):,} mailboxes"
