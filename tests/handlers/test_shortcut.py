import asyncio
from typing import cast

from bot.errors import NotFoundError, ProviderError
from sandbox.slack import Message, plain
from tests.handlers.conftest import Office


async def post_about(office: Office, words: str, channel: str = "#campaigns", who: str = "bob") -> Message:
    await office.slack.person(who).types(words, channel)
    return await office.shown(who, words, channel)


async def test_a_post_about_one_campaign_gets_its_card_in_its_thread(office: Office) -> None:
    post = await post_about(office, "look at cmp-1042 please")
    ann = office.slack.person("ann")
    assert (await ann.shortcut("Recall", post)).toast is None
    card = await office.shown("bob", "Garden party", "#campaigns", post.ts)
    assert card.thread_ts == post.ts
    assert ann.view is None


async def test_a_reply_gets_the_card_below_its_root(office: Office) -> None:
    root = await post_about(office, "numbers of today")
    await office.slack.person("bob").types("cmp-1042 it is", "#campaigns", thread_ts=root.ts)
    reply = await office.shown("bob", "cmp-1042 it is", "#campaigns", root.ts)
    await office.slack.person("ann").shortcut("Recall", reply)
    card = await office.shown("bob", "Yes, recall", "#campaigns", root.ts)
    assert card.thread_ts == root.ts


async def test_a_post_about_several_lets_the_person_choose_in_a_modal(office: Office) -> None:
    post = await post_about(office, "compare cmp-1041 with cmp-1042")
    ann = office.slack.person("ann")
    await ann.shortcut("Recall", post)
    await office.slack.until(lambda: ann.view and "(Garden teaser)" in plain(ann.view))
    await ann.chooses("Garden teaser")
    assert (await ann.submits()).ok
    assert ann.view is None
    card = await office.shown("bob", "Yes, recall", "#campaigns", post.ts)
    assert "Garden teaser" in plain(card)


async def test_a_post_about_nothing_leads_to_a_search(office: Office) -> None:
    post = await post_about(office, "good morning")
    ann = office.slack.person("ann")
    await ann.shortcut("Recall", post)
    await office.slack.until(lambda: ann.view)
    assert ann.view
    assert "Nothing in this post" in plain(ann.view)
    await ann.searches("gard")
    await ann.picks("Garden party")
    await ann.submits()
    card = await office.shown("bob", "Yes, recall", "#campaigns", post.ts)
    assert "Garden party" in plain(card)


async def test_a_card_of_ours_leads_to_its_own_recall(office: Office) -> None:
    card = await office.card()
    await office.slack.person("ann").shortcut("Recall", card)
    await office.shown("ann", "shows how it stands", "#campaigns")
    assert office.posted() == 1


async def test_where_the_bot_is_not_the_card_goes_to_the_settings_channel(office: Office) -> None:
    post = await post_about(office, "cmp-1042", "#general", "dan")
    await office.slack.person("ann").shortcut("Recall", post)
    told = await office.shown("ann", "/invite @Recall", "#general")
    assert told.seen_by == "U0ANN"
    await office.shown("bob", "Garden party", "#recalls")


async def test_from_a_private_channel_the_card_goes_to_nobody_else(office: Office) -> None:
    post = await post_about(office, "cmp-1042", "#launch-secret")
    await office.slack.person("ann").shortcut("Recall", post)
    await office.shown("ann", "direct messages with Recall", "#launch-secret")
    await office.shown("ann", "Garden party", "D0ANN")
    assert not any("Garden party" in each for each in office.texts("bob", "#recalls"))


async def test_the_global_shortcut_searches_and_uses_the_settings_channel(office: Office) -> None:
    ann = office.slack.person("ann")
    await ann.global_shortcut("Recall something")
    await office.slack.until(lambda: ann.view)
    await ann.searches("4711")
    await ann.picks("Spring sale")
    await ann.submits()
    await office.shown("bob", "Spring sale", "#recalls")


async def test_a_modal_that_slack_refuses_is_answered_with_a_button_for_another_try(office: Office) -> None:
    post = await post_about(office, "good morning")
    office.slack.state.faults.add(method="views.open", kind="error", error="expired_trigger_id")
    ann = office.slack.person("ann")
    await ann.shortcut("Recall", post)
    told = await office.shown("ann", "did not let Recall open", "#campaigns")
    await ann.presses("Search…", told)
    await office.slack.until(lambda: ann.view)


async def test_a_campaign_that_the_vendor_does_not_know_any_more_is_said(office: Office) -> None:
    post = await post_about(office, "cmp-1042")
    office.vendor.trouble["get"] = cast("list[ProviderError | None]", [NotFoundError()])
    await office.slack.person("ann").shortcut("Recall", post)
    await office.shown("ann", "Nothing was found", "#campaigns")


async def test_a_look_up_that_takes_long_is_said_before_it_ends(office: Office) -> None:
    post = await post_about(office, "cmp-1042")
    answers = asyncio.Event()
    office.vendor.holds = answers
    ann = office.slack.person("ann")
    await ann.shortcut("Recall", post)
    told = await office.shown("ann", "slow to answer", "#campaigns")
    assert "[Search…]" in plain(told)
    answers.set()
    await office.shown("bob", "Yes, recall", "#campaigns", post.ts)


async def test_a_click_in_a_thread_is_answered_in_that_thread(office: Office) -> None:
    post = await post_about(office, "cmp-1042")
    await office.slack.person("ann").shortcut("Recall", post)
    card = await office.shown("bob", "Yes, recall", "#campaigns", post.ts)
    await office.slack.person("cleo").presses("Yes, recall", card)
    told = await office.shown("cleo", "You may not recall", "#campaigns", post.ts)
    assert told.thread_ts == post.ts
