import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bot.providers import _OWN, kinds
from bot.settings import FileSettings
from bot.settings_file import load
from front import manifest

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "front", "handlers", "storage", "sandbox")
PACKAGES = {"slack_bolt": "slack-bolt", "slack_sdk": "slack-sdk", "yaml": "PyYAML", "mcp_types": "mcp-types"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, about in model.model_fields.items():
        yield name
        for inner in models_in(about.annotation):
            yield from keys(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from models_in(each)


def described(key: str, page: str) -> bool:
    return re.search(rf"[`\[.]{re.escape(key)}[`\].]", page) is not None


def test_every_setting_is_described() -> None:
    page = text("docs/settings.md")
    assert [key for key in keys(FileSettings) if not described(key, page)] == []


@pytest.mark.parametrize("kind", sorted(_OWN))
def test_every_setting_of_a_provider_is_described(kind: str) -> None:
    page = text("docs/settings.md")
    assert [key for key in keys(kinds()[kind].settings) if not described(key, page)] == []


def test_no_described_setting_is_unknown() -> None:
    known = {*keys(FileSettings), *(key for each in kinds().values() for key in keys(each.settings))}
    first_cells = re.findall(r"^\| `(\w+)` \|", text("docs/settings.md"), flags=re.MULTILINE)
    assert [key for key in first_cells if key not in known] == []


@pytest.mark.parametrize(
    "verb",
    ["sandbox", "check", "history", "export", "backup", "audit verify", "--config", "--quiet", "--version"],
)
def test_every_verb_is_described(verb: str) -> None:
    assert f"`{verb}" in text("README.md")


def test_every_scope_has_its_reason() -> None:
    rows = dict(re.findall(r"^\| `([\w:]+)` \| (.+) \|$", text("docs/connect.md"), flags=re.MULTILINE))
    assert all(rows.get(scope) for scope in manifest.SCOPES)


@pytest.mark.parametrize(
    "name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL", "RECALL_CONFIG"]
)
def test_every_variable_is_described(name: str) -> None:
    assert f"`{name}`" in text("docs/connect.md")


def test_the_example_settings_can_be_read() -> None:
    environ = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "NETMERA_TOKEN": "t"}
    models = {kind: each.settings for kind, each in kinds().items()}
    settings = load(ROOT / "recall.example.toml", environ, models)
    assert settings.rules().anybody


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/connect.md",
        "docs/settings.md",
        "docs/dependencies.md",
        "docs/http.md",
        "docs/providers.md",
        "docs/rules.md",
    ],
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(page))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+)==(\S+)$", text(name), flags=re.MULTILINE))


def imported() -> set[str]:
    files = [ROOT / "app.py", *(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))]
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
    return {
        PACKAGES.get(each, each) for each in names if each not in {*sys.stdlib_module_names, *ROOMS, "app"}
    }


def folded(names: set[str]) -> set[str]:
    return {each.lower().replace("_", "-") for each in names}


# The provider contract is a test class that strangers' tests inherit: it is shipped, and needs pytest only there.
def test_what_is_imported_is_pinned_and_nothing_else() -> None:
    assert folded(imported()) - {"pytest"} == folded(set(pinned("requirements.txt")))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_earns_a_line(name: str) -> None:
    page = text("docs/dependencies.md").lower()
    assert [each for each in pinned(name) if each.lower() not in page] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_line_is_pinned_and_names_no_registry(name: str) -> None:
    lines = [line for line in text(name).splitlines() if line and not line.startswith("#")]
    odd = [line for line in lines if not re.fullmatch(r"-r requirements\.txt|[\w.-]+==[\w.]+", line)]
    assert odd == []
