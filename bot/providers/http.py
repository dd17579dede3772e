"""Any vendor with a REST API, described in the settings: no code. docs/http.md shows how.

Nothing is taken for done but what the settings call proof: a status alone is "accepted". Repeat class C unless the
settings say otherwise: what may have been sent is never sent again.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.errors import NotFoundError, ProviderConfusingError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import ProviderKind, Urgency
from bot.providers.http_account import GONE, HttpAccount, entries_in
from bot.providers.http_diagnosis import diagnose
from bot.providers.http_links import Recogniser
from bot.providers.http_message import HttpAnswer
from bot.providers.http_outcomes import after_check, after_recall
from bot.providers.http_pointer import MISSING, at
from bot.providers.http_settings import HttpSettings, ListSettings
from bot.providers.http_targets import Reader
from bot.providers.http_template import Values
from bot.target import (
    Audience,
    ItemState,
    Outcome,
    ProviderName,
    SlackPost,
    Target,
    TargetId,
)

SEARCHED = 200
"""Entries of the list among which one is looked for, where no request gets a single one."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


class HttpProvider:
    """One described vendor, as `bot.ports.Provider`."""

    def __init__(self, name: ProviderName, settings: HttpSettings, clock: Clock) -> None:
        """Connect to nothing yet."""
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=settings.noun,
            repeat=settings.repeat_class(),
            listing_is_open=settings.open_list,
            sender_only=settings.sender_only,
            concurrency=settings.concurrency,
            batch=settings.batch,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        self._clock = clock
        self._account = HttpAccount(settings, clock)
        self._reader = Reader(provider=name, settings=settings)
        self._recogniser = Recogniser(provider=name, settings=settings)

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List what was sent, newest first; nothing where no list is described."""
        del viewer  # whoever asks: a vendor whose sendings belong to somebody has open_list = false
        listing = self._settings.list
        if listing is None:
            return ()
        pages = listing.names() & {"before", "before_seconds", "before_milliseconds"}
        enough = limit if before is None or pages else max(SEARCHED, limit)
        found = [
            one
            for one in await self._listed(listing, enough, before=before)
            if before is None or (one.sent_at is not None and one.sent_at < before)
        ]
        found.sort(key=lambda one: one.sent_at or _BEGINNING, reverse=True)
        return found[:limit]

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Ask the vendor's own search; nothing where none is described."""
        del viewer
        if self._settings.search is None:
            return ()
        return (await self._listed(self._settings.search, limit, words=words))[:limit]

    async def get(self, target: TargetId) -> Target:
        """Fetch one; out of the list, or as a bare id, where the settings describe no better way."""
        entry, answer = await self._entry(target)
        return self._reader.target(entry, target, self._account.now(answer))

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find ids in a post: metadata, then links, then what looks like an id."""
        return self._recogniser.in_post(post)

    def link_to(self, words: str) -> TargetId | None:
        """Read a link or an id."""
        return self._recogniser.in_words(words)

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the target itself, or the parts that the vendor lists for it."""
        if target.items == 1 and self._settings.fields.items is None:
            yield (ItemId(target.ref.id),)
            return
        entry, _ = await self._entry(target.ref.id)
        yield tuple(ItemId(each) for each in self._reader.items(entry) or (target.ref.id,))

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Take back: one request for each item, or one for all where the settings describe batches."""
        if self._settings.batch > 1:
            return await self._order(target, items, key)
        outcomes: list[Outcome] = []
        for item in items:
            outcomes += await self._order(target, [item], key if len(items) == 1 else f"{key}:{item}")
        return outcomes

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Ask what became of it; where no such request is described, nobody can tell."""
        request = self._settings.check
        if request is None:
            told = f"{self._settings.title} offers no way to ask what became of it."
            return [Outcome(state=ItemState.ACCEPTED, evidence=told)] * len(items)
        if not request.names() & {"item", "items"}:
            return [await self._look(target, items)] * len(items)
        return [await self._look(target, [item]) for item in items]

    async def preview(self, target: Target) -> str:
        """Give what the card shows anyway."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Show each request and what was understood of its answer. The recall itself is never sent."""
        return await diagnose(self.name, self._settings, self._account, self._reader)

    async def close(self) -> None:
        """Let go of the connections; a few seconds at most."""
        await self._account.close()

    async def _order(self, target: Target, items: Sequence[ItemId], key: str) -> list[Outcome]:
        values = {**_values(target, items), "key": key}
        try:
            answer = await self._account.once(self._settings.recall, values, Urgency.RECALL)
        except NotFoundError as error:
            return [Outcome(state=ItemState.FAILED, reason=error.sentence, code=error.code)] * len(items)
        return after_recall(self._settings, self._account, answer, items)

    async def _look(self, target: Target, items: Sequence[ItemId]) -> Outcome:
        request = self._settings.check
        assert request is not None
        try:
            answer = await self._account.read(request, _values(target, items), Urgency.CHECK)
        except NotFoundError as error:
            return Outcome(state=ItemState.UNKNOWN, reason=error.sentence, code=error.code)
        return after_check(self._settings, self._account, answer, self._numbers(answer))

    def _numbers(self, answer: HttpAnswer) -> Audience | None:
        """Read the vendor's numbers, where the check is the very request that gets the target."""
        get, check = self._settings.get, self._settings.check
        if get is None or check is None or (get.method, get.url) != (check.method, check.url):
            return None
        return self._reader.audience(at(answer.json, get.entry))

    async def _listed(
        self, listing: ListSettings, limit: int, *, before: datetime | None = None, words: str = ""
    ) -> list[Target]:
        values = {"limit": limit, "words": words, **_moments(before or self._clock.now())}
        entries, answer = await self._entries(listing, values)
        now = self._account.now(answer)
        found = [
            self._reader.target(each, identity, now)
            for each in entries
            if (identity := self._reader.id_of(each))
        ]
        if entries and not found:
            raise ProviderConfusingError(
                f"{self._settings.title} lists entries without ids that Recall can read."
            )
        return found

    async def _entries(self, listing: ListSettings, values: Values) -> tuple[list[Any], HttpAnswer]:
        answer = await self._account.read(listing, values, Urgency.PERSON)
        entries = entries_in(answer.json, listing.entries)
        if not answer.ok or entries is None:
            raise self._account.refusal(answer)
        return entries, answer

    async def _entry(self, target: TargetId) -> tuple[Any, HttpAnswer | None]:
        """Fetch one entry as it is now; an empty one where the settings describe no way to ask."""
        get, listing = self._settings.get, self._settings.list
        if get is not None:
            answer = await self._account.read(get, {"id": target}, Urgency.PERSON)
            missing = answer.status in GONE or any(each.holds(answer) for each in get.missing)
            entry = at(answer.json, get.entry)
            if missing or (answer.ok and entry in (None, {}, [])):
                raise self._unknown()
            if not answer.ok or entry is MISSING or not self._reader.fits(entry):
                raise self._account.refusal(answer)
            if (named := self._reader.id_of(entry)) is not None and named != target:
                raise ProviderConfusingError(
                    f"{self._settings.title} answered about something else than was asked."
                )
            return entry, answer
        if listing is not None:
            values = {"limit": SEARCHED, **_moments(self._clock.now())}
            entries, answer = await self._entries(listing, values)
            entry = next((each for each in entries if self._reader.id_of(each) == target), None)
            if entry is None:
                raise self._unknown()
            return entry, answer
        return {}, None

    def _unknown(self) -> NotFoundError:
        return NotFoundError(f"{self._settings.title} has no {self._settings.noun} with that id.")


def _moments(before: datetime) -> dict[str, Any]:
    return {
        "before": before.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "before_seconds": int(before.timestamp()),
        "before_milliseconds": int(before.timestamp() * 1000),
    }


def _values(target: Target, items: Sequence[ItemId]) -> dict[str, Any]:
    return {"id": target.ref.id, "item": items[0], "items": tuple(items)}


KIND = ProviderKind(settings=HttpSettings, build=HttpProvider)
