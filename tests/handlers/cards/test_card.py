"""What stands on a card, state by state, in the words a person reads."""

from datetime import timedelta

import pytest

from bot.recall import Counts, State
from bot.target import Audience, Capability, Operation, Reason, Status
from handlers import ids
from handlers.cards.card import card
from tests.builders import ANN, BOB, T0, make_recall, make_target
from tests.handlers.cards.reading import labels, read, walk

HALT = Capability(operation=Operation.HALT)
DONE_WORDS = ("Recalled", "Halted", "Confirmed by", "gone", "removed")


def test_asks_with_everything_that_has_to_be_checked_before_a_yes() -> None:
    target = make_target(
        name="Spring sale",
        image_url="https://pictures.example/spring.png",
        url="https://panel.netmera.example/campaigns/4711",
        capability=Capability(
            operation=Operation.RECALL,
            limits=("Whoever has opened it has seen it.",),
            closes_at=T0 + timedelta(hours=1),
        ),
    )
    shown = read(card(make_recall(target=target, expires_at=T0 + timedelta(minutes=15))))
    for part in (
        "Recall this push campaign?",
        "Spring sale",
        "Sent to 50,000 · delivered 48,210 · opened 1,790",
        "Netmera · sent 2 Mar 2026, 09:30 UTC · by Ann",
        "|Netmera 4711>",
        "Everything 20 % off until Sunday",
        "Netmera is asked to remove it wherever it was delivered.",
        "Whoever has opened it has seen it.",
        "This can't be undone.",
        "<@U_ANN> asked, and may recall this.",
        "Netmera lists it as sent.",
        "Possible until <!date^",
        "One yes is enough.",
        "This card closes <!date^",
        "Until somebody says yes, nothing happens.",
    ):
        assert part in shown


def test_offers_yes_and_no_with_the_promised_words() -> None:
    buttons = {
        each["text"]["text"]: each
        for each in walk(card(make_recall()).blocks)
        if each.get("type") == "button"
    }
    assert list(buttons) == ["Yes, recall", "No"]
    assert buttons["Yes, recall"]["style"] == "danger"
    assert (buttons["Yes, recall"]["action_id"], buttons["Yes, recall"]["value"]) == (ids.YES, "r1")


def test_a_card_is_short_enough_for_a_phone() -> None:
    target = make_target(image_url="https://pictures.example/spring.png")
    assert len(card(make_recall(target=target)).blocks) <= 12


def test_the_chosen_reason_stays_chosen() -> None:
    picker = _picker(make_recall(reason=Reason.WRONG_AUDIENCE))
    assert picker["initial_option"]["text"]["text"] == "Wrong audience"
    assert picker["initial_option"]["value"] == "r1:wrong_audience"
    own = _picker(make_recall(reason=Reason.OTHER, reason_text="Legal asked"))
    assert own["initial_option"]["text"]["text"] == "Other: Legal asked"


def test_what_the_vendor_does_not_tell_is_said_to_be_unknown() -> None:
    part = read(card(make_recall(target=make_target(audience=Audience(sent=0)))))
    assert "Sent to 0 · delivered and opened not known" in part
    none = read(card(make_recall(target=make_target(audience=Audience()))))
    assert "Netmera does not say how many it went to." in none
    assert "No time limit is known." in none


def test_a_picture_that_slack_can_not_fetch_is_linked_instead() -> None:
    recall = make_recall(target=make_target(image_url="https://pictures.example/spring.png"))
    assert [each["type"] for each in card(recall).blocks].count("image") == 1
    without = card(recall, image=False)
    assert "image" not in [each["type"] for each in without.blocks]
    assert "Slack could not show the picture. Open the picture" in read(without)


def test_a_sending_that_still_runs_is_halted_and_not_recalled() -> None:
    target = make_target(capability=HALT, status=Status.SENDING)
    asked = read(card(make_recall(target=target)))
    assert "Halt this push campaign?" in asked
    assert "Nothing more is sent." in asked
    assert "What was delivered stays." in asked
    assert "Netmera lists it as still being sent." in asked
    assert "Meant for 50,000" in asked
    ended = make_recall(target=target, state=State.DONE, audience=Audience(delivered=4_100, opened=60))
    told = read(card(ended))
    assert "Halted" in told
    assert (
        "Confirmed by Netmera. Nothing more is sent; 4,100 already delivered stay. Opened so far: 60." in told
    )
    assert "Recalled" not in told


