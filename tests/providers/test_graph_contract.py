"""The mail provider keeps what every provider has to keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import Viewer
from bot.providers.contract import ProviderContract, Subject
from bot.providers.graph import GraphProvider
from bot.providers.graph_ids import IdKind, MailId
from bot.providers.graph_settings import GraphSettings
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.graph import Graph
from sandbox.vendors.graph_seed import ANN
from sandbox.vendors.graph_tokens import CLIENT, SECRET, TENANT


def internet(mailbox: str, value: str) -> MailId:
    return MailId(mailbox=mailbox, kind=IdKind.INTERNET, value=value.strip("<>"))


class TestGraph(ProviderContract):
    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        clock, feed = SandboxClock(), Feed()
        vendor = Graph(clock=clock, feed=feed, settle_after=2)
        await vendor.start()
        settings = GraphSettings.model_validate(
            {
                "root": vendor.url,
                "authority": vendor.url,
                "tenant": TENANT,
                "client_id": CLIENT,
                "client_secret": SECRET,
                "timeout": 3,
                "link_hosts": ["127.0.0.1"],
            }
        )
        provider = GraphProvider(ProviderName("mail"), settings, clock)
        lunch = next(each for each in vendor.books.sent_by(ANN) if each.subject == "Lunch on Friday")

        async def settle() -> None:
            clock.advance(3)

        async def lose_answer() -> None:
            vendor.faults.add("drop_answer", tool="recall")

        link = str(lunch.as_json(vendor.url)["webLink"])
        yield Subject(
            provider=provider,
            sent=internet(ANN, lunch.internet_id).target,
            missing=internet(ANN, "nothing-like-it-1@fernhill.example").target,
            words={
                lunch.internet_id: internet("", lunch.internet_id).target,
                lunch.id: MailId(mailbox="", kind=IdKind.GRAPH, value=lunch.id).target,
                link: MailId(mailbox="", kind=IdKind.GRAPH, value=lunch.id).target,
            },
            settle=settle,
            go_away=vendor.go_down,
            lose_answer=lose_answer,
            viewer=Viewer(identity=ANN),
            secrets=(SECRET,),
        )
        await provider.close()
        await vendor.stop()
