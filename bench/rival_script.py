"""The script that somebody writes in a hurry: httpx, a gather, a semaphore, and nothing is kept."""

import asyncio
import json
from time import perf_counter

import httpx

from bench.call import item_ids
from bench.child import said_to_child

_OK = 200


async def taken_back(url: str, items: int, concurrency: int) -> float:
    """Take everything back; returns the seconds that it took."""
    gate = asyncio.Semaphore(concurrency)

    async def one(client: httpx.AsyncClient, item: str) -> None:
        async with gate:
            answer = await client.post(url, json={"items": [item]})
            assert answer.status_code == _OK

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=concurrency), timeout=60) as client:
        began = perf_counter()
        await asyncio.gather(*(one(client, each) for each in item_ids(items)))
        return perf_counter() - began


def main() -> None:
    """Run what the parent asked for; print the seconds as JSON."""
    said = said_to_child()
    seconds = asyncio.run(taken_back(said["url"], said["items"], said["concurrency"]))
    print(json.dumps({"seconds": seconds, "kept": said["items"]}))


if __name__ == "__main__":
    main()
