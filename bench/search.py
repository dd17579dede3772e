"""How quickly anything is found again among ten thousand, a hundred thousand and a million campaigns.

Every query goes through the real store, thread hops and the reading of whole targets included. Beside it, in
the same run and on the same file, stands the barest full-text query that would answer the same question: the
newest 25 row numbers and names, straight from SQLite, as the limit (a misspelling has none).
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.campaigns import COMMON, campaigns
from bench.questions import ALLOWED, KINDS, WORST, Kind
from bench.section import Curve, Goal, Section
from bot.ports import Store, SystemClock
from bot.target import Target
from storage import open_store

GOAL = 10.0
"""Milliseconds at p99, for each kind of question, among a million."""

_SHOWN = 25
_PAGE = 100
_FILLING = 5000
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
    """Fill one store to each size in turn and ask it everything at each of them."""
    sizes = (2_000, 10_000, 50_000) if quick else (10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="recall-bench-") as folder:
        found = asyncio.run(_at_each_size(Path(folder) / "recall.db", sizes, 40 if quick else 300))
    return _section(sizes, found)


async def _at_each_size(path: Path, sizes: Sequence[int], count: int) -> dict[int, dict[str, Times]]:
    store = await open_store(f"sqlite:///{path}", clock=SystemClock())
    stock = campaigns(sizes[-1] + 4 * count * _PAGE)
    found = {}
    try:
        filled = 0
        for size in sizes:
            sample = await _fill(store, stock, size - filled)
            filled = size
            found[size] = await _ask_everything(store, path, sample, count)
            found[size]["remember a page of 100"], written = await _remember(store, stock, count)
            found[size]["typeahead while it is written"], more = await _while_written(store, stock, count)
            filled += written + more
    finally:
        await store.close()
    return found


async def _fill(store: Store, stock: Iterator[Target], count: int) -> list[Target]:
    """Remember so many more; returns some of them to ask for."""
    sample: list[Target] = []
    while count > 0 and (page := list(islice(stock, min(count, _FILLING)))):
        await store.remember(page)
        sample += [one for one in page[:: max(1, len(page) // 20)] if one.ref.provider in ALLOWED]
        count -= len(page)
    return sample


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


async def _remember(store: Store, stock: Iterator[Target], count: int) -> tuple[Times, int]:
    """Remember what a vendor's list brings: a page of which everything is new."""
    pages = [list(islice(stock, _PAGE)) for _ in range(count // 3)]
    return Times.of([await _timed(lambda page=page: store.remember(page)) for page in pages]), sum(  # type: ignore[misc]
        map(len, pages)
    )


async def _while_written(store: Store, stock: Iterator[Target], count: int) -> tuple[Times, int]:
    """Type while page after page is remembered without a pause."""
    written = 0
    ended = asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not ended.is_set():
            page = list(islice(stock, _PAGE))
            written += len(page)
            await store.remember(page)

    writing = asyncio.create_task(write())
    chance = random.Random(2)
    try:
        times = []
        for _ in range(count):
            word = chance.choice(COMMON)
            typed = word[: chance.randint(2, len(word))]
            times.append(await _timed(lambda typed=typed: store.search(typed, _SHOWN, ALLOWED)))  # type: ignore[misc]
    finally:
        ended.set()
        await writing
    return Times.of(times), written


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
            if name != WORST and not name.startswith("remember")
        ),
        curves=tuple(
            Curve(
                name=name,
                size="targets",
                unit="ms (p99)",
                points=tuple((size, found[size][name].nearly_all) for size in sizes),
            )
            for name in asked
        ),
    )


def _shown(times: Times | None) -> str:
    return f"{times.half:.2f} / {times.nearly_all:.2f}" if times else ""
