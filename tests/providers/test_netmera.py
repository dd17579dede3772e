"""Netmera as the bot meets it: finding campaigns and taking them back, at the practice vendor."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from bot.errors import (
    NotFoundError,
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.ports import ItemId
from bot.providers.netmera import NetmeraProvider
from bot.target import ItemState, Operation, Outcome, Status, Target, TargetId
from sandbox.clock import SandboxClock
from sandbox.vendors.netmera import Netmera

Connect = Callable[..., NetmeraProvider]

SPRING = TargetId("cmp-1042")
SENDING = TargetId("cmp-1043")
SCHEDULED = TargetId("cmp-1044")
WEB = TargetId("cmp-1039")
RECALLED = TargetId("cmp-1038")
AWKWARD = TargetId("cmp-1037")


async def _recall(push: NetmeraProvider, target: Target) -> Outcome:
    (outcome,) = await push.recall(target, [ItemId(target.ref.id)], key="k")
    return outcome


async def _check(push: NetmeraProvider, target: Target) -> Outcome:
    (outcome,) = await push.check(target, [ItemId(target.ref.id)])
    return outcome


def _ids(targets: Sequence[Target]) -> list[str]:
    return [target.ref.id for target in targets]


# Finding ------------------------------------------------------------------------------------------------


async def test_recent_campaigns_come_newest_first_without_what_was_never_sent(push: NetmeraProvider) -> None:
    found = await push.recent(20)
    assert _ids(found)[:3] == ["cmp-1043", "cmp-1042", "cmp-1039"]
    assert SCHEDULED not in _ids(found)
    assert _ids(await push.recent(2)) == _ids(found)[:2]


async def test_older_campaigns_go_on_where_the_first_ended(push: NetmeraProvider) -> None:
    everything = await push.recent(20)
    older = await push.recent(3, before=everything[2].sent_at)
    assert _ids(older) == _ids(everything)[3:6]


async def test_search_asks_the_vendor(push: NetmeraProvider) -> None:
    assert _ids(await push.search("spring", 5)) == ["cmp-1042", "cmp-1041"]
    assert await push.search("nothing like it", 5) == []


async def test_a_campaign_is_shown_as_the_vendor_has_it(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    assert (target.name, target.status) == ("Spring sale: 50% off everything", Status.SENT)
    assert (target.vendor, target.noun, target.sent_by) == (
        "Netmera",
        "push campaign",
        vendor.campaigns[SPRING].created_by,
    )
    assert (target.audience.sent, target.audience.delivered, target.audience.opened) == (
        52_000,
        48_210,
        1_790,
    )
    assert target.image_url == f"{vendor.media}/spring-sale.png"
    assert target.sent_at == vendor.campaigns[SPRING].sent_at.replace(microsecond=0)
    assert target.capability.operation is Operation.RECALL
    assert target.capability.closes_at is None


async def test_foreign_text_comes_through_untouched(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(AWKWARD)
    assert target.name == vendor.campaigns[AWKWARD].name
    assert target.text == vendor.campaigns[AWKWARD].text


async def test_an_unknown_id_is_not_found(push: NetmeraProvider) -> None:
    with pytest.raises(NotFoundError):
        await push.get(TargetId("cmp-9"))


# What can be done ---------------------------------------------------------------------------------------


async def test_one_being_sent_is_halted_and_what_arrived_stays(push: NetmeraProvider) -> None:
    target = await push.get(SENDING)
    assert target.capability.operation is Operation.HALT
    assert target.audience.delivered is not None
    assert target.capability.limits == (
        "Nothing more is sent.",
        f"{target.audience.delivered:,} already delivered stay.",
    )


@pytest.mark.parametrize(
    ("campaign", "said"),
    [
        (SCHEDULED, "Nothing has been sent yet"),
        (WEB, "can't recall web push"),
        (RECALLED, "recalled already"),
    ],
)
async def test_what_cannot_be_taken_back_says_why(
    push: NetmeraProvider, campaign: TargetId, said: str
) -> None:
    capability = (await push.get(campaign)).capability
    assert capability.operation is None
    assert said in (capability.refusal or "")


async def test_the_window_is_judged_by_the_vendors_clock(connect: Connect, clock: SandboxClock) -> None:
    push = connect(window_minutes=10)
    target = await push.get(SPRING)
    assert target.sent_at is not None
    assert target.capability.closes_at == target.sent_at + timedelta(minutes=10)
    clock.advance(7 * 60)
    target = await push.get(SPRING)
    assert target.capability.operation is None
    assert "10 minutes" in (target.capability.refusal or "")


async def test_a_missing_tool_is_named(connect: Connect) -> None:
    push = connect(tools={"recall": "campaign_take_back"})
    capability = (await push.get(SPRING)).capability
    assert capability.operation is None
    assert "campaign_take_back" in (capability.refusal or "")


async def test_no_fitting_id_argument_is_told_with_those_that_there_are(connect: Connect) -> None:
    push = connect(id_arguments=["notificationKey"])
    with pytest.raises(ProviderError, match=r"its arguments: campaignId.*id_arguments"):
        await push.get(SPRING)


# Taking back --------------------------------------------------------------------------------------------


async def test_a_recall_is_done_only_when_the_record_says_so(
    push: NetmeraProvider, vendor: Netmera, clock: SandboxClock
) -> None:
    target = await push.get(SPRING)
    first = await _recall(push, target)
    assert (first.state, first.evidence) == (ItemState.ACCEPTED, "campaign_detail says RECALLING")
    assert (await _check(push, target)).state is ItemState.ACCEPTED
    clock.advance(3)
    done = await _check(push, target)
    assert (done.state, done.evidence) == (ItemState.DONE, "campaign_detail says RECALLED")
    assert done.audience is not None
    assert done.audience.delivered == 48_210


async def test_a_recall_that_is_through_at_once_is_done(push: NetmeraProvider, vendor: Netmera) -> None:
    vendor.settle_after = 0
    assert (await _recall(push, await push.get(SPRING))).state is ItemState.DONE


async def test_already_recalled_is_done(push: NetmeraProvider, clock: SandboxClock) -> None:
    target = await push.get(SPRING)
    await _recall(push, target)
    assert (await _recall(push, target)).state is ItemState.ACCEPTED
    clock.advance(3)
    assert (await _recall(push, target)).state is ItemState.DONE


async def test_a_halt_is_done_when_nothing_more_is_sent(push: NetmeraProvider, vendor: Netmera) -> None:
    outcome = await _recall(push, await push.get(SENDING))
    assert (outcome.state, outcome.evidence) == (ItemState.DONE, "campaign_detail says STOPPED")
    assert vendor.calls[-2].tool == "campaign_stop"
    stopped = await push.get(SENDING)
    assert (stopped.status, stopped.capability.operation) == (Status.HALTED, Operation.RECALL)


async def test_a_halt_that_comes_too_late_says_that_sending_had_ended(
    push: NetmeraProvider, clock: SandboxClock
) -> None:
    target = await push.get(SENDING)
    clock.advance(3_600)
    outcome = await _recall(push, target)
    assert (outcome.state, outcome.evidence) == (ItemState.DONE, "campaign_detail says SENT")


async def test_a_refusal_comes_with_its_documented_meaning(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("error", tool="campaign_recall", text="2106: Blocked by settings for ann@shop.example")
    with pytest.raises(ProviderRefusedError) as caught:
        await _recall(push, target)
    assert not caught.value.maybe_applied
    assert "the app's time restriction blocks it (code 2106" in caught.value.sentence
    assert "ann@shop.example" not in caught.value.sentence
    assert (await _recall(push, target)).state is ItemState.ACCEPTED


async def test_an_unknown_campaign_fails_as_not_found(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("error", tool="campaign_recall", text="5003: No message was found.")
    outcome = await _recall(push, target)
    assert (outcome.state, outcome.code) == (ItemState.FAILED, "not_found")


async def test_a_vendor_that_never_confirms_stays_accepted(
    push: NetmeraProvider, vendor: Netmera, clock: SandboxClock
) -> None:
    vendor.faults.add("never_confirm", tool="campaign_recall")
    target = await push.get(SPRING)
    assert (await _recall(push, target)).state is ItemState.ACCEPTED
    clock.advance(100_000)
    assert (await _check(push, target)).state is ItemState.ACCEPTED


async def test_accepted_stays_accepted_when_the_record_can_not_be_read(
    push: NetmeraProvider, vendor: Netmera
) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("html", tool="campaign_detail", times=5)
    assert (await _recall(push, target)).state is ItemState.ACCEPTED


async def test_a_lost_answer_may_have_been_applied_and_the_record_tells(
    push: NetmeraProvider, vendor: Netmera, clock: SandboxClock
) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("drop_answer", tool="campaign_recall")
    with pytest.raises(ProviderLostError) as caught:
        await _recall(push, target)
    assert caught.value.maybe_applied
    assert (await _check(push, target)).state is ItemState.ACCEPTED
    clock.advance(3)
    assert (await _check(push, target)).state is ItemState.DONE


async def test_a_request_that_never_arrived_may_be_sent_again(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("server_error", tool="campaign_recall")
    with pytest.raises(ProviderDownError) as caught:
        await _recall(push, target)
    assert caught.value.maybe_applied
    assert (await _check(push, target)).state is ItemState.PENDING


async def test_an_order_is_sent_once_however_it_ends(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    for fault in ("server_error", "html", "rate_limited", "bad_token", "forbidden"):
        vendor.faults.add(fault, tool="campaign_recall")
        before = [call.tool for call in vendor.calls].count("campaign_recall")
        with pytest.raises(ProviderError):
            await _recall(push, target)
        assert [call.tool for call in vendor.calls].count("campaign_recall") == before + 1
    assert vendor.campaigns[SPRING].status == "SENT"


async def test_an_expired_session_is_no_trouble_in_the_middle_of_a_recall(
    push: NetmeraProvider, vendor: Netmera
) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("session_expired", tool="campaign_recall")
    assert (await _recall(push, target)).state is ItemState.ACCEPTED


# Bad weather --------------------------------------------------------------------------------------------


async def test_reads_are_tried_again(push: NetmeraProvider, vendor: Netmera) -> None:
    vendor.faults.add("server_error", tool="campaign_detail", times=2)
    assert (await push.get(SPRING)).ref.id == SPRING


async def test_a_dead_vendor_is_told_quickly_and_found_again(push: NetmeraProvider, vendor: Netmera) -> None:
    target = await push.get(SPRING)
    await vendor.go_down()
    began = time.monotonic()
    for ask in (push.get(SPRING), push.recent(5), push.search("x", 5), _check(push, target)):
        with pytest.raises(ProviderDownError):
            await ask
    with pytest.raises(ProviderDownError) as caught:
        await _recall(push, target)
    assert not caught.value.maybe_applied
    assert time.monotonic() - began < 15
    await vendor.come_up()
    assert (await _recall(push, target)).state is ItemState.ACCEPTED


async def test_a_slow_vendor_is_left_and_the_next_call_works(connect: Connect, vendor: Netmera) -> None:
    push = connect(timeout=1.5)
    await push.get(SPRING)
    vendor.faults.add("slow", tool="campaign_detail", seconds=30)
    began = time.monotonic()
    with pytest.raises(ProviderSlowError):
        await push.get(SPRING)
    assert time.monotonic() - began < 10
    assert (await push.get(SPRING)).ref.id == SPRING


async def test_a_limit_holds_everybody_back_for_as_long_as_the_vendor_says(
    push: NetmeraProvider, vendor: Netmera
) -> None:
    target = await push.get(SPRING)
    vendor.faults.add("rate_limited", tool="campaign_recall", seconds=60)
    with pytest.raises(ProviderBusyError) as caught:
        await _recall(push, target)
    assert caught.value.retry_after == 60
    asked = len(vendor.calls)
    with pytest.raises(ProviderBusyError) as caught:
        await push.get(SPRING)
    assert caught.value.retry_after is not None
    assert 55 < caught.value.retry_after <= 60
    assert len(vendor.calls) == asked


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", ProviderConfusingError),
        ("bad_token", ProviderRefusedError),
        ("forbidden", ProviderRefusedError),
    ],
)
async def test_each_trouble_of_a_look_up_is_named(
    push: NetmeraProvider, vendor: Netmera, fault: str, error: type[ProviderError]
) -> None:
    vendor.faults.add(fault, tool="campaign_detail")
    with pytest.raises(error, match="Netmera"):
        await push.get(SPRING)
    assert (await push.get(SPRING)).ref.id == SPRING


async def test_many_at_once_all_get_their_own_answer(push: NetmeraProvider) -> None:
    ids = ["cmp-1042", "cmp-1041", "cmp-1040", "cmp-1039", "cmp-1038"] * 4
    found = await asyncio.gather(*(push.get(TargetId(each)) for each in ids))
    assert _ids(found) == ids


async def test_the_token_stands_nowhere(
    connect: Connect, vendor: Netmera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    push = connect()
    target = await push.get(SPRING)
    said = [repr(push), repr(vars(push)), repr(target)]
    for fault in ("error", "bad_token", "html", "server_error", "drop_answer"):
        vendor.faults.add(fault, tool="campaign_recall", text=f"4000: not with {vendor.token}, sorry")
        with pytest.raises(ProviderError) as caught:
            await _recall(push, target)
        said += [str(caught.value), repr(caught.value), repr(vars(caught.value))]
    said.append(repr(await push.diagnose()))
    ours = [
        record for record in caplog.records if not record.name.startswith(("mcp.server", "sse_starlette"))
    ]
    said += [record.getMessage() + str(record.exc_info) for record in ours]
    assert vendor.token not in "\n".join(said)
    assert "Spring is here" not in "\n".join(record.getMessage() for record in ours)


# Whether it is ready ------------------------------------------------------------------------------------


async def test_diagnosis_of_a_good_connection(push: NetmeraProvider) -> None:
    lines = await push.diagnose()
    assert all(line.ok for line in lines)
    told = "\n".join(f"{line.what}: {line.found}" for line in lines)
    assert "provider push: tool campaign_recall: offered, the campaign's id as campaignId" in told
    assert "provider push: list of campaigns: answered" in told


@pytest.mark.parametrize(
    ("settings", "found", "mend"),
    [
        ({"token": "wrong-token"}, "does not accept Recall's token", "mcp:write"),
        ({"url": "http://127.0.0.1:9/mcp"}, "can't be reached", "Check url"),
        ({"tools": {"recall": "take_back"}}, "offers no tool take_back", "mcp:write"),
        ({"id_arguments": ["key"]}, "no argument that Recall knows", "the settings can name"),
    ],
)
async def test_diagnosis_says_what_to_mend(
    connect: Connect, settings: dict[str, object], found: str, mend: str
) -> None:
    bad = [line for line in await connect(**settings).diagnose() if not line.ok]
    assert found in bad[0].found
    assert mend in (bad[0].mend or "")
