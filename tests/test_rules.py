"""The tables that say which test shows which rule."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLES = sorted((ROOT / "docs" / "rules").glob("*.md"))

RULES: dict[str, tuple[str, ...]] = {
    "push": (
        "removed",
        "halted",
        "recent",
        "two-clicks",
        "reason-list",
        "reasons",
        "reason-typed",
        "correction",
        "review",
        "search",
        "web-push",
        "proof",
        "recalled-already",
    ),
    "chat": (
        "shortcut",
        "found",
        "conversation-link",
        "website-only",
        "five-minutes",
        "card-closes",
        "sender-only",
        "match-by-mail",
        "customers-words",
        "history",
        "copy-marked",
        "copy-gone",
        "online",
        "offline",
        "reconnected",
        "presence-unknown",
        "reasons",
        "wrong-message",
        "wrong-conversation",
        "unfinished",
        "internal-note",
        "wrong-link",
        "read-back",
        "mirror",
    ),
    "mail": (
        "me",
        "users",
        "tokens",
        "clouds",
        "submitted",
        "receipt",
        "refused",
        "outcome",
        "unknown",
        "deadline",
        "private",
        "found",
        "sender",
        "shortcut",
        "one-of-several",
        "merge",
        "merge-runs",
        "left-out",
        "throttling",
    ),
    "posts": (
        "itself",
        "permalink",
        "bots-own",
        "persons-own",
        "who-can",
        "own-cards",
        "plain-words",
        "read-back",
        "unlisted",
    ),
    "shortcut": (
        "by-itself",
        "other-apps",
        "own-vendor",
        "several",
        "nothing",
        "own-card",
    ),
    "matrix": (
        "redacted",
        "power",
        "unknown-event",
        "repeat",
        "wait",
        "everything",
        "sender",
        "edits",
        "gone",
    ),
    "http": (
        "listed",
        "submitted",
        "no-record",
        "never-twice",
        "batch",
        "window",
        "dry-run",
        "examples",
    ),
    "manual": (
        "offered",
        "steps",
        "word",
        "could-not",
        "silence",
        "rights",
    ),
    "everywhere": (
        "one-command",
        "typeahead",
        "blast-radius",
        "second-person",
        "many-items",
        "stop",
        "progress",
        "per-recipient",
        "correction",
        "sender-told",
        "audit",
        "crash",
        "sandbox",
        "sandbox-chat",
        "sandbox-mail",
        "strangers",
        "contract",
        "thread",
        "no-rule",
        "double-click",
        "changed",
        "lost-answer",
        "expires",
        "private-places",
        "planned",
        "planned-window",
    ),
    "odd": (
        "html",
        "content-type",
        "redirects",
        "ten-megabytes",
        "trickle",
        "odd-ids",
        "subjects",
        "names",
        "future",
        "one-name",
        "deleted",
        "revoked",
        "others-unaffected",
    ),
}
"""The short names of all rules, by table: a rule that leaves its table, or that nobody wrote down here, is noticed."""

Row = tuple[str, str, list[str]]


def rows(table: Path) -> list[Row]:
    """Each rule's key, its words, and the tests that are named beside it."""
    lines = [line for line in table.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert lines[:2] == ["| key | rule | tests |", "|---|---|---|"]
    cells = [re.fullmatch(r"\| ([a-z0-9-]+) \| (.+) \| (.+) \|", line) for line in lines[2:]]
    assert all(cells), "a row has a key, a rule and tests"
    return [(each[1], each[2], re.findall(r"`([^`]+)`", each[3])) for each in cells if each]


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("table", TABLES, ids=lambda each: each.stem)
def test_every_row_is_a_rule_with_tests_that_exist(table: Path) -> None:
    for _, rule, tests in rows(table):
        assert tests, rule
        for each in tests:
            file, _, name = each.partition("::")
            assert name.startswith("test_"), each
            assert (ROOT / file).is_file(), each
            assert name in functions(ROOT / file), each


def test_no_rule_is_missing_and_none_is_there_that_nobody_counts() -> None:
    assert {table.stem: tuple(key for key, _, _ in rows(table)) for table in TABLES} == RULES


def test_every_rule_is_listed_once() -> None:
    listed = Counter(rule.casefold() for table in TABLES for _, rule, _ in rows(table))
    assert [rule for rule, times in listed.items() if times > 1] == []


def test_every_table_is_linked_from_the_page() -> None:
    linked = re.findall(r"\]\(rules/([\w-]+)\.md\)", (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(table.stem for table in TABLES)
