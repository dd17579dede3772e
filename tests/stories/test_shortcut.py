"""The "Recall" shortcuts: on a post, which finds out what the post is about, and without one."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.slack.values import Json, Message
from tests.stories.conftest import Story, buttons

NOTHING = "Nothing in this post leads to anything that Recall could take back."


@pytest.mark.parametrize(
    ("post", "about"),
    [
        ("Push campaign sent", "Spring sale: 50% off"),  # the campaign feed: a link in its blocks
        ("Teaser is out", "Spring sale teaser"),  # a link in the text
        ("weekend flash", "Weekend flash"),  # an id in the text
    ],
)
async def test_on_a_post_about_a_campaign_the_card_comes_in_that_posts_thread_without_a_modal(
    story: Story, post: str, about: str
) -> None:
    ann, pointed = story.ann, story.said(post)

    await ann.shortcut("Recall", pointed)

    card = await story.card_below(pointed, about)
    assert card.thread_ts == pointed.ts
    assert ann.view is None
    assert not [each for each in story.posts(ann, "#campaigns") if each.seen_by]
    assert story.asked() == 0


async def test_the_whole_recall_is_told_in_the_posts_thread(story: Story) -> None:
    pointed = story.said("Push campaign sent")
    await story.ann.shortcut("Recall", pointed)
    card = await story.card_below(pointed)

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    assert len(await story.told(card, 3)) == 3
    assert [each for each in story.posts(story.bob, "#campaigns") if each.thread_ts is None] == []
    assert story.world.phones.showing("cmp-1042") == []


@pytest.mark.parametrize(
    "carried",
    [
        {
            "metadata": {
                "event_type": "campaign_sent",
                "event_payload": {"provider": "push", "id": "cmp-1042"},
            }
        },
        {"attachments": ({"fallback": "Campaign", "title": "Report", "text": "of cmp-1042"},)},
        {"attachments": ({"title_link": "https://panel.netmera.example/campaigns/cmp-1042"},)},
        {"blocks": ({"type": "section", "text": {"type": "mrkdwn", "text": "Sent: *cmp-1042*"}},)},
    ],
    ids=["only hidden details", "attachment", "link of an attachment", "blocks"],
)
async def test_what_a_post_is_about_may_stand_anywhere_in_it(story: Story, carried: Json) -> None:
    pointed = _feed_says(story, "A campaign went out.", carried)

    await story.ann.shortcut("Recall", pointed)

    await story.card_below(pointed)
    assert story.ann.view is None


async def test_hidden_details_of_a_reply_are_found_too(story: Story) -> None:
    hidden = {"event_type": "campaign_sent", "event_payload": {"provider": "push", "id": "cmp-1042"}}
    root = story.said("Spring week")
    pointed = _feed_says(story, "A campaign went out.", {"metadata": hidden, "thread_ts": root.ts})

    await story.ann.shortcut("Recall", pointed)

    card = await story.card_below(root)
    assert card.thread_ts == root.ts


async def test_a_post_that_names_two_lets_the_person_choose_and_the_card_comes_below_it(story: Story) -> None:
    ann, pointed = story.ann, story.said("Compare")

    await ann.shortcut("Recall", pointed)

    view = await story.window(ann, "Spring sale: 50% off everything")  # the names come as the vendor answers
    assert view.title == "Which one is it?"
    assert "nothing happens before that" in plain(view)
    assert story.posts(story.bob, "#campaigns") == []
    await ann.chooses("Spring sale: 50% off everything")
    await ann.submits()
    await story.card_below(pointed)
    assert ann.view is None


async def test_what_the_vendor_does_not_know_leaves_the_choice(story: Story) -> None:
    ann = story.ann
    pointed = await _says(story, "Was it cmp-9999 or cmp-1042?")

    await ann.shortcut("Recall", pointed)

    view = await story.window(ann, "Spring sale: 50% off everything")
    await story.until(lambda: "cmp-9999" not in plain(ann.view or view))


async def test_two_ids_that_the_vendor_does_not_know_become_a_search(story: Story) -> None:
    ann = story.ann
    pointed = await _says(story, "Was it cmp-9999 or cmp-9998?")

    await ann.shortcut("Recall", pointed)

    await story.window(ann, NOTHING)


async def test_one_id_that_the_vendor_does_not_know_is_said_with_a_search_button(story: Story) -> None:
    ann = story.ann
    pointed = await _says(story, "Take back cmp-9999 please")

    await ann.shortcut("Recall", pointed)

    said = await story.sees(ann, "Nothing was found for “cmp-9999”.")
    await ann.presses("Search…", said)
    await story.window(ann, "Find what was sent")


async def test_chatter_opens_a_search_that_says_what_was_looked_for(story: Story) -> None:
    ann, pointed = story.ann, story.said("Nice picture")

    await ann.shortcut("Recall", pointed)

    view = await story.window(ann, NOTHING)
    assert "a campaign's id, a link to one" in plain(view)
    await story.offered(ann, "loyal")
    await ann.picks("Loyalty points reminder")
    await ann.submits()
    card = await story.card_below(pointed, "Loyalty points reminder")
    assert card.thread_ts == pointed.ts
    assert ann.view is None


async def test_the_search_takes_words_too_and_one_match_leads_to_the_card_below_the_post(
    story: Story,
) -> None:
    ann, pointed = story.ann, story.said("Nice picture")
    await ann.shortcut("Recall", pointed)
    await story.window(ann, NOTHING)

    ann.fills("Or search at the vendor too", "weekend flash")
    await ann.submits()

    await story.card_below(pointed, "Weekend flash")


async def test_words_that_fit_several_are_answered_with_the_short_list(story: Story) -> None:
    ann = story.ann
    await ann.shortcut("Recall", story.said("Nice picture"))
    await story.window(ann, NOTHING)

    ann.fills("Or search at the vendor too", "spring sale")
    await ann.submits()

    await story.whisper(ann, "More than one fits “spring sale”.")


async def test_a_search_for_nothing_says_what_to_do_and_stays_open(story: Story) -> None:
    ann = story.ann
    await ann.shortcut("Recall", story.said("Nice picture"))
    await story.window(ann, NOTHING)

    refused = await ann.submits()

    assert list(refused.errors.values()) == ["Choose one from the list, or type some words below."]
    assert ann.view is not None


async def test_on_our_own_open_card_it_leads_to_that_card(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.bob.shortcut("Recall", card)

    told = await story.sees(story.bob, "Somebody has asked for this before.")
    assert card.ts.replace(".", "") in told.text  # the permalink
    assert len([m for m in story.posts(story.ann, "#campaigns") if "Yes, recall" in buttons(m)]) == 1


async def test_on_our_own_status_it_leads_to_the_recall_that_it_is_about(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)
    await story.told(card, 3)
    workspace = story.world.slack.workspace
    status = workspace.replies(card.channel, card.root)[-1]

    await story.bob.shortcut("Recall", status)

    await story.until(lambda: _heard(story, status, "U0BOB"))
    (said,) = _heard(story, status, "U0BOB")
    assert "recalled already" in plain(said)
    assert "@U0ANN said yes" in plain(said)
    assert story.asked() == 1


async def test_on_a_reply_the_card_comes_in_the_same_thread(story: Story) -> None:
    root = story.said("Spring week")
    reply = (await story.bob.types("Is it cmp-1040?", "#campaigns", thread_ts=root.ts)).message
    assert reply is not None

    await story.ann.shortcut("Recall", reply)

    card = await story.card_below(root, "Weekend flash")
    assert card.thread_ts == root.ts


async def test_a_second_post_about_the_same_campaign_leads_to_the_first_card(story: Story) -> None:
    first = story.said("Teaser is out")
    await story.ann.shortcut("Recall", first)
    await story.card_below(first, "Spring sale teaser")
    second = await _says(story, "I mean cmp-1041")

    await story.bob.shortcut("Recall", second)

    await story.whisper(story.bob, "Somebody has asked for this before.")
    assert story.world.slack.workspace.replies(second.channel, second.ts) == []


async def test_a_link_to_somebody_elses_host_is_no_campaign(story: Story) -> None:
    ann = story.ann
    pointed = await _says(story, "https://panel.netmera.example.evil.example/campaigns/9-1042")

    await ann.shortcut("Recall", pointed)

    await story.window(ann, NOTHING)


async def test_whoever_may_not_recall_is_told_so_and_no_card_comes(story: Story) -> None:
    await story.cleo.shortcut("Recall", story.said("Teaser is out"))

    told = await story.whisper(story.cleo, "You may not recall anything from “push”")

    assert "no rule in Recall's settings names you" in told
    assert story.posts(story.bob, "#campaigns") == []


async def test_a_look_up_that_takes_long_is_said_with_a_search_button_and_goes_on(story: Story) -> None:
    story.world.netmera.faults.add("slow", tool="campaign_detail", seconds=1.9)
    pointed = story.said("Push campaign sent")

    await story.ann.shortcut("Recall", pointed)

    slow = await story.sees(story.ann, "The vendor is slow to answer")
    assert "Search…" in buttons(slow)
    await story.card_below(pointed)


async def test_a_modal_that_slack_does_not_open_leaves_a_search_button(story: Story) -> None:
    ann = story.ann
    story.world.slack.faults.add(method="views.open", kind="error", error="expired_trigger_id")

    await ann.shortcut("Recall", story.said("Nice picture"))

    said = await story.sees(ann, "Press Search to try again.")
    await ann.presses("Search…", said)
    await story.window(ann, "Find what was sent")


async def test_the_global_shortcut_searches_and_its_card_goes_to_the_settings_channel(story: Story) -> None:
    ann = story.ann
    await ann.global_shortcut("Recall something")
    view = await story.window(ann, "Find what was sent")
    assert NOTHING not in plain(view)

    await story.offered(ann, "spring sale: 50")
    await ann.picks("Spring sale: 50% off everything")
    await ann.submits()

    await story.card(ann, "#recalls")
    await story.sees(ann, "The card is in #C0RECALLS. Nothing has happened yet.", "D0ANN")


async def _says(story: Story, text: str) -> Message:
    said = (await story.bob.types(text, "#campaigns")).message
    assert said is not None
    return said


def _feed_says(story: Story, text: str, carried: Json) -> Message:
    workspace = story.world.slack.workspace
    plain_post = Message(channel="C0CAMPAIGNS", ts=workspace.next_ts(), text=text, bot_id="B0FEED")
    return workspace.post(replace(plain_post, **carried))


def _heard(story: Story, post: Message, who: str) -> list[Message]:
    messages = story.world.slack.workspace.messages(post.channel)
    return [m for m in messages if m.seen_by == who and m.bot_id == "B0RECALL"]
