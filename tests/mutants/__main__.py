"""Runs each deliberate fault against its tests and prints what became of it: `make mutants`. Exit 1: one survived."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
ROOMS = (
    "app.py",
    "bot",
    "docs",
    "front",
    "handlers",
    "manifest.yml",
    "pyproject.toml",
    "sandbox",
    "storage",
    "tests",
)
NO_TEST_FAILED = 0
A_TEST_FAILED = 1


def main() -> int:
    """Try the faults whose names have the given words in them, or all."""
    told = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    told.add_argument("words", nargs="*", help="only faults with these words in their names")
    words = told.parse_args().words
    chosen = [each for each in FAULTS if all(word in each.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        ended = [(each, *tried(each, copy)) for each in chosen]
    survivors = [each for each, status, _ in ended if status != A_TEST_FAILED]
    say(f"{len(ended)} faults, {len(survivors)} not noticed")
    return 1 if survivors or not ended else 0


def copied(folder: Path) -> Path:
    """Copy what the tests need."""
    for name in ROOMS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def tried(fault: Fault, copy: Path) -> tuple[int, float]:
    """Make the change in the copy, run its tests, and undo it; returns pytest's status and the seconds it took."""
    file = copy / fault.file
    right = file.read_text(encoding="utf-8")
    began = time.monotonic()
    file.write_text(right.replace(fault.old, fault.new), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fault.tests]
        environ = {**os.environ, "HYPOTHESIS_PROFILE": "unshrunk"}  # that it fails is all that is asked
        status = subprocess.run(command, cwd=copy, env=environ, capture_output=True, check=False).returncode
    finally:
        file.write_text(right, encoding="utf-8")
    seconds = time.monotonic() - began
    verdict = {A_TEST_FAILED: "noticed", NO_TEST_FAILED: "SURVIVED"}.get(
        status, f"pytest ended with {status}"
    )
    say(f"{verdict:9}  {seconds:5.1f} s  {fault.name}  ({fault.file})")
    return status, seconds


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
