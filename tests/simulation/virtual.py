"""Time that costs nothing: an event loop whose clock jumps to the next timer whenever nothing else is to be done."""

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

from tests.builders import T0


class StandstillError(Exception):
    """Everything waits for something, and no timer is set: nothing would ever happen again."""


class _Selector(selectors.SelectSelector):
    """Waits for no socket, for there is none; the time that it should have waited has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StandstillError
        self.elapsed += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs everything in one thread, in the same order every time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.elapsed

    def skip(self, seconds: float) -> None:
        """Let time pass in which nothing runs: the machine was suspended."""
        self._virtual.elapsed += seconds

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run it here and now; who waits for it hears of it a moment later."""
        del executor
        done = self.create_future()
        try:
            self.call_soon(_settle, done, {"result": func(*args)})
        except Exception as error:  # noqa: BLE001 - handed to who waits
            self.call_soon(_settle, done, {"error": error})
        return done


def _settle(done: asyncio.Future[Any], ended: Mapping[str, Any]) -> None:
    if done.cancelled():
        return
    if "error" in ended:
        done.set_exception(ended["error"])
    else:
        done.set_result(ended["result"])


class VirtualClock:
    """The wall clock of the machine that Recall runs on. `off`: seconds by which it is wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.off = 0.0

    def now(self) -> datetime:
        return self.true + timedelta(seconds=self.off)

    @property
    def true(self) -> datetime:
        """What everybody else's clock says."""
        return T0 + timedelta(seconds=self._loop.time())
