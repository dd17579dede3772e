"""A disk whose every fsync takes longer: a few lines of C that stand before the system's own calls."""

import os
import subprocess
import tempfile
from pathlib import Path
from shutil import which
from time import perf_counter

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int slow(const char *name, int handle) {
    static long ms = -1;
    if (ms < 0) { const char *said = getenv("RECALL_BENCH_FSYNC_MS"); ms = said ? atol(said) : 0; }
    struct timespec wait = { ms / 1000, (ms % 1000) * 1000000L };
    nanosleep(&wait, NULL);
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    return real(handle);
}

int fsync(int handle) { return slow("fsync", handle); }
int fdatasync(int handle) { return slow("fdatasync", handle); }
"""


_MILLISECONDS = "RECALL_BENCH_FSYNC_MS"


class NotSlowError(Exception):
    """The disk could not be made slow, so there is no figure for a slow one."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class NoCompilerError(Exception):
    """There is no C compiler (cc), so no disk can be made slow. On Debian: apt install gcc."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def slow_disk(milliseconds: int, folder: Path) -> dict[str, str]:
    """Give the variables under which a program's every fsync takes so much longer.

    Args:
        milliseconds: added to each fsync and fdatasync.
        folder: where the compiled shim may lie as long as programs use it.
    """
    if which("cc") is None:
        raise NoCompilerError
    source, shim = folder / "slow.c", folder / "slow.so"
    source.write_text(_SOURCE)
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(shim), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(shim), _MILLISECONDS: str(milliseconds)}


def must_be_slow() -> None:
    """Raise NotSlowError where this program was started with the variables of `slow_disk` and they do nothing."""
    wanted = int(os.environ.get(_MILLISECONDS, "0")) / 1000
    if fsync_seconds(4) < wanted:
        raise NotSlowError


def fsync_seconds(times: int = 50) -> float:
    """Measure what making one small write durable costs here, where databases of a run lie."""
    with tempfile.TemporaryFile() as file:
        took = []
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = perf_counter()
            os.fdatasync(file.fileno())
            took.append(perf_counter() - began)
    return sorted(took)[times // 4]  # what else the machine does makes some of them slower, none quicker
