"""Kinds of providers: our own, strangers', and broken ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.ports import SystemClock
from bot.providers import build, kinds
from bot.providers.base import ProviderKind
from bot.settings_file import load

Install = Callable[..., None]
STRANGER = """
from bot.providers.base import ProviderKind, ProviderSettings
from bot.providers.netmera import NetmeraProvider
KIND = ProviderKind(settings=ProviderSettings, build=NetmeraProvider)
NOTHING = 7
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a stranger's package whose entry points are as given."""

    def install(**points: str) -> None:
        (tmp_path / "stranger_kind.py").write_text(STRANGER)
        (tmp_path / "stranger_broken.py").write_text("raise OSError('no such library')")
        about = tmp_path / "stranger-1.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
        lines = "\n".join(f"{kind} = {value}" for kind, value in points.items())
        (about / "entry_points.txt").write_text(f"[recall.providers]\n{lines}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


OWN = frozenset(kinds())


def test_netmera_is_there() -> None:
    assert isinstance(kinds()["netmera"], ProviderKind)
    assert kinds().broken == []


def test_a_strangers_kind_is_found(install: Install) -> None:
    install(pigeon="stranger_kind:KIND")
    assert set(kinds()) == {*OWN, "pigeon"}


def test_only_what_the_settings_name_is_loaded(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install(smoke="stranger_broken:KIND")
    known = kinds()
    assert known["manual"].settings.__name__ == "ManualSettings"
    assert "smoke" not in caplog.text
    assert "smoke" not in known
    assert "smoke" in caplog.text


def test_broken_kinds_are_told_of_and_the_others_work(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install(
        pigeon="stranger_kind:KIND",
        smoke="stranger_broken:KIND",
        drum="stranger_kind:NOTHING",
        horn="stranger_missing:KIND",
        netmera="stranger_kind:KIND",
    )
    assert set(kinds()) == {*OWN, "pigeon"}
    for name in ("smoke", "drum", "horn", "netmera"):
        assert f"'{name}'" in caplog.text
    assert kinds()["netmera"].settings.__name__ == "NetmeraSettings"


def _load(tmp_path: Path, lines: str) -> Any:
    file = tmp_path / "recall.toml"
    file.write_text(f"[providers.push]\n{lines}\n")
    models = {name: kind.settings for name, kind in kinds().items()}
    return load(file, {"T": "secret-token"}, models, to_run=False).providers["push"].own


def test_url_and_token_are_all_that_is_needed(tmp_path: Path) -> None:
    own = _load(tmp_path, 'kind = "netmera"\nurl = "https://ai.netmera.com/ai/mcp"\ntoken = "${T}"')
    assert "secret-token" not in repr(own)
    provider = build("push", own, SystemClock(), kinds())
    assert provider.traits.vendor == "Netmera"
    assert "secret-token" not in repr(provider) + repr(vars(provider))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('kind = "netmera"\nurl = "http://ai.netmera.com"\ntoken = "x"', "providers.push.url"),
        ('kind = "netmera"\nurl = "ftp://ai.netmera.com"\ntoken = "x"', "must be a full address"),
        ('kind = "netmera"\nurl = "https://ann:pw@netmera.com"\ntoken = "x"', "must not hold a user name"),
        ('kind = "netmera"\nurl = "https://netmera.com"', "providers.push.token: is missing"),
        ('kind = "netmera"\nurl = "https://netmera.com"\ntoken = "x"\ntimeot = 3', 'did you mean "timeout"?'),
        (
            'kind = "netmera"\nurl = "https://netmera.com"\ntoken = "x"\nid_pattern = "("',
            "no regular expression",
        ),
        ('kind = "netmera"\nurl = "https://netmera.com"\ntoken = "x"\npanel_url = "https://p/"', "{id}"),
        (
            'kind = "netmera"\nurl = "https://netmera.com"\ntoken = "x"\n[providers.push.fields]\nnam = ["a"]',
            "fields.nam",
        ),
        ('kind = "pigeon"', "known kinds: "),
    ],
)
def test_mistakes_are_told_with_their_key(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, lines)
    assert said in caught.value.sentence
    assert "ann:pw" not in caught.value.sentence


def test_every_setting_can_be_given_in_the_file(tmp_path: Path) -> None:
    own = _load(
        tmp_path,
        """kind = "netmera"
url = "http://127.0.0.1:9/mcp"
token = "${T}"
title = "Shop app"
window_minutes = 90
panel_url = "https://panel.example/c/{id}"
link_hosts = ["panel.example"]
id_arguments = ["key"]
status_words = { GONE = "recalled" }
extra_arguments = { campaign_recall = { confirm = true } }
[providers.push.fields]
name = ["campaign"]
[providers.push.tools]
recall = "take_back"
""",
    )
    assert own.status_words == {"GONE": "recalled"}
    assert own.tools.recall == "take_back"
