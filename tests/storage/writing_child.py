"""Writes for ever and says on standard output what memory has acknowledged. Killed by a test."""

import asyncio
import sys
from itertools import count

from bot.ports import NoticeKind, Request, Store
from bot.recall import Kind, step
from storage import open_store
from tests.builders import T0, FixedClock, make_card, make_recall, make_target, proposal


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def requests(store: Store, name: str, begin: int) -> None:
    for n in count():
        key = f"{name}-{begin}-{n}"
        if await store.keep(Request(key=key, verb="confirm", at=T0)):
            say("kept", key)


async def recalls(store: Store, begin: int) -> None:
    for n in count():
        recall = make_recall(id=f"r{begin}-{n}", target=make_target(id=f"{begin}-{n}"))
        await store.propose(proposal(recall), make_card(recall=recall.id, id=f"c{begin}-{n}"))
        say("version", recall.id, 1)
        for kind in (Kind.CONFIRMED, Kind.STARTED, Kind.DONE):
            move = step(recall, kind, at=T0)
            await store.move(move, [NoticeKind.REFRESH, NoticeKind.REPLY])
            recall = move.after
            say("version", recall.id, recall.version)


async def main(url: str, begin: int) -> None:
    store = await open_store(url, clock=FixedClock())
    await asyncio.gather(recalls(store, begin), *(requests(store, f"w{n}", begin) for n in range(4)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
