from hypothesis import given
from hypothesis import strategies as st

from bot.recall import State
from bot.target import Reason
from front.history import lines, printable
from tests.builders import ANN, BOB, T0, make_recall, make_target


def test_a_recall_is_one_line_with_who_what_why_and_what_came_of_it() -> None:
    recall = make_recall(
        state=State.DONE,
        confirmed_by=ANN,
        confirmed_at=T0,
        approved_by=BOB,
        reason=Reason.OTHER,
        reason_text="wrong price",
        audience=make_target().audience,
    )
    assert list(lines([recall])) == [
        (
            "2026-03-02 09:30 UTC · done · Spring sale (push/4711) · by U_ANN · approved by U_BOB · "
            "other: wrong price · delivered 48,210 · r1"
        )
    ]


def test_an_empty_history_says_so() -> None:
    assert list(lines([])) == ["Nothing has been recalled yet."]


def test_a_long_name_is_cut() -> None:
    (line,) = lines([make_recall(target=make_target(name="n" * 300))])
    assert f"{'n' * 59}… (push/4711)" in line


@given(st.text())
def test_foreign_text_can_not_speak_to_the_terminal(text: str) -> None:
    (line,) = lines([make_recall(target=make_target(name=text), reason_text=text)])
    assert line.isprintable()
    assert printable(text).isprintable()
