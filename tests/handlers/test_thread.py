"""The outbox against a Slack that misbehaves: once each, in order, in the right thread."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.ports import NoticeKind
from bot.recall import Actor, Kind, Place, Recall, step
from bot.target import TargetRef
from handlers.thread import Threads
from sandbox.slack import Message, plain
from storage import open_store
from tests.handlers.conftest import TEAM, Office, make_client

ANN = Actor(team=TEAM, user="U0ANN")
CAMPAIGNS = Place(channel="C0CAMPAIGNS")
TOLD = (NoticeKind.REFRESH, NoticeKind.REPLY)


def target(office: Office, campaign: str = "4711") -> TargetRef:
    return office.vendor.campaigns[campaign].ref


async def proposed(office: Office, campaign: str = "4711", place: Place = CAMPAIGNS) -> Recall:
    return (await office.service.propose(ANN, target(office, campaign), place)).recall


async def happens(office: Office, recall: Recall, kind: Kind) -> Recall:
    """Write a move of the engine's, which tells the thread."""
    now = await office.service.recall(recall.id)
    move = step(now, kind, at=office.world.clock.now())
    assert await office.store.move(move, TOLD)
    office.threads.wake()
    return move.after


async def quiet(office: Office) -> None:
    """Let time pass until nothing is left to be told."""
    for _ in range(12):
        await office.threads.drain()
        office.world.clock.advance(65)
    await office.threads.drain()
    assert await office.store.pending(office.world.clock.now()) == []


def cards(office: Office, channel: str = "#campaigns") -> list[Message]:
    seen = office.slack.person("ann").sees(channel)
    return [each for each in seen if each.user == "U0RECALL" and not each.seen_by and each.metadata]


def replies(office: Office, card: Message) -> list[str]:
    return [plain(each) for each in office.slack.person("ann").sees("#campaigns", card.ts)[1:]]


@pytest.mark.parametrize("kind", ["429", "500_before", "503", "reset", "error"])
async def test_a_card_that_slack_did_not_take_is_posted_later_once(office: Office, kind: str) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind=kind)
    await proposed(office)
    await quiet(office)
    assert len(cards(office)) == 1


@pytest.mark.parametrize("kind", ["500_after", "error_after", "reset_after", "malformed"])
async def test_a_card_whose_answer_was_lost_is_found_and_not_posted_again(office: Office, kind: str) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind=kind)
    recall = await proposed(office)
    await quiet(office)
    (card,) = cards(office)
    (known,) = await office.store.cards(recall.id)
    assert known.ts == card.ts


@pytest.mark.parametrize("kind", ["500_after", "reset_after", "500_before", "429"])
async def test_a_reply_stands_once_and_in_order_whatever_slack_does(office: Office, kind: str) -> None:
    recall = await proposed(office)
    await office.threads.drain()
    office.slack.state.faults.add(method="chat.postMessage", kind=kind)
    await office.service.confirm(ANN, recall.id)
    await happens(office, recall, Kind.STARTED)
    await happens(office, recall, Kind.UNKNOWN)
    await quiet(office)
    (card,) = cards(office)
    told = replies(office, card)
    assert "Started" in told[0]
    assert len(told) == len(set(told)) == 2


async def test_looking_for_an_earlier_try_that_fails_too_is_repeated(office: Office) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind="500_after")
    office.slack.state.faults.add(method="conversations.history", kind="503", times=2)
    await proposed(office)
    await quiet(office)
    assert len(cards(office)) == 1


async def test_a_card_in_a_thread_is_looked_for_in_that_thread(office: Office) -> None:
    bob = office.slack.person("bob")
    await bob.types("cmp-1042 is wrong", "#campaigns")
    post = await office.shown("bob", "cmp-1042 is wrong", "#campaigns")
    office.slack.state.faults.add(method="chat.postMessage", kind="500_after")
    await proposed(office, "cmp-1042", Place(channel="C0CAMPAIGNS", thread=post.ts))
    await quiet(office)
    assert len(bob.sees("#campaigns", post.ts)) == 2


