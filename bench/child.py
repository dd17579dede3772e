"""Parts of a measurement that run in a process of their own: clean memory, and a disk that can be made slow."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

_PATIENCE = 900.0
"""Seconds that one part may take."""

_TO_END = 120.0
"""Seconds that a child may take to end."""


class ChildError(Exception):
    """A part of a measurement ended without a figure."""


class Child:
    """A module of `bench` in a process of its own, while a `with` lasts.

    It says something first, as one line of JSON (its port, for instance), and lives until its standard input ends.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        """Start nothing yet."""
        self._command = [sys.executable, "-m", module, *arguments]
        self._process: subprocess.Popen[str] | None = None
        self._first: Any = None

    def __enter__(self) -> Self:
        """Start it and hear what it says first."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._first = self._hears()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it end."""
        assert self._process is not None
        self._process.communicate(timeout=_TO_END)

    @property
    def url(self) -> str:
        """The address of one that said its port."""
        return f"http://127.0.0.1:{int(self._first)}"

    def does(self, order: str) -> Any:
        """Give an order; returns its answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._hears()

    def _hears(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise ChildError(f"{' '.join(self._command[1:3])} ended without a word.")
        return json.loads(line)


def run_child(module: str, said: Mapping[str, Any], *, env: Mapping[str, str] | None = None) -> Any:
    """Run `python -m MODULE JSON` and read the JSON that it prints last.

    Args:
        module: a module of `bench` whose `main` is made with `child_main`.
        said: what it is told.
        env: variables on top of this process's own.
    """
    ended = subprocess.run(
        [sys.executable, "-m", module, json.dumps(said)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        timeout=_PATIENCE,
        check=False,
    )
    if ended.returncode or not ended.stdout.strip():
        raise ChildError(f"{module} ended with {ended.returncode} and no figure.")
    return json.loads(ended.stdout.splitlines()[-1])


def said_to_child() -> Any:
    """Read what the parent said, in the child."""
    return json.loads(sys.argv[1])
