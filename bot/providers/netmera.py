"""Netmera: push campaigns, found and taken back through the vendor's MCP server.

Its tools' answers are never trusted: what became of a recall is read from `campaign_detail` afterwards. Repeat class
B: whether an earlier request took effect can be read. Source: Netmera's user guide, "Netmera MCP Server".
"""

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.errors import NotFoundError, ProviderError, ProviderRefusedError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import ProviderKind, Urgency
from bot.providers.netmera_account import Listed, NetmeraAccount
from bot.providers.netmera_answers import Campaign
from bot.providers.netmera_capability import Rules
from bot.providers.netmera_diagnosis import diagnose
from bot.providers.netmera_links import Recogniser
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import (
    Audience,
    ItemState,
    Operation,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
    TargetRef,
)

NOUN = "push campaign"
DEEPER = 200
"""Campaigns asked for where those before a moment are wanted: no paging argument is documented."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_log = logging.getLogger(__name__)


class NetmeraProvider:
    """One Netmera app, as `bot.ports.Provider`."""

    def __init__(self, name: ProviderName, settings: NetmeraSettings, clock: Clock) -> None:
        """Connect to nothing yet: the session opens at the first call."""
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=NOUN,
            repeat=RepeatClass.READABLE,
            concurrency=settings.concurrency,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        self._rules = Rules(settings=settings)
        self._recogniser = Recogniser(provider=name, settings=settings)
        self._account = NetmeraAccount(settings, clock)

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what was sent, newest first; what is only planned is left to the search."""
        del viewer  # a campaign is the team's, whoever asks
        listed = await self._account.list(limit=limit * 2 if before is None else max(DEEPER, limit))
        found = [
            one
            for one in listed.campaigns
            if not self._rules.never_sent(one)
            and (before is None or (one.sent_at is not None and one.sent_at < before))
        ]
        found.sort(key=lambda one: one.sent_at or _BEGINNING, reverse=True)
        return [self._target(one, listed) for one in found[:limit]]

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Ask the vendor's own search; empty where its list takes no search argument."""
        del viewer
        listed = await self._account.list(limit=limit, words=words)
        return [self._target(one, listed) for one in listed.campaigns[:limit]]

    async def get(self, target: TargetId) -> Target:
        """Fetch one campaign as it is now; its numbers from the report where the detail has none."""
        listed = await self._account.detail(target, Urgency.PERSON)
        (campaign,) = listed.campaigns
        if campaign.audience == Audience() and listed.toolbox.has(self._settings.tools.report):
            try:
                numbers = await self._account.report(target, Urgency.PERSON)
            except (ProviderError, NotFoundError) as error:
                _log.info("provider %s gave no report: %s", self.name, error.code)
            else:
                campaign = replace(campaign, audience=numbers)
        return self._target(campaign, listed)

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find campaigns in a post: metadata, then panel links, then ids in its text."""
        return self._recogniser.in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read a panel link or an id."""
        return self._recogniser.in_words(words)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the campaign itself: one call takes all of it back."""
        yield (ItemId(target.ref.id),)

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:  # noqa: ARG002
        """Recall or halt, and look afterwards. DONE only where `campaign_detail` shows it.

        Netmera takes no idempotency key: a repeat is made harmless by reading first (`check`).
        """
        operation = target.capability.operation
        tools = {Operation.RECALL: self._settings.tools.recall, Operation.HALT: self._settings.tools.stop}
        if operation not in tools:
            raise ProviderRefusedError(target.capability.refusal)
        return [await self._take_back(operation, tools[operation], TargetId(item)) for item in items]

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Read what became of it: DONE, ACCEPTED (being recalled), PENDING or UNKNOWN.

        PENDING means that the record still says SENT (for a halt: SENDING), with no trace of the request. After
        a request whose answer was lost this says that it never took effect. After one that was accepted it may
        only be that the record lags, and whoever asks must go on waiting: this method can't tell the two apart.
        """
        operation = target.capability.operation or Operation.RECALL
        return [await self._look(operation, TargetId(item)) for item in items]

    async def preview(self, target: Target) -> str:
        """Give what the card shows anyway."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Look at address, token, tools, their arguments, and the list."""
        return await diagnose(self.name, self._settings, self._account)

    async def close(self) -> None:
        """Let go of the connection; a few seconds at most."""
        await self._account.close()

    async def _take_back(self, operation: Operation, tool: str, target: TargetId) -> Outcome:
        try:
            refusal = await self._account.order(tool, target)
        except NotFoundError as error:
            return _not_found(error)
        if isinstance(refusal, NotFoundError):
            return _not_found(refusal)
        try:
            seen = await self._look(operation, target, Urgency.RECALL)
        except ProviderError as error:
            if refusal:
                raise refusal from None
            _log.info("provider %s took %s, then gave no detail: %s", self.name, tool, error.code)
            return Outcome(state=ItemState.ACCEPTED, evidence=f"{tool} was accepted")
        if refusal and seen.state not in {ItemState.DONE, ItemState.ACCEPTED}:
            raise refusal
        if seen.state in {ItemState.DONE, ItemState.ACCEPTED}:
            return seen
        return replace(seen, state=ItemState.ACCEPTED, reason=None, code=None)

    async def _look(
        self, operation: Operation, target: TargetId, urgency: Urgency = Urgency.CHECK
    ) -> Outcome:
        """Read the record and say how far the operation has come, by nothing but the record."""
        tool = self._settings.tools.detail
        try:
            (campaign,) = (await self._account.detail(target, urgency)).campaigns
        except NotFoundError as error:
            return Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)
        word = campaign.status_word or "no state"
        seen = Outcome(state=ItemState.DONE, evidence=f"{tool} says {word}", audience=campaign.audience)
        if self._rules.done(operation, campaign):
            return seen
        if self._rules.recalling(campaign):
            return replace(seen, state=ItemState.ACCEPTED)
        if self._rules.untouched(operation, campaign):
            return replace(seen, state=ItemState.PENDING)
        return replace(
            seen,
            state=ItemState.UNKNOWN,
            reason=f"{self._settings.title}'s record shows {word}, which does not say whether it is gone.",
            code="state_unknown",
        )

    def _target(self, campaign: Campaign, listed: Listed) -> Target:
        panel = self._settings.panel_url
        return Target(
            ref=TargetRef(provider=self.name, id=campaign.id),
            vendor=self._settings.title,
            noun=NOUN,
            name=campaign.name or campaign.id,
            text=campaign.text,
            image_url=campaign.image_url,
            url=panel.replace("{id}", campaign.id) if panel else None,
            sent_at=campaign.sent_at,
            sent_by=campaign.sent_by,
            audience=campaign.audience,
            status=self._rules.status(campaign),
            capability=self._rules.capability(campaign, listed.toolbox, listed.at),
        )


def _not_found(error: NotFoundError) -> Outcome:
    return Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)


KIND = ProviderKind(settings=NetmeraSettings, build=NetmeraProvider)
