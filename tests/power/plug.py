"""Pulls the plug on the process that it runs in, and makes its disk fail, as a plan says."""

import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import apsw

from storage.file import Connect
from tests.power.disk import Deed, Disk, Fate, What
from tests.power.filesystem import WatchedFiles


class Trouble(StrEnum):
    """What a disk answers when it fails."""

    IO_ERROR = "io error"
    FULL = "full"

    def error(self) -> Exception:
        """Make what SQLite understands as that, with its result code."""
        return apsw.exception_for(apsw.SQLITE_IOERR if self is Trouble.IO_ERROR else apsw.SQLITE_FULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailing:
    """A disk that is to lose what was not synced when the process ends, or to fail for a while."""

    fate: Fate = Fate.LOST
    seed: int = 0
    trouble: Trouble | None = None
    what: str = "write"  # which deeds fail: write, sync or truncate
    first: int = 0  # the number of the first that fails
    times: int = 1  # how many fail in a row
    full_while: Path | None = None  # while there is this file, no other one grows

    def __str__(self) -> str:
        return f"{self.trouble or self.fate} at {self.what} {self.first}"

    @property
    def grumbles(self) -> bool:
        """Whether it refuses something, so that the log tells of errors."""
        return self.trouble is not None or self.full_while is not None

    def has_no_room(self, deed: Deed) -> bool:
        """Say whether a deed needs room that is not there: what is written over what stands needs none."""
        if self.full_while is None or deed.what is not What.WRITE or not self.full_while.exists():
            return False
        return deed.at + len(deed.data) > Path(deed.file).stat().st_size

    def fails(self, what: str, number: int) -> bool:
        """Say whether a deed is one of those that fail."""
        return self.trouble is not None and what == self.what and 0 <= number - self.first < self.times


class Plug:
    """The disk below the database of this process, and the way to end both at once."""

    def __init__(self, ailing: Ailing) -> None:
        """Set the disk up. Counting begins when `count` is set."""
        self._ailing = ailing
        self._disk = Disk()
        self._files = WatchedFiles("ailing", self._disk, self._meddle)
        self.count: Callable[[str], int] = _uncounted

    @property
    def connect(self) -> Connect:
        """How the database is to be opened."""
        return self._files.connect

    def pull(self) -> None:
        """Leave the files as a power cut would, and end this process."""
        cut = len(self._disk.deeds)
        left = self._disk.after_a_power_cut(cut, self._ailing.fate, random.Random(self._ailing.seed))
        for name, data in left.items():
            path = Path(name)
            path.unlink(missing_ok=True)
            path.with_name(path.name.removesuffix("-wal") + "-shm").unlink(missing_ok=True)
            if data is not None:
                path.write_bytes(data)
        os.kill(os.getpid(), signal.SIGKILL)

    def _meddle(self, deed: Deed) -> None:
        number = self.count(deed.what.value)
        if self._ailing.has_no_room(deed):
            raise Trouble.FULL.error()
        if self._ailing.fails(deed.what.value, number):
            assert self._ailing.trouble is not None
            raise self._ailing.trouble.error()


def _uncounted(_what: str) -> int:
    """Count nothing yet."""
    return 0
