from pathlib import Path

import pytest
import uvloop

from bench.call import client, plain_loop, stored_items
from bench.fanout_run import Contest, LostError, recalled, rounds
from bench.house import LeanProvider, traits
from bench.vendor import Vendor


def test_a_contest_counts_the_same_work_for_both() -> None:
    contest = Contest(items=50, batch=5, concurrency=4, rounds=1, described=True)
    (once,) = uvloop.run(rounds(contest))
    assert 0 < once.sending <= once.whole
    assert once.plain > 0
    assert once.described is not None
    assert 1 <= once.most_at_once <= contest.concurrency


def test_the_vendor_counts_what_it_is_asked() -> None:
    async def asked() -> None:
        async with client(2) as session:
            with stored_items(6) as left:
                await plain_loop(session, vendor.url, left, batch=1, concurrency=2)

    with Vendor(latency=0.01) as vendor:
        uvloop.run(asked())
        seen = vendor.counts()
        assert (seen.requests, seen.most_at_once) == (6, 2)
        assert 0 < seen.kept_full(2) <= 1
        assert vendor.counts().requests == 0


def test_a_run_that_lost_outcomes_has_no_figure(tmp_path: Path) -> None:
    async def run() -> None:
        async with client(2) as session:
            lean = LeanProvider(
                session=session, url=vendor.url, items_in_all=4, traits=traits(batch=1, concurrency=2)
            )
            await recalled(tmp_path, lean, 5)

    with Vendor() as vendor, pytest.raises(LostError):
        uvloop.run(run())
