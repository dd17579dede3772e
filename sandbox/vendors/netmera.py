"""A practice Netmera: the vendor's documented MCP tools, made with the official MCP server SDK, on loopback.

Tool names, token and transport are the vendor's. Its argument names and results are documented nowhere: those here
are what its other interfaces use, and clients are expected to read the tools' schemas instead of relying on them.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache
from types import MethodType
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Notification, Phones
from sandbox.vendors import netmera_seed
from sandbox.vendors.campaign import READABLE, Campaign, Channel, Status
from sandbox.vendors.faults import Faults, Kind
from sandbox.vendors.gate import MCP_PATH, MEDIA_PATH, Call, Gate

TOKEN = "netmera-sandbox-token"
SETTLE_AFTER = 2.0
TICK_SECONDS = 0.25
WINK_SECONDS = 0.002
SHOP = "Fernhill"
"""The name of the practice shop's app on the phones."""


class Netmera:
    """The practice vendor: its books, its MCP server, and the phones that it delivers to.

    `settle_after` is how many seconds of the clock pass between an accepted recall and its end.
    """

    def __init__(
        self, *, clock: SandboxClock, feed: Feed, phones: Phones, settle_after: float = SETTLE_AFTER
    ) -> None:
        self.token = TOKEN
        self.settle_after = settle_after
        self.faults = Faults()
        self.port = 0
        self._clock = clock
        self._feed = feed
        self._phones = phones
        self.accepted: list[str] = []
        """Ids of campaigns, one for each order that took effect, oldest first."""
        self._campaigns = {one.id: one for one in netmera_seed.campaigns(clock.now())}
        self._gates: list[Gate] = []
        self._server: uvicorn.Server | None = None
        self._ticking: asyncio.Task[None] | None = None
        clock.when_advanced(self._roll)

    @property
    def url(self) -> str:
        """Where the MCP server listens."""
        return f"http://127.0.0.1:{self.port}{MCP_PATH}"

    @property
    def media(self) -> str:
        """Where the campaigns' pictures are served."""
        return f"http://127.0.0.1:{self.port}{MEDIA_PATH}"

    @property
    def campaigns(self) -> dict[str, Campaign]:
        """The vendor's books as they stand now, by campaign id."""
        self._roll()
        return dict(self._campaigns)

    @property
    def calls(self) -> list[Call]:
        """Every tool call that came in, oldest first, those that a fault met included."""
        return [call for gate in self._gates for call in gate.calls]

    @property
    def up(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    def keep(self, campaign: Campaign) -> None:
        """Adds a campaign to the books, or replaces the one with its id."""
        self._campaigns[campaign.id] = campaign
        self._roll()
        self._feed.changed()

    def forget(self, campaign: str) -> None:
        """Deletes a campaign from the books, as a person may in the vendor's panel."""
        self._campaigns.pop(campaign, None)
        self._feed.changed()

    async def start(self, port: int = 0) -> None:
        """Begins to listen and to deliver; port 0 takes a free one."""
        await self._listen(port)
        self._roll()
        self._ticking = asyncio.create_task(self._tick(), name="netmera")

    async def stop(self) -> None:
        """Ends everything; the books stay readable."""
        if self._ticking:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None
        await self.go_down()

    async def go_down(self) -> None:
        """Connections are refused from now on. Deliveries and recalls under way go on: only the door is shut."""
        server, self._server = self._server, None
        if server:
            self._gates[-1].close()
            await _shut(server)
            self._feed.changed()

    async def come_up(self) -> None:
        """Listens again on the same port; sessions from before are not known any more."""
        if not self._server:
            await self._listen(self.port)
            self._feed.changed()

    def snapshot(self) -> dict[str, Any]:
        """The vendor's state as the page shows it."""
        return {"up": self.up, "faults": self.faults.active()}

    async def _listen(self, port: int) -> None:
        listener = socket.create_server(("127.0.0.1", port))
        self.port = listener.getsockname()[1]
        gate = Gate(
            self._tools().streamable_http_app(streamable_http_path=MCP_PATH),
            token=self.token,
            faults=self.faults,
            clock=self._clock,
        )
        self._gates.append(gate)
        config = uvicorn.Config(gate, log_config=None, log_level="critical", date_header=False, ws="none")
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        self._server = server

    async def _tick(self) -> None:
        """Lets deliveries and recalls go on while nobody asks."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._roll()

    def _roll(self) -> None:
        """Brings the books up to the present moment, and the phones with them."""
        now = self._clock.now()
        for known in tuple(self._campaigns.values()):
            campaign = known.at(now)
            self._campaigns[campaign.id] = campaign
            if campaign != known:
                self._feed.changed()
            for phone in campaign.reached() if self.port else ():
                self._phones.deliver(phone, self._notification(campaign))
            if campaign.status not in READABLE:
                self._phones.withdraw(campaign.id)

    def _notification(self, campaign: Campaign) -> Notification:
        return Notification(
            campaign=campaign.id,
            app=SHOP,
            text=campaign.text,
            image=f"{self.media}/{campaign.picture}" if campaign.picture else None,
            at=campaign.sent_at,
        )

    def _tools(self) -> MCPServer[Any]:
        offered = (
            Netmera.campaign_list,
            Netmera.campaign_detail,
            Netmera.campaign_report,
            Netmera.campaign_recall,
            Netmera.campaign_stop,
            Netmera.campaign_cancel,
        )
        tools = [_described(each).model_copy(update={"fn": MethodType(each, self)}) for each in offered]
        return MCPServer("netmera-sandbox", log_level="WARNING", tools=tools)

    async def campaign_list(self, limit: int = 20, page: int = 1, search: str = "", status: str = "") -> str:
        """Lists campaigns, newest first; `search` is a part of the name or id, `status` one of the states."""
        self._fail_if_told("campaign_list")
        words = search.casefold()
        found = [
            one
            for one in sorted(self.campaigns.values(), key=lambda one: one.sent_at, reverse=True)
            if words in f"{one.id} {one.name}".casefold() and status.upper() in {"", one.status.value}
        ]
        first = (max(1, page) - 1) * max(1, limit)
        shown = [one.as_json(self.media) for one in found[first : first + max(1, limit)]]
        return json.dumps({"campaigns": shown, "total": len(found), "page": page, "limit": limit})

    async def campaign_detail(self, campaignId: str) -> str:  # noqa: N803 - the wire's name
        """Everything about one campaign."""
        self._fail_if_told("campaign_detail")
        return json.dumps(self._find(campaignId).as_json(self.media))

    async def campaign_report(self, campaignId: str) -> str:  # noqa: N803 - the wire's name
        """How many got, opened and missed one campaign."""
        self._fail_if_told("campaign_report")
        one = self._find(campaignId)
        sending = one.status is Status.SENDING
        report = {
            "id": one.id,
            "status": one.status.value,
            "sent": one.delivered if sending else one.target_count,
            "delivered": one.delivered,
            "clicked": one.opened,
            "converted": one.opened // 10,
            "failed": 0 if sending else one.target_count - one.delivered,
        }
        return json.dumps(report)

    async def campaign_recall(self, campaignId: str) -> str:  # noqa: N803 - the wire's name
        """Takes a sent push back from devices and inboxes; it is through when the status is RECALLED."""
        self._fail_if_told("campaign_recall")
        one = self._find(campaignId)
        if one.channel is Channel.WEB:
            raise ToolError("4000: Operation not allowed: web push messages cannot be recalled.")
        if one.status not in {Status.SENT, Status.STOPPED}:
            raise _wrong_state(one, "recalled")
        never = self.faults.take(Kind.NEVER_CONFIRM, "campaign_recall")
        return self._accept(one.recalling(self._clock.now(), None if never else self.settle_after))

    async def campaign_stop(self, campaignId: str) -> str:  # noqa: N803 - the wire's name
        """Ends the sending of an ongoing campaign; what was delivered stays."""
        self._fail_if_told("campaign_stop")
        one = self._find(campaignId)
        if one.status is not Status.SENDING:
            raise _wrong_state(one, "stopped")
        return self._accept(replace(one, status=Status.STOPPED))

    async def campaign_cancel(self, campaignId: str) -> str:  # noqa: N803 - the wire's name
        """Cancels a scheduled campaign before anything goes out."""
        self._fail_if_told("campaign_cancel")
        one = self._find(campaignId)
        if one.status is not Status.SCHEDULED:
            raise _wrong_state(one, "cancelled")
        return self._accept(replace(one, status=Status.CANCELLED))

    def _accept(self, campaign: Campaign) -> str:
        answer = {"id": campaign.id, "status": campaign.status.value, "message": "Request accepted."}
        self.accepted.append(campaign.id)
        self.keep(campaign)
        return json.dumps(answer)

    def _find(self, campaign: str) -> Campaign:
        found = self.campaigns.get(campaign)
        if found is None:
            raise ToolError("5003: No message was found with the given id.")
        return found

    def _fail_if_told(self, tool: str) -> None:
        fault = self.faults.take(Kind.ERROR, tool)
        if fault:
            raise ToolError(fault.text or "2001: An internal error occurred.")


async def _shut(server: uvicorn.Server) -> None:
    """Ends a server as its own `shutdown` does, without the tenth of a second that that rests in any case."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn rings no bell
        await asyncio.sleep(WINK_SECONDS)
    for listening in server.servers:
        await listening.wait_closed()
    await server.lifespan.shutdown()


@cache
def _described(method: Callable[..., Awaitable[str]]) -> Tool:
    """A method as a tool, bound to nobody yet. To work out its schema takes longer than all else at a world's start."""
    return Tool.from_function(MethodType(method, object()), structured_output=False)


def _wrong_state(campaign: Campaign, wish: str) -> ToolError:
    """The vendor's documented code for an order that the campaign's state does not allow."""
    return ToolError(f"5005: Invalid message state: a campaign that is {campaign.status} cannot be {wish}.")
