"""Vendors that are only described in the settings keep what every provider has to keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.providers.contract import ProviderContract, Subject
from bot.target import TargetId
from sandbox.clock import SandboxClock
from sandbox.vendors.bulletin import BulletinBoard
from tests.providers.http_vendors import provider


class TestDescribedVendor(ProviderContract):
    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        clock = SandboxClock()
        vendor = BulletinBoard(clock=clock, settle_after=2)
        await vendor.start()
        board = provider("board", vendor, clock)

        async def settle() -> None:
            clock.advance(3)

        async def lose_answer() -> None:
            vendor.faults.add("drop_answer", tool="recall")

        yield Subject(
            provider=board,
            sent=TargetId("b-300"),
            missing=TargetId("b-9"),
            refused=TargetId("b-298"),
            words={
                "https://board.example.com/bulletins/b-300": TargetId("b-300"),
                "b-300": TargetId("b-300"),
            },
            settle=settle,
            go_away=vendor.go_down,
            lose_answer=lose_answer,
            secrets=(vendor.KEY,),
        )
        await board.close()
        await vendor.stop()


class TestReadableVendor(TestDescribedVendor):
    """The same, where the settings say that the record tells whether a request took effect."""

    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        clock = SandboxClock()
        vendor = BulletinBoard(clock=clock)
        await vendor.start()
        untouched = {"untouched": {"equals": {"/bulletin/state": "sent"}}}
        board = provider("board", vendor, clock, repeat="B", check=untouched)

        async def settle() -> None:
            clock.advance(1)

        async def lose_answer() -> None:
            vendor.faults.add("drop_answer", tool="recall")

        yield Subject(
            provider=board,
            sent=TargetId("b-300"),
            missing=TargetId("b-9"),
            refused=TargetId("b-298"),
            settle=settle,
            lose_answer=lose_answer,
            secrets=(vendor.KEY,),
        )
        await board.close()
        await vendor.stop()
