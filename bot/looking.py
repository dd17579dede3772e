"""What people may see: lists, searches, single targets, and the record. Nothing in here moves anything."""

from dataclasses import replace
from datetime import datetime

from bot.errors import NotAllowedError, NotFoundError
from bot.found import Found
from bot.lookup import Lookup, Viewers
from bot.policy import YES, Policy, Verdict
from bot.ports import NOBODY, Card, ItemResult, People, Person, Records, Work
from bot.recall import Actor, Recall, RecallId
from bot.target import ProviderName, SlackPost, Target, TargetRef


class Looking:
    """The looking half of the service: rights are asked first, here as everywhere."""

    def __init__(
        self, *, records: Records, work: Work, lookup: Lookup, people: People, policy: Policy
    ) -> None:
        self._records = records
        self._work = work
        self._lookup = lookup
        self._people = people
        self._policy = policy

    async def admit(self, actor: Actor) -> Person:
        """Let in whoever may look at all. Raises NotAllowedError for guests, other teams and deactivated people."""
        person = await self._people.person(actor)
        insist(self._policy.may_look(person))
        return person

    async def recent(self, actor: Actor, *, limit: int = 5, before: datetime | None = None) -> Found:
        """List recent targets of all providers that this person may list. Raises NotAllowedError as `admit` does."""
        return await self._lookup.recent(await self._listable(actor), limit=limit, before=before)

    async def find(self, actor: Actor, words: str) -> Found:
        """Find by words, id or link, among what this person may list. Raises NotAllowedError for another's id."""
        allowed = await self._listable(actor)
        named = self._lookup.named(words)
        if named and not any(ref.provider in allowed for ref in named):
            await self._must(actor, named[0].provider)
        return await self._theirs(actor, await self._lookup.find(allowed, words))

    async def find_again(self, actor: Actor, words: str, before: Found) -> Found:
        """Ask those that were only slow in `find` once more, with more time; brings what they add."""
        allowed = await self._listable(actor)
        return await self._theirs(actor, await self._lookup.find_again(allowed, words, before))

    async def suggest(self, actor: Actor, words: str, limit: int = 20) -> tuple[Target, ...]:
        """Find for a typeahead, from the index only; what is open to all members. Raises as `admit` does."""
        await self.admit(actor)
        return await self._lookup.suggest(self._lookup.open_providers(), words, limit)

    def candidates(self, post: SlackPost) -> tuple[TargetRef, ...]:
        """Name what a Slack post may be about. Pure: no network."""
        return self._lookup.candidates(post)

    def post_itself(self, channel: str, ts: str) -> TargetRef | None:
        """Name a Slack post as something to be taken back itself; None where no provider takes posts."""
        return self._lookup.post_itself(channel, ts)

    async def look_up(self, actor: Actor, ref: TargetRef) -> Target:
        """Fetch one target as it is now, for somebody who may recall it."""
        person = await self._must(actor, ref.provider)
        ref = self._lookup.own(ref, self._policy.viewer(person, ref.provider))
        target = await self._lookup.fetch(ref)
        self._must_this(person, target)
        return target

    async def preview(self, actor: Actor, recall: RecallId) -> str:
        """Fetch the text that may not stand on the card, for somebody who may recall it."""
        target = (await self.recall(recall)).target
        self._must_this(await self._people.person(actor), target)
        return await self._lookup.provider(target.ref.provider).preview(target)

    async def recipients(self, actor: Actor, recall: RecallId) -> tuple[Recall, tuple[ItemResult, ...]]:
        """Read what became of every item and of its recipients, for somebody who may recall it."""
        now = await self.recall(recall)
        await self._must_for(actor, now)
        return now, tuple(await self._records.outcomes(recall))

    async def history(self, *, open_only: bool = False, limit: int = 20) -> tuple[Recall, ...]:
        """List confirmed recalls, newest first; with `open_only`, those that run or wait."""
        return tuple(await self._records.recalls(open_only=open_only, limit=limit))

    async def recall(self, recall: RecallId) -> Recall:
        """Read one recall. Raises NotFoundError."""
        found = await self._records.recall(recall)
        if found is None:
            raise NotFoundError("This card belongs to no recall that is known here.")
        return found

    async def card_at(self, channel: str, ts: str) -> Card | None:
        """Find our own card, or the card above a reply of ours, by its Slack message."""
        return await self._records.card_at(channel, ts)

    async def copy_at(self, channel: str, ts: str) -> TargetRef | None:
        """Name what a copy that we posted is about, by its Slack message."""
        return await self._records.copy_at(channel, ts)

    async def cards(self, recall: RecallId) -> tuple[Card, ...]:
        """List where a recall is shown, oldest first."""
        return tuple(await self._records.cards(recall))

    # Rights -------------------------------------------------------------------------------------------

    async def _listable(self, actor: Actor) -> Viewers:
        person = await self.admit(actor)
        opened = self._lookup.open_providers()
        listable = dict.fromkeys(opened, NOBODY)
        others = self._lookup.all_providers() - opened
        mine = {name for name in others if self._policy.may_recall(person, name).allowed}
        return listable | {name: self._policy.viewer(person, name) for name in mine}

    async def _theirs(self, actor: Actor, found: Found) -> Found:
        """Leave out what somebody else sent, where an id or a link led to it and several are listed."""
        closed = self._lookup.all_providers() - self._lookup.open_providers()
        if len(found.targets) <= 1 or not any(each.ref.provider in closed for each in found.targets):
            return found
        person = await self._people.person(actor)
        mine = tuple(each for each in found.targets if self._may_this(person, each).allowed)
        return replace(found, targets=mine, certain=len(mine) == 1 and found.whole)

    def _may_this(self, person: Person, target: Target) -> Verdict:
        if self._lookup.traits(target.ref.provider).listing_is_open:
            return YES  # anybody may see it; whether it may be taken back is judged with its card
        return self._policy.may_recall_this(person, target, self._lookup.traits(target.ref.provider))

    def _must_this(self, person: Person, target: Target) -> None:
        traits = self._lookup.traits(target.ref.provider)
        insist(self._policy.may_recall_this(person, target, traits))

    async def _must(self, actor: Actor, provider: ProviderName) -> Person:
        person = await self._people.person(actor)
        insist(self._policy.may_recall(person, provider))
        return person

    async def _must_for(self, actor: Actor, recall: Recall) -> None:
        self._must_this(await self._people.person(actor), recall.target)


def insist(verdict: Verdict) -> None:
    """Raise NotAllowedError where the verdict is no."""
    if not verdict.allowed:
        error = NotAllowedError(verdict.why)
        error.code = verdict.code
        raise error
