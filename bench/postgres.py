"""A PostgreSQL of its own for one run, thrown away afterwards; with its own defaults, so every commit is synced."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import chown, which

_USERS = ("postgres", "nobody")
"""Who may run the server where we are root: it refuses to run as root."""

_PATIENCE = 60


class NoPostgresError(Exception):
    """There is no PostgreSQL here (initdb, pg_ctl). On Debian: apt install postgresql."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server that listens on a socket of its own; gives its connection string."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    with tempfile.TemporaryDirectory(prefix="recall-bench-") as folder:
        user = _user()
        if os.getuid() == 0:
            chown(folder, user)
        data = f"{folder}/data"
        _run(user, [initdb, "-D", data, "-A", "trust", "-U", "recall", "--no-instructions"])
        options = f"-c listen_addresses='' -k {folder}"
        _run(user, [pg_ctl, "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"])
        try:
            yield f"host={folder} user=recall dbname=postgres"
        finally:
            _run(user, [pg_ctl, "-D", data, "-m", "immediate", "stop"])


def _program(name: str) -> str:
    found = which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if found is None and not places:
        raise NoPostgresError
    return found or str(places[0])


def _user() -> str:
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name
    known = {each.pw_name for each in pwd.getpwall()}
    return next(each for each in _USERS if each in known)


def _run(user: str, command: Sequence[str]) -> None:
    who = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    subprocess.run(
        [*who, *command],
        stdout=subprocess.DEVNULL,
        cwd="/",  # that user may not look into our folder
        timeout=_PATIENCE,
        check=True,
    )