async def test_what_a_crash_left_between_post_and_note_is_found_by_the_next_process(
    office: Office, tmp_path: Path
) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind="slow", seconds=0.3)
    recall = await proposed(office)
    await office.slack.until(lambda: office.threads._lanes)
    office.disk.writable(yes=False)
    await office.slack.until(lambda: cards(office))
    await office.store.close()
    clock = office.world.clock
    store = await open_store(f"sqlite:///{tmp_path / 'recall.db'}", clock=clock)
    clock.advance(2)  # what was on its way when the process died has arrived
    await Threads(
        outbox=store, records=store, places=office.places, client=office.client, clock=clock
    ).drain()
    assert len(cards(office)) == 1
    (known,) = await store.cards(recall.id)
    assert known.ts == cards(office)[0].ts
    await store.close()


@pytest.mark.parametrize("troubles", [(ValueError,), (StorageError, ValueError), (ValueError, ValueError)])
async def test_a_bug_in_writing_what_became_of_a_notice_keeps_it_back_for_a_while_only(
    office: Office, monkeypatch: pytest.MonkeyPatch, troubles: tuple[type[Exception], ...]
) -> None:
    left = [each("a bug") for each in troubles]
    sent = office.store.sent

    async def wrongly(notice: int, *, channel: str, ts: str) -> None:
        if left:
            raise left.pop(0)
        await sent(notice, channel=channel, ts=ts)

    monkeypatch.setattr(office.store, "sent", wrongly)
    recall = await proposed(office)
    await quiet(office)

    (card,) = cards(office)
    assert [each.ts for each in await office.store.cards(recall.id)] == [card.ts]


async def test_a_channel_that_the_bot_was_taken_out_of_sends_the_card_to_the_person(office: Office) -> None:
    workspace = office.slack.state.workspace
    channel = workspace.channels["C0CAMPAIGNS"]
    workspace.add_channel(replace(channel, members=channel.members - {"U0RECALL"}))
    await proposed(office)
    await quiet(office)
    assert len(cards(office, "D0ANN")) == 1


async def test_a_card_that_slack_refuses_for_reasons_of_its_own_goes_to_the_person(office: Office) -> None:
    office.slack.faults.add(method="chat.postMessage", kind="error", error="ekm_access_denied")

    await proposed(office)
    await quiet(office)

    assert len(cards(office, "D0ANN")) == 1


async def loses_its_place(office: Office, how: str) -> None:
    """The place of the card is taken away."""
    workspace = office.slack.state.workspace
    channel = workspace.channels["C0CAMPAIGNS"]
    match how:
        case "archived":
            workspace.add_channel(replace(channel, archived=True))
        case "removed":
            workspace.add_channel(replace(channel, members=channel.members - {"U0RECALL"}))
        case "deleted":
            (card,) = cards(office)
            await office.client.chat_delete(channel="C0CAMPAIGNS", ts=card.ts)


@pytest.mark.parametrize(
    ("how", "where"),
    [("archived", "D0ANN"), ("removed", "D0ANN"), ("deleted", "#campaigns")],
)
async def test_when_its_place_is_gone_in_the_middle_a_new_card_has_what_the_thread_was_to_hear(
    office: Office, how: str, where: str
) -> None:
    recall = await proposed(office)
    await office.threads.drain()
    await loses_its_place(office, how)

    await office.service.confirm(ANN, recall.id)
    await happens(office, recall, Kind.STARTED)
    await quiet(office)
    (card,) = cards(office, where)
    await happens(office, recall, Kind.DONE)
    await quiet(office)

    assert [each.ts for each in cards(office, where)] == [card.ts]
    told = [plain(each) for each in office.slack.person("ann").sees(where, card.ts)]
    assert [each.split()[0] for each in told] == ["Recalled", "Started", "Recalled."]
    assert [each.ts for each in await office.store.cards(recall.id)] == [card.ts]


