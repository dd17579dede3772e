"""The main road: from "oops" to "gone", two clicks, one thread."""

from bot.recall import State
from sandbox.slack.hands import plain
from tests.stories.conftest import Story, buttons


async def test_ann_takes_the_spring_sale_back_with_two_clicks(story: Story) -> None:
    await story.ann.types("/recall", "#campaigns")
    recents = await story.sees(story.ann, "Spring sale: 50% off everything")

    await story.ann.presses("Recall", recents, near="Spring sale: 50% off everything")
    card = await story.card(story.ann)
    assert story.sale.status == "SENT"
    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    assert story.sale.status == "RECALLED"
    assert story.world.phones.showing("cmp-1042") == []
    started, accepted, ended = await story.told(card, 3)
    assert "@U0ANN" in started
    assert "rong information" in started
    assert "ccepted" in accepted
    assert "48,210" in ended
    assert "1,790" in ended
    assert "Netmera" in ended
    assert "ecalled" in plain(story.fresh(card))
    assert not {"Yes, recall", "No"} & set(buttons(story.fresh(card)))


async def test_nothing_runs_before_yes(story: Story) -> None:
    await story.asks(story.ann)

    assert "campaign_recall" not in [call.tool for call in story.world.netmera.calls]
    assert story.sale.status == "SENT"


async def test_no_closes_the_card_with_the_name_of_who_said_no(story: Story) -> None:
    card = await story.asks(story.ann)

    await story.bob.presses("No", card)

    closed = await story.shows(card, "Declined")
    assert "U0BOB" in plain(closed) or "Bob" in plain(closed)
    assert buttons(closed) == [] or "Yes, recall" not in buttons(closed)
    assert story.sale.status == "SENT"


async def test_the_chosen_reason_is_told_in_the_thread_and_kept(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Wrong audience", card)
    await story.until(lambda: "Wrong audience" in str(story.fresh(card).blocks))

    await story.ann.presses("Yes, recall", card)

    recall = await story.ends(State.DONE)
    assert recall.reason == "wrong_audience"
    assert "rong audience" in (await story.told(card, 3))[0]


async def test_the_reasons_are_those_of_campaigns(story: Story) -> None:
    shown = str((await story.asks(story.ann)).blocks)

    for reason in ("Typo or wrong information", "Offer no longer valid", "Wrong content", "Other…"):
        assert reason in shown
    assert "Wrong conversation" not in shown


async def test_another_reason_is_typed_in_a_modal(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.chooses("Other…", card)
    await story.until(lambda: story.ann.view is not None, "the modal for the reason")

    view = story.ann.view
    assert view is not None
    block = next(each["block_id"] for each in view.blocks if each["type"] == "input")
    story.ann.fills(block, "The <!channel> *price* was & is wrong")
    await story.ann.submits()
    await story.until(lambda: "is wrong" in plain(story.fresh(card)))
    await story.ann.presses("Yes, recall", card)

    recall = await story.ends(State.DONE)
    assert recall.reason_text == "The <!channel> *price* was & is wrong"
    assert "is wrong" in (await story.told(card, 3))[0]


async def test_a_campaign_that_is_still_being_sent_is_halted_and_what_arrived_stays(story: Story) -> None:
    card = await story.asks(story.ann, "loyalty points", about="Loyalty points reminder")

    await story.ann.presses("Yes, recall", card)

    await story.ends(State.DONE)
    campaign = story.world.netmera.campaigns["cmp-1043"]
    assert campaign.status == "STOPPED"
    ended = (await story.told(card, 3))[-1]
    assert "alted" in ended
    assert "stay" in ended
    assert f"{campaign.delivered:,}" in ended
    assert "ecalled" not in ended


async def test_web_push_is_refused_privately_before_anything_runs(story: Story) -> None:
    await story.ann.types("/recall new arrivals", "#campaigns")

    refusal = await story.sees(story.ann, "eb push")

    assert refusal.seen_by == "U0ANN"
    assert buttons(refusal) == [] or "Yes, recall" not in buttons(refusal)
    assert story.posts(story.bob, "#campaigns") == []


async def test_what_is_already_recalled_shows_by_whom_and_has_no_yes(story: Story) -> None:
    card = await story.asks(story.ann)
    await story.ann.presses("Yes, recall", card)
    await story.ends(State.DONE)

    await story.bob.types("/recall cmp-1042", "#campaigns")

    answer = await story.sees(story.bob, "lready")
    assert answer.seen_by == "U0BOB"
    assert "U0ANN" in plain(answer) or "Ann" in plain(answer)


async def test_what_was_recalled_in_the_vendors_panel_says_that_it_is_gone(story: Story) -> None:
    await story.ann.types("/recall price drop", "#campaigns")

    answer = await story.sees(story.ann, "lready")

    assert answer.seen_by == "U0ANN"


async def test_a_recall_in_http_mode_is_the_same_story(quiet: Story) -> None:
    quiet.http = True
    await quiet.starts()

    card = await quiet.asks(quiet.ann)
    await quiet.ann.presses("Yes, recall", card)

    await quiet.ends(State.DONE)
    assert quiet.sale.status == "RECALLED"
    assert len(await quiet.told(card, 3)) == 3
