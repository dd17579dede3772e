"""What holds for every test."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sandbox.slack.local import LocalSlack

# How fast a loaded machine makes up examples says nothing about the code.
settings.register_profile("recall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("recall")


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
