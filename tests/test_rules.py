"""The tables that say which test shows which rule."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLES = sorted((ROOT / "docs" / "rules").glob("*.md"))


def rows(table: Path) -> list[tuple[str, list[str]]]:
    """Each rule with the tests that are named beside it."""
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert lines[:2] == ["| rule | tests |", "|---|---|"]
    cells = [re.fullmatch(r"\| (.+) \| (.+) \|", line) for line in lines[2:]]
    return [(each[1], re.findall(r"`([^`]+)`", each[2])) for each in cells if each]


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("table", TABLES, ids=lambda each: each.stem)
def test_every_row_is_a_rule_with_tests_that_exist(table: Path) -> None:
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    found = rows(table)
    assert len(found) == len(lines) - 2, "a row has two cells"
    for rule, tests in found:
        assert tests, rule
        for each in tests:
            file, _, name = each.partition("::")
            assert name.startswith("test_"), each
            assert (ROOT / file).is_file(), each
            assert name in functions(ROOT / file), each


def test_every_rule_is_listed_once() -> None:
    listed = Counter(rule.casefold() for table in TABLES for rule, _ in rows(table))
    assert [rule for rule, times in listed.items() if times > 1] == []


def test_every_table_is_linked_from_the_page() -> None:
    linked = re.findall(r"\]\(rules/([\w-]+)\.md\)", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(table.stem for table in TABLES)
