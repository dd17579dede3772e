from bot.ports import Request
from bot.recall import Actor, State
from handlers import decisions
from handlers.desk import Kept
from handlers.payloads import Origin
from sandbox.slack import plain
from tests.handlers.conftest import TEAM, Office


async def state(office: Office) -> State:
    recalls = await office.service.history(limit=1)
    return recalls[0].state


async def test_yes_queues_the_recall_and_the_buttons_go(office: Office) -> None:
    card = await office.card()
    await office.slack.person("bob").presses("Yes, recall", card)
    await office.slack.until(lambda: "Yes, recall" not in office.texts("ann", "#campaigns")[-1])
    assert await state(office) is State.QUEUED


async def test_no_closes_the_card_with_the_name_of_who_said_no(office: Office) -> None:
    card = await office.card()
    await office.slack.person("bob").presses("No", card)
    await office.slack.until(lambda: "Yes, recall" not in office.texts("ann", "#campaigns")[-1])
    (closed,) = [each for each in office.slack.person("ann").sees("#campaigns") if each.ts == card.ts]
    assert "said no" in plain(closed)
    assert "<@U0BOB>" in closed.text


async def test_a_double_click_confirms_once_and_is_answered(office: Office) -> None:
    card = await office.card()
    await office.slack.person("ann").double_presses("Yes, recall", card)
    await office.shown("ann", "confirmed already", "#campaigns")
    (recall,) = await office.service.history()
    events = await office.store.events(recall.id)
    assert [each.kind.value for each in events].count("confirmed") == 1


async def test_a_second_person_is_told_who_was_first(office: Office) -> None:
    card = await office.card()
    await office.slack.person("ann").presses("Yes, recall", card)
    await office.slack.until(lambda: "Yes, recall" not in office.texts("ann", "#campaigns")[-1])
    await office.slack.person("bob").presses("No", card, as_seen=True)
    told = await office.shown("bob", "confirmed already", "#campaigns")
    assert told.seen_by == "U0BOB"


async def test_somebody_without_the_right_is_refused_in_words(office: Office) -> None:
    card = await office.card()
    await office.slack.person("cleo").presses("Yes, recall", card)
    await office.shown("cleo", "You may not recall", "#campaigns")
    assert await office.service.history() == ()


async def test_a_guest_is_refused_in_words(office: Office) -> None:
    card = await office.card()
    await office.slack.person("gus").presses("Yes, recall", card)
    await office.shown("gus", "Guests may not", "#campaigns")


async def test_a_decision_that_was_kept_and_not_carried_out_is_replayed(office: Office) -> None:
    await office.card()
    recall = await office.store.open_recall(office.vendor.campaigns["4711"].ref)
    assert recall
    origin = Origin(actor=Actor(team=TEAM, user="U0ANN"), channel="C0CAMPAIGNS")
    body = {"recall": recall.id, "origin": origin.as_json()}
    await office.store.keep(Request(key="k", verb="confirm", body=body, at=office.world.clock.now()))
    left = await office.store.unanswered()
    assert [request.key for request in left] == ["k"]
    await decisions.replay(office.desk, left)
    assert await state(office) is State.QUEUED
    assert await office.store.unanswered() == []


async def test_a_kept_row_that_nobody_can_read_holds_up_no_other(office: Office) -> None:
    await office.store.keep(Request(key="odd", verb="dance", body={}, at=office.world.clock.now()))
    await decisions.replay(office.desk, await office.store.unanswered())
    assert [request.key for request in await office.store.unanswered()] == ["odd"]


async def test_what_can_not_be_kept_is_acknowledged_and_said(office: Office) -> None:
    card = await office.card()
    office.disk.writable(yes=False)
    shown = await office.slack.person("ann").presses("Yes, recall", card)
    assert shown.toast is None
    await office.shown("ann", "nothing was done", "#campaigns")
    office.disk.writable(yes=True)
    await office.slack.person("ann").presses("Yes, recall", card)
    await office.shown("ann", "Stop", "#campaigns")


async def test_the_same_envelope_again_does_nothing(office: Office) -> None:
    kept = [await office.desk.keep("click:1", "confirm", {}) for _ in range(2)]
    assert kept == [Kept.NEW, Kept.REPEATED]


async def test_a_reason_is_chosen_on_the_card_and_shown(office: Office) -> None:
    card = await office.card()
    await office.slack.person("bob").chooses("Wrong audience", card)
    recall = await office.store.open_recall(office.vendor.campaigns["4711"].ref)
    assert recall

    async def reason() -> str:
        return (await office.service.recall(recall.id)).reason

    await office.desk.tasks.settle()
    assert await reason() == "wrong_audience"


async def test_another_reason_is_typed_in_a_modal(office: Office) -> None:
    card = await office.card()
    bob = office.slack.person("bob")
    await bob.chooses("Other…", card)
    await office.slack.until(lambda: bob.view)
    bob.fills("In your own words", "<!channel> wrong *price*")
    assert (await bob.submits()).ok
    await office.shown("ann", "wrong *price*", "#campaigns")
    assert {each.target for each in office.slack.state.mentions} <= {"U0ANN", "U0BOB"}


async def test_a_closed_card_can_be_asked_for_again(office: Office) -> None:
    card = await office.card()
    office.world.clock.advance(16 * 60)
    await office.service.sweep()
    closed = await office.shown("ann", "Ask again", "#campaigns")
    assert closed.ts == card.ts
    await office.slack.person("bob").presses("Ask again", closed)
    again = await office.shown("ann", "Yes, recall", "#campaigns")
    assert again.ts != card.ts
