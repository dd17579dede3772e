"""The handle on an app in a process of its own (`bench.ack_app`)."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from bench.ack_app import CONNECTIONS, Plan
from bench.slack import Slack

_PATIENCE = 30.0


class Subject:
    """One app and the Slack that it is connected to, while a `with` lasts."""

    def __init__(self, app: str, *, vendor: str) -> None:
        """`app` is one of `bench.ack_app.Plan.app`; `vendor` the address of the practice vendor."""
        self.name = app
        self.slack = Slack()
        self._vendor = vendor
        self._folder = TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start both and wait until they are connected."""
        self.slack.__enter__()
        plan = Plan(app=self.name, slack=self.slack.url, vendor=self._vendor, folder=self._folder.name)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.ack_app", json.dumps(asdict(plan))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()
        deadline = time.monotonic() + _PATIENCE
        while self.slack.connections < CONNECTIONS:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not connect")
            time.sleep(0.05)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End both."""
        assert self._process is not None
        self._process.communicate(timeout=_PATIENCE)
        self.slack.__exit__(kind, error, trace)
        self._folder.cleanup()

    def does(self, order: str) -> Any:
        """Give an order; returns its answer."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())
