"""One contest of the whole engine with the plain loop, round by round, in a process of its own."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

import aiohttp
import uvloop

from bench.call import client, plain_loop
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
    """Seconds, side by side."""

    plain: float  # the plain loop
    sending: float  # the engine, from its first call to the recall's end
    whole: float  # the engine, from Yes to the recall's end
    plain_work: float  # processor time of this process, all threads: the plain loop
    work: float  # the same: the engine, from Yes to the recall's end
    described: float | None = None  # the engine over the `http` provider, from Yes to the recall's end
    plain_full: float = 0.0  # which part of the vendor's slots the plain loop kept full
    full: float = 0.0  # which part the engine kept full
    most_at_once: int = 0  # requests that the engine had under way at a time


class LostError(Exception):
    """Outcomes are missing in the file, so there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One recall, by `perf_counter`."""

    yes: float  # when it was confirmed
    over: float  # when its end was durable
    work: float  # seconds of processor time between the two

    @property
    def whole(self) -> float:
        """Seconds from Yes to the end."""
        return self.over - self.yes


async def recalled(folder: Path, provider: Provider, items: int) -> Done:
    """Recall everything. Raises LostError where the file does not hold every outcome."""
    async with house(folder / "recall.db", provider) as bot:
        recall = await bot.proposed()
        yes, worked = perf_counter(), process_time()
        await bot.confirmed(recall)
        ended = await bot.ended(recall)
        done = Done(yes=yes, over=perf_counter(), work=process_time() - worked)
        kept = await bot.durable(recall)
        if kept != items or ended.state is not State.DONE:
            raise LostError(f"{kept:,} of {items:,} outcomes are kept, and the recall is {ended.state}.")
    return done


async def one_round(contest: Contest, session: aiohttp.ClientSession, vendor: Vendor) -> Round:
    """Let everybody do the same work once."""
    vendor.counts()
    worked = process_time()
    plain = await plain_loop(
        session, vendor.url, contest.items, batch=contest.batch, concurrency=contest.concurrency
    )
    plain_work = process_time() - worked
    plain_full = vendor.counts().kept_full(contest.concurrency)
    lean = LeanProvider(
        session=session,
        url=vendor.url,
        items_in_all=contest.items,
        traits=traits(batch=contest.batch, concurrency=contest.concurrency),
    )
    with tempfile.TemporaryDirectory() as folder:
        done = await recalled(Path(folder), lean, contest.items)
    seen = vendor.counts()
    http = None
    if contest.described:
        provider = described(vendor.url, batch=contest.batch, concurrency=contest.concurrency)
        with tempfile.TemporaryDirectory() as folder:
            http = (await recalled(Path(folder), provider, contest.items)).whole
        await provider.close()
    return Round(
        plain=plain,
        sending=done.over - lean.first_call,
        whole=done.whole,
        plain_work=plain_work,
        work=done.work,
        described=http,
        plain_full=plain_full,
        full=seen.kept_full(contest.concurrency),
        most_at_once=seen.most_at_once,
    )


def held(contest: Contest, env: Mapping[str, str] | None = None) -> list[Round]:
    """Hold a contest in a process of its own, with these variables on top of ours."""
    return [Round(**each) for each in run_child("bench.fanout_run", asdict(contest), env=env)]


async def rounds(contest: Contest) -> list[Round]:
    """Run the rounds, after one small one that counts for nothing."""
    with Vendor(latency=contest.latency, items=contest.items) as vendor:
        async with client(contest.concurrency) as session:
            warm = min(contest.items, 2000 if not contest.latency else 4)
            await plain_loop(session, vendor.url, warm, batch=contest.batch, concurrency=contest.concurrency)
            return [await one_round(contest, session, vendor) for _ in range(contest.rounds)]


def main() -> None:
    """Run what the parent asked for; print the rounds as JSON."""
    must_be_slow()
    print(json.dumps([asdict(each) for each in uvloop.run(rounds(Contest(**said_to_child())))]))


if __name__ == "__main__":
    main()
