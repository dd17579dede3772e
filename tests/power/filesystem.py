"""A file system for SQLite, written with apsw: it passes everything through and tells a disk, or fails as told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from storage.file import Connection
from tests.power.disk import Deed, Disk, What

Meddle = Callable[[Deed], None]
"""Called before each deed; raises apsw's error where the deed shall fail, or ends the process."""


def nothing(deed: Deed) -> None:
    """Let every deed be done."""


class WatchedFile(apsw.VFSFile):
    """One open file."""

    def __init__(self, base: str, name: Any, flags: list[int], disk: Disk, meddle: Meddle) -> None:
        self._file = str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        self._disk = disk
        self._meddle = meddle
        disk.opened(self._file)
        super().__init__(base, name, flags)

    def xLock(self, level: int) -> None:  # noqa: N802 - SQLite's name
        """Lock as always. A reader that is the last to close may not; SQLite ignores that, so apsw need not raise it."""
        try:
            super().xLock(level)
        except apsw.IOError as error:
            raise apsw.BusyError("another's") from error

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        deed = Deed(file=self._file, what=What.WRITE, at=offset, data=bytes(data))
        self._meddle(deed)
        super().xWrite(data, offset)
        self._disk.did(deed)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        deed = Deed(file=self._file, what=What.TRUNCATE, at=newsize)
        self._meddle(deed)
        super().xTruncate(newsize)
        self._disk.did(deed)

    def xSync(self, _flags: int) -> None:  # noqa: N802 - SQLite's name
        deed = Deed(file=self._file, what=What.SYNC)
        self._meddle(deed)
        self._disk.did(deed)


class WatchedFiles(apsw.VFS):
    """The file system: registered under its name for as long as it lives."""

    def __init__(self, name: str, disk: Disk, meddle: Meddle = nothing) -> None:
        self._disk = disk
        self._meddle = meddle
        self.name = name
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        if name is None:  # SQLite's own scratch file: nothing that has to outlive anything
            return apsw.VFSFile("", name, flags)
        return WatchedFile("", name, flags, self._disk, self._meddle)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's name
        super().xDelete(name, syncdir)
        self._disk.did(Deed(file=name, what=What.DELETE))

    def connect(self, path: Path, *, read_only: bool) -> Connection:
        """Open a database on this file system: `storage.file.Connect`."""
        rights = (
            apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        return apsw.Connection(str(path), flags=rights, vfs=self.name)
