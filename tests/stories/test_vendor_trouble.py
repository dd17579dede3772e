"""A vendor that says no, is down, is slow, or accepts without confirming: the thread says precisely that."""

from dataclasses import replace

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from tests.stories.conftest import SALE, Story, buttons


def recalls(story: Story) -> int:
    """How often the vendor was asked to recall."""
    return [call.tool for call in story.world.netmera.calls].count("campaign_recall")


async def test_a_vendor_that_says_no_is_quoted_and_retry_works_once_it_says_yes(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("error", tool="campaign_recall", text="5022: service usage quota exceeded")

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.FAILED)
    failed = await story.shows(card, "not recalled")
    assert "5022" in plain(failed)
    assert "5022" in (await story.told(card, 2))[-1]
    assert story.sale.status == "SENT"
    assert "Retry failed" in buttons(failed)

    await story.bob.presses("Retry failed", failed)

    await story.ends(State.DONE)
    assert story.sale.status == "RECALLED"


async def test_a_vendor_that_is_down_is_waited_for_and_the_thread_says_so_once(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()

    await story.ann.presses("Yes, recall", card)
    waiting = await story.hears(card, "can't be reached")
    assert "Netmera" in waiting
    for _ in range(4):
        await story.passes(61)
    await story.world.netmera.come_up()
    for _ in range(3):
        await story.passes(61)

    await story.ends(State.DONE)
    thread = await story.told(card, 4)
    assert sum("can't be reached" in each for each in thread) == 1
    assert recalls(story) == 1


async def test_a_vendor_that_stays_down_is_given_up_after_a_quarter_of_an_hour(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "can't be reached")

    for _ in range(20):
        await story.passes(61)
        await story.until(lambda: not story.bot.engine.busy)

    await story.ends(State.FAILED)
    failed = await story.shows(card, "not recalled")
    assert "Retry failed" in buttons(failed)
    assert story.sale.status == "SENT"


async def test_what_waits_for_a_dead_vendor_can_be_stopped(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.world.netmera.go_down()
    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "can't be reached")

    await story.bob.presses("Stop", story.fresh(card))

    await story.ends(State.CANCELLED)
    assert "@U0BOB" in plain(await story.shows(card, "Cancelled"))
    await story.world.netmera.come_up()
    await story.passes(120)
    assert story.sale.status == "SENT"


async def test_accepted_without_confirmation_is_never_called_recalled(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("never_confirm", times=None)

    await story.ann.presses("Yes, recall", card)
    await story.ends(State.SUBMITTED)
    submitted = await story.shows(card, "not yet confirmed")
    assert "Check now" in buttons(submitted)
    for _ in range(25):
        await story.passes(120)
        await story.until(lambda: not story.bot.engine.busy)

    await story.ends(State.UNKNOWN)
    await story.shows(card, "nknown")
    said = "\n".join([plain(story.fresh(card)), *(await story.told(card, 3))])
    assert "Recalled" not in said
    assert recalls(story) == 1


async def test_the_confirmation_that_comes_later_ends_it(story: Story) -> None:
    story.world.netmera.settle_after = 20
    card = await story.asks(story.ann)

    await story.ann.presses("Yes, recall", card)
    await story.ends(State.SUBMITTED)
    assert "ecalled." not in plain(story.fresh(card)).splitlines()[0]

    for _ in range(4):
        await story.passes(10)

    await story.ends(State.DONE)
    assert len(await story.told(card, 3)) == 3


async def test_check_now_asks_the_vendor_at_once(story: Story) -> None:
    story.world.netmera.settle_after = 3
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    submitted = await story.shows(card, "not yet confirmed")
    story.world.clock.advance(4)

    await story.cleo.presses("Check now", submitted)

    await story.ends(State.DONE)


async def test_a_lost_answer_is_looked_up_and_never_sent_twice(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("drop_answer", tool="campaign_recall")

    await story.ann.presses("Yes, recall", card)
    for _ in range(3):
        await story.passes(61)

    await story.ends(State.DONE)
    assert recalls(story) == 1
    assert story.sale.status == "RECALLED"


async def test_a_busy_vendor_is_given_the_time_it_asks_for(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("rate_limited", tool="campaign_recall", seconds=90)

    await story.ann.presses("Yes, recall", card)
    await story.hears(card, "wait")
    await story.passes(60)
    assert story.sale.status == "SENT"
    await story.passes(31)

    await story.ends(State.DONE)
    assert story.sale.status == "RECALLED"


async def test_an_expired_session_is_renewed_without_a_word(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.faults.add("session_expired")

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    assert len(await story.told(card, 3)) == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [("bad_token", "token"), ("forbidden", "lacks the right"), ("html", "understood")],
)
async def test_trouble_at_the_look_up_is_told_in_words(story: Story, fault: str, words: str) -> None:
    await story.bot.lookup.refresh()
    story.world.netmera.faults.add(fault, times=None)

    await story.ann.types(f"/recall {SALE}", "#campaigns")

    def told() -> list[str]:
        return [plain(each) for each in story.posts(story.ann, "#campaigns") if "Netmera" in plain(each)]

    await story.until(told, "an answer that names Netmera")
    assert story.posts(story.bob, "#campaigns") == []
    assert words in told()[-1] or "did not answer" in told()[-1], told()[-1]


async def test_what_was_changed_in_the_panel_meanwhile_is_refused_by_name(story: Story) -> None:
    card = await story.asks(story.ann)
    story.world.netmera.keep(replace(story.sale, text="Spring is here! Today only: 15% off."))

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.REFUSED)
    assert "another text" in (await story.told(card, 1))[-1]
    assert story.sale.status == "SENT"
