"""What Chatwoot's answers mean, the good and the bad ones: clear words, and never a false “done”."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.errors import (
    NotFoundError,
    ProviderBusyError,
    ProviderConfusingError,
    ProviderError,
    ProviderLostError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.ports import ItemId, Viewer
from bot.providers.chatwoot import ChatwootProvider
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.target import ItemState, ProviderName, SlackPost, Status, TargetId
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.chatwoot import ACCOUNT, Chatwoot
from sandbox.vendors.chatwoot_books import Direction, Said
from sandbox.visitors import Visitors

JACKET = TargetId("42/1002")
ANN = Viewer(identity="7")


@pytest.fixture
async def desk(clock: SandboxClock) -> AsyncIterator[Chatwoot]:
    feed = Feed()
    desk = Chatwoot(clock=clock, feed=feed, visitors=Visitors(feed=feed))
    desk.just_said()
    await desk.start()
    yield desk
    await desk.stop()


def provider(desk: Chatwoot, clock: SandboxClock, **settings: Any) -> ChatwootProvider:
    given = {"url": desk.url, "token": desk.token, "account": ACCOUNT, "timeout": 1, **settings}
    return ChatwootProvider(ProviderName("chat"), ChatwootSettings.model_validate(given), clock)


@pytest.fixture
async def chat(desk: Chatwoot, clock: SandboxClock) -> AsyncIterator[ChatwootProvider]:
    made = provider(desk, clock)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", ProviderConfusingError),
        ("truncated", ProviderConfusingError),
        ("redirect", ProviderConfusingError),
        ("huge", ProviderConfusingError),
        ("trickle", ProviderSlowError),
        ("rate_limited", ProviderBusyError),
        ("bad_token", ProviderRefusedError),
        ("forbidden", ProviderRefusedError),
    ],
)
async def test_a_bad_answer_is_an_error_in_words_without_the_token(
    desk: Chatwoot, chat: ChatwootProvider, fault: str, error: type[ProviderError]
) -> None:
    desk.faults.add(fault, tool="messages", times=None, seconds=60)

    with pytest.raises(error) as caught:
        await chat.get(JACKET)

    assert "Chatwoot" in caught.value.sentence
    assert desk.token not in caught.value.sentence


@pytest.mark.parametrize(
    "odd", ["[]", "null", '{"payload": 7}', '{"payload": [{"id": "x"}]}', '{"payload": [[]]}']
)
async def test_json_of_another_form_is_not_guessed_at(
    desk: Chatwoot, chat: ChatwootProvider, odd: str
) -> None:
    desk.faults.add("odd", tool="messages", text=odd)

    with pytest.raises(ProviderConfusingError):
        await chat.get(JACKET)


async def test_right_json_with_a_wrong_label_is_read(desk: Chatwoot, chat: ChatwootProvider) -> None:
    desk.faults.add("wrong_type", tool="messages")

    assert (await chat.get(JACKET)).status is Status.SENT


@pytest.mark.parametrize(
    "id_",
    ["", "42", "42/", "/1", "../../profile", "42/1002?x=1", '42/"', "42/1\n2", "9" * 2000, "0/0", "٤٢/١"],
)
async def test_ids_that_are_none_are_not_found_and_nothing_is_asked(
    desk: Chatwoot, chat: ChatwootProvider, id_: str
) -> None:
    with pytest.raises(NotFoundError):
        await chat.get(TargetId(id_))

    assert desk.calls == []


async def test_an_id_of_another_conversation_is_not_found(chat: ChatwootProvider) -> None:
    with pytest.raises(NotFoundError):
        await chat.get(TargetId("43/1002"))


async def test_a_message_dated_in_the_future_gets_no_longer_window(
    desk: Chatwoot, chat: ChatwootProvider, clock: SandboxClock
) -> None:
    ahead = clock.now() + timedelta(hours=2)
    desk.keep(Said(id=2000, talk=42, direction=Direction.OUTGOING, text="From tomorrow", at=ahead, agent=7))

    capability = (await chat.get(TargetId("42/2000"))).capability

    assert capability.operation is None
    assert "can't be known" in str(capability.refusal)


async def test_the_window_is_judged_by_the_vendors_clock_not_by_ours(desk: Chatwoot) -> None:
    ours = SandboxClock()
    ours.advance(3600)
    chat = provider(desk, ours)

    target = await chat.get(JACKET)

    await chat.close()
    assert target.capability.operation is not None
    assert target.capability.closes_at is not None
    assert ours.now() < target.capability.closes_at < ours.now() + timedelta(minutes=5)


async def test_the_window_is_looked_at_again_right_before_the_deletion(
    desk: Chatwoot, chat: ChatwootProvider, clock: SandboxClock
) -> None:
    target = await chat.get(JACKET)
    clock.advance(4 * 60)

    (outcome,) = await chat.recall(target, [ItemId(JACKET)], key="k")

    assert outcome.state is ItemState.FAILED
    assert outcome.code == "window_closed"
    assert "delete" not in desk.calls


async def test_a_deletion_without_effect_is_accepted_at_most(desk: Chatwoot, chat: ChatwootProvider) -> None:
    desk.faults.add("never_confirm", tool="delete")
    target = await chat.get(JACKET)

    (outcome,) = await chat.recall(target, [ItemId(JACKET)], key="k")

    assert outcome.state is ItemState.ACCEPTED
    (later,) = await chat.check(target, [ItemId(JACKET)])
    assert later.state is ItemState.PENDING


async def test_a_lost_answer_may_have_been_applied(desk: Chatwoot, chat: ChatwootProvider) -> None:
    desk.faults.add("drop_answer", tool="delete")
    target = await chat.get(JACKET)

    with pytest.raises(ProviderLostError) as caught:
        await chat.recall(target, [ItemId(JACKET)], key="k")

    assert caught.value.maybe_applied


async def test_a_message_with_nothing_left_of_it_counts_as_gone_and_one_with_a_file_or_cards_does_not(
    desk: Chatwoot, chat: ChatwootProvider
) -> None:
    message = {"id": 1002, "conversation_id": 42, "message_type": 1, "content": None, "created_at": 1}
    card = {"title": "Parka", "media_url": "https://shop.example/parka.png", "actions": []}
    for extra, status in (
        ({}, Status.RECALLED),
        ({"content_attributes": {"items": []}}, Status.RECALLED),
        ({"content_attributes": {"items": "odd"}}, Status.RECALLED),
        ({"attachments": [{"id": 1}]}, Status.SENT),
        ({"content_type": "cards", "content_attributes": {"items": [card]}}, Status.SENT),
        (
            {"content_type": "cards", "content_attributes": {"items": [card], "deleted": True}},
            Status.RECALLED,
        ),
    ):
        desk.faults.add("odd", tool="messages", text=json.dumps({"payload": [message | extra]}))
        assert (await chat.get(JACKET)).status is status

    desk.faults.add(
        "odd",
        tool="messages",
        text=json.dumps({"payload": [message | {"content_attributes": {"items": [card]}}]}),
    )
    assert "cards or a form" in (await chat.get(JACKET)).name


async def test_lists_and_searches_hold_what_the_viewer_sent_alone(chat: ChatwootProvider) -> None:
    for found in await chat.recent(20, viewer=ANN), await chat.search("the", 20, viewer=ANN):
        assert found
        assert {each.sender_id for each in found} == {"7"}
    assert await chat.recent(20) == ()
    everything = await chat.recent(20, viewer=Viewer(on_behalf=True))
    assert {each.sender_id for each in everything} == {"7", "8"}


async def test_links_of_other_places_name_nothing(desk: Chatwoot, chat: ChatwootProvider) -> None:
    ours = desk.link(1002)
    for other in (
        ours.replace("127.0.0.1", "127.0.0.2"),
        ours.replace("accounts/1/", "accounts/2/"),
        ours.partition("?")[0],
        ours.replace("messageId=1002", "messageId=1002x"),
    ):
        assert chat.link_to(other) is None
    assert chat.link_to(f"<{ours}|that>") == JACKET
    assert chat.recognise(SlackPost(text="due 12/24, half 50/50")) == ()


async def test_metadata_of_the_mirror_names_the_message_of_this_provider_only(chat: ChatwootProvider) -> None:
    def post(name: str) -> SlackPost:
        payload = (("provider", name), ("id", "42/1002"))
        return SlackPost(text="", metadata_type="recall_copy", metadata=payload)

    assert chat.recognise(post("chat")) == (JACKET,)
    assert chat.recognise(post("other")) == ()


def test_a_mirror_without_a_secret_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(ValidationError, match="webhook_secret"):
        ChatwootSettings.model_validate(
            {"url": "https://chat.example.com", "token": "t", "account": 1, "mirror_channel": "C0SUPPORT"}
        )


async def test_the_diagnosis_names_a_wrong_account_and_a_wrong_token(
    desk: Chatwoot, clock: SandboxClock
) -> None:
    for settings, what in ({"token": "no"}, "sign-in"), ({"account": 2}, "sign-in"):
        chat = provider(desk, clock, **settings)
        (line,) = await chat.diagnose()
        await chat.close()
        assert not line.ok
        assert what in line.what
        assert line.mend
