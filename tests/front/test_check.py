from pathlib import Path

import pytest

from bot.errors import ProviderError, StorageLockedError
from bot.ports import Diagnosis, Store
from bot.settings import Settings
from bot.settings_file import load
from bot.target import ProviderName
from front import check
from front.slack_line import web_client


async def locked(url: str) -> Store:
    raise StorageLockedError


@pytest.fixture
def bare_settings(tmp_path: Path) -> Settings:
    (tmp_path / "recall.toml").write_text("")
    return load(tmp_path / "recall.toml", {}, {}, to_run=False)


def test_the_report_counts_what_is_missing() -> None:
    well = Diagnosis(ok=True, what="sky", found="blue", mend="never shown")
    ill = Diagnosis(ok=False, what="grass", found="brown", mend="Water it.")
    assert list(check.report([well, ill])) == [
        "ok      sky: blue",
        "MISSING grass: brown",
        "        Water it.",
        "\n1 thing is missing.",
    ]
    assert list(check.report([well]))[-1] == "\nEverything is ready."


def test_without_providers_and_rules_both_are_missing(bare_settings: Settings) -> None:
    found = list(check.policy(bare_settings))
    assert [(each.what, each.ok) for each in found] == [("providers", False), ("rules", False)]


async def test_without_tokens_slack_is_not_asked(bare_settings: Settings) -> None:
    client = web_client(bare_settings.access)
    found = await check.slack(bare_settings, client)
    assert [(each.what, each.found) for each in found] == [
        ("SLACK_BOT_TOKEN", "is not set"),
        ("SLACK_APP_TOKEN", "is not set"),
    ]


async def test_a_database_that_can_not_be_read_is_missing(tmp_path: Path) -> None:
    (tmp_path / "recall.db").touch()
    found = await check.database(f"sqlite:///{tmp_path}/recall.db", locked)
    assert not found.ok
    assert "locked" in found.found


async def test_a_database_in_a_folder_that_is_not_there_is_missing(tmp_path: Path) -> None:
    found = await check.database(f"sqlite:///{tmp_path}/nowhere/recall.db", locked)
    assert not found.ok


async def test_a_provider_that_is_switched_off_says_why() -> None:
    found = await check.providers({ProviderName("push"): ProviderError("No tool fits.")})
    assert [(each.what, each.found, each.ok) for each in found] == [("provider push", "No tool fits", False)]


def test_an_unreadable_manifest_is_missing(tmp_path: Path) -> None:
    (found,) = check.manifest_file(tmp_path / "manifest.yml", command="/recall", callbacks=())
    assert not found.ok
    assert found.found.startswith("manifest.yml can't be read")
