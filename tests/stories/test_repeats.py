"""What Slack sends again has one effect: over sockets and over HTTP, with its marks of a retry and without."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.deliver import Ack, Delivery, Outgoing
from sandbox.slack.hands import plain
from tests.stories.conftest import Story

TRANSPORTS = pytest.mark.parametrize("http", [False, True], ids=["sockets", "http"])


class Stutter:
    """Slack's way to the app, on which everything is sent three times over, the copies marked as retries."""

    def __init__(self, way: Delivery) -> None:
        self._way = way
        self.acks: list[Ack] = []

    async def deliver(self, outgoing: Outgoing) -> Ack:
        first = await self._way.deliver(outgoing)
        for attempt in (1, 2):
            again = replace(outgoing, retry_attempt=attempt, retry_reason="http_timeout")
            self.acks.append(await self._way.deliver(again))
        return first


@pytest.fixture
async def stuttering(quiet: Story, http: bool) -> Story:
    """A story in which Slack says everything three times."""
    quiet.http = http
    await quiet.starts()
    slack = quiet.world.slack
    stutter = Stutter(slack.http or slack.sockets)
    slack.hands._reach = lambda: stutter
    return quiet


@TRANSPORTS
async def test_command_click_and_status_have_one_effect_each(stuttering: Story) -> None:
    card = await stuttering.asks(stuttering.ann)
    await stuttering.bob.presses("Yes, recall", card)

    await stuttering.ends(State.DONE)

    assert len(await stuttering.told(card, 3)) == 3
    assert stuttering.asked() == 1
    assert [each.ts for each in stuttering.posts(stuttering.bob, "#campaigns")] == [card.ts]


@TRANSPORTS
async def test_an_event_that_is_retried_fills_the_home_tab_once(stuttering: Story) -> None:
    ann = stuttering.ann
    await ann.opens_home()
    await stuttering.until(lambda: ann.home, "the home tab")
    await stuttering.bot.desk.tasks.settle()

    assert [call.method for call in stuttering.world.slack.calls].count("views.publish") == 1


@TRANSPORTS
async def test_the_shortcut_puts_up_one_card(stuttering: Story) -> None:
    post = stuttering.said("Spring sale: 50% off")
    await stuttering.ann.shortcut("Recall", post)
    card = await stuttering.card_below(post)
    await stuttering.bot.desk.tasks.settle()

    replies = stuttering.world.slack.workspace.replies(post.channel, post.root)
    assert [each.ts for each in replies if each.bot_id == "B0RECALL"] == [card.ts]


@TRANSPORTS
async def test_a_window_that_is_sent_three_times_is_taken_once(stuttering: Story) -> None:
    card, ann = await stuttering.asks(stuttering.ann), stuttering.ann
    await ann.chooses("Other…", card)
    await stuttering.window(ann, "In your own words")
    ann.fills("In your own words", "the price was for last year")
    assert (await ann.submits()).ok
    await stuttering.until(lambda: "last year" in plain(stuttering.fresh(card)), "the reason")
    await stuttering.bot.desk.tasks.settle()

    recall = await stuttering.bot.store.card_at(card.channel, card.ts)
    assert recall is not None
    events = await stuttering.bot.store.events(recall.recall)
    assert [each.kind.value for each in events] == ["proposed", "reason"]
