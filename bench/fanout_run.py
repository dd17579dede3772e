"""One contest of the whole engine with the plain loop, round by round, in a process of its own."""

import gc
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import aiohttp
import uvloop

from bench.call import client, item_ids, plain_loop, stored_items
from bench.child import run_child, said_to_child
from bench.disk import must_be_slow
from bench.house import LeanProvider, house, traits
from bench.http_vendor import described
from bench.vendor import Vendor
from bot.ports import Provider
from bot.recall import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What is done in each round, by each contestant."""

    items: int
    batch: int
    concurrency: int
    rounds: int
    latency: float = 0.0  # seconds that the vendor takes for an answer
    described: bool = False  # the declarative provider runs too


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round, side by side. Seconds; `work` is processor time of the process, all threads."""

    plain: float  # the plain loop
    plain_work: float
    plain_full: float  # which part of the vendor's slots it kept full
    sending: float  # the engine, from its first call to the recall's end
    sending_work: float
    whole: float  # the engine, from Yes to the recall's end
    full: float  # which part of the vendor's slots it kept full
    most_at_once: int  # requests that it had under way at a time
    described: float | None = None  # the engine over the `http` provider, from Yes to the recall's end


class LostError(Exception):
    """Outcomes are missing in the file, so there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One recall."""

    yes: float  # when it was confirmed, by `perf_counter`
    over: float  # when its end was durable, by `perf_counter`
    work: float  # at the end, by `process_time`


async def recalled(folder: Path, provider: Provider, items: int) -> Done:
    """Recall everything. Raises LostError where the file does not hold every outcome."""
    async with house(folder / "recall.db", provider) as bot:
        recall = await bot.proposed()
        yes = perf_counter()
        await bot.confirmed(recall)
        ended = await bot.ended(recall)
        done = Done(yes=yes, over=perf_counter(), work=process_time())
        kept = await bot.durable(recall)
        if kept != items or ended.state is not State.DONE:
            raise LostError(f"{kept:,} of {items:,} outcomes are kept, and the recall is {ended.state}.")
    return done


async def one_round(contest: Contest, session: aiohttp.ClientSession, vendor: Vendor, *, turn: int) -> Round:
    """Let both do the same work once; every other time the engine goes first."""
    ask_plain = partial(_plain, contest, session, vendor)
    ask_engine = partial(_engine, contest, session, vendor)
    if turn % 2:
        engine, plain = await ask_engine(), await ask_plain()
    else:
        plain, engine = await ask_plain(), await ask_engine()
    return Round(
        **plain, **engine, described=await _described(contest, vendor) if contest.described else None
    )


async def _plain(contest: Contest, session: aiohttp.ClientSession, vendor: Vendor) -> dict[str, Any]:
    gc.collect()
    vendor.counts()
    with stored_items(contest.items) as left:
        worked = process_time()
        seconds = await plain_loop(
            session, vendor.url, left, batch=contest.batch, concurrency=contest.concurrency
        )
        work = process_time() - worked
    return {
        "plain": seconds,
        "plain_work": work,
        "plain_full": vendor.counts().kept_full(contest.concurrency),
    }


async def _engine(contest: Contest, session: aiohttp.ClientSession, vendor: Vendor) -> dict[str, Any]:
    gc.collect()
    vendor.counts()
    lean = LeanProvider(
        session=session,
        url=vendor.url,
        items_in_all=contest.items,
        traits=traits(batch=contest.batch, concurrency=contest.concurrency),
    )
    with tempfile.TemporaryDirectory() as folder:
        done = await recalled(Path(folder), lean, contest.items)
    seen = vendor.counts()
    return {
        "sending": done.over - lean.first_call,
        "sending_work": done.work - lean.first_work,
        "whole": done.over - done.yes,
        "full": seen.kept_full(contest.concurrency),
        "most_at_once": seen.most_at_once,
    }


async def _described(contest: Contest, vendor: Vendor) -> float:
    provider = described(vendor.url, batch=contest.batch, concurrency=contest.concurrency)
    with tempfile.TemporaryDirectory() as folder:
        done = await recalled(Path(folder), provider, contest.items)
    await provider.close()
    return done.over - done.yes


def held(contest: Contest, env: Mapping[str, str] | None = None) -> list[Round]:
    """Hold a contest in a process of its own, with these variables on top of ours."""
    return [Round(**each) for each in run_child("bench.fanout_run", asdict(contest), env=env)]


async def rounds(contest: Contest) -> list[Round]:
    """Run the rounds, after one small one that counts for nothing."""
    with Vendor(latency=contest.latency, items=contest.items) as vendor:
        async with client(contest.concurrency) as session:
            warm = min(contest.items, 2000 if not contest.latency else 4)
            few = item_ids(warm)
            await plain_loop(session, vendor.url, few, batch=contest.batch, concurrency=contest.concurrency)
            return [await one_round(contest, session, vendor, turn=n) for n in range(contest.rounds)]


def main() -> None:
    """Run what the parent asked for; print the rounds as JSON."""
    must_be_slow()
    print(json.dumps([asdict(each) for each in uvloop.run(rounds(Contest(**said_to_child())))]))


if __name__ == "__main__":
    main()
