"""What the figures were measured on."""

import os
import platform
import sqlite3
from pathlib import Path

from bench.disk import fsync_seconds


def machine() -> str:
    """Describe this machine in one sentence, without a date or a name."""
    return (
        f"{os.cpu_count()} cores ({_model()}), an fsync takes {fsync_seconds() * 1e6:,.0f} µs, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}; "
        f"load by other programs when it began: {os.getloadavg()[0]:.1f}."
    )


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return " ".join(value.replace("(R)", "").replace("(TM)", "").split())
    return platform.machine()
