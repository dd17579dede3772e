"""`app.py check --provider NAME` for every kind of vendor in the practice world, alive and dead."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.providers import kinds
from bot.settings import Settings
from bot.settings_file import load
from front import verbs
from sandbox.vendors.faults import Kind
from sandbox.world import World

VENDORS = {"push": "netmera", "chat": "chatwoot", "mail": "graph", "club": "northpost"}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0) as world:
        yield world


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    here = verbs.addresses_of(world, port=0)
    file = tmp_path / "recall.toml"
    file.write_text(here.settings(tmp_path), encoding="utf-8")
    return load(file, here.environment(), {kind: each.settings for kind, each in kinds().items()})


@pytest.mark.parametrize("name", [*VENDORS, "posts", "windows"])
async def test_a_vendor_that_is_well_is_ready(
    settings: Settings, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await verbs.look(settings, only=name) == 0
    assert capsys.readouterr().out.endswith("Everything is ready.\n")


@pytest.mark.parametrize(("name", "vendor"), VENDORS.items())
async def test_a_vendor_that_is_down_is_said_to_be_missing_with_what_to_look_at(
    world: World, settings: Settings, name: str, vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await getattr(world, vendor).go_down()

    assert await verbs.look(settings, only=name) == 1

    out = capsys.readouterr().out
    assert f"MISSING provider {name}" in out
    assert "can't be reached" in out
    assert "missing.\n" in out


@pytest.mark.parametrize(("name", "vendor"), VENDORS.items())
async def test_a_token_that_was_revoked_is_named_as_the_mistake(
    world: World, settings: Settings, name: str, vendor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    getattr(world, vendor).faults.add(Kind.BAD_TOKEN, times=None)

    assert await verbs.look(settings, only=name) == 1

    out = capsys.readouterr().out.casefold()
    assert any(word in out for word in ("token", "key", "secret", "credential"))
