"""What SQLite says when something is wrong, in the words of the bot's errors."""

from bot.errors import (
    RecallError,
    StorageDamagedError,
    StorageError,
    StorageFullError,
    StorageLockedError,
    StorageReadOnlyError,
)

# Primary result codes, https://sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 5, 6, 8, 10, 11, 13, 14, 26

_KINDS: dict[int, type[StorageError]] = {
    _BUSY: StorageLockedError,
    _LOCKED: StorageLockedError,
    _READONLY: StorageReadOnlyError,
    _FULL: StorageFullError,
    _CORRUPT: StorageDamagedError,
    _NOTADB: StorageDamagedError,
}

_SENTENCES = {
    _IOERR: "The disk of Recall's database reports an error. Nothing was kept and nothing was done.",
    _CORRUPT: "Recall's database is damaged. Nothing was done; please restore a backup.",
    _NOTADB: "Recall's database file is no SQLite database. Nothing was done; please restore a backup "
    "or name another file.",
    _CANTOPEN: "Recall's database file can't be opened. Nothing was kept and nothing was done.",
}


def result_code(error: BaseException) -> int | None:
    """Return SQLite's primary result code of an error raised by `sqlite3` or `apsw`; None for any other error."""
    for name in ("sqlite_errorcode", "extendedresult", "result"):
        code = getattr(error, name, None)
        if isinstance(code, int):
            return code & 0xFF
    return None


def translate(error: BaseException) -> BaseException:
    """Turn an error of SQLite into the bot's; any other error is returned as it is."""
    code = result_code(error)
    if code is None or isinstance(error, RecallError):
        return error
    kind = _KINDS.get(code, StorageError)
    translated = kind(_SENTENCES.get(code))
    translated.__cause__ = error
    return translated
