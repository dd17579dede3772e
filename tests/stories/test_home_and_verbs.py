"""The home tab, and what /recall understands besides a search: help, status, history."""

import pytest

from bot.recall import State
from sandbox.slack.hands import Person, plain
from sandbox.slack.values import View
from tests.stories.conftest import Story, buttons


async def test_home_shows_what_was_sent_and_that_nothing_runs(story: Story) -> None:
    home = await _home(story, story.ann)

    shown = plain(home)
    assert "Nothing is running or waiting." in shown
    assert shown.index("Loyalty points reminder") < shown.index("Spring sale: 50% off everything")
    assert shown.count("[Recall]") == 5
    assert "[Search…]" in shown


async def test_home_shows_what_runs_and_who_said_yes(story: Story) -> None:
    story.world.netmera.faults.add("never_confirm", times=None)
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.SUBMITTED)

    home = await _home(story, story.cleo)

    shown = plain(home)
    assert "Submitted, not yet confirmed" in shown
    assert "@U0ANN said yes" in shown
    assert "Nothing is running" not in shown


async def test_a_recall_from_home_goes_to_the_settings_channel_and_says_so(story: Story) -> None:
    home = await _home(story, story.ann)

    await story.ann.presses("Recall", view=home, near="Spring sale: 50% off")

    card = await story.card(story.ann, "#recalls")
    await story.sees(story.ann, "The card is in #C0RECALLS. Nothing has happened yet.", "D0ANN")
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)


async def test_home_is_fresh_each_time_it_is_opened(story: Story) -> None:
    await _home(story, story.ann)
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)

    await story.ann.opens_home()

    await story.until(lambda: "recalled" in plain(story.ann.home or card))


async def test_search_on_home_opens_a_window_and_its_card_goes_to_the_settings_channel(story: Story) -> None:
    ann = story.ann
    await ann.presses("Search…", view=await _home(story, ann))

    await story.window(ann, "Find what was sent")
    await story.offered(ann, "weekend")
    await ann.picks("Weekend flash")
    await ann.submits()

    await story.card(ann, "#recalls", "Weekend flash")


async def test_home_names_a_vendor_that_does_not_answer(story: Story) -> None:
    await _home(story, story.ann)
    await story.world.netmera.go_down()

    await story.bob.opens_home()

    await story.until(lambda: story.bob.home, "a home tab")
    assert story.bob.home is not None
    assert "Netmera did not answer just now" in plain(story.bob.home)
    assert "Spring sale: 50% off everything" in plain(story.bob.home)


async def test_whoever_may_not_recall_is_told_so_from_home(story: Story) -> None:
    home = await _home(story, story.cleo)

    await story.cleo.presses("Recall", view=home, near="Spring sale teaser")

    await story.sees(story.cleo, "You may not recall anything from “push”", "D0CLEO")
    assert story.posts(story.ann, "#recalls") == []


@pytest.mark.parametrize("typed", ["help", "HELP", " Help "])
async def test_help_says_what_can_be_typed_pressed_and_who_may(story: Story, typed: str) -> None:
    await story.ann.types(f"/recall {typed}", "#campaigns")

    told = await story.whisper(story.ann, "/recall lists what was sent lately.")

    for part in (
        "/recall status",
        "/recall history",
        "part of a name",
        "“…” menu",
        "Yes, recall",
        "settings",
    ):
        assert part in told


async def test_status_says_that_nothing_runs(story: Story) -> None:
    await story.ann.types("/recall status", "#campaigns")

    assert await story.whisper(story.ann, "Nothing is running") == "Nothing is running or waiting."


async def test_status_shows_what_waits_for_the_vendor_and_asks_it_again(story: Story) -> None:
    story.world.netmera.faults.add("never_confirm", times=None)
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.SUBMITTED)
    before = story.asked("campaign_detail")

    await story.bob.types("/recall status", "#campaigns")

    told = await story.whisper(story.bob, "Running or waiting now")
    assert "Spring sale: 50% off everything" in told
    assert "Submitted, not yet confirmed" in told
    await story.until(lambda: story.asked("campaign_detail") > before, "a fresh look at the vendor's record")


async def test_history_says_that_nothing_was_recalled_yet(story: Story) -> None:
    await story.ann.types("/recall history", "#campaigns")

    await story.whisper(story.ann, "Nothing has been recalled with Recall yet.")


async def test_history_tells_what_was_recalled_by_whom_and_why(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.bob.presses("Yes, recall", card)
    await story.ends(State.DONE)

    await story.cleo.types("/recall history", "#general")

    told = await story.sees(story.cleo, "newest first", "#general")
    assert "Spring sale: 50% off everything" in plain(told)
    assert "@U0BOB said yes" in plain(told)
    assert "typo or wrong information" in plain(told)
    assert "<@U0BOB>" in told.text
    assert "Recalled" in plain(told)


async def test_a_card_that_was_declined_is_no_history(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("No", card)
    await story.shows(card, "Declined")

    await story.ann.types("/recall history", "#campaigns")

    await story.whisper(story.ann, "Nothing has been recalled with Recall yet.")


@pytest.mark.parametrize("typed", ["history of spring", "status quo", "help me", "stop", "stop the sale"])
async def test_a_verb_among_other_words_is_a_search(story: Story, typed: str) -> None:
    await story.ann.types(f"/recall {typed}", "#campaigns")

    await story.whisper(story.ann, f"“{typed}”")


async def test_a_guest_is_told_that_guests_may_not(story: Story) -> None:
    gus = story.world.slack.person("gus")

    await gus.types("/recall cmp-1042", "#campaigns")

    told = await story.sees(gus, "Guests may not recall anything.")
    assert told.seen_by == gus.id
    assert "Yes, recall" not in buttons(told)
    assert story.posts(story.ann, "#campaigns") == []


async def _home(story: Story, who: Person) -> View:
    await who.opens_home()
    await story.until(lambda: who.home, f"a home tab for {who.id}")
    assert who.home is not None
    return who.home
