"""The thread: started by whom and why, accepted, result; and everything that can come between."""

from typing import Any

import pytest

from bot.recall import Event, Kind, Recall
from bot.target import Audience, Capability, Operation
from handlers.cards.reply import reply
from tests.builders import ANN, BOB, T0, make_recall, make_target
from tests.handlers.cards.reading import read

NUMBERS = {"sent": 52_000, "delivered": 48_210, "opened": 1_790}
ONE = {"total": 1, "done": 1, "failed": 0, "unknown": 0, "awaiting": 0, "skipped": 0}


def told(kind: Kind, recall: Recall | None = None, **data: Any) -> str:
    event = Event(recall=(recall or make_recall()).id, seq=2, kind=kind, at=T0, by=BOB, data=data)
    message = reply(event, recall or make_recall(confirmed_by=ANN, moved_by=BOB))
    assert message is not None
    assert (
        message.text.split() == read(message).split()[: len(message.text.split())] or "<!date" in message.text
    )
    return read(message)


def test_the_start_names_who_and_why() -> None:
    assert told(Kind.STARTED) == "Started by <@U_ANN>. Reason: typo or wrong information."


def test_an_accepted_request_is_not_a_result() -> None:
    assert told(Kind.ACCEPTED) == "Netmera accepted the request. Its confirmation is awaited."


def test_a_confirmed_recall_comes_with_numbers_and_evidence() -> None:
    text = told(Kind.DONE, counts=ONE, audience=NUMBERS, evidence="campaign_detail says RECALLED")
    assert text == (
        "Recalled. Confirmed by Netmera. Sent to 52,000, delivered 48,210, opened 1,790."
        "\nNetmera: campaign_detail says RECALLED"
    )


def test_a_halt_says_what_stays() -> None:
    halted = make_recall(target=make_target(capability=Capability(operation=Operation.HALT)))
    text = told(Kind.DONE, halted, counts=ONE, audience={"sent": 60_000, "delivered": 4_100, "opened": None})
    assert text == "Halted. Confirmed by Netmera. Nothing more is sent; 4,100 already delivered stay."
    bare = told(Kind.DONE, halted, counts=ONE, audience=None)
    assert bare == "Halted. Confirmed by Netmera. Nothing more is sent; what was delivered stays."


def test_a_vendor_that_never_confirms_is_called_that() -> None:
    assert told(Kind.UNKNOWN, counts={**ONE, "done": 0, "unknown": 1}) == (
        "Outcome unknown. Netmera never showed it as recalled, so it may still be visible. "
        "Please look in Netmera itself."
    )


def test_a_vendor_that_says_no_is_quoted() -> None:
    text = told(Kind.FAILED, why="Netmera refused: “Invalid state”.", counts={**ONE, "done": 0, "failed": 1})
    assert text.split("\n") == ["Failed.", "Netmera refused: “Invalid state”.", "It was not recalled."]


def test_a_vendor_that_is_away_is_waited_for() -> None:
    text = told(Kind.WAITING, why="Netmera can't be reached.", until="2026-03-02T09:45:00+00:00")
    assert "Netmera can't be reached. It is tried again until 2 Mar 2026, 09:45 UTC." in text
    assert "Nothing was sent to Netmera in this attempt." in told(
        Kind.GAVE_UP, why="Netmera can't be reached."
    )


def test_a_part_is_counted_never_guessed() -> None:
    text = told(Kind.PARTIAL, counts={"total": 16, "done": 12, "failed": 4}, audience=None)
    assert "Recalled in part." in text
    assert "Of 16: 12 confirmed, 4 failed." in text
    assert "Recalled" not in told(Kind.PARTIAL, counts={"total": 16, "failed": 15, "unknown": 1})


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.DECLINED, "<@U_BOB> said no. Nothing was done."),
        (Kind.CANCELLED, "<@U_BOB> cancelled it. Nothing was done."),
        (Kind.APPROVED, "<@U_BOB> approved it."),
        (Kind.RESUMED, "Recall was restarted and goes on from where it was."),
    ],
)
def test_people_are_named(kind: Kind, words: str) -> None:
    assert told(kind) == words


@pytest.mark.parametrize("kind", [Kind.PROPOSED, Kind.CONFIRMED, Kind.EXPIRED, Kind.REASON, Kind.CHECKED])
def test_what_the_card_shows_anyway_is_not_repeated(kind: Kind) -> None:
    event = Event(recall=make_recall().id, seq=2, kind=kind, at=T0, by=ANN)
    assert reply(event, make_recall()) is None


def test_a_stop_says_how_long_it_waits_where_nobody_can_be_asked_later() -> None:
    target = make_target(capability=Capability(operation=Operation.RECALL, repeatable=False))

    text = told(Kind.STOPPING, make_recall(target=target))

    assert "no new ones go out" in text
    assert "10 seconds at most" in text
    assert "seconds" not in told(Kind.STOPPING)


def test_numbers_of_an_audience_are_the_vendors() -> None:
    quiet = told(Kind.DONE, counts=ONE, audience={"sent": None, "delivered": None, "opened": None})
    assert quiet == "Recalled. Confirmed by Netmera."
    assert Audience() == Audience(sent=None, delivered=None, opened=None)
