import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StorageError
from bot.ports import Request, Store
from storage import open_store
from storage.file import Connection, connect
from tests.builders import T0, FixedClock


def request(key: str, verb: str = "confirm", **body: object) -> Request:
    return Request(key=key, verb=verb, body=body, at=T0)


async def test_a_repeated_envelope_is_kept_once(store: Store) -> None:
    kept = await asyncio.gather(*(store.keep(request("e1")) for _ in range(20)))

    assert sorted(kept) == [False] * 19 + [True]


async def test_requests_that_come_at_once_go_with_few_statements_and_each_is_told_its_own(
    url: str, clock: FixedClock
) -> None:
    statements: list[str] = []

    def traced(path: Path, *, read_only: bool) -> Connection:
        connection = connect(path, read_only=read_only)
        connection.set_trace_callback(lambda sql: statements.append(sql) if "INTO request" in sql else None)
        return connection

    store = await open_store(url, clock=clock, connect=traced)
    await store.keep(request("e7"))
    busy = threading.Event()
    store._database.submit(lambda _: busy.wait(10))
    waiting = [asyncio.create_task(store.keep(request(f"e{n % 50}"))) for n in range(3000)]
    await asyncio.sleep(0)
    busy.set()
    kept = await asyncio.gather(*waiting)

    assert [n for n, new in enumerate(kept) if new] == [n for n in range(50) if n != 7]
    assert len(statements) == 1 + 3  # one takes a thousand at most
    await store.close()


async def test_who_gives_up_takes_nobody_along(store: Store) -> None:
    async with asyncio.TaskGroup() as going:
        leaving = going.create_task(store.keep(request("e1")))
        staying = [going.create_task(store.keep(request(f"e{n}"))) for n in (2, 3)]
        await asyncio.sleep(0)
        leaving.cancel()

    assert [each.result() for each in staying] == [True, True]
    assert await store.keep(request("e4"))


async def test_a_store_that_is_closed_keeps_nothing_and_says_so_each_time(
    url: str, clock: FixedClock
) -> None:
    store = await open_store(url, clock=clock)
    await store.close()

    for key in ("e1", "e2"):
        with pytest.raises(StorageError, match="stopping"):
            await store.keep(request(key))


async def test_what_was_never_answered_is_listed_oldest_first_with_all_that_was_asked(store: Store) -> None:
    await store.keep(request("new", recall="r2"))
    await store.keep(
        Request(key="old", verb="stop", body={"recall": "r1", "n": [1, None]}, at=T0 - timedelta(1))
    )
    await store.keep(request("look-up", verb=""))
    await store.keep(request("done"))
    await store.answered("done")

    assert await store.unanswered() == [
        Request(key="old", verb="stop", body={"recall": "r1", "n": [1, None]}, at=T0 - timedelta(1)),
        request("new", recall="r2"),
    ]


async def test_an_unanswered_request_is_never_forgotten_and_an_answered_one_is_after_days(
    url: str, clock: FixedClock
) -> None:
    store = await open_store(url, clock=clock)
    for key in ("answered", "open"):
        await store.keep(request(key))
    await store.answered("answered")
    await store.close()
    clock.at = T0 + timedelta(days=30)

    store = await open_store(url, clock=clock)
    await store.forget_old()
    assert [each.key for each in await store.unanswered()] == ["open"]
    assert await store.keep(request("answered"))
    await store.close()


async def test_a_bot_that_is_never_restarted_forgets_old_requests_too(
    store: Store, clock: FixedClock
) -> None:
    await store.keep(request("look-up", verb=""))
    await store.keep(request("open"))
    clock.at = T0 + timedelta(days=8)

    await store.forget_old()

    assert await store.keep(request("look-up", verb=""))
    assert not await store.keep(request("open"))
