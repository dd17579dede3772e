"""Vendors without an API: a person takes it back in the vendor's panel. Recall guides, and records their word.

The target is whatever somebody names, words or a link, so its id is those words. Nothing is ever called confirmed.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.errors import NotFoundError
from bot.ports import NOBODY, Clock, Diagnosis, ItemId, Traits, Viewer
from bot.providers.base import ProviderKind, ProviderSettings
from bot.providers.json_values import as_url
from bot.target import (
    CAMPAIGN_REASONS,
    Capability,
    ItemState,
    Operation,
    Outcome,
    ProviderName,
    Reason,
    RepeatClass,
    SlackPost,
    Target,
    TargetId,
    TargetRef,
)

LONGEST_WORDS = 300
LONGEST_LINK = 1_800
"""Characters; a button's value holds 2,000, and the provider's name stands before it."""

MOST_LINKS = 20


def _panel(text: str) -> str:
    if as_url(text) is None:
        raise ValueError("must be a web address, such as https://manager.vendor.example/")
    return text


def _host(text: str) -> str:
    if not text or "/" in text or ":" in text or not text.isprintable() or " " in text:
        raise ValueError("must be a host alone, such as manager.vendor.example")
    return text.casefold().rstrip(".")


Step = Annotated[str, Field(min_length=1, max_length=300)]


class ManualSettings(ProviderSettings):
    """A `[providers.NAME]` table with `kind = "manual"`."""

    kind: Literal["manual"] = "manual"
    title: Annotated[str, Field(min_length=1, max_length=80)]
    """How people call the vendor."""
    noun: Annotated[str, Field(min_length=1, max_length=60)] = "message"
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=10)]
    """What a person does in the vendor's panel, in order."""
    panel: Annotated[str, AfterValidator(_panel)] | None = None
    """Where they do it."""
    link_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    """Hosts, their subdomains included, whose links name something at this vendor."""
    reasons: tuple[Reason, ...] = ()
    outcome_deadline: Annotated[float, Field(gt=0)] = 86_400.0
    """Seconds after which the outcome is called unknown if nobody has said anything."""


class ManualProvider:
    """One vendor without an API, as `bot.ports.Provider`."""

    def __init__(self, name: ProviderName, settings: ManualSettings, clock: Clock) -> None:
        """Keep the settings; there is nothing to connect to."""
        del clock
        self.name = name
        self.traits = Traits(
            vendor=settings.title,
            noun=settings.noun,
            repeat=RepeatClass.NEITHER,
            listing_is_open=False,  # what people named is shown to those who may recall it
            by_hand=True,
            concurrency=1,
            outcome_deadline=settings.outcome_deadline,
            queue_deadline=settings.queue_deadline,
        )
        self._settings = settings
        self._names = {each.casefold() for each in (name, settings.title, f"manual:{name}")}

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        """List nothing: nobody can look into the vendor."""
        del limit, before, viewer
        return ()

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        """Find nothing; what was found nowhere else is offered with `get`."""
        del words, limit, viewer
        return ()

    async def get(self, target: TargetId) -> Target:
        """Make a target of what a person named. Raises NotFoundError for nothing but blanks."""
        named = " ".join(target.split())
        link = as_url(named)
        if not named or len(named) > (LONGEST_LINK if link else LONGEST_WORDS):
            raise NotFoundError("Name it in a few words, or by its link.")
        return Target(
            ref=TargetRef(provider=self.name, id=TargetId(named)),
            vendor=self._settings.title,
            noun=self._settings.noun,
            name=named if link is None else named.split("://", 1)[1],
            url=link or self._settings.panel,
            capability=Capability(
                operation=Operation.MANUAL,
                limits=(
                    f"Recall can't reach {self._settings.title}: somebody does it there and says so here.",
                ),
                steps=self._settings.steps,
                repeatable=False,
            ),
            reasons=self._settings.reasons or CAMPAIGN_REASONS,
        )

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        """Find links to this vendor's own hosts."""
        found = (target for link in post.links if (target := self._in_link(link)))
        return tuple(dict.fromkeys(found))[:MOST_LINKS]

    def link_to(self, words: str) -> TargetId | None:
        """Read a link to the vendor, or words behind its name: "LINE: the greeting", "manual:line the greeting"."""
        words = " ".join(words.split())
        if target := self._in_link(words.strip("<>").split("|", 1)[0]):
            return target
        for name in self._names:
            head, rest = words[: len(name)].casefold(), words[len(name) :]
            behind = rest.removeprefix(":").strip()
            told = rest.startswith(":") or (name.startswith("manual:") and rest.startswith(" "))
            if head == name and told and 0 < len(behind) <= LONGEST_WORDS and not behind.startswith("//"):
                return TargetId(behind)
        return None

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        """Give the target itself."""
        yield (ItemId(target.ref.id),)

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        """Hand it over to a person: nothing is sent anywhere, and nothing is known yet."""
        del target, key
        return [Outcome(state=ItemState.ACCEPTED)] * len(items)

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        """Say that nobody has said anything; a person's word does not come this way."""
        del target
        return [Outcome(state=ItemState.ACCEPTED, evidence="Nobody has said what became of it.")] * len(items)

    async def preview(self, target: Target) -> str:
        """Give what the card shows anyway."""
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        """Say what there is to be read; nothing can be tried."""
        steps = len(self._settings.steps)
        told = f"by hand, {steps} step{'s' * (steps != 1)}, {self._settings.panel or 'no link to a panel'}"
        return [Diagnosis(ok=True, what=f"provider {self.name}: {self._settings.title}", found=told)]

    async def close(self) -> None:
        """Let go of nothing."""

    def _in_link(self, link: str) -> TargetId | None:
        link = link.replace("&amp;", "&")
        if as_url(link) is None or len(link) > LONGEST_LINK:
            return None
        try:
            host = (urlsplit(link).hostname or "").rstrip(".")
        except ValueError:
            return None
        ours = any(host == one or host.endswith(f".{one}") for one in self._settings.link_hosts)
        return TargetId(link) if ours else None


KIND = ProviderKind(settings=ManualSettings, build=ManualProvider)
