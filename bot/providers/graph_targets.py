"""Mails and mail-merges as targets: subject and counts, never a body, since cards stand in channels. Pure."""

from datetime import datetime, timedelta

from bot.providers.graph_answers import Mail
from bot.providers.graph_finding import Sending, alike_id, merge_id
from bot.providers.graph_ids import IdKind, MailId
from bot.providers.graph_settings import GraphSettings
from bot.target import (
    MAIL_REASONS,
    Audience,
    Capability,
    Operation,
    ProviderName,
    Related,
    Status,
    Target,
    TargetRef,
)

MAIL, MERGE = "e-mail", "mail-merge"
NO_SUBJECT = "(no subject)"
INSIDE_ONLY = "Exchange removes it from mailboxes of this organisation, usually also where it was read."
HAPPENS_LATER = "The outcome comes later, for each recipient; until then it is only submitted."


class Targets:
    """Makes targets of one connection's mails."""

    def __init__(self, provider: ProviderName, settings: GraphSettings) -> None:
        self._provider = provider
        self._settings = settings

    def of(self, mailbox: str, sending: Sending, now: datetime) -> Target:
        """Make the target of a list's entry: a mail, or a merge that may not be counted yet."""
        if len(sending.mails) == 1:
            return self.mail(mailbox, sending.mails[0], None, now)
        ref = self.ref(alike_id(mailbox, sending.mails[0]))
        return self._merge(mailbox, sending, ref, now, waits=0.0)

    def mail(self, mailbox: str, mail: Mail, alike: Sending | None, now: datetime) -> Target:
        """Make the target of one mail; `alike`: the merge that it belongs to, where it is known."""
        kind = IdKind.INTERNET if mail.internet_id else IdKind.GRAPH
        value = mail.internet_id or mail.id
        outside = self._outside(mailbox, mail)
        count = len(mail.recipients)
        limits = [INSIDE_ONLY]
        if outside:
            limits.append(f"Outside the organisation nobody can tell: {outside:,} of {count:,} recipients.")
        related = None
        if alike is not None and len(alike.mails) > 1:
            several = len(alike.mails)
            related = Related(
                ref=self.ref(merge_id(mailbox, alike.mails)),
                says=f"It is one of {several:,} mails alike, a mail-merge."
                if alike.whole
                else f"It is one of more than {several:,} mails alike. Together only those {several:,} can be shown.",
                button=f"Show all {several:,}" if alike.whole else f"Show {several:,}",
            )
        return Target(
            ref=self.ref(MailId(mailbox=mailbox, kind=kind, value=value)),
            vendor=self._settings.title,
            noun=MAIL,
            name=mail.subject.strip() or NO_SUBJECT,
            url=mail.url,
            sent_at=mail.sent_at,
            sent_by=mail.sender_name or None,
            audience=Audience(sent=count or None),
            status=Status.SENT,
            capability=self._capability(mail.sent_at, (*limits, HAPPENS_LATER), now),
            sender_id=mailbox,
            text_is_public=False,
            reasons=MAIL_REASONS,
            related=related,
        )

    def merge(
        self, mailbox: str, sending: Sending, now: datetime, *, waits: float, named: MailId | None = None
    ) -> Target:
        """Make the target of a whole merge, under the id that `named` it.

        `waits`: seconds that Graph's limits make it last at least.
        """
        ref = self.ref(named or merge_id(mailbox, sending.mails))
        return self._merge(mailbox, sending, ref, now, waits=waits)

    def ref(self, mail: MailId) -> TargetRef:
        """Name it across providers."""
        return TargetRef(provider=self._provider, id=mail.target)

    def _merge(
        self, mailbox: str, sending: Sending, ref: TargetRef, now: datetime, *, waits: float
    ) -> Target:
        mails = sending.mails
        first = min((each.sent_at for each in mails if each.sent_at is not None), default=None)
        recipients = sum(len(each.recipients) for each in mails)
        outside = sum(self._outside(mailbox, each) for each in mails)
        limits = [INSIDE_ONLY]
        if outside:
            limits.append(
                f"Outside the organisation nobody can tell: {outside:,} of {recipients:,} recipients."
            )
        if not sending.whole:
            limits.append(
                "More mails alike may have been sent before or after these; they are not among them."
            )
        if waits > 60:  # noqa: PLR2004 - a minute
            limits.append(
                f"{self._settings.title} lets {self._settings.requests_per_10_minutes:,.0f} requests per "
                f"10 minutes through for one mailbox, so it takes about {_minutes(waits)}."
            )
        return Target(
            ref=ref,
            vendor=self._settings.title,
            noun=MERGE,
            name=mails[0].subject.strip() or NO_SUBJECT,
            sent_at=first,
            sent_by=mails[0].sender_name or None,
            audience=Audience(sent=recipients if sending.whole and recipients else None),
            status=Status.SENT,
            capability=self._capability(first, (*limits, HAPPENS_LATER), now),
            items=len(mails),
            sender_id=mailbox,
            text_is_public=False,
            reasons=MAIL_REASONS,
        )

    def _capability(self, sent_at: datetime | None, limits: tuple[str, ...], now: datetime) -> Capability:
        days = self._settings.max_age_days
        if sent_at is None:
            return Capability(operation=Operation.RECALL, limits=limits)
        # A date in the future is somebody's wrong clock; it must not make the window longer.
        closes = min(sent_at, now) + timedelta(days=days)
        if closes <= now:
            return Capability(
                operation=None, refusal=f"It was sent more than {days:g} days ago; mails that old stay."
            )
        return Capability(operation=Operation.RECALL, limits=limits, closes_at=closes)

    def _outside(self, mailbox: str, mail: Mail) -> int:
        home = {mailbox.rpartition("@")[2], *self._settings.internal_domains}
        home = {each.casefold() for each in home}
        return sum(each.rpartition("@")[2].casefold() not in home for each in mail.recipients)


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return "a minute" if minutes == 1 else f"{minutes:,} minutes"
