"""A vendor that is out of our hands: what was sent, what is really gone, and what it says about that."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.errors import (
    NotFoundError,
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderLostError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.ports import NOBODY, Diagnosis, ItemId, Traits, Viewer
from bot.target import (
    Audience,
    Capability,
    ItemState,
    Operation,
    Outcome,
    ProviderName,
    RepeatClass,
    SlackPost,
    Status,
    Target,
    TargetId,
    TargetRef,
)
from tests.simulation.slack import Life
from tests.simulation.virtual import VirtualClock
from tests.simulation.weather import Sky, Weather

SLOW = 90.0
LATENCY = 0.4
NEVER = 10.0**9


@dataclass
class Thing:
    """One item as the customer has it."""

    effects: Counter[str] = field(default_factory=Counter)  # times that it was taken back, by recall
    requests: Counter[str] = field(default_factory=Counter)  # times that it was asked for, by recall
    gone_at: datetime | None = None
    confirmed_after: float = 0.0  # seconds until the vendor's record shows it
    stubborn: bool = False  # the vendor says no to this one
    doubted: set[str] = field(
        default_factory=set
    )  # recalls that asked for it and never learned what came of it


@dataclass
class Sending:
    """A campaign or a mail-merge."""

    target: Target
    things: dict[str, Thing]


@dataclass
class Vendor:
    """One vendor and everything sent there. What must never be asked of it stands in `wrongs`."""

    name: str
    repeat: RepeatClass
    clock: VirtualClock
    weather: Weather
    may_send: Callable[[str, str], str | None]  # recall, item -> what is wrong with asking for it now
    sendings: dict[str, Sending] = field(default_factory=dict)
    confirms_after: float = 0.0  # seconds until its record shows what was taken back from now on
    wrongs: list[str] = field(default_factory=list)
    calls: int = 0

    def sent(self, items: int, audience: int) -> TargetRef:
        """Send something to people."""
        number = f"{self.name}{len(self.sendings)}"
        ref = TargetRef(provider=ProviderName(self.name), id=TargetId(number))
        target = Target(
            ref=ref,
            vendor=f"Vendor {self.name.upper()}",
            noun="push campaign" if items == 1 else "mail merge",
            name=f"Sale {number}",
            text="Everything 20 % off",
            sent_at=self.clock.true,
            audience=Audience(sent=audience),
            status=Status.SENT,
            capability=Capability(
                operation=Operation.RECALL, repeatable=self.repeat is not RepeatClass.NEITHER
            ),
            items=items,
        )
        names = [number] if items == 1 else [f"{number}.{n}" for n in range(items)]
        self.sendings[number] = Sending(target=target, things={each: Thing() for each in names})
        return ref

    def shows_gone(self, thing: Thing) -> bool:
        """Say whether its own record shows that an item is gone."""
        if thing.gone_at is None:
            return False
        return self.clock.true >= thing.gone_at + timedelta(seconds=min(thing.confirmed_after, NEVER))

    def as_it_is(self, sending: Sending) -> Target:
        """Describe a sending as it stands."""
        if all(self.shows_gone(each) for each in sending.things.values()):
            gone = Capability(operation=None, refusal="It has been recalled already.")
            return replace(sending.target, status=Status.RECALLED, capability=gone)
        return sending.target

    def take_back(self, sending: Sending, item: str, recall: str) -> Outcome:
        """Do it, as far as this item lets itself be taken back."""
        thing = sending.things[item]
        if thing.stubborn:
            return Outcome(state=ItemState.FAILED, reason="The customer has read it.", code="read")
        if thing.gone_at is None or self.repeat is not RepeatClass.HARMLESS:
            thing.effects[recall] += 1
            thing.gone_at = thing.gone_at or self.clock.true
            thing.confirmed_after = self.confirms_after
        return self.look(sending, item)

    def look(self, sending: Sending, item: str) -> Outcome:
        """Say what its record shows."""
        thing = sending.things[item]
        if self.shows_gone(thing):
            return Outcome(state=ItemState.DONE, evidence="the record says RECALLED")
        if thing.gone_at is not None:
            return Outcome(state=ItemState.ACCEPTED, evidence="the record says RECALLING")
        return Outcome(state=ItemState.PENDING, evidence="the record says SENT")


class Connection:
    """`bot.ports.Provider`: one process's line to a vendor."""

    def __init__(self, vendor: Vendor, life: Life) -> None:
        self._vendor = vendor
        self._life = life
        self.name = ProviderName(vendor.name)
        self.traits = Traits(
            vendor=f"Vendor {vendor.name.upper()}",
            noun="push campaign",
            repeat=vendor.repeat,
            concurrency=2,
            batch=2 if vendor.name == "b" else 1,
        )

    async def recent(
        self, limit: int, before: datetime | None = None, *, viewer: Viewer = NOBODY
    ) -> Sequence[Target]:
        del limit, before, viewer
        return ()

    async def search(self, words: str, limit: int, *, viewer: Viewer = NOBODY) -> Sequence[Target]:
        del words, limit, viewer
        return ()

    async def get(self, target: TargetId) -> Target:
        strike = await self._arrive()
        if target not in self._vendor.sendings:
            raise NotFoundError("There is none of that id.")
        found = self._vendor.as_it_is(self._vendor.sendings[target])
        await self._depart(strike)
        return found

    def recognise(self, post: SlackPost) -> Sequence[TargetId]:
        del post
        return ()

    def link_to(self, words: str) -> TargetId | None:
        del words
        return None

    async def items(self, target: Target) -> AsyncIterator[Sequence[ItemId]]:
        names = [ItemId(each) for each in self._vendor.sendings[target.ref.id].things]
        for at in range(0, len(names), 3):
            strike = await self._arrive()
            await self._depart(strike)
            yield names[at : at + 3]

    async def recall(self, target: Target, items: Sequence[ItemId], *, key: str) -> Sequence[Outcome]:
        self._life_must_last()
        recall = key.rsplit(":", 2)[0]
        sending = self._vendor.sendings[target.ref.id]
        for item in items:
            self._must_be_right(recall, sending, item)
            sending.things[item].requests[recall] += 1
        try:
            outcomes = await self._ask(sending, items, recall)
        except (ProviderBusyError, ProviderRefusedError):
            raise
        except BaseException as error:
            if not isinstance(error, ProviderDownError) or error.maybe_applied:
                for item in items:
                    sending.things[item].doubted.add(recall)
            raise
        return outcomes

    async def check(self, target: Target, items: Sequence[ItemId]) -> Sequence[Outcome]:
        strike = await self._arrive()
        sending = self._vendor.sendings[target.ref.id]
        if self._vendor.repeat is RepeatClass.NEITHER:
            found = [Outcome(state=ItemState.UNKNOWN, reason="Nobody can tell.") for _ in items]
        else:
            found = [self._vendor.look(sending, each) for each in items]
        await self._depart(strike)
        return found

    async def preview(self, target: Target) -> str:
        return target.text

    async def diagnose(self) -> Sequence[Diagnosis]:
        return ()

    async def close(self) -> None:
        """Nothing is open."""

    async def _ask(self, sending: Sending, items: Sequence[ItemId], recall: str) -> Sequence[Outcome]:
        """Carry a request there and its answer back. What has left when its sender dies may still arrive."""
        vendor, applied = self._vendor, False
        try:
            strike = await self._arrive()
            outcomes, applied = [vendor.take_back(sending, each, recall) for each in items], True
            await self._depart(strike)
        except asyncio.CancelledError:
            if not applied and vendor.weather.random.random() < 0.5:
                for item in items:
                    vendor.take_back(sending, item, recall)
            raise
        return outcomes[:-1] if strike is Sky.CONFUSED else outcomes

    def _must_be_right(self, recall: str, sending: Sending, item: str) -> None:
        vendor = self._vendor
        if (wrong := vendor.may_send(recall, item)) is not None:
            vendor.wrongs.append(wrong)
        if vendor.repeat is RepeatClass.NEITHER and recall in sending.things[item].doubted:
            vendor.wrongs.append(f"{item} is asked for again, though it may have been done")

    def _life_must_last(self) -> None:
        if not self._life.alive:
            raise ProviderDownError("This process is dead.")

    async def _arrive(self) -> Sky:
        """Raise what had no effect; return what is still to go wrong."""
        self._life_must_last()
        vendor = self._vendor
        vendor.calls += 1
        strike = vendor.weather.strike()
        if strike is Sky.AWAY:
            raise ProviderDownError
        if strike is Sky.REVOKED:
            raise ProviderRefusedError("The token is worth nothing any more.")
        await asyncio.sleep(vendor.weather.random.uniform(0, LATENCY))
        match strike:
            case Sky.BUSY:
                raise ProviderBusyError(retry_after=float(vendor.weather.random.randint(1, 90)))
            case Sky.BUSY_WITHOUT_A_TIME:
                raise ProviderBusyError
            case Sky.FAILS_BEFORE:
                raise ProviderDownError
            case Sky.LOST_BEFORE:
                raise ProviderSlowError
        return strike

    async def _depart(self, strike: Sky) -> None:
        """Raise what went wrong on the way back."""
        vendor = self._vendor
        match strike:
            case Sky.FAILS_AFTER:
                raise ProviderConfusingError("An answer that can't be understood.")
            case Sky.LOST_AFTER:
                raise ProviderLostError
            case Sky.SLOW:
                await asyncio.sleep(SLOW)
        await asyncio.sleep(vendor.weather.random.uniform(0, LATENCY))
