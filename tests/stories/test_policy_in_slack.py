"""Who may, and who is told at once that they may not."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from bot.recall import State
from sandbox.slack.hands import Person
from tests.stories.conftest import RULES, Story, buttons

A_MINUTE = 61


def gus(story: Story) -> Person:
    return story.world.slack.person("gus")


def anybody(story: Story) -> list[str]:
    """Every button that anybody can press in the channel."""
    return [label for each in story.posts(story.bob, "#campaigns") for label in buttons(each)]


def leave_marketing(story: Story, *members: str) -> None:
    workspace = story.world.slack.workspace
    workspace.set_group(replace(workspace.groups["S0MARKETING"], members=members))


async def sent_as(story: Story, user: str, **changes: Any) -> None:
    """Send the last click once more as somebody else's, as a client that Slack has not signed out yet might.

    It carries the first person's response URL, so the answer is seen there.
    """
    frame = json.loads(story.world.slack.sockets.sent[-1])
    frame["envelope_id"] = str(uuid4())
    frame["payload"]["user"] |= {"id": user, **changes}
    frame["payload"]["actions"][0]["action_ts"] = "1700000000.000001"
    await story.world.slack.sockets.send_raw(json.dumps(frame))


async def test_somebody_whom_no_rule_names_is_told_at_once_and_gets_no_card(story: Story) -> None:
    await story.cleo.types("/recall cmp-1042", "#campaigns")

    answer = await story.whisper(story.cleo, "You may not recall anything")
    assert "push" in answer
    assert "settings" in answer
    assert anybody(story) == []


async def test_somebody_whom_no_rule_names_may_still_see_what_was_sent(story: Story) -> None:
    await story.cleo.types("/recall", "#campaigns")
    recents = await story.sees(story.cleo, "Spring sale: 50% off everything")

    await story.cleo.presses("Recall", recents, near="Spring sale: 50% off everything")

    await story.whisper(story.cleo, "You may not recall anything")
    assert anybody(story) == []


async def test_a_guest_is_refused_even_where_a_rule_names_them(quiet: Story) -> None:
    await quiet.starts('[[policy.allow]]\nwho = ["U0GUS", "U0ANN"]\n')

    await gus(quiet).types("/recall cmp-1042", "#campaigns")
    await quiet.whisper(gus(quiet), "Guests may not recall")

    card = await quiet.asks(quiet.ann)
    for label in ("Yes, recall", "No"):
        await gus(quiet).presses(label, card)
        assert (await quiet.whisper(gus(quiet), "Guests may not recall")).count("Guests") == 1
    assert quiet.asked() == 0


async def test_a_deactivated_persons_click_does_nothing(quiet: Story) -> None:
    await quiet.starts('[[policy.allow]]\nwho = ["U0EVE", "U0ANN"]\n')
    card = await quiet.asks(quiet.ann)
    await quiet.cleo.presses("Yes, recall", card)
    await quiet.whisper(quiet.cleo, "You may not recall")

    await sent_as(quiet, "U0EVE")

    await quiet.whisper(quiet.cleo, "account is deactivated")
    assert "Yes, recall" in buttons(quiet.fresh(card))
    assert quiet.asked() == 0


async def test_a_click_from_another_organisation_does_nothing(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.cleo.presses("Yes, recall", card)
    await story.whisper(story.cleo, "You may not recall")

    await sent_as(story, "U0ANN", team_id="T0OTHER")

    await story.whisper(story.cleo, "Only members of the workspace")
    assert "Yes, recall" in buttons(story.fresh(card))
    assert story.asked() == 0


async def test_when_slack_does_not_tell_the_groups_the_person_is_told_so(story: Story) -> None:
    # Once for looking, once for the card: the second question alone might have been answered.
    story.world.slack.faults.add(method="usergroups.users.list", kind="error", times=2)

    await story.ann.types("/recall cmp-1042", "#campaigns")

    assert "try again" in await story.whisper(story.ann, "which user groups you are in")
    assert anybody(story) == []
    story.world.slack.faults.clear()
    await story.asks(story.ann)


async def test_groups_that_cannot_be_read_at_the_click_mean_no(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.passes(A_MINUTE)
    story.world.slack.faults.add(method="usergroups.users.list", kind="error", times=20)

    await story.ann.presses("Yes, recall", card)

    await story.whisper(story.ann, "which user groups you are in")
    assert "Yes, recall" in buttons(story.fresh(card))
    assert story.asked() == 0
    story.world.slack.faults.clear()
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)


async def test_a_person_whom_slack_does_not_describe_is_refused_in_words(story: Story) -> None:
    story.world.slack.faults.add(method="users.info", kind="error", times=20)

    await story.ann.types("/recall cmp-1042", "#campaigns")

    assert "try again" in await story.whisper(story.ann, "who you are")
    assert anybody(story) == []


async def test_unreadable_groups_do_not_stop_whom_a_rule_names_in_person(quiet: Story) -> None:
    await quiet.starts('[[policy.allow]]\nwho = ["U0ANN", "S0MARKETING"]\n')
    quiet.world.slack.faults.add(method="usergroups.users.list", kind="error", times=10)
    card = await quiet.asks(quiet.ann)

    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.DONE)


async def test_without_any_rule_nobody_may_and_it_is_said_what_to_do(quiet: Story) -> None:
    await quiet.starts("")

    await quiet.ann.types("/recall cmp-1042", "#campaigns")

    answer = await quiet.whisper(quiet.ann, "Nobody may recall anything")
    assert "Ask whoever looks after Recall" in answer
    assert anybody(quiet) == []


async def test_a_right_that_was_lost_between_card_and_click_counts_as_lost(story: Story) -> None:
    card = await story.asks(story.ann)
    leave_marketing(story, "U0BOB")
    await story.passes(A_MINUTE)

    await story.ann.presses("Yes, recall", card)

    await story.whisper(story.ann, "You may not recall anything")
    assert story.asked() == 0
    await story.bob.presses("Yes, recall", card)
    await story.ends(State.DONE)


async def test_a_right_that_was_given_after_the_refusal_works_within_a_minute(story: Story) -> None:
    await story.cleo.types("/recall cmp-1042", "#campaigns")
    await story.whisper(story.cleo, "You may not recall anything")
    leave_marketing(story, "U0ANN", "U0BOB", "U0CLEO")
    await story.passes(A_MINUTE)

    card = await story.asks(story.cleo)
    await story.cleo.presses("Yes, recall", card)

    await story.ends(State.DONE)


async def test_rules_that_were_tightened_while_a_card_stood_hold_after_the_restart(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.stops()
    await story.starts(RULES.replace("S0MARKETING", "S0LEADS"))

    await story.ann.presses("Yes, recall", card)
    await story.whisper(story.ann, "You may not recall anything")
    await story.bob.presses("Yes, recall", card)

    await story.ends(State.DONE)
    assert "@U0BOB" in (await story.told(card, 3))[0]


@pytest.mark.parametrize("label", ["Retry failed", "Stop"])
async def test_what_comes_after_yes_is_also_for_those_who_may(story: Story, label: str) -> None:
    if label == "Stop":
        card = await story.asks(story.ann)
        await story.world.netmera.go_down()
        await story.ann.presses("Yes, recall", card)
    else:
        card = await story.asks(story.ann)
        story.world.netmera.faults.add(
            "error", tool="campaign_recall", text="2001: An internal error occurred."
        )
        await story.ann.presses("Yes, recall", card)
    await story.until(lambda: label in buttons(story.fresh(card)), f"the button {label}")

    await story.cleo.presses(label, card)

    await story.whisper(story.cleo, "You may not recall anything")
    assert label in buttons(story.fresh(card))
