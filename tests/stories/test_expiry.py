"""Cards that nobody answers close by themselves, say so, and offer to ask again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.recall import Recall, State
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from tests.stories.conftest import SALE, Story, buttons

QUARTER_OF_AN_HOUR = timedelta(minutes=15)


async def asked_for(story: Story) -> Recall:
    """The recall whose card is open."""
    (opened,) = await story.bot.store.overdue(story.world.clock.now() + timedelta(days=1))
    return opened


async def until_closing(story: Story, card: Message, seconds: float) -> None:
    """Let time pass until so many seconds after the card has to close (before, where negative)."""
    expires_at = (await asked_for(story)).expires_at
    assert expires_at is not None
    left = (expires_at - story.world.clock.now()).total_seconds()
    await story.passes(left + seconds)


async def test_a_card_lives_for_a_quarter_of_an_hour_and_says_until_when(story: Story) -> None:
    card = await story.asks(story.ann)

    recall = await asked_for(story)
    assert recall.expires_at == recall.asked_at + QUARTER_OF_AN_HOUR
    assert f"closes {recall.expires_at:%-d %b %Y, %H:%M} UTC" in plain(card)


async def test_a_card_closes_itself_and_offers_to_ask_again(story: Story) -> None:
    card = await story.asks(story.ann)

    await until_closing(story, card, -5)
    assert "Yes, recall" in buttons(story.fresh(card))
    await until_closing(story, card, 0)

    closed = await story.shows(card, "Nobody said yes in time")
    assert buttons(closed) == ["Ask again"]
    assert "Nothing was done" in plain(closed)
    assert story.thread(card) == []
    assert story.asked() == 0


async def test_yes_just_in_time_counts(story: Story) -> None:
    card = await story.asks(story.ann)
    await until_closing(story, card, -5)

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)


async def test_yes_after_the_end_is_too_late_even_before_the_card_has_closed(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.clock.advance(QUARTER_OF_AN_HOUR.total_seconds())

    await story.ann.presses("Yes, recall", card)

    answer = await story.whisper(story.ann, "closed by itself")
    assert "nothing was done" in answer
    await story.shows(card, "Nobody said yes in time")
    assert story.asked() == 0


@pytest.mark.parametrize("label", ["Yes, recall", "No"])
async def test_a_late_click_on_a_closed_card_is_told_when_it_closed(story: Story, label: str) -> None:
    card = await story.asks(story.ann)
    await until_closing(story, card, 1)
    closed = plain(await story.shows(card, "Nobody said yes in time"))

    await story.bob.presses(label, card, as_seen=True)

    answer = await story.whisper(story.bob, "closed by itself")
    when = next(word for word in answer.split() if ":" in word)
    assert when in closed
    assert story.asked() == 0


async def test_ask_again_gives_a_fresh_card_in_the_same_channel(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    closed = await story.shows(old, "Nobody said yes in time")

    await story.bob.presses("Ask again", closed)

    fresh = await story.card(story.bob)
    assert (fresh.channel, fresh.thread_ts) == (old.channel, old.thread_ts)
    assert fresh.ts != old.ts
    await story.ann.presses("Yes, recall", fresh)
    await story.ends(State.DONE)
    assert story.asked() == 1
    assert "Nobody said yes in time" in plain(story.fresh(old))
    assert story.thread(old) == []


async def test_ask_again_on_a_card_in_a_thread_gives_one_in_that_thread(story: Story) -> None:
    post = next(m for m in story.ann.sees("#campaigns") if "Push campaign sent" in m.text)
    await story.ann.shortcut("Recall", post)
    old = await card_in_thread(story, post)
    await until_closing(story, old, 1)
    closed = await story.shows(old, "Nobody said yes in time")

    await story.ann.presses("Ask again", closed)

    fresh = await card_in_thread(story, post)
    assert fresh.ts != old.ts


async def test_ask_again_shows_what_is_there_by_now(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    story.world.netmera.keep(replace(story.sale, text="Today only: 15% off.", opened=9_876))

    await story.ann.presses("Ask again", await story.shows(old, "Nobody said yes in time"))

    fresh = plain(await story.card(story.ann))
    assert "15% off" in fresh
    assert "9,876" in fresh


async def test_ask_again_by_two_at_once_gives_one_card(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    closed = await story.shows(old, "Nobody said yes in time")

    await asyncio.gather(story.ann.presses("Ask again", closed), story.bob.presses("Ask again", closed))

    fresh = await story.card(story.ann)
    await story.bot.desk.tasks.settle()
    offered = [m for m in story.posts(story.ann, "#campaigns") if "Yes, recall" in buttons(m)]
    assert [m.ts for m in offered] == [fresh.ts]


async def test_ask_again_is_not_for_whoever_may_not_recall(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    closed = await story.shows(old, "Nobody said yes in time")

    await story.cleo.presses("Ask again", closed)

    await story.whisper(story.cleo, "You may not recall")


async def test_ask_again_for_what_was_recalled_elsewhere_meanwhile_says_so(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    closed = await story.shows(old, "Nobody said yes in time")
    story.world.netmera.keep(story.sale.recalling(story.world.clock.now(), 0))

    await story.ann.presses("Ask again", closed)

    await story.whisper(story.ann, "lready")


async def test_another_card_after_the_first_has_closed_is_a_recall_of_its_own(story: Story) -> None:
    old = await story.asks(story.ann)
    await until_closing(story, old, 1)
    await story.shows(old, "Nobody said yes in time")
    fresh = await story.asks(story.bob)
    await story.bob.presses("Yes, recall", fresh)
    await story.ends(State.DONE)

    await story.ann.presses("Yes, recall", old, as_seen=True)

    await story.whisper(story.ann, "closed by itself")
    assert story.asked() == 1


async def test_a_new_card_can_be_had_the_moment_the_old_one_is_too_old(story: Story) -> None:
    old = await story.asks(story.ann)
    story.world.clock.advance(QUARTER_OF_AN_HOUR.total_seconds())

    await story.bob.types(f"/recall {SALE}", "#campaigns")

    await story.until(
        lambda: [
            m for m in story.posts(story.bob, "#campaigns") if "Yes, recall" in buttons(m) and m.ts != old.ts
        ],
        "a fresh card",
    )
    await story.shows(old, "Nobody said yes in time")


async def test_a_card_that_ran_out_while_the_bot_was_away_closes_at_the_next_start(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.stops()
    story.world.clock.advance(QUARTER_OF_AN_HOUR.total_seconds() + 60)
    await story.starts()

    await story.shows(card, "Nobody said yes in time")


async def card_in_thread(story: Story, post: Message) -> Message:
    """Wait for a card with its Yes below a post."""

    def found() -> list[Message]:
        below = story.ann.sees("#campaigns", post.ts)
        return [m for m in below if m.bot_id == "B0RECALL" and "Yes, recall" in buttons(m)]

    await story.until(found, "a card in the thread")
    return found()[-1]
