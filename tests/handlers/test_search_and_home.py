from datetime import timedelta

from sandbox.slack import plain
from tests.builders import T0
from tests.handlers.conftest import Office


async def test_the_typeahead_finds_by_name_part_misspelling_and_id(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.types("/recall", "#campaigns")
    listed = await office.shown("ann", "Recently sent", "#campaigns")
    for typed in ("Spring sale", "spri", "sprnig", "4711"):
        options = await ann.searches(typed, listed)
        assert "Spring sale" in [each["text"]["text"] for each in options], typed
    assert await ann.searches("zzzzzz", listed) == []
    assert await ann.searches("\u202e<!channel>" * 50, listed) == []


async def test_picking_a_found_one_puts_up_its_card(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.types("/recall", "#campaigns")
    listed = await office.shown("ann", "Recently sent", "#campaigns")
    await ann.searches("garden", listed)
    await ann.picks("Garden party", listed)
    await office.shown("bob", "Garden party", "#campaigns")


async def test_the_typeahead_asks_no_vendor(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.types("/recall", "#campaigns")
    listed = await office.shown("ann", "Recently sent", "#campaigns")
    office.vendor.calls.clear()
    await ann.searches("spring", listed)
    assert office.vendor.calls == []


async def test_more_on_request(office: Office) -> None:
    for number in range(12):
        office.vendor.sent(f"old{number}", name=f"Older {number}", sent_at=T0 - timedelta(days=number + 1))
    ann = office.slack.person("ann")
    await ann.types("/recall", "#campaigns")
    listed = await office.shown("ann", "Recently sent", "#campaigns")
    await ann.presses("Show more", listed)
    more = await office.shown("ann", "Sent earlier", "#campaigns")
    assert "Older 5" in plain(more)
    assert "Older 0" not in plain(more)


async def test_the_home_tab_lists_and_recalls(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.opens_home()
    await office.slack.until(lambda: ann.home and "Spring sale" in plain(ann.home))
    assert ann.home
    await ann.presses("Recall", view=ann.home, near="Spring sale")
    await office.shown("bob", "Yes, recall", "#recalls")
    await office.shown("ann", "card", "D0ANN")


async def test_the_home_tab_shows_what_runs(office: Office) -> None:
    card = await office.card()
    await office.slack.person("ann").presses("Yes, recall", card)
    await office.shown("ann", "Stop", "#campaigns")
    bob = office.slack.person("bob")
    await bob.opens_home()
    await office.slack.until(lambda: bob.home and "Spring sale" in plain(bob.home))
    assert bob.home
    assert "Nothing is running" not in plain(bob.home)


async def test_a_search_from_the_home_tab(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.opens_home()
    await office.slack.until(lambda: ann.home)
    await ann.presses("Search…", view=ann.home)
    await office.slack.until(lambda: ann.view)
    await ann.searches("party")
    await ann.picks("Garden party")
    await ann.submits()
    await office.shown("bob", "Garden party", "#recalls")
