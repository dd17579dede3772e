"""Rows that were fetched already, for a connection that looks at what became of a statement before it hands them on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Fetched:
    """A cursor at the end of its statement: one that is its own transaction is committed by then."""

    rows: list[Any]

    def fetchone(self) -> Any:
        return self.rows.pop(0) if self.rows else None

    def fetchall(self) -> list[Any]:
        rows, self.rows = self.rows, []
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())
