"""A database in the middle of a recall at full speed, left by a process that was killed.

As a program (`python -m bench.start_file JSON`) it recalls until enough of it is done, says so, and goes on until it is
killed.
"""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import uvloop

from bench.call import client
from bench.child import said_to_child
from bench.house import House, LeanProvider, house, traits
from bot.recall import RecallId
from bot.target import ItemState


def left_behind(folder: Path, *, vendor: str, items: int, batch: int, concurrency: int) -> Path:
    """Recall so many items until a tenth of them is done, then kill the process; returns the database."""
    path = folder / "recall.db"
    said = {"path": str(path), "vendor": vendor, "items": items, "batch": batch, "concurrency": concurrency}
    with subprocess.Popen(
        [sys.executable, "-m", "bench.start_file", json.dumps(said)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    if not told:
        raise ChildProcessError("the recall that was to be interrupted did not begin")
    return path


async def _enough(bot: House, recall: RecallId, items: int) -> None:
    while (await bot.store.counts(recall)).get(ItemState.DONE, 0) < items / 10:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.05)


async def _recall(said: dict[str, Any]) -> None:
    async with client(said["concurrency"]) as session:
        lean = LeanProvider(
            session=session,
            url=said["vendor"],
            items_in_all=said["items"],
            traits=traits(batch=said["batch"], concurrency=said["concurrency"]),
        )
        async with house(Path(said["path"]), lean) as bot:
            recall = await bot.proposed()
            await bot.confirmed(recall)
            await _enough(bot, recall, said["items"])
            print("in the middle", flush=True)
            await bot.ended(recall)


if __name__ == "__main__":
    uvloop.run(_recall(said_to_child()))
