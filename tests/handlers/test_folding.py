"""What is read after hours without Slack: what people did, what the vendor accepted, how it ended, where it stands."""

from datetime import timedelta

import pytest

from bot.ports import Notice, NoticeKind
from bot.recall import Event, Kind, State
from handlers.folding import folded
from tests.builders import T0, make_card, make_recall

HOURS = timedelta(hours=3)


def read(*kinds: str, after: timedelta = HOURS) -> list[str]:
    """What is still told of these events, when all of them had to wait that long."""
    events = [Kind(each) for each in kinds]
    recall = make_recall(state=State.RUNNING)
    told = []
    for number, kind in enumerate(events):
        event = Event(recall=recall.id, seq=number, kind=kind, at=T0, by=None)
        notice = Notice(
            id=number,
            key=str(number),
            kind=NoticeKind.REPLY,
            card=make_card(),
            event=event,
            tries=1,
            ambiguous=False,
            behind=tuple(events[number + 1 :]),
        )
        if not folded(notice, recall, T0 + after):
            told.append(kind.value)
    return told


@pytest.mark.parametrize(
    ("waited", "told"),
    [
        ("started accepted done", "started accepted done"),
        ("approval_asked approved started done", "approval_asked approved started done"),
        ("waiting waiting waiting started done", "started done"),
        ("started waiting resumed waiting resumed", "started waiting resumed"),
        ("started waiting", "started waiting"),
        ("started resumed resumed submitted", "started submitted"),
        ("started stopping stopped", "started stopping stopped"),
        ("started submitted unknown done", "started submitted done"),
        ("started partial retried waiting started done", "started partial retried started done"),
        ("started failed retried started failed", "started failed retried started failed"),
        ("started partial unknown", "started unknown"),
    ],
)
def test_after_hours_a_line_that_a_later_one_made_untrue_is_left_out(waited: str, told: str) -> None:
    assert read(*waited.split()) == told.split()


def test_what_is_told_in_time_is_told_in_full() -> None:
    kinds = ["started", "waiting", "resumed", "waiting", "done"]
    assert read(*kinds, after=timedelta(seconds=30)) == kinds


@pytest.mark.parametrize(("state", "left_out"), [(State.RUNNING, False), (State.DONE, True)])
def test_a_count_is_not_begun_once_the_recall_has_ended(state: State, left_out: bool) -> None:
    notice = Notice(
        id=1, key="k", kind=NoticeKind.PROGRESS, card=make_card(), event=None, tries=1, ambiguous=False
    )
    assert folded(notice, make_recall(state=state), T0) is left_out
