"""What is taken back by hand keeps what every provider has to keep; nothing is there to be listed or to go away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import SystemClock
from bot.providers.contract import ProviderContract, Subject
from bot.providers.manual import ManualProvider, ManualSettings
from bot.target import ProviderName, TargetId

LINK = "https://manager.line.example/broadcast/77?x=1"


class TestManual(ProviderContract):
    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        settings = ManualSettings(
            title="LINE Official",
            panel="https://manager.line.example/",
            link_hosts=("manager.line.example",),
            steps=("Open it.", "Delete it."),
        )
        provider = ManualProvider(ProviderName("line"), settings, SystemClock())
        yield Subject(
            provider=provider,
            sent=TargetId("wrong greeting"),
            missing=TargetId("x" * 301),
            words={LINK: TargetId(LINK)},
            lists=False,
        )
        await provider.close()
