"""Parts of a measurement that run in a process of their own: clean memory, and a disk that can be made slow."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

_PATIENCE = 900.0
"""Seconds that one part may take."""


class ChildError(Exception):
    """A part of a measurement ended without a figure."""


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
