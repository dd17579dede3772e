import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.search_file import filled, fresh, sample


def test_filling_that_was_cut_short_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    small = filled(40)
    with pytest.raises(TimeoutError, match="40 of 90 are filled"):
        filled(90, until=0.0)

    large = filled(90)

    assert counted(small) == 40
    assert counted(large) == 90
    asked_for = {one.ref for one in sample(large, 10, ("push", "crm"))}
    assert len(asked_for) >= 9
    assert next(fresh()).ref not in {one.ref for one in sample(large, 90, ("push", "crm", "letters"))}


def counted(path: Path) -> int:
    with closing(sqlite3.connect(path)) as reading:
        count: int = reading.execute("SELECT count(*) FROM target").fetchone()[0]
        return count
