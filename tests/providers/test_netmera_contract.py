"""Netmera keeps what every provider has to keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.providers.contract import ProviderContract, Subject
from bot.providers.netmera import NetmeraProvider
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName, TargetId
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Phones
from sandbox.vendors.netmera import Netmera

SPRING = TargetId("cmp-1042")


class TestNetmera(ProviderContract):
    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        clock, feed = SandboxClock(), Feed()
        vendor = Netmera(clock=clock, feed=feed, phones=Phones(feed=feed), settle_after=2)
        await vendor.start()
        settings = NetmeraSettings.model_validate(
            {"url": vendor.url, "token": vendor.token, "timeout": 3, "link_hosts": ["panel.netmera.example"]}
        )
        provider = NetmeraProvider(ProviderName("push"), settings, clock)

        async def settle() -> None:
            clock.advance(3)

        async def lose_answer() -> None:
            vendor.faults.add("drop_answer", tool="campaign_recall")

        yield Subject(
            provider=provider,
            sent=SPRING,
            missing=TargetId("cmp-9"),
            refused=TargetId("cmp-1039"),
            words={"https://panel.netmera.example/campaigns/cmp-1042": SPRING, "cmp-1042": SPRING},
            settle=settle,
            go_away=vendor.go_down,
            lose_answer=lose_answer,
            secrets=(vendor.token,),
        )
        await provider.close()
        await vendor.stop()
