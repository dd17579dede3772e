import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.match import Choice, spell
from storage.pairs import entry, side_by_side_query, together_query

words = st.text("abcdeéßıİжя春节セ한1", min_size=1, max_size=6)
names = st.lists(words, min_size=2, max_size=20)


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE entries USING fts5"
            " (pairs, content = '', columnsize = 0, detail = none, tokenize = 'ascii')"
        )
        yield connection


def finds(index: sqlite3.Connection, query: str | None, name: str, key: str) -> bool:
    if query is None:
        return True
    index.execute("INSERT INTO entries (pairs, rowid) VALUES (?, 1)", (entry(name, key),))
    found = index.execute("SELECT 1 FROM entries WHERE entries MATCH ?", (query,)).fetchall()
    index.rollback()
    return bool(found)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(name=names, data=st.data())
def test_words_of_a_name_and_its_id_unfinished_and_in_any_order_find_it(
    index: sqlite3.Connection, name: list[str], data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from([*name, "key"]), min_size=1, max_size=8))
    typed = [word[: data.draw(st.integers(1, len(word)))] for word in chosen]
    wrong = Choice(text="wrong", whole=True)
    groups = [[Choice(text=part, whole=False), wrong] for part in typed]

    assert finds(index, together_query(groups), " ".join(name), "key")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(name=names, data=st.data())
def test_words_side_by_side_find_it_the_last_one_unfinished(
    index: sqlite3.Connection, name: list[str], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    last = name[end - 1]
    typed = [*name[start : end - 1], last[: data.draw(st.integers(1, len(last)))]]

    assert finds(index, side_by_side_query(spell(" ".join(typed)).split()), " ".join(name), "key")


def test_other_words_do_not_find_it(index: sqlite3.Connection) -> None:
    groups = [[Choice(text=word, whole=False)] for word in ("spring", "sale")]

    assert not finds(index, together_query(groups), "Spring letter", "4711")
    assert not finds(index, side_by_side_query(["sale", "spring"]), "Spring sale", "4711")
