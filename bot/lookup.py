"""Words, links and posts -> targets.

The index and every provider's own search are asked side by side, within one time limit; a provider that did not
answer is named, and asked once more by itself (`find_again`). What providers list goes into the index, so the next
search is quicker.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from bot.errors import (
    NotFoundError,
    ProviderConfusingError,
    ProviderError,
    ProviderSlowError,
    RecallError,
    StorageError,
)
from bot.found import Found, judged, refusals, unique
from bot.ports import NOBODY, Conversing, Index, Personal, Provider, Traits, Viewer
from bot.target import ProviderName, SlackPost, Target, TargetId, TargetRef

log = logging.getLogger(__name__)

Viewers = Mapping[ProviderName, Viewer]
"""Which providers somebody may list, and as whom."""

PATIENCE = 2.0
"""Seconds that a look-up over all providers takes at most; one of them alone may take its own `Traits.look_up`."""

FRESH = 50
"""How many of a vendor's newest are read when nothing else finds a name."""

OWN = 2
"""How many of somebody's own chat messages and mails stand on a page of the list beside campaigns."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lookup:
    """Finds targets at all providers and in the index."""

    def __init__(self, *, providers: Mapping[ProviderName, Provider], index: Index) -> None:
        self._providers = providers
        self._index = index

    def provider(self, name: ProviderName) -> Provider:
        """Return a provider; NotFoundError where the settings no longer have it."""
        try:
            return self._providers[name]
        except KeyError:
            raise NotFoundError(f"Recall's settings have no provider called {name} any more.") from None

    def open_providers(self) -> frozenset[ProviderName]:
        """Name the providers whose sendings every member may list."""
        return frozenset(name for name, each in self._providers.items() if each.traits.listing_is_open)

    def all_providers(self) -> frozenset[ProviderName]:
        """Name all configured providers."""
        return frozenset(self._providers)

    def traits(self, name: ProviderName) -> Traits:
        """Return what a provider declares about itself."""
        return self.provider(name).traits

    def own(self, ref: TargetRef, viewer: Viewer) -> TargetRef:
        """Look for an id that says nothing of whose box it lies in among what is the viewer's own."""
        provider = self.provider(ref.provider)
        return replace(ref, id=provider.own(ref.id, viewer)) if isinstance(provider, Personal) else ref

    def named(self, words: str) -> tuple[TargetRef, ...]:
        """Name what an id or a vendor link that somebody typed may mean. No network."""
        words, quoted = unquoted(words)
        found = () if quoted else ((name, each.link_to(words)) for name, each in self._providers.items())
        return tuple(TargetRef(provider=name, id=target) for name, target in found if target is not None)

    async def recent(self, allowed: Viewers, *, limit: int, before: datetime | None = None) -> Found:
        """List what was sent, newest first, from all allowed providers; silent ones are filled in from the index."""
        answers, silent = await self._ask_all(
            allowed, lambda each, viewer: each.recent(limit + 1, before, viewer=viewer)
        )
        stand_in = self.open_providers() & set(silent)  # the index does not know who may see what
        known = await self._index.recent(limit + 1, before, stand_in) if stand_in else ()
        listed = sorted(unique([*answers, *known]), key=lambda each: each.sent_at or _EPOCH, reverse=True)
        shown = self._page(listed, limit)
        older = shown[-1].sent_at if len(listed) > limit and shown else None
        return replace(self._lacking(Found(targets=shown, older=older), silent), slow={})

    def _page(self, listed: Sequence[Target], limit: int) -> tuple[Target, ...]:
        """Take the newest; a person's own never crowd out the team's campaigns, nor their chats their mails."""
        opened = self.open_providers()
        campaigns = [each for each in listed if each.ref.provider in opened]
        own = [each for each in listed if each.ref.provider not in opened]
        newest = {each.ref.provider: each for each in reversed(own)}
        first = [each for each in own if newest[each.ref.provider] is each]
        kept = [*first, *(each for each in own if each not in first)][
            : max(OWN, limit - len(campaigns), len(first))
        ]
        page = {each.ref for each in [*kept, *campaigns[: limit - len(kept)]]}
        return tuple(each for each in listed if each.ref in page)

    async def find(
        self, allowed: Viewers, words: str, *, limit: int = 5, patience: float | None = PATIENCE
    ) -> Found:
        """Find by id, link or words.

        An exact id or a vendor link wins over everything; else what the index finds by whole phrase or
        prefixes, with what the vendors' own searches add; else misspellings, as "nearest" only. `patience`: seconds
        for each provider; None: as long as its own look-up may take.
        """
        ids = [self.own(ref, allowed[ref.provider]) for ref in self.named(words) if ref.provider in allowed]
        if ids:
            fetched = await self._fetch_all(ids, patience)
            if fetched.targets or not fetched.whole:
                return fetched
        if (said := await self._said_in(allowed, words, limit, patience)) is not None:
            return said
        words, _ = unquoted(words)
        listed = self.open_providers() & allowed.keys()
        index, (answers, silent) = await asyncio.gather(
            self._index.search(words, limit + 1, listed),
            self._ask_all(
                allowed,
                lambda each, viewer: each.search(words, limit + 1, viewer=viewer),
                patience=patience,
            ),
        )
        if not any(not match.fuzzy for match in index) and not answers:
            # What was sent a minute ago may not be in the index yet, and vendors search by their own lights.
            fresh = {name: NOBODY for name in listed if name not in silent}
            await self._ask_all(
                fresh, lambda each, viewer: each.recent(FRESH, viewer=viewer), patience=patience
            )
            index = await self._index.search(words, limit + 1, listed)
        if exact := [match.target for match in index if match.exact]:
            return Found(targets=tuple(exact), certain=len(exact) == 1)
        fitting = [each for each in answers if self._fits(each, words)]
        found = self._lacking(judged(index, fitting, limit, whole=not silent), silent)
        return found if found.targets else replace(found, by_hand=await self._by_hand(allowed, words))

    async def find_again(self, allowed: Viewers, words: str, before: Found) -> Found:
        """Ask those that were only slow once more, each with the time of its own look-up; brings what they add."""
        asked = {name: viewer for name, viewer in allowed.items() if name in before.slow}
        found = await self.find(asked, words, patience=None)
        away = tuple(each for each in before.silent if each not in before.slow.values())
        return replace(
            found,
            certain=found.certain and not away and not before.refusing and not before.targets,
            nearest=found.nearest or before.nearest,
            silent=(*found.silent, *away),
            refusing=(*found.refusing, *before.refusing),
            by_hand=found.by_hand or before.by_hand,
        )

    async def _said_in(
        self, allowed: Viewers, words: str, limit: int, patience: float | None
    ) -> Found | None:
        """Find what people sent in a conversation whose link names no message; None where it is no such link."""
        named = {
            name: viewer
            for name, viewer in allowed.items()
            if isinstance(each := self._providers[name], Conversing) and each.names_conversation(words)
        }
        if not named:
            return None
        targets, silent = await self._ask_all(
            named, lambda each, viewer: each.search(words, limit, viewer=viewer), patience=patience
        )
        found = tuple(targets[:limit])
        return self._lacking(Found(targets=found, certain=len(found) == 1 and not silent), silent)

    async def suggest(self, allowed: Collection[ProviderName], words: str, limit: int) -> tuple[Target, ...]:
        """Find for a typeahead: from the index only, so that it answers within the ack."""
        if not words.strip():
            return tuple(await self._index.recent(limit, None, allowed))
        return tuple(match.target for match in await self._index.search(words, limit, allowed))

    def candidates(self, post: SlackPost) -> tuple[TargetRef, ...]:
        """Name what a Slack post may be about, by each provider's own judgement. No network."""
        return tuple(
            TargetRef(provider=name, id=target)
            for name, each in self._providers.items()
            for target in each.recognise(post)
        )

    def post_itself(self, channel: str, ts: str) -> TargetRef | None:
        """Name a Slack post as something to be taken back itself; None where no provider takes posts."""
        for name, each in self._providers.items():
            if each.traits.takes_posts and (target := each.link_to(f"{channel}/{ts}")) is not None:
                return TargetRef(provider=name, id=target)
        return None

    async def fetch(self, ref: TargetRef) -> Target:
        """Ask the vendor for one target as it is now, and remember it. Raises ProviderError or NotFoundError."""
        target = await self.ask(ref)
        await self.remember([target])
        return target

    async def ask(self, ref: TargetRef) -> Target:
        """Ask the vendor for one target as it is now.

        Raises ProviderError or NotFoundError, whatever goes wrong in the provider: a bug of one is its own.
        """
        provider = self.provider(ref.provider)
        try:
            async with asyncio.timeout(provider.traits.look_up):
                target = await provider.get(ref.id)
        except RecallError:
            raise
        except TimeoutError:
            raise ProviderSlowError(
                f"{provider.traits.vendor} did not answer within {provider.traits.look_up:.0f} seconds."
            ) from None
        except Exception as error:
            log.exception("provider %s broke its contract", ref.provider)
            broken = ProviderConfusingError(f"Recall's connection to {provider.traits.vendor} failed.")
            broken.passing = True  # it may have stumbled over one odd answer
            raise broken from error
        return target

    async def remember(self, targets: Iterable[Target]) -> None:
        """Renew the index; looking goes on where memory can't be written just now."""
        try:
            await self._index.remember(targets)
        except StorageError as error:
            log.warning("what was listed can't be remembered: %s", error.code)

    async def known(self, ref: TargetRef) -> Target | None:
        """Return a target as it was last seen, without asking its vendor."""
        return await self._index.known(ref)

    async def refresh(self, limit: int = 100) -> None:
        """Fill the index from every open provider's list; one that fails is logged and left for the next time."""
        everybody = dict.fromkeys(self.open_providers(), NOBODY)
        await self._ask_all(everybody, lambda each, viewer: each.recent(limit, viewer=viewer), patience=30.0)

    async def _fetch_all(self, refs: Sequence[TargetRef], patience: float | None) -> Found:
        silent: dict[ProviderName, Exception] = {}

        async def one(ref: TargetRef) -> Target | None:
            try:
                async with asyncio.timeout(patience):
                    return await self.fetch(ref)
            except NotFoundError:
                return None
            except (ProviderError, TimeoutError) as error:
                if (known := await self._index.known(ref)) is None:
                    silent[ref.provider] = error
                return known

        targets = tuple(each for each in await asyncio.gather(*(one(ref) for ref in refs)) if each)
        found = self._lacking(Found(targets=targets, certain=len(targets) == 1), silent)
        return replace(found, meant=refs[0] if found.slow and len(refs) == 1 else None)

    async def _ask_all(
        self,
        allowed: Viewers,
        ask: Callable[[Provider, Viewer], Awaitable[Sequence[Target]]],
        *,
        patience: float | None = PATIENCE,
    ) -> tuple[list[Target], dict[ProviderName, Exception]]:
        """Ask side by side; gives what was found, and who had nothing to say, with the reason."""
        silent: dict[ProviderName, Exception] = {}

        async def one(name: ProviderName) -> Sequence[Target]:
            provider = self._providers[name]
            try:
                async with asyncio.timeout(provider.traits.look_up if patience is None else patience):
                    return await ask(provider, allowed[name])
            except (ProviderError, TimeoutError) as error:
                log.warning(
                    "provider %s did not answer a look-up: %s", name, getattr(error, "code", "provider_slow")
                )
                silent[name] = error
            except NotFoundError:  # how some vendors say that they found nothing
                pass
            except (
                Exception
            ) as error:  # the boundary: one vendor's bug must not keep the others' answers back
                log.exception("provider %s broke its contract", name)
                silent[name] = error
            return ()

        names = [name for name in self._providers if name in allowed]
        answers = await asyncio.gather(*(one(name) for name in names))
        targets = [each for answer in answers for each in answer]
        public = self.open_providers()
        if listed := [each for each in targets if each.ref.provider in public]:
            await self.remember(listed)
        return targets, silent

    async def _by_hand(self, allowed: Viewers, words: str) -> tuple[Target, ...]:
        """Offer what was not found anywhere to the vendors at which people take things back themselves."""
        names = [name for name, each in self._providers.items() if each.traits.by_hand and name in allowed]
        found = []
        for name in names:
            with suppress(NotFoundError, ProviderError):
                found.append(await self._providers[name].get(TargetId(words)))
        return tuple(found)

    def _fits(self, target: Target, words: str) -> bool:
        """Say whether a vendor's own find has all the words: vendors search more loosely than a card may.

        What lies in people's own boxes was searched by subject, in a box that the words may name.
        """
        if isinstance(self.provider(target.ref.provider), Personal):
            return True
        have = f"{target.name} {target.ref.id} {target.text}".casefold().split()
        return all(any(word in each for each in have) for word in words.casefold().split())

    def _lacking(self, found: Found, failed: Mapping[ProviderName, Exception]) -> Found:
        """Note who had nothing to say: those that say no, and those that were silent, of which some were only slow."""
        vendors = {name: self._providers[name].traits.vendor for name in failed}
        said = refusals(failed)
        return replace(
            found,
            silent=tuple(vendor for name, vendor in vendors.items() if name not in said),
            refusing=tuple(said.values()),
            slow={name: vendors[name] for name, error in failed.items() if isinstance(error, TimeoutError)},
        )


def unquoted(words: str) -> tuple[str, bool]:
    """Take the quotes off that force a search; says whether there were any."""
    words = words.strip()
    for left, right in (('"', '"'), ("“", "”"), ("'", "'")):
        if len(words) > 1 and words.startswith(left) and words.endswith(right):
            return words[1:-1].strip(), True
    return words, False


def reference(text: str) -> TargetRef | None:
    """Read back what `str(ref)` wrote into a button or option; None for anything else."""
    provider, slash, target = text.partition("/")
    return TargetRef(provider=ProviderName(provider), id=TargetId(target)) if slash and target else None
