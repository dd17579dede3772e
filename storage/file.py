"""The database file: where it is, whether it may be used, who else uses it, and how it is opened."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bot.errors import StorageError, StorageLockedError, StorageReadOnlyError

BUSY_SECONDS = 1.0
"""How long a statement waits for somebody else's lock before it gives up.

Twice this, and a little, must fit into the 3 seconds that Slack waits for an answer: what arrives while an earlier
write waits in vain begins to wait only then.
"""

_WRITER_PAGES = 256
"""Kilobytes of pages that the writing connection keeps. It writes what comes next and seldom reads, so SQLite's 2,000 would
only fill up while a long recall runs (bench/memory.py); measured, it writes no slower."""

LOG_PAGES = 1_000
"""Pages in the write-ahead log (4 MB) after which it is put into the file. A start after a kill has to read the log: what
a fan-out at full speed left behind, 4.2 MB, took 14 ms."""

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "lustre", "beegfs", "glusterfs",
        "gfs2", "ocfs2", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.davfs2",
    }
)  # fmt: skip
"""File systems on which SQLite's shared memory and locks can't be trusted (https://sqlite.org/wal.html)."""


class Cursor(Protocol):
    """What a statement gives back; shared by `sqlite3` and `apsw`."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """The part of a connection that is used; shared by `sqlite3` and `apsw`."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement for each row of values."""
        ...

    def interrupt(self) -> None:
        """Cut short what another thread is running on it."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class Connect(Protocol):
    """Opens the file. Passed in so that tests can put another file system underneath."""

    def __call__(self, path: Path, *, read_only: bool) -> Connection:
        """Return a connection in autocommit mode that any one thread at a time may use."""
        ...


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file. Used for every connection there is; `prepare` sets it up."""
    mode = "ro" if read_only else "rwc"
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def prepare(connection: Connection, *, read_only: bool) -> None:
    """Set a fresh connection up: one writes and checkpoints, every other one only reads."""
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}").fetchall()
    if read_only:
        connection.execute("PRAGMA query_only = 1").fetchall()
        connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        return
    connection.execute(f"PRAGMA cache_size = -{_WRITER_PAGES}").fetchall()
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA synchronous = FULL").fetchall()
    connection.execute("PRAGMA foreign_keys = 1").fetchall()
    connection.execute("PRAGMA journal_size_limit = 67108864").fetchall()
    connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}").fetchall()


def path_of(url: str) -> Path:
    """Take the path out of `sqlite:///relative.db` or `sqlite:////absolute.db`.

    Raises:
        StorageError: the address is of another kind, or names no file.
    """
    scheme, _, rest = url.partition(":///")
    if scheme != "sqlite" or not rest or rest.startswith(":") or "\0" in rest:
        raise StorageError(
            "storage.url must name a file, like sqlite:///recall.db or sqlite:////var/lib/recall/recall.db."
        )
    return Path(rest).expanduser().absolute()


def network_file_system(path: Path, mounts: str) -> str | None:
    """Name the network file system that a path lies on; None where it is a local one.

    Args:
        path: absolute, symbolic links resolved.
        mounts: the text of /proc/mounts.
    """
    found, depth = None, -1
    for line in mounts.splitlines():
        parts = line.split(" ")
        if len(parts) < 3:  # noqa: PLR2004 - device, place, type
            continue
        place = Path(parts[1].encode("latin-1", "replace").decode("unicode_escape"))
        if path.is_relative_to(place) and len(place.parts) >= depth:
            found, depth = parts[2], len(place.parts)
    return found if found in NETWORK_FILE_SYSTEMS else None


def refuse_network(path: Path) -> None:
    """Raise StorageError where the file would lie on a network file system."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    if kind := network_file_system(path.resolve(), mounts.read_text("utf-8", "replace")):
        raise StorageError(
            f"{path} lies on a network file system ({kind}), where a database can be damaged. "
            "Put it on a local disk."
        )


class FileLock:
    """Keeps a second Recall from the same file: `flock` on `<file>.lock`, freed by the system at any death."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock. Raises StorageLockedError, or StorageReadOnlyError where it can't be written."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except PermissionError as error:
            raise StorageReadOnlyError from error
        except OSError as error:
            if error.errno == 30:  # noqa: PLR2004 - EROFS
                raise StorageReadOnlyError from error
            raise StorageError(f"{self._path} can't be opened: {error.strerror}.") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(handle, 32).decode("ascii", "replace").strip()
            os.close(handle)
            raise StorageLockedError(
                f"Another Recall is running on this database (process {owner or 'unknown'}). "
                "Stop it first, or name another file in storage.url."
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._handle = handle

    def free(self) -> None:
        """Give the lock back. The file stays: removing it would open a race."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
