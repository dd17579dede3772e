"""What holds for every test."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from sandbox.slack.local import LocalSlack

pytest_plugins = ("tests.sandbox.chromium",)  # the browser

# How fast a loaded machine makes up examples says nothing about the code.
settings.register_profile("recall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("recall")


class OneSynapse(LoadScopeScheduling):
    """Each test goes to whoever is free, but for those that share a homeserver: it takes ten seconds to start."""

    def _split_scope(self, nodeid: str) -> str:
        return "synapse" if nodeid.startswith("tests/matrix/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: a third of the time a test waits, for another process or for a second to pass."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return OneSynapse(config, log)


def pytest_collection_finish() -> None:
    """What has been imported stays: no search for garbage need go through it again and again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests say that they have shown, how many kill points for instance."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "shown":
                terminalreporter.write_line(str(value))


@pytest.fixture(autouse=True)
def every_message_keeps_slacks_limits(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Whatever a test makes the bot say, none of it may break a Block Kit rule.

    The local Slack notes each breach; only its own tests (in tests/sandbox) break rules on purpose.
    """
    made: list[LocalSlack] = []
    make = LocalSlack.__init__

    def noted(self: LocalSlack, *args: Any, **more: Any) -> None:
        make(self, *args, **more)
        made.append(self)

    monkeypatch.setattr(LocalSlack, "__init__", noted)
    yield
    if "sandbox" not in request.path.parts:
        assert [breach for slack in made for breach in slack.violations] == []
