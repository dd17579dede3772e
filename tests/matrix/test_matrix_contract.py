"""The matrix provider keeps what every provider has to keep, at a real Synapse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import ClassVar

import pytest

from bot.ports import SystemClock, Viewer
from bot.providers.contract import ProviderContract, Subject
from bot.providers.matrix import MatrixProvider
from bot.providers.matrix_settings import MatrixSettings
from bot.target import ProviderName, TargetId
from tests.matrix.proxy import Proxy
from tests.matrix.synapse import Synapse

_numbers = count(1)


async def _nothing() -> None:
    """A homeserver is done when it answers."""


class _AtSynapse(ProviderContract):
    server: ClassVar[Synapse]

    @pytest.fixture(autouse=True)
    def _server(self, synapse: Synapse) -> None:
        type(self).server = synapse

    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        server, alias = self.server, f"contract{next(_numbers)}"
        room = server.room(alias, "bob", "recall")
        mine = server.says("recall", room, "older") and server.says("recall", room, "the newest")
        theirs = server.says("bob", room, "by bob")
        proxy = await Proxy(server.url).start()
        token = server.people["recall"].token
        settings = MatrixSettings.model_validate({"url": proxy.url, "token": token, "rooms": [room]})
        provider = MatrixProvider(ProviderName("team"), settings, SystemClock())
        link = f"https://matrix.to/#/{room}/{mine}?via=localhost"
        yield Subject(
            provider=provider,
            sent=TargetId(self.sent(room, mine)),
            missing=TargetId(f"{room}/${'x' * 43}"),
            refused=TargetId(f"{room}/{theirs}"),
            words={
                link: TargetId(f"{room}/{mine}"),
                mine: TargetId(mine),
                f"@recall:localhost in {room}": TargetId(f"{room}/@recall:localhost"),
            },
            settle=_nothing,
            go_away=proxy.go_away,
            lose_answer=proxy.lose_next_redaction,
            secrets=(token,),
            viewer=Viewer(identity="@recall:localhost"),
        )
        await provider.close()
        await proxy.go_away()

    def sent(self, room: str, event: str) -> str:
        raise NotImplementedError


class TestOneMessage(_AtSynapse):
    def sent(self, room: str, event: str) -> str:
        return f"{room}/{event}"


class TestEverythingThatSomebodySent(_AtSynapse):
    def sent(self, room: str, event: str) -> str:
        assert event
        return f"{room}/@recall:localhost/9999999999999"
