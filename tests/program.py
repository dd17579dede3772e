"""The program as a process of its own, for tests that start it, kill it or read what it prints.

It is forked from a parent that has imported everything and then runs `app.py` from its first line, with its own
arguments, environment and output. So a start costs what the program does, and not the second and a half of processor
that Python's imports cost. What is about the import itself starts `sys.executable` (see test_app_program.py).
"""

import asyncio
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

PROGRAM: Final = Path(__file__).parents[1] / "app.py"

FORGE: Final = multiprocessing.get_context("forkserver")
FORGE.set_forkserver_preload(["tests.crash.victim", "front.verbs", "sandbox.world"])
"""One parent for whatever is forked in a test process, whoever asks first."""


class Program:
    """A running program; its two streams are empty where it writes to a log."""

    def __init__(self, process: BaseProcess, out: asyncio.StreamReader, err: asyncio.StreamReader) -> None:
        self._process = process
        self.stdout = out
        self.stderr = err

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, minus the number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        gone, loop, sentinel = asyncio.Event(), asyncio.get_running_loop(), self._process.sentinel
        loop.add_reader(sentinel, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(sentinel)
        self._process.join()
        assert self.returncode is not None
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """Wait for its end; returns what it printed and what it logged."""
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, err


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a program."""

    status: int | None
    out: str
    err: str


async def started(*arguments: str, environ: Mapping[str, str], log: Path | None = None) -> Program:
    """Start `app.py`. Both its streams go to `log` where there is one, else they can be read."""
    readers, ends = [], []
    for _ in range(2):
        reader, end = await _log_of(log) if log else await _pipe()
        readers.append(reader)
        ends.append(end)
    process = FORGE.Process(target=_play, args=(arguments, dict(environ), *ends), daemon=True)
    process.start()
    for end in ends:
        end.close()
    return Program(process, *readers)


async def finished(program: Program) -> Ended:
    """Wait for its end."""
    out, err = await program.communicate()
    return Ended(status=program.returncode, out=out.decode(), err=err.decode())


async def line_with(program: Program, text: str, *, of: str = "stderr") -> str:
    """Read on until a line has this text; returns the line."""
    stream = program.stderr if of == "stderr" else program.stdout
    async with asyncio.timeout(30):
        while line := (await stream.readline()).decode():
            if text in line:
                return line
    raise AssertionError(f"it ended without {text!r}")


def bare() -> dict[str, str]:
    """Our environment without anything that the program reads."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SLACK_", "RECALL_")) and not name.lower().endswith("_proxy")
    }


async def _pipe() -> tuple[asyncio.StreamReader, Connection]:
    reading, writing = os.pipe()
    reader, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0))
    return reader, Connection(writing, readable=False)


async def _log_of(file: Path) -> tuple[asyncio.StreamReader, Connection]:
    nothing = asyncio.StreamReader()
    nothing.feed_eof()
    return nothing, Connection(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), readable=False)


def _play(arguments: tuple[str, ...], environ: dict[str, str], out: Connection, err: Connection) -> None:
    """Be the program. Runs in the new process."""
    for number, stream in ((1, out), (2, err)):
        os.dup2(stream.fileno(), number)
        stream.close()
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [str(PROGRAM), *arguments]
    runpy.run_path(str(PROGRAM), run_name="__main__")
