"""The process that is killed: the real bot, put together as app.py does it, with points around what it commits and sends."""

import asyncio
import importlib
import inspect
import logging
import os
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvloop

import app
import front.bot
import storage.chunks
from bot.providers import kinds
from bot.settings_file import load
from front.command_line import until_told_to_stop
from storage.file import Connection, connect
from storage.store import open_store
from tests.crash.calls import hook
from tests.crash.points import CountedConnection, Points, kill
from tests.crash.strings import AheadClock, Strings
from tests.power.plug import Ailing, Plug

WARM = (
    "anyio._backends._asyncio",
    "apscheduler.executors.asyncio",
    "apscheduler.triggers.interval",
    "h11",
    "httpcore2",
    "slack_bolt.listener_matcher.async_builtins",
    "truststore",
)
"""What the bot's libraries import only when they are used: once in the parent, not at each start."""

KINDS = dict(kinds())  # loaded once, before lives begin: each of them would load it anew
for _module in WARM:
    importlib.import_module(_module)
inspect.stack()  # Bolt asks for it at each start; what Python finds out for it is kept

TICK_SECONDS = 0.1
"""How often the bot looks at its timers here: their times come sooner than in earnest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a bot is to run, and where it is to die."""

    folder: Path
    settings: Path
    environ: dict[str, str] = field(default_factory=dict)
    kill_at: str = ""  # the name of the point; empty: it is not killed here
    chunk: int = 1000  # items per chunk
    ailing: Ailing | None = None  # the disk below the database; None: a sound one, and no power cut

    @property
    def strings(self) -> Path:
        return self.folder / "strings"

    @property
    def notes(self) -> Path:
        """The points that were come to, one line each."""
        return self.folder / "points"

    @property
    def log(self) -> Path:
        return self.folder / "recall.log"


def live(plan: Plan) -> None:
    """Run the bot until it is killed."""
    log = os.open(plan.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    strings = Strings(plan.strings)
    plug = Plug(plan.ailing) if plan.ailing else None
    points = Points(plan.notes, strings, plan.kill_at, plug.pull if plug else kill)
    if plug:
        plug.count = points.come_to
    hook(points)
    front.bot.TICK_SECONDS = TICK_SECONDS
    storage.chunks.CHUNK = plan.chunk

    def counted(path: Path, *, read_only: bool) -> Connection:
        real = (plug.connect if plug else connect)(path, read_only=read_only)
        return real if read_only else CountedConnection(real=real, points=points)

    app.open_store = partial(open_store, connect=counted)  # type: ignore[attr-defined]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(plan, AheadClock(strings)))


async def _run(plan: Plan, clock: AheadClock) -> None:
    settings = load(plan.settings, plan.environ, {kind: each.settings for kind, each in KINDS.items()})
    bot = await app.build(settings, clock=clock)
    try:
        await bot.start()
        await until_told_to_stop(bot.broken())
    finally:
        await bot.stop()
