"""The handle on an app in a process of its own (`bench.ack_app`)."""

import json
import shutil
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from bench.ack_app import CONNECTIONS, DATABASE, Plan
from bench.child import Child
from bench.slack import Slack

_PATIENCE = 30.0


class Subject:
    """One app and the Slack that it is connected to, while a `with` lasts."""

    def __init__(self, app: str, *, vendor: str, database: Path | None = None) -> None:
        """Start nothing yet.

        Args:
            app: one of `bench.ack_app.Plan.app`.
            vendor: the address of the practice vendor.
            database: what Recall begins with a copy of; None: an empty one.
        """
        self.name = app
        self.slack = Slack()
        self._vendor = vendor
        self._ends = ExitStack()
        self._app: Child | None = None
        self._before = database
        self.database = Path()  # Recall's own, while it runs

    def __enter__(self) -> Self:
        """Start both and wait until they are connected."""
        folder = self._ends.enter_context(TemporaryDirectory())
        self.database = Path(folder) / DATABASE
        if self._before is not None:
            shutil.copyfile(self._before, self.database)
        self._ends.enter_context(self.slack)
        plan = Plan(app=self.name, slack=self.slack.url, vendor=self._vendor, folder=folder)
        self._app = self._ends.enter_context(Child("bench.ack_app", json.dumps(asdict(plan))))
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
        self._ends.close()

    def does(self, order: str) -> Any:
        """Give an order; returns its answer."""
        assert self._app is not None
        return self._app.does(order)
