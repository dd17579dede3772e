"""How many calls begin and run at a time, and who goes first."""

import asyncio

import pytest

from bot.errors import ProviderBusyError
from bot.providers.limiter import Limiter, Urgency
from bot.providers.window import Window


class Calls:
    """Calls that run until they are told to end, and the order in which they began."""

    def __init__(self, limiter: Limiter, patience: float = 5) -> None:
        self.limiter = limiter
        self.patience = patience
        self.began: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, name: str, urgency: Urgency = Urgency.CHECK) -> None:
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(name, urgency))
        await self.settle()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        await self.tasks[name]
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    async def _run(self, name: str, urgency: Urgency) -> None:
        async with self.limiter.turn(urgency, patience=self.patience):
            self.began.append(name)
            await self.ends[name].wait()


async def test_only_so_many_run_at_a_time() -> None:
    calls = Calls(Limiter(vendor="Netmera", concurrency=2))
    for name in ("a", "b", "c"):
        await calls.start(name)
    assert calls.began == ["a", "b"]
    await calls.end("a")
    assert calls.began == ["a", "b", "c"]
    await calls.end("b")
    await calls.end("c")


async def test_a_persons_look_up_goes_first() -> None:
    calls = Calls(Limiter(vendor="Netmera", concurrency=1))
    await calls.start("first")
    await calls.start("check", Urgency.CHECK)
    await calls.start("recall", Urgency.RECALL)
    await calls.start("person", Urgency.PERSON)
    for name in ("first", "person", "recall", "check"):
        assert calls.began[-1] == name
        await calls.end(name)


async def test_what_a_window_allows_goes_at_once_and_the_rest_when_it_has_slid_on() -> None:
    now = 0.0
    limiter = Limiter(vendor="Netmera", concurrency=9, windows=(Window(calls=3, seconds=2),), now=lambda: now)
    calls = Calls(limiter)
    for name in "abcde":
        await calls.start(name)
    assert calls.began == ["a", "b", "c"]
    now = 1.9
    await calls.end("a")
    assert calls.began == ["a", "b", "c"]
    now = 2.0
    await calls.end("b")
    assert calls.began == ["a", "b", "c", "d", "e"]
    for name in "cde":
        await calls.end(name)


async def test_a_window_that_is_used_up_for_longer_than_ones_patience_is_told_at_once() -> None:
    limiter = Limiter(vendor="Netmera", windows=(Window(calls=2, seconds=60),), kept=1, now=lambda: 0.0)
    async with limiter.turn(Urgency.RECALL, patience=10):
        pass
    with pytest.raises(ProviderBusyError, match="lets no more requests through") as caught:
        async with limiter.turn(Urgency.RECALL, patience=10):
            pass
    assert caught.value.retry_after == 60
    async with limiter.turn(Urgency.PERSON, patience=10):
        pass  # a person finds room that a recall left


async def test_what_an_earlier_process_asked_for_is_counted() -> None:
    limiter = Limiter(vendor="Netmera", windows=(Window(calls=10, seconds=60),), kept=2, now=lambda: 100.0)
    limiter.went(5_000, 20.0)
    limiter.went(5_000, 70.0)
    with pytest.raises(ProviderBusyError) as caught:
        limiter.certain(Urgency.RECALL, 10)
    assert caught.value.retry_after == 40
    assert limiter.certain(Urgency.PERSON, 10) == 0
    rested = Limiter(vendor="Netmera", windows=(Window(calls=10, seconds=60),), now=lambda: 100.0)
    rested.went(5_000, 70.0)
    assert rested.seconds_for(10) == 0


async def test_a_hold_keeps_everybody_out_until_it_is_over() -> None:
    now = 0.0
    limiter = Limiter(vendor="Netmera", concurrency=9, now=lambda: now)
    calls = Calls(limiter, patience=100)
    await calls.start("a")
    limiter.hold(30)
    await calls.start("b")
    assert calls.began == ["a"]
    now = 30.0
    await calls.end("a")
    assert calls.began == ["a", "b"]
    await calls.end("b")


async def test_a_hold_longer_than_ones_patience_is_told_at_once() -> None:
    limiter = Limiter(vendor="Netmera", now=lambda: 0.0)
    limiter.hold(60)
    with pytest.raises(ProviderBusyError) as caught:
        async with limiter.turn(Urgency.PERSON, patience=10):
            pass
    assert caught.value.retry_after == 60
    assert not caught.value.maybe_applied


async def test_who_loses_patience_leaves_no_trace() -> None:
    calls = Calls(Limiter(vendor="Netmera", concurrency=1))
    await calls.start("a")
    with pytest.raises(ProviderBusyError, match="Too much is being asked of Netmera"):
        async with calls.limiter.turn(Urgency.PERSON, patience=0.01):
            pass
    await calls.start("b")
    await calls.end("a")
    assert calls.began == ["a", "b"]
    await calls.end("b")


async def test_who_is_cancelled_leaves_no_trace() -> None:
    calls = Calls(Limiter(vendor="Netmera", concurrency=1))
    for name in ("a", "b", "c"):
        await calls.start(name)
    calls.tasks["b"].cancel()
    calls.ends["a"].set()
    await calls.settle()
    assert calls.began == ["a", "c"]
    await calls.end("c")
    await calls.start("d")
    assert calls.began[-1] == "d"
    await calls.end("d")


async def test_a_call_that_fails_gives_its_place_back() -> None:
    limiter = Limiter(vendor="Netmera", concurrency=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with limiter.turn(Urgency.CHECK, patience=1):
                raise RuntimeError
