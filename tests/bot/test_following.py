"""What follows from the numbers while a recall runs."""

from collections.abc import Mapping
from datetime import timedelta

from bot.following import Following
from bot.recall import Kind, State
from bot.target import ItemState
from tests.builders import T0, make_recall, make_target


class Noted:
    """Numbers whose recipients have to be looked for in everything that was noted."""

    def __init__(self, items: Mapping[ItemState, int]) -> None:
        self.items = items
        self.looks = 0

    @property
    def recipients(self) -> Mapping[ItemState, int]:
        self.looks += 1
        return {ItemState.DONE: 3}


def following(*, over: bool) -> Following:
    patience = timedelta(minutes=15)
    return Following(
        at=T0, patience=patience, outcome_patience=patience, ready=lambda *_: None, went=True, over=over
    )


def test_a_count_on_the_way_does_not_look_for_recipients() -> None:
    recall = make_recall(state=State.RUNNING, target=make_target(items=5))
    numbers = Noted({ItemState.ACCEPTED: 3, ItemState.PENDING: 2})

    (move,) = following(over=False)(recall, numbers)

    assert (move.step.event.kind, numbers.looks) == (Kind.PROGRESS, 0)


def test_the_end_counts_recipients_once() -> None:
    recall = make_recall(state=State.RUNNING, target=make_target(items=5))
    numbers = Noted({ItemState.DONE: 5})

    (move,) = following(over=True)(recall, numbers)

    assert move.step.after.recipients is not None
    assert (move.step.after.recipients.done, numbers.looks) == (3, 1)
