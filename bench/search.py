"""How quickly anything is found again among ten thousand, a hundred thousand and a million campaigns.

Every query goes through the real store, thread hops and the reading of whole targets included. Beside it, in
the same run and on the same file, stands the barest full-text query that would answer the same question: the
newest 25 row numbers and names, straight from SQLite, as the limit (a misspelling has none). The last rows are of
a copy that is written at the same time, page after page of a hundred new campaigns without a pause: what a key that is
pressed waits for its answer, and what a command waits until it is kept and can be acknowledged.

The files are filled once, and kept in the system's folder for what is temporary until the tables change
(`python -m bench.search_file` fills them, a few minutes for a million; a measurement fills what is missing).
"""

import asyncio
import os
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.campaigns import COMMON
from bench.questions import ALLOWED, KINDS, WORST, Kind
from bench.search_file import SIZES, filled, fresh, sample
from bench.section import Curve, Goal, Section
from bot.ports import Request, Store, SystemClock
from bot.target import Target
from storage import open_store

GOAL = 10.0
"""Milliseconds at p99, for each kind of question, among a million."""

KEPT = "a command kept while it is written"

DRAWN = (
    "exact id",
    "common word's beginning",
    "two letters",
    "three words, unfinished, in any order",
    "whole name",
    "middle of a word",
    "rare word, misspelt",
    "whole name, misspelt",
    "typeahead while it is written",
)
"""Of which questions the growth is drawn; the table has all of them."""

