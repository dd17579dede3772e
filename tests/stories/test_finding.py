"""Finding what was sent: the list, the typeahead, words, ids and links. Nothing here recalls anything."""

from dataclasses import replace

import pytest

from sandbox.slack.hands import plain
from sandbox.slack.payloads import Payloads
from sandbox.slack.values import Message
from sandbox.vendors.campaign import Status
from tests.stories.conftest import SALE, Story, buttons

PANEL = "https://panel.netmera.example/campaigns"
NEWEST = (
    "Loyalty points reminder",
    "Spring sale: 50% off everything",
    "New arrivals for your desktop",
    "Spring sale teaser",
    "Price drop alert",
)
OLDER = ("*Bold*", "Weekend flash", "Test, please ignore")


async def test_alone_it_lists_what_was_sent_lately_newest_first_to_the_asker_only(story: Story) -> None:
    await story.ann.types("/recall", "#campaigns")

    listed = await story.sees(story.ann, "Recently sent, newest first")

    shown = plain(listed)
    assert sorted(NEWEST, key=shown.index) == list(NEWEST)
    assert listed.seen_by == "U0ANN"
    assert story.posts(story.bob, "#campaigns") == []
    assert buttons(listed) == ["Recall"] * 5 + ["Show more"]
    assert "Early summer preview" not in shown  # it was not sent yet


async def test_each_line_of_the_list_tells_vendor_moment_audience_and_openings(story: Story) -> None:
    await story.ann.types("/recall", "#campaigns")
    listed = await story.sees(story.ann, "Recently sent")

    sale = listed.blocks[4]["elements"][0]["text"]

    assert sale.startswith("Netmera · sent <!date^")  # everybody reads it in their own time zone
    assert "to 52,000" in sale
    assert "opened 1,790" in sale
    assert "still being sent" in listed.blocks[2]["elements"][0]["text"]
    assert "recalled" in listed.blocks[10]["elements"][0]["text"]
    assert "“Spring sale: 50% off everything”" in listed.text  # the notification says it as well


async def test_show_more_goes_on_where_the_list_ended(story: Story) -> None:
    await story.ann.types("/recall", "#campaigns")
    listed = await story.sees(story.ann, "Recently sent")

    await story.ann.presses("Show more", listed)

    older = await story.sees(story.ann, "Sent earlier")
    assert sorted(OLDER, key=plain(older).index) == list(OLDER)
    assert not [name for name in NEWEST if name in plain(older)]
    assert "Show more" not in buttons(older)
    assert older.seen_by == "U0ANN"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Spring sale teaser", "Spring sale teaser"),
        ("loyal", "Loyalty points reminder"),
        ("poin remin", "Loyalty points reminder"),
        ("weekned flahs", "Weekend flash"),
        ("cmp-1036", "Test, please ignore"),
        ("", "Loyalty points reminder"),
    ],
)
async def test_the_typeahead_finds_by_name_part_misspelling_and_id_and_begins_with_the_newest(
    story: Story, typed: str, name: str
) -> None:
    await story.ann.types("/recall", "#campaigns")
    listed = await story.sees(story.ann, "Recently sent")

    offered = await story.offered(story.ann, typed, listed)

    assert offered[0]["text"]["text"] == name
    assert offered[0]["description"]["text"].startswith("Netmera cmp-")


async def test_what_is_picked_in_the_typeahead_shows_its_card(story: Story) -> None:
    ann, listed = story.ann, await _listed(story)
    await story.offered(ann, "weekend", listed)

    await ann.picks("Weekend flash", listed)

    card = await story.card(story.bob, about="Weekend flash")
    assert card.thread_ts is None


@pytest.mark.parametrize(
    "typed",
    [
        SALE,
        "CMP-1042",
        "spring sale 50",
        "everything off",
        f"{PANEL}/{SALE}",
        f"{PANEL}/{SALE}?tab=report#numbers",
        f"{PANEL}/{SALE}?from={'mail' * 80}",
        '"Spring sale: 50% off everything"',
        "“spring sale: 50”",
    ],
)
async def test_an_id_a_link_or_words_that_fit_one_lead_straight_to_its_card(story: Story, typed: str) -> None:
    await story.asks(story.ann, typed)

    assert [each for each in story.posts(story.ann, "#campaigns") if each.seen_by] == []
    assert story.asked() == 0


async def test_a_link_in_slacks_own_form_leads_to_the_card(story: Story) -> None:
    slack = story.world.slack
    ann, here = slack.workspace.user("ann"), slack.workspace.channel("#campaigns")
    pasted = f"<{PANEL}/{SALE}|panel.netmera.example>"

    await story.arrives(
        "slash_commands", Payloads.of(slack.state).slash_command(ann, here, "/recall", pasted)
    )

    await story.card(story.ann)


async def test_several_matches_are_a_short_list_and_recall_there_shows_the_card(story: Story) -> None:
    await story.ann.types("/recall spring sale", "#campaigns")

    several = await story.sees(story.ann, "More than one fits “spring sale”. Which one is it?")
    assert several.seen_by == "U0ANN"
    assert "Spring sale: 50% off everything" in plain(several)
    assert "Nothing has happened yet." in plain(several)
    await story.ann.presses("Recall", several, near="Spring sale teaser")

    await story.card(story.ann, about="Spring sale teaser")