@pytest.mark.parametrize(("kind", "times"), [("503", 3), ("429", 1), ("reset", 1)])
@pytest.mark.parametrize("when", ["new", "standing"])
async def test_a_card_without_a_place_waits_where_slack_can_not_open_another_just_now(
    office: Office, when: str, kind: str, times: int
) -> None:
    office.slack.faults.add(method="conversations.open", kind=kind, times=times)
    if when == "new":
        await loses_its_place(office, "archived")
    recall = await proposed(office)
    if when == "standing":
        await office.threads.drain()
        await loses_its_place(office, "archived")
        await office.service.confirm(ANN, recall.id)
        await happens(office, recall, Kind.STARTED)

    await quiet(office)

    assert len(cards(office, "D0ANN")) == 1
    assert len(await office.store.cards(recall.id)) == 1
    assert office.threads.trouble() is None


async def test_health_says_so_while_a_card_has_no_place_since_slack_opens_none(office: Office) -> None:
    office.slack.faults.add(method="conversations.open", kind="503", times=100_000)
    await loses_its_place(office, "archived")
    await proposed(office)
    for _ in range(8):
        await office.threads.drain()
        office.world.clock.advance(31)

    assert "Nothing could be told in Slack since" in (office.threads.trouble() or "")


async def test_a_card_that_somebody_deleted_before_anybody_said_yes_does_not_come_back(
    office: Office,
) -> None:
    recall = await proposed(office)
    await office.threads.drain()
    await loses_its_place(office, "deleted")
    await office.service.decline(ANN, recall.id)
    await quiet(office)

    assert len(cards(office)) <= 1
    assert not any("Yes, recall" in plain(each) for each in cards(office))


async def test_after_hours_without_slack_the_thread_reads_what_matters_with_its_times(office: Office) -> None:
    recall = await proposed(office)
    await office.threads.drain()
    office.slack.faults.add(method="chat.postMessage", kind="503", times=100_000)
    office.slack.faults.add(method="chat.update", kind="reset", times=100_000)
    await office.service.confirm(ANN, recall.id)
    before = [Kind.WAITING] * 3 + [Kind.STARTED] + [Kind.WAITING, Kind.RESUMED] * 4
    for kind in [*before, Kind.ACCEPTED, Kind.DONE]:
        await happens(office, recall, kind)
        await office.threads.drain()
        office.world.clock.advance(15 * 60)
    assert office.threads.trouble()
    office.slack.faults.clear()

    await quiet(office)

    (card,) = cards(office)
    assert "Recalled" in plain(card).splitlines()
    told = replies(office, card)
    assert [each.split()[0] for each in told] == ["Started", "Netmera", "Recalled."]
    assert all("This happened" in each for each in told)
    assert office.threads.trouble() is None


async def test_health_hears_of_a_slack_that_takes_nothing_only_after_a_while(office: Office) -> None:
    office.slack.faults.add(method="chat.postMessage", kind="error", error="missing_scope", times=100)
    await proposed(office)
    await office.threads.drain()
    assert office.threads.trouble() is None

    office.world.clock.advance(31)

    assert "missing_scope" in (office.threads.trouble() or "")


async def test_a_429_in_one_channel_holds_up_no_other(office: Office) -> None:
    office.slack.faults.add(method="chat.postMessage", kind="429", seconds=300)
    await proposed(office)
    await office.threads.drain()

    office.vendor.sent("second", name="Second")
    await proposed(office, "second")
    await proposed(office, "cmp-1042", Place(channel="C0RECALLS"))
    await office.threads.drain()

    assert cards(office) == []
    assert len(cards(office, "#recalls")) == 1
    await quiet(office)
    assert len(cards(office)) == 2


async def test_a_burst_in_one_channel_meets_no_limit_and_everything_is_told(office: Office) -> None:
    for number in range(75):
        office.vendor.sent(f"many{number}", name=f"Campaign {number}")
        await proposed(office, f"many{number}")
    for _ in range(45):
        await office.threads.drain()
        office.world.clock.advance(2)
    await quiet(office)

    assert len(cards(office)) == 75
    assert [call.method for call in office.slack.state.calls if call.error == "ratelimited"] == []


