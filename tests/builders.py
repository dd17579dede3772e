"""Values that tests start from; every field can be named."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.ports import Card, CardId
from bot.recall import Actor, Event, Kind, Place, Recall, RecallId, State, Step
from bot.target import Audience, Capability, Operation, ProviderName, Status, Target, TargetId, TargetRef

T0 = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANN = Actor(team="T1", user="U_ANN")
BOB = Actor(team="T1", user="U_BOB")


class FixedClock:
    """A clock that stands until it is set."""

    def __init__(self, at: datetime = T0) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def make_target(*, provider: str = "push", id: str = "4711", **changes: Any) -> Target:  # noqa: A002
    target = Target(
        ref=TargetRef(provider=ProviderName(provider), id=TargetId(id)),
        vendor="Netmera",
        noun="push campaign",
        name="Spring sale",
        text="Everything 20 % off until Sunday",
        sent_at=T0,
        sent_by="Ann",
        audience=Audience(sent=50_000, delivered=48_210, opened=1_790),
        status=Status.SENT,
        capability=Capability(operation=Operation.RECALL),
    )
    return replace(target, **changes)


def make_recall(*, id: str = "r1", target: Target | None = None, **changes: Any) -> Recall:  # noqa: A002
    recall = Recall(
        id=RecallId(id),
        target=target or make_target(),
        state=State.PROPOSED,
        asked_by=ANN,
        asked_at=T0,
        moved_at=T0,
    )
    return replace(recall, **changes)


def make_card(*, recall: str = "r1", id: str = "c1", channel: str = "C1", **changes: Any) -> Card:  # noqa: A002
    card = Card(id=CardId(id), recall=RecallId(recall), place=Place(channel=channel), asked_by=ANN)
    return replace(card, **changes)


def proposal(recall: Recall) -> Step:
    """The first step of a recall, as `Records.propose` wants it."""
    event = Event(
        recall=recall.id, seq=recall.version, kind=Kind.PROPOSED, at=recall.asked_at, by=recall.asked_by
    )
    return Step(before=recall, after=recall, event=event)
