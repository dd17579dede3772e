"""How quickly anything is found again among ten thousand, a hundred thousand and a million campaigns.

Every query goes through the real store, thread hops and the reading of whole targets included. Beside it, in
the same run and on the same file, stands the barest full-text query that would answer the same question: the
newest 25 row numbers and names, straight from SQLite, as the limit.
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

from bench.campaigns import COMMON, campaigns, rare
from bench.section import Curve, Goal, Section
from bot.ports import Store, SystemClock
from bot.target import ProviderName, Target
from storage import open_store

GOAL = 10.0
"""Milliseconds at p99, for each kind of question, among a million."""

WORST = "two common words that never meet"
"""The worst there is: both lists, 125,000 long each, are read to their ends. Shown without a goal."""

RARE = 8000
_SHOWN = 25
_PAGE = 100
_FILLING = 5000
_FIRST = 5
_ALLOWED = (ProviderName("push"), ProviderName("crm"))
_SMALL = (ProviderName("letters"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of question: what people type, and the barest query that would answer it."""

    name: str
    typed: Callable[[random.Random, Sequence[Target]], tuple[str, str]]  # and what the found name must hold
    raw: Callable[[str], tuple[str, str]]  # the table and the full-text query
    allowed: tuple[ProviderName, ...] = _ALLOWED


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
        sample += page[:: max(1, len(page) // 20)]
        count -= len(page)
    return sample


async def _ask_everything(store: Store, path: Path, sample: Sequence[Target], count: int) -> dict[str, Times]:
    found: dict[str, Times] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as bare:
        for kind in KINDS:
            found[kind.name], found[f"{kind.name}, raw"] = await _ask(store, bare, kind, sample, count)
    pages = [await _timed(lambda: store.recent(_SHOWN, None, _ALLOWED)) for _ in range(count)]
    older = [
        await _timed(lambda each=each: store.recent(_SHOWN, each.sent_at, _ALLOWED))  # type: ignore[misc]
        for each in random.Random(1).choices(sample, k=count)
    ]
    return found | {"recent": Times.of(pages + older)}


async def _ask(
    store: Store, bare: sqlite3.Connection, kind: Kind, sample: Sequence[Target], count: int
) -> tuple[Times, Times]:
    """Ask one kind of question many times, and the barest query beside each."""
    chance = random.Random(kind.name)
    ours, raw, right = [], [], 0
    for number in range(-5, count):  # the first five open connections and are not counted
        typed, meant = kind.typed(chance, sample)
        begun = time.perf_counter()
        matches = await store.search(typed, _SHOWN, kind.allowed)
        took = time.perf_counter() - begun
        limit = _bare(bare, *kind.raw(typed))
        if number >= 0:
            ours.append(took)
            raw.append(limit)
            right += any(_holds(match.target, meant) for match in matches[:_FIRST]) or not meant
    return Times.of(ours, right), Times.of(raw)


def _holds(target: Target, meant: str) -> bool:
    return meant.casefold() in f"{target.name} {target.ref.id}".casefold()


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return time.perf_counter() - begun


def _bare(connection: sqlite3.Connection, table: str, query: str) -> float:
    begun = time.perf_counter()
    connection.execute(
        f"SELECT rowid, name FROM {table} WHERE {table} MATCH ? ORDER BY rowid DESC LIMIT {_SHOWN}",  # noqa: S608 - constants
        (query,),
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
            times.append(await _timed(lambda typed=typed: store.search(typed, _SHOWN, _ALLOWED)))  # type: ignore[misc]
    finally:
        ended.set()
        await writing
    return Times.of(times), written


def _misspelt(chance: random.Random, text: str) -> str:
    """Swap two neighbouring signs, or leave one out, as hurried fingers do."""
    at = chance.randrange(1, len(text) - 2)
    left_out = text[:at] + text[at + 1 :]
    return left_out if chance.random() < 0.5 else text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _letters(typed: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in typed).split()


def _exact_id(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    one = chance.choice(sample).ref.id
    return one, one


def _name(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    name = chance.choice(sample).name
    return name, name


def _two_words(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    words = " ".join(_letters(chance.choice(sample).name)[:2])
    return words, words.split()[0]


def _beginning(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = rare(chance.randrange(RARE))
    return word[:7], word[:7]


def _common_beginning(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = chance.choice(COMMON)
    typed = word[: chance.randint(3, len(word))]
    return typed, typed


def _unfinished(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    words = [word[:4] for word in _letters(chance.choice(sample).name)[:3]]
    return " ".join(reversed(words)), words[0]


def _never_met(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return " ".join(chance.sample(COMMON, 2)), ""


def _two_letters(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = chance.choice(COMMON)[:2]
    return word, word


def _middle(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    middle = rare(chance.randrange(RARE))[2:9]
    return middle, middle


def _misspelt_word(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    word = rare(chance.randrange(RARE))
    return _misspelt(chance, word), word


def _misspelt_name(chance: random.Random, sample: Sequence[Target]) -> tuple[str, str]:
    name = chance.choice(sample).name
    return _misspelt(chance, name), name


def _nothing(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return " ".join("".join(chance.choices("qxzwvkj", k=6)) for _word in range(2)), ""


def _sign(chance: random.Random, _: Sequence[Target]) -> tuple[str, str]:
    return chance.choice((("🎉", "🎉"), ("🦄", "")))


def _phrase(typed: str) -> tuple[str, str]:
    return "target_words", 'name : "' + " ".join(_letters(typed)) + '" *'


def _prefixes(typed: str) -> tuple[str, str]:
    return "target_words", "{name id} : (" + " ".join(f'"{word}" *' for word in _letters(typed)) + ")"


def _gram(typed: str) -> tuple[str, str]:
    return "target_grams", f'"{typed.casefold()}"'


def _any_gram(typed: str) -> tuple[str, str]:
    pieces = dict.fromkeys(typed.casefold()[at : at + 3] for at in range(len(typed) - 2))
    return "target_grams", " OR ".join(f'"{piece}"' for piece in pieces) or '"xqz"'


KINDS = (
    Kind(name="exact id", typed=_exact_id, raw=lambda typed: ("target_words", f'id : "{typed}"')),
    Kind(name="whole name", typed=_name, raw=_phrase),
    Kind(name="phrase of two words", typed=_two_words, raw=_phrase),
    Kind(name="rare word's beginning", typed=_beginning, raw=_prefixes),
    Kind(name="common word's beginning", typed=_common_beginning, raw=_prefixes),
    Kind(name="three words, unfinished, in any order", typed=_unfinished, raw=_prefixes),
    Kind(name="two letters", typed=_two_letters, raw=_prefixes),
    Kind(name="two letters, at a small provider", typed=_two_letters, raw=_prefixes, allowed=_SMALL),
    Kind(name="middle of a word", typed=_middle, raw=_gram),
    Kind(name="rare word, misspelt", typed=_misspelt_word, raw=_any_gram),
    Kind(name="whole name, misspelt", typed=_misspelt_name, raw=_any_gram),
    Kind(name="nothing like it", typed=_nothing, raw=_any_gram),
    Kind(name="a sign", typed=_sign, raw=_any_gram),
    Kind(name=WORST, typed=_never_met, raw=_prefixes),
)


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
