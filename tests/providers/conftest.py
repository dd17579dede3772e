"""A practice Netmera for every test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.phones import Phones
from sandbox.vendors.netmera import Netmera


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
