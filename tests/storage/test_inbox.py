import asyncio
from datetime import timedelta

from bot.ports import Request, Store
from storage import open_store
from tests.builders import T0, FixedClock


def request(key: str, verb: str = "confirm", **body: object) -> Request:
    return Request(key=key, verb=verb, body=body, at=T0)


async def test_a_repeated_envelope_is_kept_once(store: Store) -> None:
    kept = await asyncio.gather(*(store.keep(request("e1")) for _ in range(20)))

    assert sorted(kept) == [False] * 19 + [True]


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
