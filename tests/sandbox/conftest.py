from collections.abc import AsyncIterator

import pytest

from sandbox.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0, ack_seconds=1) as world:
        yield world
