"""Procrastinate on PostgreSQL: one job for each item; the job makes the plain loop's call."""

import asyncio
import json
import logging
from time import perf_counter

import aiohttp
from procrastinate import App, PsycopgConnector

from bench.call import ask, client, item_ids
from bench.child import said_to_child


async def taken_back(url: str, items: int, *, dsn: str, concurrency: int) -> tuple[float, int]:
    """Defer all jobs at once and work them off; returns the seconds, and how many jobs are kept as succeeded."""
    sessions: list[aiohttp.ClientSession] = []
    app = App(connector=PsycopgConnector(conninfo=dsn, min_size=4, max_size=20))

    async def take(item: str) -> None:
        await ask(sessions[0], url, [item], True)

    task = app.task(queue="recall", name="take")(take)
    async with client(concurrency) as session, app.open_async():
        sessions.append(session)
        await app.connector.execute_query_async("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        await app.schema_manager.apply_schema_async()
        began = perf_counter()
        await task.batch_defer_async(*({"item": each} for each in item_ids(items)))
        await app.run_worker_async(
            wait=False, concurrency=concurrency, install_signal_handlers=False, listen_notify=False
        )
        seconds = perf_counter() - began
        jobs = await app.job_manager.list_jobs_async(status="succeeded")
    return seconds, len(list(jobs))


def main() -> None:
    """Run what the parent asked for; print the seconds as JSON."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    said = said_to_child()
    seconds, kept = asyncio.run(
        taken_back(said["url"], said["items"], dsn=said["dsn"], concurrency=said["concurrency"])
    )
    print(json.dumps({"seconds": seconds, "kept": kept}))


if __name__ == "__main__":
    main()