async def test_a_picture_that_slack_can_not_fetch_does_not_cost_the_card(office: Office) -> None:
    office.vendor.sent("77", name="Pictured", image_url="https://pictures.example/gone.png")
    office.slack.state.faults.add(method="chat.postMessage", kind="error", error="invalid_blocks")
    await proposed(office, "77")
    await quiet(office)
    (card,) = cards(office)
    assert not any(block["type"] == "image" for block in card.blocks)
    assert "Yes, recall" in plain(card)


async def test_a_slow_channel_holds_up_no_other_card(office: Office) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind="slow", seconds=1)
    await proposed(office)
    await office.slack.until(lambda: office.threads._lanes)
    await proposed(office, "cmp-1042", Place(channel="C0RECALLS"))
    await office.shown("ann", "Garden party", "#recalls")
    assert cards(office) == []


async def test_edits_stay_within_what_slack_allows_and_the_last_state_is_shown(office: Office) -> None:
    recalls = []
    for number in range(60):
        office.vendor.sent(f"many{number}", name=f"Campaign {number}")
        recalls.append(await proposed(office, f"many{number}"))
    await office.threads.drain()
    for each in recalls:
        await office.service.decline(ANN, each.id)
    await office.threads.drain()
    assert office.posted("chat.update") <= 50
    await quiet(office)
    limited = {call.method for call in office.slack.state.calls if call.error == "ratelimited"}
    assert "chat.update" not in limited
    assert not any("Yes, recall" in plain(each) for each in cards(office))


async def test_ten_recalls_at_once_all_show_life_and_an_end_is_told_at_once(office: Office) -> None:
    recalls = []
    for number in range(10):
        office.vendor.sent(f"many{number}", name=f"Campaign {number}")
        recall = await proposed(office, f"many{number}")
        await office.service.confirm(ANN, recall.id)
        recalls.append(await happens(office, recall, Kind.STARTED))
    since = len(office.slack.state.calls)
    for _ in range(40):
        for each in recalls:
            now = await office.service.recall(each.id)
            await office.store.move(
                step(now, Kind.PROGRESS, at=office.world.clock.now()), (NoticeKind.PROGRESS,)
            )
        await office.threads.drain()
        office.world.clock.advance(3)
    counts = [call.args["ts"] for call in office.slack.state.calls[since:] if call.method == "chat.update"]
    roots = {each.ts for each in cards(office)}
    shown = Counter(ts for ts in counts if ts not in roots)

    await happens(office, recalls[3], Kind.DONE)
    await office.threads.drain()

    assert len(shown) == 10
    assert min(shown.values()) >= 3
    assert {call.error for call in office.slack.state.calls} == {None}
    (ended,) = [each for each in cards(office) if "Campaign 3" in plain(each)]
    assert "Recalled" in plain(ended).splitlines()
    assert any(each.startswith("Recalled.") for each in replies(office, ended))


async def test_a_database_that_refuses_for_a_while_loses_and_doubles_nothing(office: Office) -> None:
    office.slack.state.faults.add(method="chat.postMessage", kind="slow", seconds=0.3)
    recall = await proposed(office)
    await office.slack.until(lambda: office.threads._lanes)
    office.disk.writable(yes=False)
    await office.slack.until(lambda: cards(office))
    office.disk.writable(yes=True)
    await quiet(office)
    assert len(cards(office)) == 1
    (known,) = await office.store.cards(recall.id)
    assert known.ts == cards(office)[0].ts


async def test_foreign_names_notify_nobody(office: Office) -> None:
    office.vendor.sent("evil", name="<!channel> *_~& <b> <@U0BOB> \u202eoffer", text="<!here> <!everyone>")
    await proposed(office, "evil")
    await quiet(office)
    assert {each.target for each in office.slack.state.mentions} <= {"U0ANN"}
    assert office.slack.state.violations == []


def test_a_client_that_retries_by_itself_is_refused(office: Office) -> None:
    client = make_client(office.slack)
    client.retry_handlers = [object()]  # type: ignore[list-item]
    with pytest.raises(ValueError, match="retry_handlers"):
        Threads(
            outbox=office.store,
            records=office.store,
            places=office.places,
            client=client,
            clock=office.world.clock,
        )
