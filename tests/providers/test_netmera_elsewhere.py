"""A server that calls everything differently: the tools' own schemas say how to ask."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from mcp.server import MCPServer

from bot.errors import NotFoundError, ProviderOffError
from bot.ports import ItemId
from bot.providers.netmera import NetmeraProvider
from bot.target import Audience, ItemState, Operation, Status, TargetId

Connect = Callable[..., NetmeraProvider]


class Elsewhere:
    """Numbers as ids, seconds as times, bare arrays, numbers in the report only, no search; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.states = {7: "FINISHED", 8: "STARTING"}
        self.server: MCPServer[Any] = MCPServer("elsewhere", log_level="CRITICAL")
        for tool in (self.campaign_list, self.campaign_detail, self.campaign_report, self.campaign_recall):
            self.server.add_tool(tool)

    def campaign_list(self, page_size: int = 10) -> list[dict[str, Any]]:
        self.asked.append(("list", page_size))
        return [self._one(each) for each in self.states]

    def campaign_detail(self, notification_key: int) -> dict[str, Any]:
        self.asked.append(("detail", notification_key))
        return {"data": self._one(notification_key)} if notification_key in self.states else {}

    def campaign_report(self, notification_key: int) -> str:
        return json.dumps(
            {"key": notification_key, "stats": {"sent": 1200, "delivered": 1100, "clicked": 40}}
        )

    def campaign_recall(self, notification_key: int, confirm: bool) -> str:
        self.asked.append(("recall", (notification_key, confirm)))
        self.states[notification_key] = "RECALLED"
        return "OK"

    def _one(self, key: int) -> dict[str, Any]:
        state = self.states[key]
        return {
            "notificationKey": key,
            "campaignName": f"No. {key}",
            "status": state,
            "startDate": 1_772_366_400 + key,
        }


@asynccontextmanager
async def _served(elsewhere: Elsewhere) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        elsewhere.server.streamable_http_app(json_response=True), log_config=None, log_level="critical"
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    finally:
        await server.shutdown(sockets=[listener])


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


async def test_everything_is_found_under_other_names(elsewhere: Elsewhere, connect: Connect) -> None:
    async with _served(elsewhere) as url:
        push = connect(url=url, extra_arguments={"campaign_recall": {"confirm": True}})
        assert [(one.ref.id, one.name) for one in await push.recent(5)] == [("8", "No. 8"), ("7", "No. 7")]
        assert elsewhere.asked == [("list", 10)]
        assert await push.search("seven", 5) == []
        target = await push.get(TargetId("7"))
        assert target.status is Status.SENT
        assert target.audience == Audience(sent=1200, delivered=1100, opened=40)
        assert target.capability.operation is Operation.RECALL
        (outcome,) = await push.recall(target, [ItemId("7")], key="k")
        assert outcome.state is ItemState.DONE
        assert ("recall", (7, True)) in elsewhere.asked
        await push.close()


async def test_a_missing_stop_tool_is_named(elsewhere: Elsewhere, connect: Connect) -> None:
    async with _served(elsewhere) as url:
        push = connect(url=url)
        capability = (await push.get(TargetId("8"))).capability
        assert capability.operation is None
        assert "campaign_stop" in (capability.refusal or "")
        await push.close()


async def test_arguments_that_nobody_gave_are_named_before_anything_is_sent(
    elsewhere: Elsewhere, connect: Connect
) -> None:
    async with _served(elsewhere) as url:
        push = connect(url=url)
        target = await push.get(TargetId("7"))
        assert "confirm" in (target.capability.refusal or "")
        assert "extra_arguments" in (target.capability.refusal or "")
        await push.close()


@pytest.mark.parametrize("identity", ["cmp-7", "9", "٧"])
async def test_an_id_that_can_be_none_there_is_not_found(
    elsewhere: Elsewhere, connect: Connect, identity: str
) -> None:
    async with _served(elsewhere) as url:
        push = connect(url=url)
        with pytest.raises(NotFoundError):
            await push.get(TargetId(identity))
        await push.close()


async def test_tools_are_looked_at_again_after_a_failure(elsewhere: Elsewhere, connect: Connect) -> None:
    async with _served(elsewhere) as url:
        push = connect(url=url, tools={"detail": "campaign_show"})
        with pytest.raises(ProviderOffError, match="campaign_show"):
            await push.get(TargetId("8"))
        elsewhere.server.add_tool(elsewhere.campaign_detail, name="campaign_show")
        assert (await push.get(TargetId("8"))).status is Status.SENDING
        await push.close()
