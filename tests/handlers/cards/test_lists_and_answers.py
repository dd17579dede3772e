"""Lists, searches, refusals and the answers to clicks that came too late."""

from datetime import timedelta

import pytest

from bot.errors import ProviderRefusedError, StorageError
from bot.found import Found
from bot.proposal import AlreadyRecalledError
from bot.recall import NotNowError, State
from handlers import ids
from handlers.cards import listing, views, words
from handlers.cards.words_errors import error_sentence
from tests.builders import ANN, BOB, T0, make_recall, make_target
from tests.handlers.cards.reading import labels, read, walk

SALE = make_target(id="1", name="Spring sale")
FLASH = make_target(id="2", name="Weekend flash")


def test_recent_targets_each_have_a_recall_button() -> None:
    message = listing.recents(Found(targets=(SALE, FLASH), older=T0 - timedelta(days=1)))
    assert labels(message) == ["Recall", "Recall", "Show more"]
    values = [each["value"] for each in walk(message.blocks) if each.get("action_id") == ids.RECALL]
    assert values == ["push/1", "push/2"]
    shown = read(message)
    assert "Spring sale" in shown
    assert "|2 Mar 2026, 09:30 UTC> · to 50,000 · opened 1,790" in shown
    finder = next(each for each in walk(message.blocks) if each.get("type") == "external_select")
    assert (finder["action_id"], finder["min_query_length"]) == (ids.FIND, 0)


def test_show_more_goes_on_where_the_list_ended() -> None:
    older = T0 - timedelta(days=1)
    message = listing.recents(Found(targets=(SALE,), older=older), earlier=True)
    more = next(each for each in walk(message.blocks) if each.get("action_id") == ids.MORE)
    assert more["value"] == older.isoformat()
    assert "Sent earlier" in read(message)
    assert "Show more" not in labels(listing.recents(Found(targets=(SALE,))))


def test_vendors_that_did_not_answer_are_named() -> None:
    text = read(listing.recents(Found(targets=(SALE,), silent=("Netmera", "Chatwoot"))))
    assert "Netmera and Chatwoot did not answer just now" in text
    alone = read(listing.recents(Found(silent=("Netmera",))))
    assert "Nothing has been sent yet" not in alone


def test_a_vendor_that_says_no_is_not_said_to_be_silent() -> None:
    found = Found(targets=(SALE,), refusing=("Netmera does not accept <Recall's> token.",))
    for message in (listing.recents(found), listing.short_list("spring", found), listing.nothing("x", found)):
        shown = read(message)
        assert "Something may be missing here: Netmera does not accept" in shown
        assert "did not answer" not in shown


def test_nothing_found_offers_the_nearest_names_and_help() -> None:
    message = listing.nothing("sprng <sale>", Found(nearest=(SALE,)))
    shown = read(message)
    assert "Nothing was found for “sprng <sale>”." in shown
    assert "Did you mean this one?" in shown
    assert "Search with /recall" in shown
    assert labels(message) == ["Recall", "Search…"]
    assert labels(listing.nothing("x", Found())) == ["Search…"]


def test_several_finds_are_a_short_list() -> None:
    message = listing.short_list("spring", Found(targets=(SALE, FLASH)))
    assert labels(message) == ["Recall", "Recall", "Search…"]
    assert "More than one fits “spring”. Which one is it?" in read(message)


def test_history_says_what_by_whom_and_why() -> None:
    ended = make_recall(target=SALE, state=State.DONE, confirmed_by=ANN, confirmed_at=T0)
    shown = read(listing.history([ended]))
    assert "Spring sale" in shown
    assert "Recalled" in shown
    assert "<@U_ANN> said yes" in shown
    assert "Reason: typo or wrong information." in shown
    assert read(listing.history([])) == words.NOTHING_RECALLED
    assert read(listing.status([])) == words.NOTHING_RUNS


def test_something_recalled_already_names_who_and_when() -> None:
    earlier = make_recall(target=SALE, state=State.DONE, confirmed_by=BOB, confirmed_at=T0)
    error = AlreadyRecalledError("It is recalled already.", target=SALE, earlier=earlier)
    assert error_sentence(error).startswith("It is recalled already. <@U_BOB> said yes to that, <!date^")
    shown = listing.refusal(error_sentence(error), SALE, earlier)
    assert "Reason: typo or wrong information." in read(shown)
    assert "Yes, recall" not in labels(shown)
    stranger = AlreadyRecalledError("It is recalled already.", target=SALE, earlier=None)
    assert "who did it isn't known here" in error_sentence(stranger)


@pytest.mark.parametrize("state", [*State])
def test_a_late_click_hears_how_it_stands(state: State) -> None:
    recall = make_recall(state=state, confirmed_by=ANN, confirmed_at=T0, moved_by=BOB)
    sentence = error_sentence(NotNowError(recall))
    assert sentence.endswith((".", "wanted."))
    assert "!" not in sentence.replace("<!date", "")


def test_a_late_click_hears_who_was_faster() -> None:
    no = error_sentence(NotNowError(make_recall(state=State.DECLINED, moved_by=BOB)))
    assert no.startswith("<@U_BOB> said no, <!date^")
    yes = error_sentence(NotNowError(make_recall(state=State.RUNNING, confirmed_by=ANN, confirmed_at=T0)))
    assert "<@U_ANN> said yes" in yes
    stop = error_sentence(NotNowError(make_recall(state=State.RUNNING, stopping=True)))
    assert stop.startswith("Stop was pressed before")


def test_a_vendors_words_in_an_error_do_nothing() -> None:
    said = error_sentence(ProviderRefusedError("Netmera refused: “<!channel>”."))
    assert said == "Netmera refused: “&lt;!channel&gt;”."
    assert "nothing was done" in error_sentence(StorageError())


def test_a_chooser_says_what_has_not_been_looked_up() -> None:
    view = views.chooser([(SALE.ref, SALE), (FLASH.ref, None)], '{"channel":"C1"}')
    options = next(each for each in walk(view["blocks"]) if each.get("type") == "radio_buttons")["options"]
    assert [each["value"] for each in options] == ["push/1", "push/2"]
    assert options[0]["text"]["text"] == "Spring sale"
    assert options[1]["text"]["text"] == "2"
    assert "not looked up yet" in options[1]["description"]["text"]
    assert view["private_metadata"] == '{"channel":"C1"}'


def test_the_home_tab_shows_what_runs_and_what_was_sent() -> None:
    view = views.home(Found(targets=(SALE,)), [make_recall(target=FLASH, state=State.RUNNING)])
    shown = read(view)
    assert shown.index("Weekend flash") < shown.index("Spring sale")
    assert labels(view) == ["Recall", "Search…"]


def test_no_sentence_shouts_and_no_button_looks_like_yes() -> None:
    sentences = [each for each in vars(words).values() if isinstance(each, str) and " " in each]
    assert not [each for each in (*sentences, *words.HELP) if "!" in each]
    others = (words.ASK_AGAIN, words.CHECK_NOW, words.MORE, words.SEARCH)
    assert not [each for each in others if each.startswith(("Yes", "No", "Confirm", "Recall now"))]