async def test_a_misspelt_name_is_asked_about_and_never_goes_straight_to_a_card(story: Story) -> None:
    await story.ann.types("/recall lojalty poinst", "#campaigns")

    asked = await story.sees(story.ann, "Did you mean")

    assert "Nothing was found for “lojalty poinst”." in plain(asked)
    assert "Loyalty points reminder" in plain(asked)
    assert "Search with /recall and a name" in plain(asked)
    assert story.posts(story.bob, "#campaigns") == []
    await story.ann.presses("Recall", asked, near="Loyalty points reminder")
    await story.card(story.ann, about="Loyalty points reminder")


@pytest.mark.parametrize("typed", ["xylophone", "cmp-9999", f"{PANEL}/cmp-9999", "?"])
async def test_no_match_says_so_with_one_line_of_help_and_a_search(story: Story, typed: str) -> None:
    await story.ann.types(f"/recall {typed}", "#campaigns")

    none = await story.whisper(story.ann, f"Nothing was found for “{typed}”.")

    assert "Search with /recall and a name, part of a name, an id or a link." in none
    assert "[Search…]" in none
    assert "Did you mean" not in none


async def test_the_search_button_opens_a_search(story: Story) -> None:
    ann = story.ann
    await ann.types("/recall xylophone", "#campaigns")
    none = await story.sees(ann, "Nothing was found")

    await ann.presses("Search…", none)

    await story.window(ann, "Find what was sent")
    await story.offered(ann, "weekend")
    await ann.picks("Weekend flash")
    await ann.submits()
    await story.card(ann, about="Weekend flash")


async def test_quotes_force_a_search_where_a_verb_would_be_meant(story: Story) -> None:
    story.world.netmera.keep(replace(story.sale, id="cmp-2001", name="Status of your order"))

    await story.asks(story.ann, '"status"', about="Status of your order")


async def test_quotes_around_nothing_are_the_list(story: Story) -> None:
    await story.ann.types('/recall ""', "#campaigns")

    await story.sees(story.ann, "Recently sent, newest first")


async def test_a_quoted_search_that_finds_nothing_repeats_the_words_without_the_quotes(story: Story) -> None:
    await story.ann.types('/recall "history"', "#campaigns")

    await story.whisper(story.ann, "Nothing was found for “history”.")


async def test_two_campaigns_of_one_name_are_told_apart_by_their_ids(story: Story) -> None:
    for number in ("cmp-2001", "cmp-2002"):
        story.world.netmera.keep(replace(story.sale, id=number, name="Twin"))
    await story.ann.types("/recall twin", "#campaigns")

    twins = await story.sees(story.ann, "More than one fits “twin”")

    assert "Netmera cmp-2001" in plain(twins)
    assert "Netmera cmp-2002" in plain(twins)
    offered = await story.offered(story.ann, "twin", await _listed(story))
    assert {each["description"]["text"].split(" · ")[0] for each in offered} == {
        "Netmera cmp-2001",
        "Netmera cmp-2002",
    }


async def test_what_is_only_planned_is_not_called_sent(story: Story) -> None:
    await story.ann.types("/recall early summer", "#campaigns")

    refusal = await story.whisper(story.ann, "only scheduled")

    assert "Sent to" not in refusal
    assert "Cancel it in Netmera's panel." in refusal


async def test_a_silent_vendor_is_named_and_the_index_answers(story: Story) -> None:
    await story.offered(story.ann, "weekend", await _listed(story))
    await story.world.netmera.go_down()

    await story.ann.types("/recall weekend", "#campaigns")

    found = await story.whisper(story.ann, "Netmera did not answer just now")
    assert "This fits “weekend”." in found
    assert "Weekend flash" in found
    assert "something may be missing here" in found
    assert story.posts(story.bob, "#campaigns") == []


async def test_the_list_of_a_silent_vendor_comes_from_the_index(story: Story) -> None:
    await story.offered(story.ann, "weekend", await _listed(story))
    await story.world.netmera.go_down()

    await story.bob.types("/recall", "#campaigns")

    listed = await story.whisper(story.bob, "Netmera did not answer just now")
    assert "Spring sale: 50% off everything" in listed


@pytest.mark.parametrize("words", ["", " weekend", " cmp-1042"])
async def test_a_vendor_that_refuses_our_token_is_said_to_refuse_it(story: Story, words: str) -> None:
    story.world.netmera.faults.add("bad_token", times=100)

    await story.ann.types(f"/recall{words}", "#campaigns")

    told = await story.whisper(story.ann, "Netmera does not accept Recall's token")
    assert "did not answer" not in told


async def test_a_halted_campaign_says_so_in_the_list(story: Story) -> None:
    story.world.netmera.keep(replace(story.sale, status=Status.STOPPED))

    listed = await _listed(story)

    assert "halted" in listed.blocks[4]["elements"][0]["text"]


async def _listed(story: Story) -> Message:
    await story.ann.types("/recall", "#campaigns")
    return await story.sees(story.ann, "Recently sent")
