"""A store whose calls can be made to go wrong, or to be overtaken, one by one; what it keeps is real."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, cast

from bot.engine import Engine
from bot.ports import Store
from tests.bot.conftest import House


class UnwellStore:
    """Stands before a real store. `wrong`: what a method's next calls raise; `first`: what happens before one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.wrong = defaultdict[str, list[Exception | None]](list)
        self.first: dict[str, Callable[[], Awaitable[object]]] = {}
        self.calls = Counter[str]()

    def __getattr__(self, name: str) -> Any:
        async def called(*args: Any, **named: Any) -> Any:
            self.calls[name] += 1
            if self.wrong[name] and (error := self.wrong[name].pop(0)) is not None:
                raise error
            if name in self.first:
                await self.first.pop(name)()
            return await getattr(self._store, name)(*args, **named)

        return called


def unwell(house: House) -> UnwellStore:
    """Put one between the engine, the service and their store."""
    between = UnwellStore(house.store)
    store = cast("Store", between)
    attempt = replace(house.engine._attempt, records=store, work=store)
    house.engine = Engine(attempt=attempt, told=lambda: None)
    house.service._records = store
    return between
