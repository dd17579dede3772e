"""The table of faults in docs/faults.md and the tests agree, both ways."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TABLE = TESTS.parent / "docs" / "faults.md"

NAMES = """
    slack-429-post slack-429-edit slack-5xx-before slack-5xx-after slack-reset slack-timeout
    slack-garbled slack-search-fails slack-away-hours slack-away-at-start slack-token-revoked
    slack-scope-missing slack-channel-archived slack-place-gone slack-bot-removed
    slack-card-deleted slack-image slack-burst slack-people-unreadable socket-dead-ticket
    socket-silent socket-refresh socket-abort socket-no-new-one socket-switched-off
    socket-fan-out socket-too-many repeat-envelope repeat-event repeat-http bad-signature stale-signature
    malformed-envelope modal-too-late response-url-dead double-click two-people right-lost
    vendor-429-after vendor-429 vendor-5xx-before vendor-5xx-after vendor-reset
    vendor-lost-then-refused vendor-lost-answer vendor-lost-never-twice vendor-timeout
    vendor-slow-bytes vendor-slow-others vendor-html vendor-truncated vendor-wrong-type
    vendor-huge vendor-redirect vendor-status-only vendor-already-recalled vendor-not-found
    vendor-window-closed vendor-changed vendor-grown vendor-token-revoked vendor-session-expired
    vendor-clear-no vendor-wrong-count vendor-bug vendor-never-confirms vendor-confirms-late
    vendor-down vendor-down-at-look-up vendor-dead-at-start vendor-removed vendor-one-item
    disk-full disk-io-error disk-locked disk-read-only disk-read-only-at-start disk-full-at-start
    disk-between-click-and-work disk-while-telling power-cut torn-pages disk-network
    database-newer database-older database-foreign database-damaged folder-missing audit-changed
    row-unreadable clock-jumps clock-vendor-differs clock-future window-edge card-edge time-zone
    machine-sleeps kill-any-point kill-any-turn kill-after-yes kill-after-stop
    kill-in-vendor-call
    kill-never-twice kill-before-confirmation kill-while-telling kill-again sigterm
    two-processes lease-lost loop-blocked handler-bug outbox-bug everything
"""
FAULTS = frozenset(NAMES.split())
"""Every fault that the table has to answer for."""

ABOUT_FAULTS_ALONE = (
    "crash/test_kill_points.py",
    "front/test_sockets.py",
    "power/test_live_power_cuts.py",
    "power/test_power_loss.py",
    "simulation/test_machine.py",
    "simulation/test_single_faults.py",
    "stories/test_kill.py",
    "stories/test_memory_trouble.py",
    "stories/test_repeats.py",
    "stories/test_vendor_trouble.py",
)
"""Files whose every test shows what becomes of some fault."""


def rows() -> dict[str, list[str]]:
    """Read the table: the fault's name, and the tests that show it."""
    found: dict[str, list[str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [each.strip() for each in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0] not in {"fault", "---"}:
            assert cells[0] not in found, f"{cells[0]} has two rows"
            assert all(cells), line
            found[cells[0]] = re.findall(r"`([^`]+)`", cells[3])
    return found


@cache
def names_in(file: str) -> frozenset[str]:
    """Name the tests in a file, without importing it."""
    path = TESTS / file
    if not path.is_file():
        return frozenset()
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(each.id for each in node.targets if isinstance(each, ast.Name))
    return frozenset(each for each in names if each.startswith(("test_", "Test")))


def test_no_fault_is_missing_and_none_is_made_up() -> None:
    assert set(rows()) == FAULTS
    assert len(FAULTS) >= 60


def test_every_test_that_the_table_names_is_there() -> None:
    for fault, named in rows().items():
        assert named, f"{fault} has no test"
        for each in named:
            file, _, test = each.partition("::")
            assert test in names_in(file), f"{fault}: there is no {each}"


@pytest.mark.parametrize("file", ABOUT_FAULTS_ALONE)
def test_every_test_about_faults_is_in_the_table(file: str) -> None:
    named = {each for tests in rows().values() for each in tests}
    assert names_in(file)
    assert [each for each in sorted(names_in(file)) if f"{file}::{each}" not in named] == []
