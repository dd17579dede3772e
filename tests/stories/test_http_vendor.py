"""Vendors that are described in the settings, as docs/http.md has them: the whole story from Slack, and honest ends."""

from collections.abc import AsyncIterator

import pytest

from bot.recall import State
from sandbox.slack.hands import plain
from sandbox.slack.values import Message
from sandbox.vendors.bulletin import BulletinBoard
from sandbox.vendors.engagelab import EngageLab
from sandbox.vendors.feishu import Feishu
from tests.providers.http_vendors import ENVIRONMENT, written
from tests.stories.conftest import Story, buttons

RULES = """
[[policy.allow]]
who = ["S0MARKETING"]
"""
PUSH = "1828256757"


@pytest.fixture
async def board(quiet: Story) -> AsyncIterator[BulletinBoard]:
    vendor = BulletinBoard(clock=quiet.world.clock)
    await vendor.start()
    await _starts(quiet, written("board", vendor))
    yield vendor
    await vendor.stop()


@pytest.fixture
async def engagelab(quiet: Story) -> AsyncIterator[EngageLab]:
    vendor = EngageLab(clock=quiet.world.clock)
    await vendor.start()
    await _starts(quiet, written("engagelab", vendor))
    yield vendor
    await vendor.stop()


@pytest.fixture
async def feishu(quiet: Story) -> AsyncIterator[Feishu]:
    vendor = Feishu(clock=quiet.world.clock)
    await vendor.start()
    await _starts(quiet, written("feishu", vendor))
    yield vendor
    await vendor.stop()


async def _starts(story: Story, tables: str) -> None:
    story.vendors = tables
    story.environ = dict(ENVIRONMENT)
    await story.starts(RULES)


async def _confirmed(story: Story, words: str, about: str) -> Message:
    card = await story.asks(story.ann, words, about=about)
    await story.ann.presses("Yes, recall", card)
    return card


async def test_bulletins_are_listed_with_everybody_elses_and_recalled_with_two_clicks(
    quiet: Story, board: BulletinBoard
) -> None:
    await quiet.ann.types("/recall", "#campaigns")
    recents = await quiet.sees(quiet.ann, "New prices")
    assert "Spring sale: 50% off" in plain(recents)
    await quiet.ann.presses("Recall", recents, near="New prices")
    card = await quiet.card(quiet.ann, about="New prices")
    assert "1,200" in plain(card)
    assert "Possible until" in plain(card)
    assert board.times("recall") == 0

    await quiet.ann.presses("Yes, recall", card)

    await quiet.until(lambda: board.times("recall") == 1)
    await quiet.passes(6)
    await quiet.ends(State.DONE)
    assert board.bulletins["b-300"].state == "recalled"
    assert "/bulletin/state is recalled" in (await quiet.told(card, 3))[-1]


async def test_accepted_is_called_submitted_until_the_record_shows_it(
    quiet: Story, board: BulletinBoard
) -> None:
    board.settle_after = 3_600
    card = await _confirmed(quiet, "b-300", "New prices")

    await quiet.ends(State.SUBMITTED)
    await quiet.shows(card, "Submitted, not yet confirmed")
    assert "ecalled" not in " ".join(quiet.thread(card))
    await quiet.passes(2_000)

    await quiet.ends(State.UNKNOWN)
    assert "may still be visible" in await quiet.hears(card, "Outcome unknown")


async def test_a_recall_whose_answer_was_lost_is_never_sent_twice(quiet: Story, board: BulletinBoard) -> None:
    board.settle_after = 3_600
    card = await quiet.asks(quiet.ann, "b-300", about="New prices")
    board.faults.add("drop_answer", tool="recall")

    await quiet.ann.presses("Yes, recall", card)
    for _ in range(4):
        await quiet.passes(61)

    await quiet.ends(State.UNKNOWN)
    assert board.times("recall") == 1
    shown = await quiet.shows(card, "outcome unknown")
    assert "Retry failed" not in buttons(shown)


async def test_a_lost_answer_is_cleared_up_by_check_now(quiet: Story, board: BulletinBoard) -> None:
    card = await quiet.asks(quiet.ann, "b-300", about="New prices")
    board.faults.add("drop_answer", tool="recall")
    await quiet.ann.presses("Yes, recall", card)
    for _ in range(4):
        await quiet.passes(61)
    await quiet.ends(State.UNKNOWN)

    await quiet.bob.presses("Check now", await quiet.shows(card, "outcome unknown"))

    await quiet.ends(State.DONE)
    assert board.times("recall") == 1


async def test_what_was_taken_back_meanwhile_is_no_failure(quiet: Story, board: BulletinBoard) -> None:
    card = await quiet.asks(quiet.ann, "b-300", about="New prices")
    board.recalled["b-300"] = quiet.world.clock.now()
    board.settle_after = 3_600

    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.DONE)
    assert "It was recalled before." in " ".join(await quiet.told(card, 3))


async def test_a_window_that_is_over_is_refused_before_anything_runs(
    quiet: Story, board: BulletinBoard
) -> None:
    await quiet.ann.types("/recall b-299", "#campaigns")

    await quiet.whisper(quiet.ann, "It can be taken back for 60 minutes after sending, and these are over.")
    assert board.times("recall") == 0


