import pytest

from handlers.command import said
from tests.handlers.conftest import Office


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("  spring   sale ", "spring sale"),
        ("<@U0BOB|bob> sale", "@bob sale"),
        ("<#C0CAMPAIGNS|campaigns>", "#campaigns"),
        ("<#G0SECRET|>", "#G0SECRET"),
        ("<https://panel.example/4711|4711>", "https://panel.example/4711"),
        ("<https://panel.example/?a=1&amp;b=2>", "https://panel.example/?a=1&b=2"),
        ("<!channel> &lt;b&gt;", "@channel <b>"),
        ("a\u202eb\x00c\u2066", "a b c"),
        ("", ""),
    ],
)
def test_what_slack_escapes_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert said(sent) == typed


async def test_alone_it_lists_what_was_sent_lately_to_the_asker_only(office: Office) -> None:
    shown = await office.slack.person("cleo").types("/recall", "#campaigns")
    assert shown.ok
    await office.shown("cleo", "Spring sale", "#campaigns")
    assert not any(
        "Spring sale\n" in each and "Recall" in each for each in office.texts("bob", "#campaigns")[-1:]
    )


async def test_words_with_one_match_lead_straight_to_a_card_for_all(office: Office) -> None:
    card = await office.card("ann", "/recall spring", "#campaigns")
    seen = await office.shown("bob", "Yes, recall", "#campaigns")
    assert seen.ts == card.ts


async def test_several_matches_are_a_short_list_with_a_recall_button_each(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.types("/recall garden", "#campaigns")
    listed = await office.shown("ann", "More than one", "#campaigns")
    await ann.presses("Recall", listed, near="Garden teaser")
    assert "Garden teaser" in office.texts("ann", "#campaigns")[-1] or await office.shown(
        "ann", "Yes, recall", "#campaigns"
    )


async def test_a_misspelt_name_is_only_suggested(office: Office) -> None:
    await office.slack.person("ann").types("/recall sprnig sale", "#campaigns")
    seen = await office.shown("ann", "Nothing was found", "#campaigns")
    assert seen.seen_by == "U0ANN"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/recall help", "Recall button"),
        ("/recall STATUS", "Nothing is running"),
        ("/recall history", "Nothing has been recalled"),
        ('/recall "help"', "Nothing was found for"),
        ("/recall stop press", "Nothing was found for"),
        ("/recall " + "x" * 10_000, "too long"),
        ("/recall <!channel> *_~& \x00\u202e", "Nothing was found for"),
    ],
)
async def test_each_text_gets_its_answer(office: Office, text: str, told: str) -> None:
    assert (await office.slack.person("cleo").types(text, "#campaigns")).ok
    await office.shown("cleo", told, "#campaigns")
    assert office.slack.state.mentions == []
    assert office.slack.state.violations == []


async def test_whom_no_rule_names_is_told_so_and_gets_no_card(office: Office) -> None:
    await office.slack.person("cleo").types("/recall spring", "#campaigns")
    await office.shown("cleo", "You may not recall", "#campaigns")
    assert office.posted() == 0


async def test_a_second_search_leads_to_the_card_that_stands(office: Office) -> None:
    await office.card()
    await office.slack.person("bob").types("/recall spring", "#campaigns")
    await office.shown("bob", "shows how it stands", "#campaigns")
    assert office.posted() == 1


async def test_stop_before_the_id_of_a_recall_takes_it_off_the_queue(office: Office) -> None:
    card = await office.card()
    await office.slack.person("ann").presses("Yes, recall", card)
    await office.shown("ann", "Stop", "#campaigns")
    (going,) = await office.service.history(open_only=True)
    await office.slack.person("bob").types(f"/recall stop {going.id}", "#campaigns")
    await office.shown("ann", "ancelled", "#campaigns")
