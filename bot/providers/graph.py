"""Microsoft Graph: mails and mail-merges in people's Sent Items, taken back with `message: recall` (beta).

Graph answers a recall with 202 and tells nobody what became of it, so 202 is never more than submitted; the outcome
is looked for afterwards. Repeat class A: a second request for the same mail is harmless. Whose mailbox may be
looked into is the viewer's own; somebody with a rule of `on_behalf` names the mailbox: `ann@example.com: subject`.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from bot.errors import NotFoundError, ProviderConfusingError, ProviderError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import ProviderKind, Urgency
from bot.providers.graph_answers import Mail, receipt_in, trouble_in
from bot.providers.graph_diagnosis import diagnose
from bot.providers.graph_finding import Finder, Sending, merge_id
from bot.providers.graph_ids import IdKind, MailId, Recogniser, owned, read
from bot.providers.graph_line import PAGE, RECALL_VERSION, GraphLine
from bot.providers.graph_outcome import OutcomeFinder
from bot.providers.graph_settings import GraphSettings
from bot.providers.graph_targets import MAIL, Targets
from bot.providers.http_message import HttpAnswer, HttpRequest
from bot.target import (
    ItemState,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
)

MINE = "Say whose mailbox is meant: /recall ann@example.com: and then the mail's id, its link or words of its subject."


LOOK_UP = 40.0
"""Seconds that a look-up takes at most: ten thousand mails are ten pages, and more where other mails lie between."""

REMEMBERED = timedelta(minutes=10)
"""How long the mails of a merge are taken as they were read: what was sent does not change."""


class GraphProvider:
    """One connection to Microsoft 365, as `bot.ports.Provider`, `Personal`, `Accounts`, `Paced` and `ReadsReports`."""

    def __init__(self, name: ProviderName, settings: GraphSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=MAIL,
            repeat=RepeatClass.HARMLESS,
            listing_is_open=False,
            sender_only=True,
            concurrency=settings.concurrency,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
            look_up=LOOK_UP,
        )
        self._settings = settings
        self._clock = clock
        self._line = GraphLine(settings, clock)
        self._finder = Finder(self._line, settings, clock)
        self._outcomes = OutcomeFinder(self._line, settings)
        self._targets = Targets(name, settings)
        self._recogniser = Recogniser(link_hosts=settings.link_hosts)
        self._last: tuple[MailId | None, datetime, tuple[Mail, ...]] = (None, clock.now(), ())

    # Finding ------------------------------------------------------------------------------------------

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what lies in the viewer's own Sent Items, mail-merges as one."""
        mailbox = self._mailbox_of(viewer)
        if mailbox is None:
            return ()
        found = await self._finder.recent(mailbox, limit, before)
        return [self._targets.of(mailbox, each, self._clock.now()) for each in found]

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Look for words of the subject in the viewer's own Sent Items, or in a mailbox that the words name."""
        typed = self._recogniser.taken_apart(words)
        mailbox = self._named(typed.mailbox, viewer) if typed.mailbox else self._mailbox_of(viewer)
        if mailbox is None:
            return ()
        found = await self._finder.search(mailbox, typed.rest, limit)
        return [self._targets.of(mailbox, each, self._clock.now()) for each in found]

    async def get(self, target: TargetId) -> Target:
        """Fetch a mail, with the merge that it belongs to; or a merge, with all its mails counted."""
        wanted = self._placed(target)
        if wanted.kind is IdKind.MERGE:
            return await self._whole_merge(wanted)
        if wanted.kind is IdKind.ALIKE:
            mail = await self._finder.anchor(wanted)
        else:
            mail = await self._finder.mail(wanted, Urgency.PERSON)
        alike = await self._finder.alike(wanted.mailbox, mail)
        if wanted.kind is IdKind.ALIKE and len(alike.mails) > 1:
            self._last = (merge_id(wanted.mailbox, alike.mails), self._clock.now(), alike.mails)
            return self._merge(wanted.mailbox, alike)
        return self._targets.mail(wanted.mailbox, mail, alike, self._clock.now())

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find mails in a post; they are looked for in the asker's mailbox (`own`)."""
        return self._recogniser.in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read an id or a link, with the mailbox before it where one is named."""
        typed = self._recogniser.taken_apart(words)
        if typed.id is None:
            return None
        return owned(typed.id.target, typed.mailbox)

    def own(self, target: TargetId, viewer: Viewer) -> TargetId:
        """Look for an id that names no mailbox in the viewer's own."""
        return owned(target, self._mailbox_of(viewer))

    # Taking back --------------------------------------------------------------------------------------

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the mails: one, or those of a merge exactly as its id names them."""
        wanted = self._placed(target.ref.id)
        if wanted.kind is IdKind.MERGE:
            mails = await self._mails_of(wanted, Urgency.RECALL)
            for at in range(0, len(mails), PAGE):
                yield [_item(mail) for mail in mails[at : at + PAGE]]
        else:
            yield [_item(await self._finder.mail(wanted, Urgency.RECALL))]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:  # noqa: ARG002
        """Ask for recalls. ACCEPTED at most: Graph takes the request and says no more.

        Graph takes no idempotency key; to ask for the same recall again is harmless.
        """
        mailbox = self._placed(target.ref.id).mailbox
        return [await self._take_back(mailbox, item) for item in items]

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Look for the outcome, recipient by recipient; without its time no report can be told to be this recall's."""
        return await self._check(target, items, None)

    async def check_since(
        self, target: Target, items: Sequence[ItemId], *, since: datetime
    ) -> Sequence[Outcome]:
        """Look for the outcome of what was asked for after `since`, recipient by recipient."""
        return await self._check(target, items, since)

    async def _check(
        self, target: Target, items: Sequence[ItemId], since: datetime | None
    ) -> Sequence[Outcome]:
        wanted = self._placed(target.ref.id)
        wants = {_internet_id(item) for item in items}
        found: dict[str, Mail] = {}
        if wanted.kind is IdKind.MERGE:
            for mail in await self._mails_of(wanted, Urgency.CHECK):
                if mail.internet_id in wants:
                    found[mail.internet_id] = mail
        else:
            mail = await self._finder.mail(wanted, Urgency.CHECK)
            found[mail.internet_id] = mail
        alone = wanted.kind is not IdKind.MERGE and target.related is None
        mails = [found[each] for item in items if (each := _internet_id(item)) in found]
        outcomes = await self._outcomes.outcomes(wanted.mailbox, mails, alone=alone, since=since)
        known = {mail.internet_id: each for mail, each in zip(mails, outcomes, strict=True)}
        return [known.get(_internet_id(item), self._gone()) for item in items]

    def account(self, target: Target) -> str:
        """Name the mailbox: Graph limits each by itself."""
        return self._placed(target.ref.id).mailbox

    def seconds_for(self, target: Target, calls: int) -> float:
        """Say how long so many recalls take at least, by what the mailbox's limits leave."""
        return self._line.limiter(self._placed(target.ref.id).mailbox).seconds_for(calls)

    def went(self, target: Target, calls: int, seconds_ago: float) -> None:
        """Count recalls that an earlier process asked for: the mailbox's limits go on over a restart."""
        self._line.limiter(self._placed(target.ref.id).mailbox).went(calls, seconds_ago)

    async def preview(self, target: Target) -> str:
        """Fetch the text of the mail, or of the last one of a merge."""
        wanted = self._placed(target.ref.id)
        if wanted.kind is IdKind.MERGE:
            async for page in self._finder.merge(wanted, Urgency.PERSON):
                wanted = MailId(mailbox=wanted.mailbox, kind=IdKind.GRAPH, value=page[0].id)
                break
        mail = await self._finder.mail(wanted, Urgency.PERSON, select="subject,sentDateTime,body")
        return mail.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Look at the sign-in and at the mailboxes."""
        return await diagnose(self.name, self._settings, self._line)

    async def close(self) -> None:
        """Let go of connections."""
        await self._line.close()

    # Parts --------------------------------------------------------------------------------------------

    async def _take_back(self, mailbox: str, item: ItemId) -> Outcome:
        graph_id, internet_id = await self._ids(mailbox, item)
        answer = await self._order(mailbox, graph_id)
        if internet_id and _stale(answer):
            wanted = MailId(mailbox=mailbox, kind=IdKind.INTERNET, value=internet_id)
            try:
                moved = await self._finder.mail(wanted, Urgency.RECALL)
            except NotFoundError:
                return self._gone()
            except ProviderError as error:
                error.maybe_applied = False
                raise
            answer = await self._order(mailbox, moved.id)
        if answer.ok:
            if "html" in answer.content_type.casefold():  # a page of somebody in between
                raise ProviderConfusingError(
                    f"{self._settings.title} gave an answer that can't be understood: a page and no receipt."
                )
            receipt = receipt_in(answer.text)
            said = f"request taken, {receipt}" if receipt else "request taken"
            return Outcome(state=ItemState.ACCEPTED, evidence=said, receipt=receipt)
        code = trouble_in(answer.json).code or f"http_{answer.status}"
        return Outcome(state=ItemState.FAILED, reason=self._line.refusal(answer), code=code)

    async def _order(self, mailbox: str, graph_id: str) -> HttpAnswer:
        rest = f"/mailFolders/sentitems/messages/{quote(graph_id, safe='')}/recall"
        request = HttpRequest(
            method="POST", url=self._line.path(mailbox, rest, version=RECALL_VERSION), once=False
        )
        return await self._line.ask(request, mailbox, Urgency.RECALL)

    async def _ids(self, mailbox: str, item: ItemId) -> tuple[str, str]:
        """Take an item's two ids; a target's id stands for its mail."""
        graph_id, space, internet_id = item.partition(" ")
        if space:
            return graph_id, internet_id
        wanted = read(item) or MailId(mailbox=mailbox, kind=IdKind.GRAPH, value=item)
        try:
            mail = await self._finder.mail(wanted, Urgency.RECALL)
        except ProviderError as error:
            error.maybe_applied = False  # only the mail was looked for
            raise
        return mail.id, mail.internet_id

    async def _whole_merge(self, wanted: MailId) -> Target:
        mails = await self._mails_of(wanted, Urgency.PERSON)
        if not mails:
            raise NotFoundError(f"{self._settings.title} has none of these mails any more.")
        return self._merge(wanted.mailbox, Sending(mails=mails), wanted)

    async def _mails_of(self, wanted: MailId, urgency: Urgency) -> tuple[Mail, ...]:
        """Read a merge's mails; the merge that was read last is remembered for a while."""
        known, at, mails = self._last
        if known != wanted or self._clock.now() - at > REMEMBERED:
            mails = tuple([mail async for page in self._finder.merge(wanted, urgency) for mail in page])
            self._last = (wanted, self._clock.now(), mails)
        return mails

    def _merge(self, mailbox: str, sending: Sending, named: MailId | None = None) -> Target:
        waits = self._line.limiter(mailbox).seconds_for(len(sending.mails))
        return self._targets.merge(mailbox, sending, self._clock.now(), waits=waits, named=named)

    def _placed(self, target: TargetId) -> MailId:
        wanted = read(target)
        if wanted is None:
            raise NotFoundError(f"{self._settings.title} has no mail with that id.")
        if not wanted.mailbox:
            raise NotFoundError(MINE)
        mine = self._settings.mailbox
        if mine is not None and wanted.mailbox != mine.casefold():
            raise NotFoundError(f"Recall may look into one mailbox of {self._settings.title} only.")
        return wanted

    def _mailbox_of(self, viewer: Viewer) -> str | None:
        """Name the viewer's own mailbox; with one person's token, that person's, for that person alone."""
        mine = self._settings.mailbox
        if mine is None:
            return viewer.identity.casefold() if viewer.identity else None
        known = viewer.identity is not None and viewer.identity.casefold() == mine.casefold()
        return mine.casefold() if known or viewer.on_behalf else None

    def _named(self, mailbox: str, viewer: Viewer) -> str | None:
        own = self._mailbox_of(viewer)
        return mailbox if viewer.on_behalf or own == mailbox else None

    def _gone(self) -> Outcome:
        reason = f"{self._settings.title} has this mail no longer in the Sent Items."
        return Outcome(state=ItemState.FAILED, reason=reason, code="not_found")


def _item(mail: Mail) -> ItemId:
    """Name a mail by both of its ids: Graph's own saves a request, the other one outlives a move."""
    return ItemId(f"{mail.id} {mail.internet_id}")


def _internet_id(item: ItemId) -> str:
    _, space, internet_id = item.partition(" ")
    wanted = None if space else read(item)
    return internet_id if wanted is None else wanted.value


def _stale(answer: HttpAnswer) -> bool:
    """Say whether Graph does not know the id any more, as after the mail was moved."""
    return answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST} and trouble_in(
        answer.json
    ).code in {
        "ErrorItemNotFound",
        "ErrorInvalidIdMalformed",
        "ErrorInvalidMailboxItemId",
        "ResourceNotFound",
    }


KIND = ProviderKind(settings=GraphSettings, build=GraphProvider)