_SHOWN = 25
_PAGE = 100
_ASKED_FOR = 400
_FIRST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What one kind of question took, in milliseconds."""

    half: float
    nearly_all: float  # p99
    found: float = 1.0  # share of the questions with what was meant among the first five answers

    @classmethod
    def of(cls, seconds: Sequence[float], found: int | None = None) -> "Times":
        """Sum many measured times up."""
        ranked, count = sorted(seconds), len(seconds)
        return cls(
            half=ranked[count // 2] * 1e3,
            nearly_all=ranked[int(count * 0.99)] * 1e3,
            found=1.0 if found is None else found / count,
        )


def measure(*, quick: bool) -> Section:
    """Ask files of each size everything, then write to copies of them."""
    sizes = (2_000, 10_000, 50_000) if quick else SIZES
    found = {size: _at(filled(size), 40 if quick else 300) for size in sizes}
    return _section(sizes, found)


def _at(path: Path, count: int) -> dict[str, Times]:
    found = asyncio.run(_read(path, count))
    with tempfile.TemporaryDirectory(prefix="recall-bench-") as folder:
        copied = Path(folder) / "recall.db"
        shutil.copyfile(path, copied)
        os.sync()  # else the first commits wait until the copy is on the disk
        return found | asyncio.run(_written(copied, count))


async def _read(path: Path, count: int) -> dict[str, Times]:
    store = await open_store(f"sqlite:///{path}", clock=SystemClock())
    try:
        return await _ask_everything(store, path, sample(path, _ASKED_FOR, ALLOWED), count)
    finally:
        await store.close()


async def _written(path: Path, count: int) -> dict[str, Times]:
    store = await open_store(f"sqlite:///{path}", clock=SystemClock())
    stock = fresh()
    try:
        pages = [list(islice(stock, _PAGE)) for _ in range(count // 3)]
        remembered = [await _timed(lambda page=page: store.remember(page)) for page in pages]  # type: ignore[misc]
        typed, kept = await _while_written(store, stock, count)
    finally:
        await store.close()
    return {
        "remember a page of 100": Times.of(remembered),
        "typeahead while it is written": Times.of(typed),
        KEPT: Times.of(kept),
    }


async def _ask_everything(store: Store, path: Path, sample: Sequence[Target], count: int) -> dict[str, Times]:
    found: dict[str, Times] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as bare:
        for kind in KINDS:
            found[kind.name], raw = await _ask(store, bare, kind, sample, count)
            if raw:
                found[f"{kind.name}, raw"] = raw
    pages = [await _timed(lambda: store.recent(_SHOWN, None, ALLOWED)) for _ in range(count)]
    older = [
        await _timed(lambda each=each: store.recent(_SHOWN, each.sent_at, ALLOWED))  # type: ignore[misc]
        for each in random.Random(1).choices(sample, k=count)
    ]
    return found | {"recent": Times.of(pages + older)}


async def _ask(
    store: Store, bare: sqlite3.Connection, kind: Kind, sample: Sequence[Target], count: int
) -> tuple[Times, Times | None]:
    """Ask one kind of question many times, and the barest query beside each."""
    chance = random.Random(kind.name)
    ours, raw, right = [], [], 0
    for number in range(-5, count):  # the first five open connections and are not counted
        typed, meant = kind.typed(chance, sample)
        begun = time.perf_counter()
        matches = await store.search(typed, _SHOWN, kind.allowed)
        took = time.perf_counter() - begun
        limit = _bare(bare, kind.raw(typed)) if kind.raw else None
        if number >= 0:
            ours.append(took)
            raw += [] if limit is None else [limit]
            right += any(_holds(match.target, meant) for match in matches[:_FIRST]) or not meant
    return Times.of(ours, right), Times.of(raw) if raw else None


def _holds(target: Target, meant: str) -> bool:
    return meant.casefold() in f"{target.name} {target.ref.id}".casefold()


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def _bare(connection: sqlite3.Connection, query: str) -> float:
    begun = time.perf_counter()
    connection.execute(
        "SELECT target.n, target.name FROM target_words JOIN target ON target.n = target_words.rowid"
        " WHERE target_words MATCH ? ORDER BY target_words.rowid DESC LIMIT ?",
        (query, _SHOWN),
    ).fetchall()
    return time.perf_counter() - begun


async def _while_written(
    store: Store, stock: Iterator[Target], count: int
) -> tuple[list[float], list[float]]:
    """Type, and keep commands, while page after page is remembered without a pause."""
    ended = asyncio.Event()

    async def write() -> None:
        while not ended.is_set():
            await store.remember(list(islice(stock, _PAGE)))

    writing = asyncio.create_task(write())
    chance = random.Random(2)
    typed, kept = [], []
    try:
        for number in range(count):
            word = chance.choice(COMMON)
            said = word[: chance.randint(2, len(word))]
            typed.append(await _timed(lambda said=said: store.search(said, _SHOWN, ALLOWED)))  # type: ignore[misc]
            request = Request(key=f"bench {number}", verb="", body={}, at=SystemClock().now())
            kept.append(await _timed(lambda request=request: store.keep(request)))  # type: ignore[misc]
    finally:
        ended.set()
        await writing
    return typed, kept


def _section(sizes: Sequence[int], found: dict[int, dict[str, Times]]) -> Section:
    greatest = found[sizes[-1]]
    asked = [name for name in greatest if not name.endswith(", raw")]
    return Section(
        title="Search",
        about=__doc__ or "",
        columns=(
            "question",
            *(f"{size:,}: p50 / p99 ms" for size in sizes),
            f"raw at {sizes[-1]:,}",
            "found",
        ),
        rows=tuple(
            (
                name,
                *(_shown(found[size][name]) for size in sizes),
                _shown(greatest.get(f"{name}, raw")),
                f"{greatest[name].found:.0%}",
            )
            for name in asked
        ),
        goals=tuple(
            Goal(
                what=f"search, {name}, p99 at {sizes[-1]:,}",
                measured=greatest[name].nearly_all,
                limit=GOAL,
                at_least=False,
                unit="ms",
            )
            for name in asked
            if name not in {WORST, KEPT} and not name.startswith("remember")
        ),
        curves=tuple(
            Curve(
                name=f"search, {name}",
                size="targets",
                unit="ms (p99)",
                points=tuple((size, found[size][name].nearly_all) for size in sizes),
            )
            for name in DRAWN
        ),
    )


def _shown(times: Times | None) -> str:
    return f"{times.half:.2f} / {times.nearly_all:.2f}" if times else ""