def test_a_large_audience_asks_for_a_second_person() -> None:
    recall = make_recall(needs_second=True)
    assert "A second person has to approve, since its audience is large." in read(card(recall))
    waiting = make_recall(
        needs_second=True, state=State.APPROVING, confirmed_by=ANN, confirmed_at=T0, expires_at=T0
    )
    assert "First a second person has to approve. Netmera is asked" in read(card(recall))
    shown = card(waiting)
    assert labels(shown) == ["Approve", "Decline"]
    assert "Waiting for a second yes" in read(shown)
    assert "Nothing has happened yet." in read(shown)


def test_recalled_is_said_with_the_vendors_numbers() -> None:
    told = read(
        card(
            make_recall(
                state=State.DONE,
                confirmed_by=ANN,
                confirmed_at=T0,
                audience=Audience(delivered=48_210, opened=1_790),
            )
        )
    )
    assert "Recalled" in told
    assert "Confirmed by Netmera. Delivered 48,210, opened 1,790." in told
    assert "<@U_ANN> said yes" in told
    assert "Reason: typo or wrong information." in told


@pytest.mark.parametrize("state", [each for each in State if each not in {State.DONE, State.PARTIAL}])
@pytest.mark.parametrize("operation", [Operation.RECALL, Operation.HALT])
def test_no_word_for_done_before_the_vendor_confirmed(state: State, operation: Operation) -> None:
    target = make_target(capability=Capability(operation=operation))
    shown = card(make_recall(state=state, target=target, moved_by=BOB))
    for text in (shown.text, read(shown)):
        for word in DONE_WORDS:
            assert word not in text


def test_in_part_is_only_said_when_something_is_confirmed() -> None:
    some = make_recall(state=State.PARTIAL, counts=Counts(total=16, done=12, failed=3, unknown=1))
    assert "Recalled in part" in read(card(some))
    assert "Of 16: 12 confirmed, 3 failed, 1 unknown." in read(card(some))
    none = make_recall(state=State.PARTIAL, counts=Counts(total=16, failed=15, unknown=1))
    assert "Recalled" not in read(card(none))
    assert "Not confirmed" in read(card(none))


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({"state": State.QUEUED}, ["Stop"]),
        ({"state": State.RUNNING}, []),
        ({"state": State.RUNNING, "target": make_target(items=9)}, ["Stop"]),
        ({"state": State.RUNNING, "target": make_target(items=9), "stopping": True}, []),
        ({"state": State.SUBMITTED}, ["Check now"]),
        ({"state": State.UNKNOWN, "counts": Counts(total=1, unknown=1)}, ["Check now", "Retry failed"]),
        ({"state": State.FAILED, "counts": Counts(total=1, failed=1)}, ["Retry failed"]),
        ({"state": State.FAILED}, ["Ask again"]),
        ({"state": State.PARTIAL, "counts": Counts(total=2, done=1, failed=1)}, ["Retry failed"]),
        ({"state": State.EXPIRED}, ["Ask again"]),
        ({"state": State.REFUSED}, ["Ask again"]),
        ({"state": State.DECLINED}, []),
        ({"state": State.DONE}, []),
    ],
)
def test_only_buttons_that_can_work_are_offered(changes: dict[str, object], offered: list[str]) -> None:
    assert labels(card(make_recall(**changes))) == offered


def test_a_closed_card_says_who_or_what_closed_it() -> None:
    no = read(card(make_recall(state=State.DECLINED, moved_by=BOB)))
    assert "<@U_BOB> said no" in no
    assert "Nothing was done." in no
    late = read(card(make_recall(state=State.EXPIRED)))
    assert "Nobody said yes in time" in late
    second = read(card(make_recall(state=State.EXPIRED, confirmed_by=ANN)))
    assert "Nobody approved it in time" in second


def test_a_second_attempt_does_not_deny_what_the_first_may_have_done() -> None:
    again = read(card(make_recall(state=State.REFUSED, attempt=2, detail="It changed.")))
    assert "Nothing was done" not in again
    assert "This attempt did nothing more." in again
    failed = read(card(make_recall(state=State.FAILED, attempt=2)))
    assert "It was not recalled." not in failed


def test_a_refusal_gives_its_reason_once() -> None:
    why = "It is no longer what the card showed, so nothing was done. Ask again to see it as it is now."
    told = read(card(make_recall(state=State.REFUSED, detail=why)))
    assert told.count("othing was done") == 1


def _picker(recall: object) -> dict[str, object]:
    found = [each for each in walk(card(recall).blocks) if each.get("type") == "static_select"]  # type: ignore[arg-type]
    return dict(found[0])
