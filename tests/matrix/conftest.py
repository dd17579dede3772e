"""One Synapse for all tests (they run in one worker, see `tests/conftest.py`); a room of its own for each test."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from typing import Any

import pytest

from bot.ports import SystemClock
from bot.providers.matrix import MatrixProvider
from bot.providers.matrix_settings import MatrixSettings
from bot.target import ProviderName
from tests.matrix.synapse import PYTHON, Synapse

Connect = Callable[..., MatrixProvider]
_numbers = count(1)


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A running homeserver; tests are skipped where it is not installed, unless RECALL_SYNAPSE=required."""
    if not PYTHON.exists():
        why = "Synapse is not installed: `make synapse` puts it into .venv-synapse"
        if os.environ.get("RECALL_SYNAPSE") == "required":
            pytest.fail(why)
        pytest.skip(why)
    server = Synapse(folder=tmp_path_factory.mktemp("synapse"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def alias() -> str:
    """A room's name that nobody else uses."""
    return f"room{next(_numbers)}"


@pytest.fixture
def room(synapse: Synapse, alias: str) -> str:
    """A room with ann (who made it), bob and Recall's account in it."""
    return synapse.room(alias, "bob", "recall")


@pytest.fixture
async def connect(synapse: Synapse) -> AsyncIterator[Connect]:
    """Make providers; they are closed at the end."""
    made: list[MatrixProvider] = []

    def connect(*rooms: str, **settings: Any) -> MatrixProvider:
        given = {"url": synapse.url, "token": synapse.people["recall"].token, "rooms": rooms, **settings}
        checked = MatrixSettings.model_validate(given)
        made.append(MatrixProvider(ProviderName("team"), checked, SystemClock()))
        return made[-1]

    yield connect
    for provider in made:
        await provider.close()
