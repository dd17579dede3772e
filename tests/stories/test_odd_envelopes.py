"""Clicks, windows and envelopes that nobody expects: acknowledged, answered in words, and nothing is done twice."""

from typing import cast

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.slack.payloads import Payloads
from sandbox.slack.values import Json, Message
from tests.stories.conftest import Story, buttons


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("made_up", "1"),
        ("recall_yes", ""),
        ("recall_target", "garbage"),
        ("recall_more", "yesterday"),
        ("recall_reason", "bogus:bogus"),
    ],
)
async def test_a_button_that_nobody_knows_is_answered_and_does_nothing(
    story: Story, action_id: str, value: str
) -> None:
    card = await story.asks(story.ann)
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}

    shown = await story.world.slack.hands.act_block("U0ANN", action, message=(card.channel, card.ts))

    assert shown.ok
    told = await story.whisper(story.ann, "Recall does not know this button any more")
    assert "so nothing was done. Type /recall to start again." in told
    assert "Yes, recall" in buttons(story.fresh(card))


@pytest.mark.parametrize(
    ("action_id", "value", "answer"),
    [
        ("recall_yes", "no-such-recall", "This card belongs to no recall that is known here."),
        ("recall_ask_again", "x", "This card belongs to no recall that is known here."),
        ("recall_target", "push/" + "z" * 1900, "Netmera has no campaign with that id."),
        ("recall_target", "gone/cmp-1", "Nobody may recall anything from “gone” yet"),
    ],
)
async def test_a_button_about_something_unknown_says_what_is_unknown(
    story: Story, action_id: str, value: str, answer: str
) -> None:
    card = await story.asks(story.ann)
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}

    await story.world.slack.hands.act_block("U0ANN", action, message=(card.channel, card.ts))

    await story.whisper(story.ann, answer)
    assert story.asked() == 0


async def test_a_window_that_nobody_knows_says_so_in_itself(story: Story) -> None:
    ann = story.ann
    title = {"type": "plain_text", "text": "Old"}
    body = {"type": "modal", "callback_id": "made_up", "title": title, "submit": title, "blocks": []}
    story.world.slack.state.screens.open("U0ANN", body)

    assert (await ann.submits()).ok

    assert ann.view is not None
    assert "Recall does not know this window any more, so nothing was done." in plain(ann.view)


@pytest.mark.parametrize("note", ["", "{", "[]", '{"recall": 7}'])
async def test_a_reason_from_a_window_that_lost_its_note_changes_nothing(story: Story, note: str) -> None:
    card = await story.asks(story.ann)
    ann = story.ann
    await ann.chooses("Other…", card)
    view = await story.window(ann, "In your own words")
    story.world.slack.state.screens.update(view, {**view.body, "private_metadata": note}, expected_hash=None)

    ann.fills("In your own words", "lost")
    assert (await ann.submits()).ok

    assert ann.view is not None
    assert "does not know this window" in plain(ann.view)


async def test_a_choice_made_an_hour_later_still_leads_to_the_card(story: Story) -> None:
    ann, pointed = story.ann, story.said("Compare")
    await ann.shortcut("Recall", pointed)
    await story.window(ann, "Spring sale teaser")
    await story.passes(3_600)

    await ann.chooses("Spring sale teaser")
    await ann.submits()

    await story.card_below(pointed, "Spring sale teaser")


async def test_a_click_on_a_list_from_hours_ago_is_answered_although_its_response_url_is_dead(
    story: Story,
) -> None:
    await story.cleo.types("/recall", "#campaigns")
    listed = await story.sees(story.cleo, "Recently sent")
    await story.passes(7_200)

    await story.cleo.presses("Recall", listed, near="Spring sale teaser")

    await story.whisper(story.cleo, "You may not recall anything from “push”")


async def test_a_slash_command_that_slack_sends_three_times_is_one_card(story: Story) -> None:
    slack = story.world.slack
    payload = Payloads.of(slack.state).slash_command(
        slack.workspace.user("ann"), slack.workspace.channel("#campaigns"), "/recall", "cmp-1042"
    )
    for _ in range(3):
        await story.arrives("slash_commands", payload)

    await story.card(story.ann)
    assert not [each for each in story.posts(story.ann, "#campaigns") if each.seen_by]


async def test_a_yes_that_slack_sends_twice_runs_once_and_nobody_is_scolded(story: Story) -> None:
    card = await story.asks(story.ann)
    payload = _click(story, card, _button(card, "Yes, recall"))
    await story.arrives("interactive", payload)
    await story.arrives("interactive", payload)

    await story.ends(State.DONE)
    await story.told(card, 3)
    await story.arrives("interactive", payload)
    assert story.asked() == 1
    assert not [each for each in story.posts(story.ann, "#campaigns") if each.seen_by]


@pytest.mark.parametrize(
    "part",
    ["type", "team", "user", "channel", "container", "actions", "response_url", "trigger_id", "message"],
)
async def test_a_click_that_lacks_something_is_acknowledged_and_the_next_one_works(
    story: Story, part: str
) -> None:
    card = await story.asks(story.ann)

    for broken in (None, 7, "", [], {}):
        payload = _click(story, card, _button(card, "No"))
        await story.arrives("interactive", {**payload, part: broken})  # raises where nothing acknowledges it

    if "No" in buttons(story.fresh(card)):
        await story.bob.presses("No", card)
    await story.shows(card, "Declined")
    assert story.asked() == 0


@pytest.mark.parametrize(
    "part", ["command", "text", "user_id", "team_id", "channel_id", "trigger_id", "response_url"]
)
async def test_a_slash_command_that_lacks_something_is_acknowledged(story: Story, part: str) -> None:
    slack = story.world.slack
    payload = Payloads.of(slack.state).slash_command(
        slack.workspace.user("ann"), slack.workspace.channel("#campaigns"), "/recall", "help"
    )
    await story.arrives("slash_commands", {each: payload[each] for each in payload if each != part})

    await story.bob.types("/recall help", "#campaigns")
    await story.whisper(story.bob, "/recall lists what was sent lately.")


async def test_an_envelope_of_a_kind_that_nobody_knows_is_acknowledged_and_the_person_told(
    story: Story,
) -> None:
    card = await story.asks(story.ann)
    payload = _click(story, card, _button(card, "Yes, recall")) | {"type": "block_dream"}

    await story.arrives("interactive", payload)

    told = await story.whisper(story.ann, "Something went wrong on our side (id ")
    assert "nothing was done" in told
    assert story.asked() == 0


def _button(card: Message, label: str) -> Json:
    for block in card.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == label:
                return cast("Json", element) | {"block_id": block["block_id"]}
    raise AssertionError(f"There is no button {label!r}.")


def _click(story: Story, card: Message, action: Json) -> Json:
    slack = story.world.slack
    here = slack.workspace.channels[card.channel]
    return Payloads.of(slack.state).message_block_action(slack.workspace.user("ann"), here, card, action)
