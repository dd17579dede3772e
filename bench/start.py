"""How long a start takes: until health says that all is well, and after `kill -9` until the vendor is called again."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.section import Curve, Goal, Section
from bench.slack import CHANNEL, PERSON, Slack
from bench.start_file import left_behind
from bench.vendor import Vendor

LIMIT = 1.0
PATIENCE = 60.0
ROOT = Path(__file__).parents[1]

ABOUT = """\
The real program, `app.py`, over Socket Mode with a described vendor (`kind = "http"`); Slack, the vendor and the bot
each in a process of their own. **To ready**: from the moment at which the process is started until `/healthz` says that all
is well, which includes the connections to Slack. **From `kill -9`**: the bot is killed in the middle of a recall of so many
items at full speed, started again at once, and the vendor's clock tells when the first request arrives. "Items" are
what the database holds when it begins, with some of its chunks claimed by a process that was killed before.

What Python takes to import the program (`python -c "import app"`) is measured in turns with the rest, in the same run,
and taken off: **beyond imports** is what Recall itself does. Medians."""

SETTINGS = """
[storage]
url = "sqlite:///{path}"
[server]
port = {port}
[slack]
channel = "{channel}"
[[policy.allow]]
who = ["{person}"]
[providers.push]
kind = "http"
title = "Practice vendor"
noun = "push campaign"
batch = {batch}
concurrency = 16
repeat = "A"
status_words = {{ sent = "sent" }}
[providers.push.get]
url = "{vendor}/campaigns/{{id}}"
[providers.push.recall]
method = "POST"
url = "{vendor}/recall"
body = {{ items = "{what}" }}
done = {{ equals = {{ "/recalled" = true }} }}
[providers.push.fields]
id = "/id"
name = "/name"
status = "/state"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A database to start with. A small recall gets a slow vendor, so that it lasts until it is interrupted."""

    items: int
    batch: int = 20
    latency: float = 0.0

    @property
    def name(self) -> str:
        """Say it."""
        return f"{self.items:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One round, in seconds."""

    imports: float
    ready: float
    called: float | None  # None: nothing was being recalled


def measure(*, quick: bool) -> Section:
    """Start, kill and start again, with databases of rising size."""
    rounds = 3 if quick else 9
    sizes = [Size(items=0), Size(items=1_000, batch=1, latency=0.2), Size(items=100_000)]
    sizes += [] if quick else [Size(items=1_000_000)]
    with Slack() as slack:
        found = {size: _rounds(size, slack.url, rounds) for size in sizes}
    last = sizes[-1]
    return Section(
        title="Start",
        about=ABOUT,
        columns=(
            "items",
            "imports, s",
            "to ready, s",
            "beyond imports",
            "from kill -9 to the first call, s",
            "beyond imports",
        ),
        rows=tuple(_row(size, took) for size, took in found.items()),
        goals=(
            _goal("start with an empty database", _ready(found[sizes[0]])),
            _goal(f"start with {last.name} items", _ready(found[last])),
            _goal("kill -9 to the next call, 1,000 items", _called(found[sizes[1]])),
            _goal(f"kill -9 to the next call, {last.name} items", _called(found[last])),
        ),
        curves=(
            _curve("start, beyond imports", {s.items: _ready(t) for s, t in found.items() if s.items}),
            _curve(
                "from kill -9 to the next call", {s.items: _called(t) for s, t in found.items() if s.items}
            ),
        ),
    )


def _row(size: Size, took: Sequence[Took]) -> tuple[str, ...]:
    called = [each.called for each in took if each.called is not None]
    return (
        size.name,
        f"{median(each.imports for each in took):.2f}",
        f"{median(each.ready for each in took):.2f}",
        f"{_ready(took):.2f}",
        f"{median(called):.2f}" if called else "–",
        f"{_called(took):.2f}" if called else "–",
    )


def _ready(took: Sequence[Took]) -> float:
    return median(each.ready - each.imports for each in took)


def _called(took: Sequence[Took]) -> float:
    return median(each.called - each.imports for each in took if each.called is not None)


def _goal(what: str, measured: float) -> Goal:
    return Goal(what=f"{what}, beyond imports", measured=measured, limit=LIMIT, at_least=False, unit="s")


def _curve(name: str, found: dict[int, float]) -> Curve:
    points = tuple((float(items), max(seconds, 0.001)) for items, seconds in found.items())
    return Curve(name=name, size="items", unit="s", points=points)


def _rounds(size: Size, slack: str, rounds: int) -> list[Took]:
    with TemporaryDirectory() as folder, Vendor(latency=size.latency) as vendor:
        made = Path(folder) / "made"
        made.mkdir()
        if size.items:
            left_behind(made, vendor=vendor.url, items=size.items, batch=size.batch, concurrency=16)
        took = []
        for number in range(rounds):
            here = Path(folder) / str(number)
            shutil.copytree(made, here)
            took.append(_round(Program(here, slack, vendor.url, batch=size.batch), size, vendor))
            shutil.rmtree(here)
    return took


def _round(program: "Program", size: Size, vendor: Vendor) -> Took:
    imports = _imports()
    began = program.start()
    ready = program.until_ready() - began
    called = None
    if size.items:
        _first_call(vendor)
        time.sleep(0.5)  # at full speed again, with claims and a write-ahead log of its own
        program.kill()
        began = program.start()
        vendor.counts()
        called = _first_call(vendor) - began
    program.kill()
    return Took(imports=imports, ready=ready, called=called)


def _imports() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import app"], cwd=ROOT, check=True)
    return time.perf_counter() - began


def _first_call(vendor: Vendor) -> float:
    deadline = time.monotonic() + PATIENCE
    while not (seen := vendor.counts()).requests:
        if time.monotonic() > deadline:
            raise TimeoutError("the vendor was never called")
        time.sleep(0.01)
    return seen.first


class Program:
    """`app.py` in a folder of its own."""

    def __init__(self, folder: Path, slack: str, vendor: str, *, batch: int) -> None:
        """Write the settings."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._file = folder / "recall.toml"
        self._file.write_text(
            SETTINGS.format(
                path=folder / "recall.db",
                port=self._port,
                channel=CHANNEL,
                person=PERSON,
                vendor=vendor,
                batch=batch,
                what="{items}" if batch > 1 else "{item}",
            )
        )
        self._environ = {
            **os.environ,
            "SLACK_API_URL": f"{slack}/api/",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_APP_TOKEN": "xapp-1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; returns when."""
        began = time.perf_counter()
        command = [sys.executable, str(ROOT / "app.py"), "--quiet", "--config", str(self._file)]
        self._process = subprocess.Popen(command, env=self._environ)
        return began

    def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def until_ready(self) -> float:
        """Ask for its health until all is well; returns when it was."""
        deadline = time.monotonic() + PATIENCE
        while not self._well():
            if time.monotonic() > deadline:
                raise TimeoutError("the program was never ready")
            time.sleep(0.005)
        return time.perf_counter()

    def _well(self) -> bool:
        line = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            line.request("GET", "/healthz")
            return bool(json.loads(line.getresponse().read())["well"])
        except (OSError, HTTPException):
            return False
        finally:
            line.close()
