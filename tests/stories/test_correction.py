"""A corrected message is prepared before the recall, and offered afterwards."""

from bot.recall import State
from sandbox.slack.hands import Person, plain
from sandbox.slack.values import Message
from tests.stories.conftest import Story, buttons

RIGHT = "Spring is here! Today only: 15% off <everything> & more. <!channel> *really*"


async def prepares(story: Story, who: Person, card: Message, text: str) -> None:
    await who.chooses("Prepare a correction…", card)
    await story.until(lambda: who.view is not None, "the window for the correction")
    who.fills("What shall be sent instead", text)
    await who.submits()


async def test_a_correction_prepared_before_yes_is_offered_when_it_is_recalled(story: Story) -> None:
    card = await story.asks(story.ann)

    await prepares(story, story.ann, card, RIGHT)
    shown = await story.shows(card, RIGHT)
    assert "Prepared by @U0ANN" in plain(shown)
    assert "Yes, recall" in buttons(shown)
    assert story.sale.status == "SENT"
    await story.bob.presses("Yes, recall", shown)

    recall = await story.ends(State.DONE)
    assert (recall.correction, recall.corrected_by) == (RIGHT, recall.asked_by)
    ended = (await story.told(card, 3))[-1]
    assert "can go out now" in ended
    assert RIGHT in ended


async def test_the_window_begins_with_what_went_out_and_nothing_is_sent_by_it(story: Story) -> None:
    card = await story.asks(story.ann)
    asked = len(story.world.netmera.calls)

    await story.ann.chooses("Prepare a correction…", card)
    await story.until(lambda: story.ann.view is not None, "the window")
    view = story.ann.view
    assert view is not None

    assert "50% off everything" in str(view.blocks)
    assert "Nothing is sent now" in plain(view)
    assert len(story.world.netmera.calls) == asked


async def test_without_a_correction_the_end_offers_none(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    assert "orrection" not in "\n".join(await story.told(card, 3))


async def test_a_correction_that_comes_after_the_end_is_answered_in_words(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)

    await story.ann.chooses("Prepare a correction…", card, as_seen=True)

    late = await story.sees(story.ann, "Your correction was not kept")
    assert late.seen_by == "U0ANN"


async def test_who_may_not_recall_may_not_prepare_a_correction(story: Story) -> None:
    card = await story.asks(story.ann)

    await prepares(story, story.cleo, card, "Buy more")

    refused = await story.sees(story.cleo, "may not recall")
    assert refused.seen_by == "U0CLEO"
    assert "Buy more" not in plain(story.fresh(card))
