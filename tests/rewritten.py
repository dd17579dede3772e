"""Which chunks' items were written since a moment, seen from outside."""

import sqlite3
from contextlib import closing
from pathlib import Path


def note_what_is_written(file: Path) -> None:
    """Have the database note each chunk whose items are written from now on."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE rewritten (number INTEGER)")
        connection.execute(
            "CREATE TRIGGER note_rewritten AFTER INSERT ON chunk_items"
            " BEGIN INSERT INTO rewritten VALUES (new.number); END"
        )
        connection.commit()


def written(file: Path) -> list[int]:
    """List their numbers."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM rewritten ORDER BY number")]
