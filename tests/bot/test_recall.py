"""The life of a recall, over all states and all events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.recall import MOVES, NOTES, OPEN, Actor, Kind, NotNowError, Recall, RecallId, State, step
from bot.target import Capability, Operation, ProviderName, Target, TargetId, TargetRef

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ANN = Actor(team="T1", user="U0ANN")
BOB = Actor(team="T1", user="U0BOB")

ARROWS = {
    "proposed": "approving scheduled queued declined expired refused",
    "approving": "queued scheduled declined expired",
    "scheduled": "queued cancelled refused expired",
    "queued": "running cancelled refused expired failed",
    "running": "submitted done partial failed unknown stopped",
    "submitted": "done partial failed unknown queued",
    "partial": "done partial failed unknown queued",
    "unknown": "done partial failed unknown queued",
    "failed": "queued",
    "stopped": "queued",
    "done": "",
    "declined": "",
    "expired": "",
    "refused": "",
    "cancelled": "",
}
"""Written out by hand, so that the table in the code is compared with something."""


def a_recall(state: State = State.PROPOSED) -> Recall:
    target = Target(
        ref=TargetRef(provider=ProviderName("push"), id=TargetId("cmp-1")),
        vendor="Netmera",
        noun="push campaign",
        name="Spring sale",
        capability=Capability(operation=Operation.RECALL),
    )
    return Recall(id=RecallId("r1"), target=target, state=state, asked_by=ANN, asked_at=T0, moved_at=T0)


@pytest.mark.parametrize("state", State)
def test_each_state_leads_exactly_where_it_may(state: State) -> None:
    reached = {after for (before, _), after in MOVES.items() if before is state}

    assert reached == {State(name) for name in ARROWS[state].split()}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_every_pair_either_moves_by_the_table_or_is_refused_with_the_present_state(
    state: State, kind: Kind
) -> None:
    before = a_recall(state)

    try:
        moved = step(before, kind, at=T0 + timedelta(seconds=1), by=BOB)
    except NotNowError as refused:
        assert refused.recall is before
        assert (state, kind) not in MOVES
        assert state not in NOTES.get(kind, frozenset())
    else:
        assert moved.after.state is MOVES.get((state, kind), state)
        assert moved.after.version == moved.event.seq == before.version + 1
        assert moved.event.by == BOB
        assert moved.before is before


@given(st.lists(st.sampled_from(list(Kind)), max_size=40))
def test_no_history_of_events_gets_round_a_yes(kinds: list[Kind]) -> None:
    recall, seen = a_recall(), [Kind.PROPOSED]
    for kind in kinds:
        try:
            moved = step(recall, kind, at=T0, by=ANN)
        except NotNowError:
            continue
        recall = moved.after
        seen.append(kind)

    yes = {Kind.CONFIRMED, Kind.APPROVED, Kind.DUE, Kind.SCHEDULED}
    if recall.state in {
        State.QUEUED,
        State.RUNNING,
        State.SUBMITTED,
        State.DONE,
        State.PARTIAL,
        State.STOPPED,
    }:
        assert yes & set(seen)
    if recall.state is State.DONE:
        assert Kind.STARTED in seen
    if recall.state in {State.DECLINED, State.EXPIRED, State.REFUSED, State.CANCELLED}:
        assert not recall_can_go_on(recall)
    assert recall.version == len(seen)


def recall_can_go_on(recall: Recall) -> bool:
    return any(before is recall.state for before, _ in MOVES)


def test_notes_keep_state_and_its_cause() -> None:
    running = step(a_recall(State.QUEUED), Kind.STARTED, at=T0, by=BOB).after

    noted = step(running, Kind.WAITING, at=T0 + timedelta(minutes=1), detail="slow").after

    assert (noted.state, noted.moved_by, noted.moved_at) == (State.RUNNING, BOB, T0)
    assert noted.detail == "slow"


def test_a_move_remembers_who_caused_it_and_when() -> None:
    declined = step(a_recall(), Kind.DECLINED, at=T0 + timedelta(minutes=2), by=BOB).after

    assert (declined.moved_by, declined.moved_at) == (BOB, T0 + timedelta(minutes=2))


def test_open_states_are_those_that_something_may_still_come_of() -> None:
    assert {State.PROPOSED, State.QUEUED, State.RUNNING, State.SUBMITTED} <= OPEN
    assert not OPEN & {State.DONE, State.FAILED, State.DECLINED, State.EXPIRED, State.REFUSED}
