"""The practice Netmera as a client meets it, through the official MCP client."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Phones
from sandbox.vendors.campaign import Status
from sandbox.vendors.netmera import Netmera


class Shop:
    """The vendor, its customers' phones, and the clock that they live by."""

    def __init__(self) -> None:
        self.clock = SandboxClock()
        self.feed = Feed()
        self.phones = Phones(feed=self.feed)
        self.netmera = Netmera(clock=self.clock, feed=self.feed, phones=self.phones)

    @asynccontextmanager
    async def client(self, token: str | None = None) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {token or self.netmera.token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=5) as http,
            Client(streamable_http_client(self.netmera.url, http_client=http)) as client,
        ):
            yield client

    async def asks(self, tool: str, **arguments: Any) -> Any:
        """One tool call in a session of its own: the JSON of the answer, or the text of the refusal."""
        async with self.client() as client:
            return await _answer(client, tool, **arguments)


async def _answer(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    text = result.content[0].text  # type: ignore[union-attr]
    return text if result.is_error else json.loads(text)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    await shop.netmera.start(port=0)
    yield shop
    await shop.netmera.stop()


async def test_the_list_is_newest_first_and_comes_in_pages(shop: Shop) -> None:
    first = await shop.asks("campaign_list", limit=2)
    second = await shop.asks("campaign_list", limit=2, page=2)
    assert [one["id"] for one in first["campaigns"]] == ["cmp-1044", "cmp-1043"]
    assert [one["id"] for one in second["campaigns"]] == ["cmp-1042", "cmp-1039"]
    assert first["total"] == len(shop.netmera.campaigns)


async def test_the_list_is_searched_by_part_of_a_name_or_by_id(shop: Shop) -> None:
    by_name = await shop.asks("campaign_list", search="SPRING")
    by_id = await shop.asks("campaign_list", search="cmp-1040")
    assert [one["id"] for one in by_name["campaigns"]] == ["cmp-1042", "cmp-1041"]
    assert [one["name"] for one in by_id["campaigns"]] == ["Weekend flash"]


async def test_a_recalled_campaign_leaves_the_phones_once_it_is_through(shop: Shop) -> None:
    accepted = await shop.asks("campaign_recall", campaignId="cmp-1042")
    assert accepted["status"] == "RECALLING"
    assert shop.phones.showing("cmp-1042") == ["mia", "noah", "lena", "omar"]
    shop.clock.advance(3)
    detail = await shop.asks("campaign_detail", campaignId="cmp-1042")
    assert detail["status"] == "RECALLED"
    assert shop.phones.showing("cmp-1042") == []


async def test_a_sending_campaign_is_stopped_and_what_was_delivered_stays(shop: Shop) -> None:
    refused = await shop.asks("campaign_recall", campaignId="cmp-1043")
    await shop.asks("campaign_stop", campaignId="cmp-1043")
    before = await shop.asks("campaign_detail", campaignId="cmp-1043")
    shop.clock.advance(600)
    after = await shop.asks("campaign_detail", campaignId="cmp-1043")
    assert "5005" in refused
    assert after["status"] == "STOPPED"
    assert after["delivered"] == before["delivered"] > 4_000
    assert shop.phones.showing("cmp-1043") == ["mia"]


async def test_a_sending_campaign_goes_on_by_the_clock_until_everybody_has_it(shop: Shop) -> None:
    shop.clock.advance(200)
    report = await shop.asks("campaign_report", campaignId="cmp-1043")
    assert 28_000 < report["delivered"] < 60_000
    assert shop.phones.showing("cmp-1043") == ["mia", "noah"]
    shop.clock.advance(600)
    assert shop.netmera.campaigns["cmp-1043"].status is Status.SENT
    assert shop.phones.showing("cmp-1043") == ["mia", "noah", "lena", "omar"]


@pytest.mark.parametrize(
    ("tool", "campaign", "code"),
    [
        ("campaign_detail", "cmp-0", "5003"),
        ("campaign_recall", "cmp-1039", "web push messages cannot be recalled"),
        ("campaign_recall", "cmp-1038", "5005"),
        ("campaign_recall", "cmp-1044", "5005"),
        ("campaign_stop", "cmp-1042", "5005"),
        ("campaign_cancel", "cmp-1042", "5005"),
    ],
)
async def test_what_the_vendor_refuses_it_refuses_in_a_tool_error(
    shop: Shop, tool: str, campaign: str, code: str
) -> None:
    before = shop.netmera.campaigns[campaign].status if campaign != "cmp-0" else None
    assert code in await shop.asks(tool, campaignId=campaign)
    assert (shop.netmera.campaigns[campaign].status if before else None) == before


async def test_a_scheduled_campaign_is_cancelled(shop: Shop) -> None:
    await shop.asks("campaign_cancel", campaignId="cmp-1044")
    assert shop.netmera.campaigns["cmp-1044"].status is Status.CANCELLED


async def test_every_tool_says_in_its_schema_what_it_wants(shop: Shop) -> None:
    async with shop.client() as client:
        tools = {tool.name: tool.input_schema for tool in (await client.list_tools()).tools}
    assert set(tools) == {
        "campaign_list",
        "campaign_detail",
        "campaign_report",
        "campaign_recall",
        "campaign_stop",
        "campaign_cancel",
    }
    assert tools["campaign_recall"]["required"] == ["campaignId"]


async def test_a_campaigns_picture_is_served(shop: Shop) -> None:
    detail = await shop.asks("campaign_detail", campaignId="cmp-1042")
    async with httpx2.AsyncClient(timeout=5) as http:
        picture = await http.get(detail["imageUrl"])
        other = await http.get(f"{shop.netmera.media}/..%2fnetmera.py")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert other.status_code == 404


async def test_a_wrong_token_is_refused(shop: Shop) -> None:
    with pytest.raises(ExceptionGroup) as refused:
        async with shop.client(token="wrong"):
            pytest.fail("let in")
    assert refused.group_contains(MCPError, match="Unauthorized", depth=None)


async def test_its_clock_is_the_practice_worlds(shop: Shop) -> None:
    shop.clock.advance(86_400)
    async with httpx2.AsyncClient(timeout=5) as http:
        date = (await http.get(f"{shop.netmera.media}/none.png")).headers["date"]
    assert f"{shop.clock.now():%d %b %Y}" in date


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("rate_limited", "Too many requests"),
        ("server_error", "Internal server error"),
        ("html", "Unexpected content type"),
        ("drop_answer", "without a response"),
        ("bad_token", "Unauthorized"),
        ("forbidden", "Forbidden"),
        ("session_expired", "Session not found"),
    ],
)
async def test_a_fault_meets_one_call_and_is_gone(shop: Shop, kind: str, seen: str) -> None:
    async with shop.client() as client:
        shop.netmera.faults.add(kind)
        with pytest.raises(MCPError, match=seen):
            await _answer(client, "campaign_list")
    assert (await shop.asks("campaign_list", limit=1))["total"] == len(shop.netmera.campaigns)


