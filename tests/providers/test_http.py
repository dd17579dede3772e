"""A described vendor that answers badly, targets that are odd, batches, and the dry run."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.errors import (
    NotFoundError,
    ProviderBusyError,
    ProviderConfusingError,
    ProviderError,
    ProviderRefusedError,
)
from bot.ports import ItemId
from bot.providers.http import HttpProvider
from bot.target import ItemState, SlackPost, Status, TargetId
from sandbox.clock import SandboxClock
from sandbox.vendors.bulletin import Bulletin, BulletinBoard
from sandbox.vendors.engagelab import EngageLab
from sandbox.vendors.feishu import Feishu
from tests.providers.http_vendors import provider

Make = Callable[..., HttpProvider]
B300 = TargetId("b-300")
HOSTILE = 'a/../b?c=d&e#f%2F"{id}"'


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
async def board(clock: SandboxClock) -> AsyncIterator[BulletinBoard]:
    vendor = BulletinBoard(clock=clock)
    await vendor.start()
    yield vendor
    await vendor.stop()


@pytest.fixture
async def make(board: BulletinBoard, clock: SandboxClock) -> AsyncIterator[Make]:
    made: list[HttpProvider] = []

    def make(**changes: Any) -> HttpProvider:
        made.append(provider("board", board, clock, **changes))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def _recalled(board: HttpProvider, identity: TargetId = B300) -> ItemState:
    target = await board.get(identity)
    (outcome,) = await board.recall(target, [ItemId(identity)], key="k")
    return outcome.state


async def test_a_target_has_everything_that_the_pointers_name(make: Make) -> None:
    target = await make().get(B300)
    assert (target.name, target.text, target.sent_by) == ("New prices", "All 20 % up", "Ann")
    assert (target.audience.sent, target.audience.opened, target.audience.delivered) == (1_200, 340, None)
    assert target.status is Status.SENT
    assert target.url == "https://board.example.com/bulletins/b-300"
    assert target.sent_at is not None
    assert target.capability.closes_at == target.sent_at + timedelta(minutes=60)


async def test_without_a_get_it_is_looked_for_in_the_list(make: Make, board: BulletinBoard) -> None:
    listed = make(get=None)
    assert (await listed.get(B300)).name == "New prices"
    with pytest.raises(NotFoundError):
        await listed.get(TargetId("b-9"))
    assert board.times("get") == 0


async def test_search_is_the_vendors_own(make: Make, board: BulletinBoard) -> None:
    found = await make().search("new \u2028& #?", 5)
    assert found == []
    assert "q=new%20%E2%80%A8%26%20%23%3F&limit=5" in board.asked[-1].path
    assert [each.ref.id for each in await make().search("prices", 5)] == ["b-300"]


@pytest.mark.parametrize("identity", [HOSTILE, "x" * 2_000, "ü→🎉", "..%2f..", "a'b\"c"])
async def test_odd_ids_stay_one_id(
    make: Make, board: BulletinBoard, clock: SandboxClock, identity: str
) -> None:
    board.bulletins[identity] = Bulletin(id=identity, title="Odd", text="x", sent_at=clock.now())
    assert await _recalled(make(), TargetId(identity)) is ItemState.ACCEPTED
    assert set(board.recalled) == {identity}


@pytest.mark.parametrize("identity", [".", ".."])
async def test_an_id_that_means_a_folder_reaches_no_vendor(
    make: Make, board: BulletinBoard, identity: str
) -> None:
    with pytest.raises(NotFoundError):
        await make().get(TargetId(identity))
    assert board.asked == []


async def test_another_target_than_was_asked_for_is_never_taken_for_it(
    make: Make, board: BulletinBoard
) -> None:
    board.bulletins["b-300"].id = "b-301"
    with pytest.raises(ProviderConfusingError):
        await make().get(B300)


async def test_a_date_in_the_future_makes_no_longer_window(
    make: Make, board: BulletinBoard, clock: SandboxClock
) -> None:
    board.bulletins["b-300"].sent_at = clock.now() + timedelta(days=400)
    target = await make().get(B300)
    assert target.capability.closes_at is not None
    assert target.capability.closes_at <= clock.now() + timedelta(minutes=61)


async def test_the_window_is_judged_by_the_vendors_own_clock(
    board: BulletinBoard, clock: SandboxClock
) -> None:
    board.bulletins["b-300"].sent_at = clock.now()
    clock.advance(3_601)
    slow = SandboxClock()  # this machine's clock is an hour behind
    ours = provider("board", board, slow)
    assert (await ours.get(B300)).capability.operation is None
    await ours.close()


@pytest.mark.parametrize(
    ("fault", "error"),
    [("html", ProviderConfusingError), ("server_error", ProviderError), ("drop_answer", ProviderError)],
)
async def test_an_unclear_answer_to_a_recall_leaves_doubt_and_is_asked_once(
    make: Make, board: BulletinBoard, fault: str, error: type[ProviderError]
) -> None:
    ours = make()
    target = await ours.get(B300)
    board.faults.add(fault, tool="recall")
    with pytest.raises(error) as caught:
        await ours.recall(target, [ItemId(B300)], key="k")
    assert caught.value.maybe_applied
    assert board.times("recall") == 1


async def test_a_vendor_that_asks_to_wait_is_obeyed(make: Make, board: BulletinBoard) -> None:
    ours = make()
    target = await ours.get(B300)
    board.faults.add("rate_limited", tool="recall", seconds=30)
    for _ in range(2):
        with pytest.raises(ProviderBusyError) as caught:
            await ours.recall(target, [ItemId(B300)], key="k")
        assert caught.value.retry_after is not None
        assert not caught.value.maybe_applied
    assert board.times("recall") == 1


async def test_reads_are_asked_again_and_refusals_are_not(make: Make, board: BulletinBoard) -> None:
    board.faults.add("server_error", tool="get")
    assert (await make().get(B300)).name == "New prices"
    board.faults.add("forbidden", tool="get")
    with pytest.raises(ProviderRefusedError):
        await make().get(B300)
    assert board.times("get") == 3


async def test_not_found_at_the_recall_is_a_failure(make: Make, board: BulletinBoard) -> None:
    ours = make()
    target = await ours.get(B300)
    del board.bulletins["b-300"]
    (outcome,) = await ours.recall(target, [ItemId(B300)], key="k")
    assert outcome.state is ItemState.FAILED
    assert outcome.reason == "Bulletin board refused (code unknown: “There is no such bulletin.”)."


async def test_a_list_without_readable_ids_is_confusing(make: Make) -> None:
    with pytest.raises(ProviderConfusingError):
        await make(fields={"id": "/nothing"}).recent(5)
    with pytest.raises(ProviderConfusingError):
        await make(list={"entries": "/data/wrong"}).recent(5)


async def test_a_status_alone_is_never_done_where_the_proof_is_missing(
    make: Make, board: BulletinBoard
) -> None:
    board.settle_after = 3_600
    ours = make()
    assert await _recalled(ours) is ItemState.ACCEPTED
    (outcome,) = await ours.check(await ours.get(B300), [ItemId(B300)])
    assert outcome.state is ItemState.ACCEPTED


async def test_a_proof_in_the_answer_itself_is_done(make: Make) -> None:
    ours = make(recall={"done": {"equals": {"/accepted": True}}})
    assert await _recalled(ours) is ItemState.DONE


@pytest.mark.parametrize(("repeat", "connections"), [("A", 1), ("C", 3)])
async def test_only_what_may_be_repeated_uses_a_connection_again(
    make: Make, board: BulletinBoard, repeat: str, connections: int
) -> None:
    came_from = set()

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        came_from.add(request.transport.get_extra_info("peername"))
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/recall", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/recall"
    made = make(repeat=repeat, recall={"url": url, "body": {"id": "{id}"}, "accepted": {"status": [200]}})
    target = await made.get(B300)
    for n in range(3):
        await made.recall(target, [ItemId(B300)], key=f"k{n}")
    await runner.cleanup()
    assert len(came_from) == connections


async def test_a_batch_tells_what_became_of_each(make: Make, board: BulletinBoard) -> None:
    board.bulletins["b-300"].messages = ["m1", "m2", "m3"]
    board.refused["m2"] = "recipient left"
    ours = make(
        batch=10,
        fields={"items": "/messages"},
        recall={
            "url": f"{board.url}/api/bulletins/messages/recall",
            "body": {"ids": "{items}"},
            "accepted": {"status": [200]},
            "done_items": "/done",
            "failed_items": "/failed",
        },
    )
    target = await ours.get(B300)
    assert target.items == 3
    items = [item async for page in ours.items(target) for item in page]
    outcomes = await ours.recall(target, items, key="k")
    assert [each.state for each in outcomes] == [ItemState.DONE, ItemState.FAILED, ItemState.DONE]
    assert outcomes[1].reason == "Bulletin board refused (“recipient left”)."
    assert board.gone == {"m1", "m3"}
    assert board.times("recall_messages") == 1


async def test_posts_name_targets_by_metadata_links_and_ids(make: Make) -> None:
    ours = make(event_types=["bulletin_sent"])
    link = "https://board.example.com/bulletins/b-1%2F2?from=slack"
    post = SlackPost(text="see b-3", links=(link,), metadata_type="bulletin_sent", metadata=(("id", "b-0"),))
    assert ours.recognise(post) == ("b-0", "b-1/2", "b-3")
    assert ours.link_to(f"<{link}|it>") == "b-1/2"
    assert ours.link_to("https://elsewhere.example.com/bulletins/b-1") is None


async def test_the_dry_run_shows_everything_and_never_sends_the_recall(
    make: Make, board: BulletinBoard
) -> None:
    lines = await make().diagnose()
    told = {line.what: line.found for line in lines}
    assert all(line.ok for line in lines)
    assert told["provider board: list request"] == f"GET {board.url}/api/bulletins?limit=3, X-Api-Key: …"
    assert "“Maintenance tonight” (id b-301, sent " in told["provider board: list answer"]
    assert "without delivered" in told["provider board: list answer"]
    assert told["provider board: check answer"].endswith(
        "/bulletin/state is sent; understood as not decided yet"
    )
    assert f"POST {board.url}/api/bulletins/b-301/recall" in told["provider board: recall request"]
    assert told["provider board: recall answer"] == "not sent: this is a dry run"
    assert {each.call for each in board.asked} == {"list", "get"}
    assert board.KEY not in json.dumps(told)


async def test_the_dry_run_says_which_pointer_is_wrong(make: Make) -> None:
    lines = await make(fields={"id": "/uuid"}, get={"entry": "/wrong"}).diagnose()
    wrong = {line.what: line for line in lines if not line.ok}
    assert "none with an id at “/uuid”" in wrong["provider board: list answer"].found
    assert "fields.id" in (wrong["provider board: list answer"].mend or "")


async def test_the_dry_run_of_a_vendor_without_a_list_needs_no_answer(clock: SandboxClock) -> None:
    vendor = EngageLab(clock=clock)
    await vendor.start()
    ours = provider("engagelab", vendor, clock)
    told = " ".join(line.found for line in await ours.diagnose())
    assert "DELETE" in told
    assert "Authorization: …" in told
    assert vendor.AUTH not in told
    assert vendor.asked == []
    await ours.close()
    await vendor.stop()


async def test_a_sign_in_is_kept_until_it_ends_and_its_secret_is_never_told(clock: SandboxClock) -> None:
    vendor = Feishu(clock=clock)
    await vendor.start()
    ours = provider("feishu", vendor, clock)
    for _ in range(3):
        await ours.get(TargetId(vendor.BATCH))
    assert vendor.tokens == 1
    clock.advance(7_200)
    await ours.get(TargetId(vendor.BATCH))
    assert vendor.tokens == 2
    told = " ".join(line.found for line in await ours.diagnose())
    assert vendor.APP_SECRET not in told
    await ours.close()
    await vendor.stop()


async def test_a_sign_in_that_is_refused_is_said(clock: SandboxClock) -> None:
    vendor = Feishu(clock=clock)
    await vendor.start()
    body = {"app_id": vendor.APP_ID, "app_secret": "wrong-secret-of-the-app"}
    ours = provider("feishu", vendor, clock, sign_in={"body": body})
    with pytest.raises(ProviderRefusedError, match="Recall can't sign in") as caught:
        await ours.get(TargetId(vendor.BATCH))
    assert "app secret invalid" in caught.value.sentence
    assert not caught.value.maybe_applied
    assert not (await ours.diagnose())[-1].ok
    await ours.close()
    await vendor.stop()
