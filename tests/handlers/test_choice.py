"""What options stand for, where an id is longer than an option may hold."""

import json

from bot.recall import Actor
from bot.target import ProviderName, TargetId, TargetRef
from handlers import choice, ids, payloads
from handlers.cards import views
from handlers.cards.views import OPTION_VALUE, value_of
from handlers.payloads import Origin, Submission

ORIGIN = Origin(actor=Actor(team="T1", user="U1"), channel="C1", thread="1790000000.000100")
SHORT = TargetRef(provider=ProviderName("push"), id=TargetId("cmp-1"))


def _long(number: int, length: int = 152) -> TargetRef:
    return TargetRef(provider=ProviderName("mail"), id=TargetId(f"{number}".rjust(length, "T")))


def _submitted(value: str, note: str) -> Submission:
    shown = {ids.CHOOSER: {ids.RECALL: {"selected_option": {"value": value}}}}
    view = {"id": "V1", "callback_id": ids.CHOOSER, "private_metadata": note, "state": {"values": shown}}
    return payloads.submission({"team": {"id": "T1"}, "user": {"id": "U1"}, "view": view})


def test_whatever_is_chosen_is_known_again_with_the_place_where_it_was_asked() -> None:
    refs = (SHORT, _long(1), _long(2))
    offer = choice.among(ORIGIN, refs)

    forms = [_submitted(value_of(ref), offer.note) for ref in refs]

    assert offer.whole
    assert tuple(choice.chosen(form) for form in forms) == refs
    assert {form.origin for form in forms} == {ORIGIN}
    assert all(len(value_of(ref)) <= OPTION_VALUE for ref in refs)


def test_a_digest_that_the_note_does_not_explain_is_nothing_chosen() -> None:
    assert choice.chosen(_submitted(value_of(_long(1)), choice.among(ORIGIN, [_long(2)]).note)) is None
    assert choice.chosen(_submitted(value_of(_long(1)), json.dumps({"refs": "odd"}))) is None


def test_what_does_not_fit_into_the_note_is_left_out_and_the_rest_stays() -> None:
    refs = (_long(1, 1900), _long(2, 1900), SHORT, _long(3))

    offer = choice.among(ORIGIN, refs)

    assert offer.refs == (refs[0], SHORT, refs[3])
    assert not offer.whole
    assert len(offer.note) <= choice.LONGEST_NOTE


def test_a_post_that_names_more_than_there_are_places_for_is_cut_in_its_order() -> None:
    refs = tuple(_long(number) for number in range(12))

    offer = choice.among(ORIGIN, refs, places=9)

    assert offer.refs == refs[:9]
    assert not offer.whole


def test_the_post_itself_is_the_last_option() -> None:
    post = TargetRef(provider=ProviderName("posts"), id=TargetId("C1/1790000000.000100"))
    view = views.chooser([(SHORT, None), (_long(1), None)], "{}", itself=post)
    (asked,) = view["blocks"]
    values = [each["value"] for each in asked["element"]["options"]]
    assert values == [value_of(SHORT), value_of(_long(1)), str(post)]