async def test_a_dropped_answer_was_applied_all_the_same(shop: Shop) -> None:
    shop.netmera.faults.add("drop_answer", tool="campaign_recall")
    with pytest.raises(ExceptionGroup):
        await shop.asks("campaign_recall", campaignId="cmp-1042")
    assert shop.netmera.campaigns["cmp-1042"].status is Status.RECALLING


async def test_a_fault_for_one_tool_leaves_the_others_alone(shop: Shop) -> None:
    shop.netmera.faults.add("error", tool="campaign_recall", times=None, text="5022: Usage quota exceeded.")
    assert "5022" in await shop.asks("campaign_recall", campaignId="cmp-1042")
    assert (await shop.asks("campaign_detail", campaignId="cmp-1042"))["status"] == "SENT"
    shop.netmera.faults.clear()
    assert (await shop.asks("campaign_recall", campaignId="cmp-1042"))["status"] == "RECALLING"


async def test_a_recall_may_never_be_confirmed(shop: Shop) -> None:
    shop.netmera.faults.add("never_confirm")
    await shop.asks("campaign_recall", campaignId="cmp-1042")
    shop.clock.advance(86_400)
    assert (await shop.asks("campaign_detail", campaignId="cmp-1042"))["status"] == "RECALLING"
    assert shop.phones.showing("cmp-1042")


async def test_a_slow_answer_comes_in_the_end(shop: Shop) -> None:
    shop.netmera.faults.add("slow", seconds=0.05)
    assert (await shop.asks("campaign_list", limit=1))["total"]


async def test_down_refuses_connections_and_up_is_at_the_same_place(shop: Shop) -> None:
    url = shop.netmera.url
    await shop.netmera.go_down()
    with pytest.raises(ExceptionGroup) as refused:
        await shop.asks("campaign_list")
    assert refused.group_contains(httpx2.ConnectError, depth=None)
    await shop.netmera.come_up()
    assert shop.netmera.url == url
    assert (await shop.asks("campaign_list"))["total"]


async def test_every_call_is_kept_with_its_arguments(shop: Shop) -> None:
    await shop.asks("campaign_detail", campaignId="cmp-1042")
    await shop.netmera.go_down()
    await shop.netmera.come_up()
    await shop.asks("campaign_list", limit=1)
    assert [(call.tool, call.arguments) for call in shop.netmera.calls] == [
        ("campaign_detail", {"campaignId": "cmp-1042"}),
        ("campaign_list", {"limit": 1}),
    ]
