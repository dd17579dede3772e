"""Chatwoot keeps what every provider has to keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import Viewer
from bot.providers.chatwoot import ChatwootProvider
from bot.providers.chatwoot_settings import ChatwootSettings
from bot.providers.contract import ProviderContract, Subject
from bot.target import ProviderName, TargetId
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.vendors.chatwoot import ACCOUNT, Chatwoot
from sandbox.visitors import Visitors

JACKET = TargetId("42/1002")


class TestChatwoot(ProviderContract):
    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        clock, feed = SandboxClock(), Feed()
        vendor = Chatwoot(clock=clock, feed=feed, visitors=Visitors(feed=feed))
        vendor.just_said()
        await vendor.start()
        settings = ChatwootSettings.model_validate(
            {"url": vendor.url, "token": vendor.token, "account": ACCOUNT, "timeout": 3}
        )
        provider = ChatwootProvider(ProviderName("chat"), settings, clock)

        async def settle() -> None:
            """A deletion takes effect at once."""

        async def lose_answer() -> None:
            vendor.faults.add("drop_answer", tool="delete")

        yield Subject(
            provider=provider,
            sent=JACKET,
            missing=TargetId("42/999999"),
            refused=TargetId("44/1021"),
            words={vendor.link(1002): JACKET, "#42/1002": JACKET},
            viewer=Viewer(identity="7"),
            settle=settle,
            go_away=vendor.go_down,
            lose_answer=lose_answer,
            secrets=(vendor.token,),
        )
        await provider.close()
        await vendor.stop()
