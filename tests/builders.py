"""Values that tests start from; every field can be named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.ports import Card, CardId, Chunk, Claim, Move, NoticeKind, Store, Work, Written
from bot.recall import Actor, Event, Kind, Place, Recall, RecallId, State, Step
from bot.target import (
    Audience,
    Capability,
    ItemState,
    Operation,
    Outcome,
    ProviderName,
    Status,
    Target,
    TargetId,
    TargetRef,
)

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


async def claim(store: Work, recall: RecallId, owner: str, now: datetime, lease: float) -> Chunk | None:
    """One chunk, as an engine of that name takes it; None where there is none to be had."""
    until = now + timedelta(seconds=lease)
    kept = await store.hold(recall, (), until=until, claim=Claim(owner=owner, at=now, until=until))
    return kept.chunks[0] if kept.chunks else None


async def settle(
    store: Store,
    chunk: Chunk,
    states: Sequence[ItemState],
    outcomes: Mapping[int, Outcome],
    *,
    step: Step | None = None,
    notices: Sequence[NoticeKind] = (),
    answers: str | None = None,
) -> bool:
    """Write a chunk's outcomes and the move that follows, all or nothing; False: nothing was written."""
    recall = await store.recall(chunk.recall)
    assert recall is not None
    written = Written(chunk=chunk, codes=bytes(states), outcomes=outcomes, back=True)
    moves = [] if step is None else [Move(step=step, notices=notices)]
    version = recall.version if step is None else step.before.version
    after = await store.reckon(chunk.recall, [written], lambda *_: moves, version=version, answers=answers)
    return after is not None
