"""A practice Netmera for every test that asks for one, and a provider that is connected to it."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.providers.netmera import NetmeraProvider
from bot.providers.netmera_settings import NetmeraSettings
from bot.target import ProviderName
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Phones
from sandbox.vendors.netmera import Netmera

Connect = Callable[..., NetmeraProvider]


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock()


@pytest.fixture
async def vendor(clock: SandboxClock) -> AsyncIterator[Netmera]:
    feed = Feed()
    vendor = Netmera(clock=clock, feed=feed, phones=Phones(feed=feed), settle_after=2)
    await vendor.start()
    yield vendor
    await vendor.stop()


@pytest.fixture
async def connect(vendor: Netmera, clock: SandboxClock) -> AsyncIterator[Connect]:
    """Make providers, connected to the practice vendor if no other url is given; they are closed at the end."""
    made: list[NetmeraProvider] = []

    def connect(**settings: Any) -> NetmeraProvider:
        given = {"url": vendor.url, "token": vendor.token, "timeout": 3, **settings}
        made.append(NetmeraProvider(ProviderName("push"), NetmeraSettings.model_validate(given), clock))
        return made[-1]

    yield connect
    for provider in made:
        await provider.close()


@pytest.fixture
def push(connect: Connect) -> NetmeraProvider:
    return connect(link_hosts=["panel.netmera.example"])
