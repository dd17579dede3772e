"""A vendor in memory, written by hand, that misbehaves on request. Keeps to the provider contract."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from bot.errors import NotFoundError, ProviderError
from bot.ports import NOBODY, Diagnosis, ItemId, Traits, Viewer
from bot.target import (
    Capability,
    ItemState,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Status,
    Target,
    TargetId,
)
from tests.builders import make_target


@dataclass
class MemoryVendor:
    """Holds campaigns by id; what it was asked stands in `calls`, what it shall do wrong in `trouble`."""

    name: ProviderName = field(default=cast("ProviderName", "push"))
    repeat: RepeatClass = RepeatClass.READABLE
    confirms: bool = True  # a recall shows in the record at once
    campaigns: dict[str, Target] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    viewers: list[Viewer] = field(default_factory=list)
    trouble: dict[str, list[ProviderError | None]] = field(default_factory=dict)
    hangs: str = ""  # a recall's answer never comes: "before" it takes effect, or "behind" that
    traits: Traits = field(init=False)

    def __post_init__(self) -> None:
        self.traits = Traits(vendor="Netmera", noun="push campaign", repeat=self.repeat)

    def sent(self, id: str = "4711", **changes: Any) -> Target:  # noqa: A002
        """Add a campaign that was sent."""
        target = make_target(provider=self.name, id=id, **changes)
        self.campaigns[id] = target
        return target

    def recalled(self, id: str = "4711") -> None:  # noqa: A002
        """Let the record show a campaign as recalled."""
        gone = Capability(operation=None, refusal="It has been recalled already.")
        self.campaigns[id] = replace(self.campaigns[id], status=Status.RECALLED, capability=gone)

    def effects(self, id: str = "4711") -> int:  # noqa: A002
        """Count how often a recall took effect."""
        return self.calls.count(("effect", id))

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        self._happens("recent", "")
        self.viewers.append(viewer)
        listed = sorted(self.campaigns.values(), key=lambda each: str(each.sent_at), reverse=True)
        return [each for each in listed if before is None or (each.sent_at and each.sent_at < before)][:limit]

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        self._happens("search", words)
        self.viewers.append(viewer)
        return [each for each in self.campaigns.values() if words.casefold() in each.name.casefold()][:limit]

    async def get(self, target: TargetId) -> Target:
        self._happens("get", target)
        if target not in self.campaigns:
            raise NotFoundError("Netmera has no campaign with that id.")
        return self.campaigns[target]

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        return [TargetId(each) for each in self.campaigns if each in post.text]

    def link_to(self, words: str) -> TargetId | None:
        return TargetId(words) if words.isdigit() else None

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        yield [ItemId(target.ref.id)]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        self.calls.append(("recall", target.ref.id))
        assert key
        await self._hang("before")
        error = self._next("recall")
        if error is not None and not error.maybe_applied:
            raise error
        self.calls.append(("effect", target.ref.id))
        if self.confirms:
            self.recalled(target.ref.id)
        await self._hang("behind")
        if error is not None:
            raise error
        return await self._outcomes(items)

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        self._happens("check", target.ref.id)
        return await self._outcomes(items, sent=ItemState.PENDING)

    async def preview(self, target: Target) -> str:
        self._happens("preview", target.ref.id)
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        return [Diagnosis(ok=True, what="provider push", found="answers")]

    async def close(self) -> None:
        self.calls.append(("close", ""))

    async def _outcomes(self, items: Sequence[ItemId], sent: ItemState = ItemState.ACCEPTED) -> list[Outcome]:
        found = []
        for item in items:
            campaign = self.campaigns[item]
            done = campaign.status is Status.RECALLED
            found.append(
                Outcome(
                    state=ItemState.DONE if done else sent,
                    evidence=f"the record says {campaign.status}",
                    audience=campaign.audience,
                )
            )
        return found

    async def _hang(self, where: str) -> None:
        while self.hangs == where:  # noqa: ASYNC110 - a test sets it
            await asyncio.sleep(0.01)

    def _happens(self, what: str, about: str) -> None:
        self.calls.append((what, about))
        if (error := self._next(what)) is not None:
            raise error

    def _next(self, what: str) -> ProviderError | None:
        waiting = self.trouble.get(what)
        return waiting.pop(0) if waiting else None