async def test_the_card_closes_with_the_window(quiet: Story, board: BulletinBoard) -> None:
    board.bulletins["b-299"].sent_at = quiet.world.clock.now()
    card = await quiet.asks(quiet.ann, "b-299", about="Welcome")
    await quiet.passes(16 * 60)

    await quiet.shows(card, "Closed")
    assert board.times("recall") == 0


async def test_a_target_deleted_between_look_up_and_yes_is_said(quiet: Story, board: BulletinBoard) -> None:
    card = await quiet.asks(quiet.ann, "b-300", about="New prices")
    del board.bulletins["b-300"]

    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.REFUSED)
    assert "has no bulletin with that id" in plain(await quiet.shows(card, "Refused"))
    assert board.times("recall") == 0


async def test_a_credential_revoked_in_the_middle_is_named(quiet: Story, board: BulletinBoard) -> None:
    card = await quiet.asks(quiet.ann, "b-300", about="New prices")
    board.faults.add("bad_token", tool="recall", times=None)

    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.FAILED)
    failed = plain(await quiet.shows(card, "Failed"))
    assert "does not accept Recall's credential in headers" in failed
    assert board.KEY not in failed


async def test_a_page_instead_of_json_leaves_the_other_vendors_alone(
    quiet: Story, board: BulletinBoard
) -> None:
    board.faults.add("html", times=None)

    await quiet.ann.types("/recall", "#campaigns")

    recents = plain(await quiet.sees(quiet.ann, "Spring sale: 50% off"))
    assert "Bulletin board did not answer" in recents


async def test_a_push_service_without_any_record_is_submitted_and_then_unknown(
    quiet: Story, engagelab: EngageLab
) -> None:
    card = await quiet.asks(quiet.ann, PUSH, about=PUSH)
    shown = plain(card)
    assert "EngageLab takes things back for 24 hours only, and does not say when this was sent." in shown
    assert "can't be asked whether it is gone" in shown

    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.SUBMITTED)
    assert engagelab.withdrawn == {PUSH}
    await quiet.passes(2_000)
    await quiet.ends(State.UNKNOWN)
    assert engagelab.times("withdraw") == 1
    assert "offers no way to ask" in plain(await quiet.shows(card, "outcome unknown"))


@pytest.mark.parametrize(
    ("msg", "said"),
    [
        ("99999999", "EngageLab has no push with that msg_id."),
        ("1828250001", "code 21003: “Parameter value is invalid,msg_id is expired”"),
    ],
)
async def test_a_push_services_refusal_is_told_in_words(
    quiet: Story, engagelab: EngageLab, msg: str, said: str
) -> None:
    card = await _confirmed(quiet, msg, msg)

    await quiet.ends(State.FAILED)
    assert said in plain(await quiet.shows(card, "Failed"))


async def test_a_phone_number_or_a_ticket_in_a_post_is_no_push(quiet: Story, engagelab: EngageLab) -> None:
    post = (await quiet.bob.types("Call 4915112345678 about ticket 20261120", "#campaigns")).message
    assert post is not None

    await quiet.ann.shortcut("Recall", post)

    await quiet.window(quiet.ann, "Nothing in this post leads to anything")
    assert engagelab.times("withdraw") == 0


async def test_the_shortcut_finds_the_push_in_a_post(quiet: Story, engagelab: EngageLab) -> None:
    post = (await quiet.bob.types(f"Sent, msg_id {PUSH}, oops", "#campaigns")).message
    assert post is not None

    await quiet.ann.shortcut("Recall", post)

    await quiet.card_below(post, PUSH)


async def test_a_batch_message_is_recalled_when_as_many_are_gone_as_arrived(
    quiet: Story, feishu: Feishu
) -> None:
    card = await _confirmed(quiet, feishu.BATCH, feishu.BATCH)
    assert "204" in plain(card)

    await quiet.ends(State.SUBMITTED)
    await quiet.passes(6)
    await quiet.ends(State.DONE)

    ended = (await quiet.told(card, 3))[-1]
    assert "/data/batch_message_recall_progress/recall_count is 200" in ended
    assert "delivered 200" in ended
    assert feishu.times("delete") == 1


async def test_a_batch_message_that_stays_with_some_is_not_called_recalled(
    quiet: Story, feishu: Feishu
) -> None:
    feishu.stuck.add(feishu.BATCH)
    card = await _confirmed(quiet, feishu.BATCH, feishu.BATCH)
    await quiet.ends(State.SUBMITTED)

    await quiet.passes(2_000)

    await quiet.ends(State.UNKNOWN)
    assert "recall_count is 100" in plain(await quiet.shows(card, "outcome unknown"))


async def test_a_token_that_was_revoked_is_fetched_anew_and_nobody_notices(
    quiet: Story, feishu: Feishu
) -> None:
    card = await quiet.asks(quiet.ann, feishu.BATCH, about=feishu.BATCH)
    feishu.revoke()

    await quiet.ann.presses("Yes, recall", card)
    await quiet.ends(State.SUBMITTED)
    await quiet.passes(6)

    await quiet.ends(State.DONE)
    assert feishu.tokens == 2


async def test_an_older_batch_message_is_refused_in_the_settings_words(quiet: Story, feishu: Feishu) -> None:
    card = await _confirmed(quiet, feishu.OLD, feishu.OLD)

    await quiet.ends(State.FAILED)
    assert "for a limited time only, and this one is older" in plain(await quiet.shows(card, "Failed"))
