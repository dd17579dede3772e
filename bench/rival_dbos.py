"""DBOS on SQLite: one workflow, one durable step for each item; the step makes the plain loop's call."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp
import sqlalchemy
from dbos import DBOS

from bench.call import ask, client, item_ids
from bench.child import said_to_child


def _engine(path: Path) -> Any:
    """Open DBOS's database with a write-ahead log, which it does not do by itself."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")

    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA busy_timeout = 30000")

    sqlalchemy.event.listen(engine, "connect", prepare)
    return engine


@asynccontextmanager
async def _launched(path: Path, *, wal: bool) -> AsyncIterator[None]:
    config: dict[str, Any] = {"name": "rival", "log_level": "ERROR", "run_admin_server": False}
    config |= (
        {"system_database_engine": _engine(path)} if wal else {"system_database_url": f"sqlite:///{path}"}
    )
    DBOS(config=config)
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()


async def taken_back(url: str, items: int, *, wal: bool, together: int) -> tuple[float, int]:
    """Take everything back, so many steps under way at a time; returns the seconds, and how many steps are kept.

    With `together` 0 workflow and steps are plain functions, one after the other: DBOS is quicker at that.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with client(max(together, 1)) as session, _launched(Path(folder) / "dbos.sqlite", wal=wal):
            workflow = _in_turn(url) if together == 0 else _side_by_side(session, url, together)
            began = perf_counter()
            if together:
                handle = await DBOS.start_workflow_async(workflow, items)
                await handle.get_result()
                known = handle.workflow_id
            else:
                known = await asyncio.to_thread(_run, workflow, items)
            seconds = perf_counter() - began
            kept = len(await DBOS.list_workflow_steps_async(known))
    return seconds, kept


def _side_by_side(session: aiohttp.ClientSession, url: str, together: int) -> Callable[..., Any]:
    async def take(item: str) -> bool:
        await ask(session, url, [item], True)
        return True

    step = DBOS.step()(take)

    async def take_all(items: int) -> None:
        left = item_ids(items)
        while part := list(islice(left, together)):
            await asyncio.gather(*(step(each) for each in part))

    workflow: Callable[..., Any] = DBOS.workflow()(take_all)
    return workflow


def _in_turn(url: str) -> Callable[..., Any]:
    line = HTTPConnection(url.removeprefix("http://"))

    def take(item: str) -> bool:
        line.request("POST", "/", json.dumps({"items": [item]}))
        return b"true" in line.getresponse().read()

    step = DBOS.step()(take)

    def take_all(items: int) -> None:
        for each in item_ids(items):
            assert step(each)

    workflow: Callable[..., Any] = DBOS.workflow()(take_all)
    return workflow


def _run(workflow: Callable[..., Any], items: int) -> str:
    handle = DBOS.start_workflow(workflow, items)
    handle.get_result()
    return str(handle.workflow_id)


def main() -> None:
    """Run what the parent asked for; print the seconds as JSON."""
    said = said_to_child()
    seconds, kept = asyncio.run(
        taken_back(said["url"], said["items"], wal=said["wal"], together=said["together"])
    )
    print(json.dumps({"seconds": seconds, "kept": kept}))


if __name__ == "__main__":
    main()
