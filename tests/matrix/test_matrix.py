"""The matrix provider against a real Synapse."""

import asyncio

import pytest

from bot.errors import NotFoundError, ProviderBusyError, ProviderError, ProviderRefusedError
from bot.ports import ItemId, TakesReason, Viewer
from bot.providers.matrix import MatrixProvider
from bot.target import ItemState, Operation, Status, Target, TargetId
from tests.matrix.conftest import Connect
from tests.matrix.synapse import Synapse

ALL = Viewer(on_behalf=True)


async def _items(provider: MatrixProvider, target: Target) -> list[ItemId]:
    return [each async for page in provider.items(target) for each in page]


async def _recall(provider: MatrixProvider, target: Target, why: str = "wrong room") -> list[ItemState]:
    items = await _items(provider, target)
    found = await provider.recall_because(target, items, key="job:0:0", why=why)
    return [each.state for each in found]


def _redactions(synapse: Synapse, room: str) -> int:
    path = f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=100"
    return [each["type"] for each in synapse.call("GET", path, by="ann")["chunk"]].count("m.room.redaction")


async def test_a_message_is_redacted_with_the_reason_and_confirmed_by_reading_it_back(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("recall", room, "The price is 15")
    provider = connect()
    assert isinstance(provider, TakesReason)
    target = await provider.get(TargetId(f"{room}/{event}"))
    assert (target.name, target.audience.sent) == ("The price is 15", 2)

    assert await _recall(provider, target, why="wrong price") == [ItemState.DONE]

    gone = synapse.event(room, event)
    assert gone["content"] == {}
    assert gone["unsigned"]["redacted_because"]["content"]["reason"] == "wrong price"
    again = await provider.get(target.ref.id)
    assert again.status is Status.RECALLED
    assert again.capability.refusal == "It has been removed already."


async def test_a_repeat_of_the_same_request_makes_no_second_redaction(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("recall", room, "twice")
    provider = connect()
    token = synapse.people["recall"].token
    account = provider._account

    first = await account.redact(room, event, token=token, key="job:0:0", why="")
    second = await account.redact(room, event, token=token, key="job:0:0", why="")

    assert first == second
    assert _redactions(synapse, room) == 1


@pytest.mark.parametrize("version", ["10", "12"])
async def test_an_unknown_event_is_answered_with_200_and_never_called_done(
    synapse: Synapse, alias: str, connect: Connect, version: str
) -> None:
    room = synapse.room(alias, "recall", room_version=version)
    synapse.promote(room, "recall", 50)  # without that power the server looks for the event itself
    provider = connect()
    unknown = ItemId("$" + "x" * 43)
    token = synapse.people["recall"].token
    assert await provider._account.redact(room, unknown, token=token, key="k", why="")  # 200: the trap
    target = await provider.get(TargetId(f"{room}/{synapse.says('recall', room, 'here')}"))

    (outcome,) = await provider.recall(target, [unknown], key="job:0:0")

    assert outcome.state is ItemState.FAILED
    assert outcome.code == "not_found"
    (checked,) = await provider.check(target, [unknown])
    assert checked.state is ItemState.FAILED
    with pytest.raises(NotFoundError):
        await provider.get(TargetId(f"{room}/{unknown}"))


async def test_somebody_elses_message_needs_power_which_is_said_before_anything_runs(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("bob", room, "bob's own words")
    provider = connect()

    target = await provider.get(TargetId(f"{room}/{event}"))

    assert target.capability.operation is None
    assert "lacks the power to remove other people's messages" in (target.capability.refusal or "")
    assert "@bob:localhost can remove it" in (target.capability.refusal or "")


async def test_power_that_was_taken_away_meanwhile_is_said_and_nothing_is_claimed(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("bob", room, "bob's own words")
    synapse.promote(room, "recall", 50)
    provider = connect()
    target = await provider.get(TargetId(f"{room}/{event}"))
    assert target.capability.operation is Operation.RECALL
    synapse.promote(room, "recall", 0)

    with pytest.raises(ProviderRefusedError) as caught:
        await provider.recall(target, [ItemId(event)], key="job:0:0")

    assert not caught.value.maybe_applied
    assert caught.value.sentence.startswith("Matrix said no: ")
    assert synapse.event(room, event)["content"]["body"] == "bob's own words"


async def test_a_moderators_account_removes_others_messages(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("bob", room, "bob's own words")
    synapse.promote(room, "recall", 50)
    provider = connect()

    target = await provider.get(TargetId(f"{room}/{event}"))

    assert await _recall(provider, target) == [ItemState.DONE]
    assert synapse.event(room, event)["content"] == {}


async def test_a_persons_granted_token_removes_their_own(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("bob", room, "bob's own words")
    bob = synapse.people["bob"]
    provider = connect(tokens={bob.id: bob.token})

    target = await provider.get(TargetId(f"{room}/{event}"))

    assert target.sender_id == bob.id
    assert await _recall(provider, target) == [ItemState.DONE]
    assert synapse.event(room, event)["unsigned"]["redacted_because"]["sender"] == bob.id


async def test_a_room_whose_version_gives_its_creator_all_power_is_understood(
    synapse: Synapse, alias: str, connect: Connect
) -> None:
    room = synapse.room(alias, "recall", room_version="12")
    event = synapse.says("recall", room, "hello")
    ann = synapse.people["ann"]
    provider = connect(token=ann.token)

    target = await provider.get(TargetId(f"{room}/{event}"))

    assert target.capability.operation is Operation.RECALL
    assert await _recall(provider, target) == [ItemState.DONE]


async def test_the_edits_of_a_message_hold_its_words_too_and_are_removed_with_it(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    event = synapse.says("recall", room, "The price is 15")
    edit = synapse.edits("recall", room, event, "The price is 50")
    provider = connect()

    target = await provider.get(TargetId(f"{room}/{event}"))
    assert target.text == "The price is 50"
    assert target.items == 2

    assert await _recall(provider, target) == [ItemState.DONE] * 2
    assert synapse.event(room, edit)["content"] == {}
    assert synapse.event(room, event)["content"] == {}


async def test_everything_that_somebody_sent_in_a_room_is_one_target_with_many_items(
    synapse: Synapse, room: str, alias: str, connect: Connect
) -> None:
    sent = [synapse.says("bob", room, f"spam {number}") for number in range(7)]
    other = synapse.says("ann", room, "stays")
    synapse.redacts("bob", room, sent[0])
    synapse.promote(room, "recall", 50)
    provider = connect(f"#{alias}:localhost")
    asked = provider.link_to(f"@bob:localhost in #{alias}")
    assert asked is not None

    target = await provider.get(asked)

    assert target.name == f"Everything that @bob:localhost sent in #{alias}:localhost"
    assert target.items == 6
    later = synapse.says("bob", room, "one more, which no card has shown")
    same = await provider.get(target.ref.id)
    assert same.fingerprint() == target.fingerprint()
    assert await _recall(provider, target) == [ItemState.DONE] * 6
    assert [synapse.event(room, each)["content"] for each in sent] == [{}] * 7
    assert synapse.event(room, other)["content"]["body"] == "stays"
    assert synapse.event(room, later)["content"]["body"].startswith("one more")


async def test_who_sent_nothing_there_is_not_found(synapse: Synapse, room: str, connect: Connect) -> None:
    with pytest.raises(NotFoundError, match="has sent nothing in that room"):
        await connect().get(TargetId(f"{room}/@bob:localhost"))


async def test_too_many_requests_are_told_with_how_long_to_wait(
    synapse: Synapse, alias: str, connect: Connect
) -> None:
    carl = synapse.person(f"carl{alias}")
    room = synapse.room(alias, f"carl{alias}", "recall")
    sent = [synapse.says(f"carl{alias}", room, f"{number}") for number in range(4)]
    synapse.slow_down(f"carl{alias}")
    provider = connect(tokens={carl.id: carl.token})
    target = await provider.get(TargetId(f"{room}/{carl.id}"))

    async def all_at_once() -> None:
        for each in sent:
            await provider.recall(target, [ItemId(each)], key="job:0:0")

    with pytest.raises(ProviderBusyError) as caught:
        await all_at_once()

    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 10
    assert not caught.value.maybe_applied


async def test_a_token_revoked_in_the_middle_is_said(synapse: Synapse, alias: str, connect: Connect) -> None:
    dora = synapse.person(f"dora{alias}")
    room = synapse.room(alias, f"dora{alias}", "recall")
    event = synapse.says(f"dora{alias}", room, "mine")
    provider = connect(tokens={dora.id: dora.token})
    target = await provider.get(TargetId(f"{room}/{event}"))
    synapse.call("POST", "/_matrix/client/v3/logout", {}, by=f"dora{alias}")

    with pytest.raises(ProviderError) as caught:
        await provider.recall(target, [ItemId(event)], key="job:0:0")

    assert "does not accept Recall's token" in caught.value.sentence
    assert dora.token not in caught.value.sentence
    assert not caught.value.maybe_applied


async def test_messages_are_found_by_words_by_a_bare_id_and_by_an_aliass_link(
    synapse: Synapse, room: str, alias: str, connect: Connect
) -> None:
    event = synapse.says("ann", room, "Lunch offer: soup for 3")
    synapse.says("bob", room, "soup again")
    provider = connect(f"#{alias}:localhost")

    found = await provider.search("offer SOUP", 5, viewer=ALL)
    assert [each.ref.id for each in found] == [f"{room}/{event}"]
    link = f"https://matrix.to/#/%23{alias}%3Alocalhost/{event}?via=localhost"
    for words in (event, link, f"#{alias}:localhost/{event}"):
        meant = provider.link_to(words)
        assert meant is not None
        assert (await provider.get(meant)).ref.id == f"{room}/{event}"


async def test_a_list_holds_what_its_viewer_sent_and_everything_for_who_acts_for_others(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    synapse.says("ann", room, "by ann")
    synapse.says("bob", room, "by bob")
    provider = connect(room)

    assert await provider.recent(5) == ()
    mine = await provider.recent(5, viewer=Viewer(identity="@bob:localhost"))
    assert [each.name for each in mine] == ["by bob"]
    everything = await provider.recent(5, viewer=ALL)
    assert [each.name for each in everything] == ["by bob", "by ann"]
    older = await provider.recent(5, everything[0].sent_at, viewer=ALL)
    assert [each.name for each in older] == ["by ann"]


async def test_a_room_that_recalls_account_is_not_in_is_said(
    synapse: Synapse, alias: str, connect: Connect
) -> None:
    room = synapse.room(alias, "bob", preset="private_chat", invite=["@bob:localhost"])
    event = synapse.says("ann", room, "secret")

    with pytest.raises(NotFoundError) as caught:
        await connect().get(TargetId(f"{room}/{event}"))

    assert "secret" not in caught.value.sentence


async def test_a_change_to_the_room_is_no_message(synapse: Synapse, room: str, connect: Connect) -> None:
    path = f"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=50"
    events = synapse.call("GET", path, by="ann")["chunk"]
    change = next(each["event_id"] for each in events if "state_key" in each)

    target = await connect().get(TargetId(f"{room}/{change}"))

    assert target.capability.refusal == "It is a change to the room, not a message."


async def test_the_diagnosis_names_the_account_and_what_it_may_remove(
    synapse: Synapse, room: str, connect: Connect
) -> None:
    bob = synapse.people["bob"]
    provider = connect(room, "#nowhere:localhost", tokens={"@ann:localhost": bob.token})

    lines = {each.what: each for each in await provider.diagnose()}

    assert lines["provider team: token"].found == "signed in as @recall:localhost"
    assert lines["provider team: tokens.@ann:localhost"].found == "it belongs to @bob:localhost"
    assert "its own messages only" in lines[f"provider team: room {room}"].found
    assert not lines["provider team: room #nowhere:localhost"].ok


@pytest.mark.parametrize(
    "odd",
    ["$" + "e" * 2_000, "$a/../../b" + "c" * 40, '$"quoted"' + "x" * 40, "$%2e%2e%2f", "$é" + "x" * 43],
    ids=["long", "slashes", "quotes", "escapes", "accents"],
)
async def test_odd_ids_are_not_found_and_nothing_else_is_touched(
    synapse: Synapse, room: str, connect: Connect, odd: str
) -> None:
    with pytest.raises((NotFoundError, ProviderRefusedError)):
        async with asyncio.timeout(10):
            await connect().get(TargetId(f"{room}/{odd}"))
