import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.recall import Counts, Kind, Recall, step
from bot.target import ItemState, Outcome, Target
from storage.codec import dump, instant, load, moment
from tests.builders import BOB, T0, make_recall, make_target


def test_a_recall_with_everything_set_comes_back_equal() -> None:
    target = make_target(name="Gü<!channel> 🎉\0\u202e", text="a\nb", image_url="https://x/y.png")
    recall = make_recall(
        target=target,
        confirmed_by=BOB,
        confirmed_at=T0 + timedelta(microseconds=7),
        counts=Counts(total=3, done=2, failed=1),
        audience=target.audience,
    )

    assert load(Recall, dump(recall)) == recall


def test_half_a_character_in_foreign_text_survives() -> None:
    target = make_target(name="half \ud83d of it")

    assert load(Target, dump(target)) == target


def test_an_outcome_with_its_number_state_comes_back() -> None:
    outcome = Outcome(state=ItemState.FAILED, reason="The vendor said no.", code="E7")

    assert load(Outcome, dump(outcome)) == outcome


def test_a_row_from_before_a_field_existed_takes_the_default() -> None:
    row = json.loads(dump(make_recall(checks=4)))
    del row["checks"], row["audience"], row["target"]["items"]

    old = load(Recall, json.dumps(row))

    assert (old.checks, old.audience, old.target.items) == (0, None, 1)


def test_a_field_that_is_no_longer_known_is_left_out() -> None:
    row = {**json.loads(dump(make_recall())), "colour": "red"}

    assert load(Recall, json.dumps(row)) == make_recall()


def test_a_row_without_what_it_must_have_is_named() -> None:
    with pytest.raises(ValueError, match="Recall lacks id"):
        load(Recall, json.dumps({k: v for k, v in json.loads(dump(make_recall())).items() if k != "id"}))


def test_what_has_no_json_is_refused_rather_than_guessed() -> None:
    with pytest.raises(TypeError, match="object"):
        dump({"x": object()})


def test_the_same_value_is_always_written_the_same_way() -> None:
    move = step(make_recall(), Kind.CONFIRMED, at=T0, data={"b": 1, "a": [2]})

    assert dump(move.event.data) == '{"a":[2],"b":1}'


def test_pairs_keep_their_shape() -> None:
    @dataclass(frozen=True)
    class Pairs:
        values: tuple[tuple[str, int], ...]

    assert load(Pairs, dump(Pairs(values=(("a", 1), ("b", 2))))) == Pairs(values=(("a", 1), ("b", 2)))


def test_instants_are_exact_whatever_their_zone() -> None:
    at = datetime(2026, 3, 2, 12, 30, 0, 123457, tzinfo=timezone(timedelta(hours=3)))

    assert moment(instant(at)) == at
    assert moment(instant(at)).tzinfo is UTC
