"""A session with an MCP server, in good weather and in bad."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import (
    ProviderBusyError,
    ProviderConfusingError,
    ProviderDownError,
    ProviderError,
    ProviderLostError,
    ProviderOffError,
    ProviderRefusedError,
    ProviderSlowError,
)
from bot.providers.mcp_session import McpSession
from sandbox.vendors.netmera import Netmera

ASK = {"campaignId": "cmp-1042"}


@pytest.fixture
async def session(vendor: Netmera) -> AsyncIterator[McpSession]:
    session = McpSession(url=vendor.url, token=vendor.token, vendor="Netmera", seconds=2)
    yield session
    await session.close()


async def _works(session: McpSession) -> bool:
    answer = await session.call("campaign_detail", ASK)
    return not answer.failed and "Spring sale" in answer.texts[0]


async def test_tools_come_with_their_schemas(session: McpSession) -> None:
    tools = {tool.name: tool for tool in await session.tools()}
    assert "campaign_recall" in tools
    assert "campaignId" in tools["campaign_detail"].schema["properties"]


async def test_an_answer_carries_the_vendors_own_time(session: McpSession, vendor: Netmera) -> None:
    answer = await session.call("campaign_detail", ASK)
    assert answer.at is not None
    assert not answer.failed


async def test_a_failed_tool_is_an_answer(session: McpSession) -> None:
    answer = await session.call("campaign_detail", {"campaignId": "cmp-1"})
    assert answer.failed
    assert "5003" in answer.texts[0]


async def test_an_expired_session_is_opened_again_unnoticed(session: McpSession, vendor: Netmera) -> None:
    assert await _works(session)
    vendor.faults.add("session_expired")
    assert await _works(session)


async def test_a_session_that_ends_for_everybody_at_once_is_opened_again(
    session: McpSession, vendor: Netmera
) -> None:
    assert await _works(session)
    vendor.faults.add("session_expired")
    assert all(await asyncio.gather(*(_works(session) for _ in range(8))))


async def test_a_restarted_server_is_found_again(session: McpSession, vendor: Netmera) -> None:
    assert await _works(session)
    await vendor.go_down()
    with pytest.raises(ProviderDownError):
        await session.call("campaign_detail", ASK)
    await vendor.come_up()
    assert await _works(session)


async def test_a_dead_server_is_named_at_once_and_nothing_was_applied(vendor: Netmera) -> None:
    await vendor.go_down()
    session = McpSession(url=vendor.url, token=vendor.token, vendor="Netmera", seconds=2)
    began = time.monotonic()
    with pytest.raises(ProviderDownError) as caught:
        await session.call("campaign_recall", ASK)
    assert time.monotonic() - began < 2
    assert caught.value.sentence == "Netmera can't be reached."
    assert not caught.value.maybe_applied
    await session.close()


async def test_a_slow_server_is_left_after_the_time_out_and_may_have_acted(vendor: Netmera) -> None:
    session = McpSession(url=vendor.url, token=vendor.token, vendor="Netmera", seconds=1.5)
    assert await _works(session)
    vendor.faults.add("slow", seconds=30)
    began = time.monotonic()
    with pytest.raises(ProviderSlowError) as caught:
        await session.call("campaign_recall", ASK)
    assert time.monotonic() - began < 10
    assert caught.value.maybe_applied
    assert await _works(session)
    await session.close()


async def test_a_server_that_takes_the_connection_and_says_nothing_is_slow() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    session = McpSession(url=f"http://127.0.0.1:{port}/mcp", token="t", vendor="Netmera", seconds=0.3)
    with pytest.raises(ProviderSlowError) as caught:
        await session.call("campaign_recall", ASK)
    assert not caught.value.maybe_applied  # the handshake never ended, so the call was not sent
    async with asyncio.timeout(2):
        await session.close()
    server.close()
    await server.wait_closed()


async def test_a_cut_answer_is_lost_and_may_have_been_applied(session: McpSession, vendor: Netmera) -> None:
    vendor.faults.add("drop_answer", tool="campaign_recall")
    with pytest.raises(ProviderLostError) as caught:
        await session.call("campaign_recall", ASK)
    assert caught.value.maybe_applied
    assert await _works(session)


@pytest.mark.parametrize(
    ("fault", "error", "maybe"),
    [
        ("server_error", ProviderDownError, True),
        ("html", ProviderConfusingError, True),
        ("bad_token", ProviderRefusedError, False),
        ("forbidden", ProviderRefusedError, False),
        ("rate_limited", ProviderBusyError, False),
    ],
)
async def test_each_failed_answer_has_its_own_error_and_the_next_call_works(
    session: McpSession, vendor: Netmera, fault: str, error: type[ProviderError], maybe: bool
) -> None:
    assert await _works(session)
    vendor.faults.add(fault, tool="campaign_recall", seconds=17)
    with pytest.raises(error) as caught:
        await session.call("campaign_recall", ASK)
    assert caught.value.maybe_applied is maybe
    assert await _works(session)


async def test_retry_after_reaches_the_caller(session: McpSession, vendor: Netmera) -> None:
    vendor.faults.add("rate_limited", seconds=17)
    with pytest.raises(ProviderBusyError) as caught:
        await session.call("campaign_detail", ASK)
    assert caught.value.retry_after == 17


async def test_each_of_many_calls_gets_its_own_answer_or_error(session: McpSession, vendor: Netmera) -> None:
    assert await _works(session)
    vendor.faults.add("rate_limited", tool="campaign_report", seconds=3)
    vendor.faults.add("server_error", tool="campaign_stop")
    vendor.faults.add("drop_answer", tool="campaign_recall")
    tools = ["campaign_detail", "campaign_report", "campaign_stop", "campaign_recall", "campaign_detail"]
    answers = await asyncio.gather(*(session.call(tool, ASK) for tool in tools), return_exceptions=True)
    assert [type(each).__name__ for each in answers] == [
        "ToolAnswer",
        "ProviderBusyError",
        "ProviderDownError",
        "ProviderLostError",
        "ToolAnswer",
    ]


async def test_a_wrong_address_is_told_as_such(vendor: Netmera) -> None:
    session = McpSession(url=vendor.url + "/wrong", token=vendor.token, vendor="Netmera", seconds=2)
    with pytest.raises(ProviderOffError, match="Check the url"):
        await session.tools()
    await session.close()


async def test_nothing_follows_a_redirect_to_another_address(vendor: Netmera) -> None:
    arrived: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        arrived.append(request.path)
        return web.Response(status=307, headers={"Location": "/another"})

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", elsewhere)
    async with TestServer(application) as server:
        session = McpSession(
            url=str(server.make_url("/mcp")), token=vendor.token, vendor="Netmera", seconds=2
        )
        with pytest.raises(ProviderError):
            await session.call("campaign_recall", ASK)
        await session.close()

    assert set(arrived) == {"/mcp"}


async def test_close_ends_running_calls_and_never_hangs(session: McpSession, vendor: Netmera) -> None:
    assert await _works(session)
    vendor.faults.add("slow", tool="campaign_recall", seconds=30)
    running = asyncio.create_task(session.call("campaign_recall", ASK))
    async with asyncio.timeout(5):
        while len(vendor.calls) < 2:  # noqa: ASYNC110 - the vendor is another server; it rings no bell
            await asyncio.sleep(0.01)
        await session.close()
        with pytest.raises(ProviderLostError):
            await running
        await session.close()


async def test_a_caller_who_leaves_takes_nothing_along(session: McpSession, vendor: Netmera) -> None:
    assert await _works(session)
    vendor.faults.add("slow", seconds=0.2)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(session.call("campaign_detail", ASK), 0.05)
    assert await _works(session)


async def test_the_token_stands_in_no_error_log_or_repr(
    vendor: Netmera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    session = McpSession(url=vendor.url, token=vendor.token, vendor="Netmera", seconds=2)
    said = [repr(session)]
    for fault in ("bad_token", "forbidden", "html", "server_error", "drop_answer"):
        vendor.faults.add(fault, tool="campaign_detail")
        with pytest.raises(ProviderError) as caught:
            await session.call("campaign_detail", ASK)
        said += [str(caught.value), repr(caught.value), repr(caught.value.__dict__)]
    await session.close()
    said += [record.getMessage() + str(record.exc_info) for record in caplog.records]
    assert vendor.token not in "\n".join(said)
