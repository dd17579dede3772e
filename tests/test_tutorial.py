"""The tutorial for writers of providers: what stands on the page is written to disk, installed and run."""

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```$', PAGE, flags=re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The tutorial's package in a folder of its own."""
    folder = tmp_path / "recall-pigeon"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def installed(package: Path, tmp_path: Path) -> Path:
    """A folder that holds the package as an installer leaves it, with its entry points."""
    target = tmp_path / "site"
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    about = target / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    named = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (about / "METADATA").write_text(named)
    (about / "entry_points.txt").write_text(
        "".join(
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
            for group, points in project["entry-points"].items()
        )
    )
    (package / "recall_pigeon").rename(target / "recall_pigeon")
    return target


@pytest.fixture
def pigeon(package: Path) -> Iterator[ModuleType]:
    """The tutorial's practice vendor, running in a thread of its own."""
    about = importlib.util.spec_from_file_location("practice_pigeon", package / "practice_pigeon.py")
    assert about is not None
    assert about.loader is not None
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    vendor, up, end = module.PracticePigeon(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await vendor.start()
        up.set()
        await end.wait()
        await vendor.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(10)
    module.url = vendor.url  # type: ignore[attr-defined]
    yield module
    loop.call_soon_threadsafe(end.set)
    thread.join(10)
    loop.close()


def _run(
    command: list[str], folder: Path, *paths: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, paths))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "PYTEST_"))}
    environ = {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=50, check=False
    )


def test_the_contract_tests_of_the_tutorial_pass_with_one_command(package: Path) -> None:
    (written,) = [each for each in COMMANDS if "pytest" in each]
    words = written.split()
    assert words[:2] == ["PYTHONPATH=$RECALL", "$RECALL/.venv/bin/python"]

    run = _run([sys.executable, *words[2:]], package, ROOT)

    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"\b1[0-9] passed", run.stdout), run.stdout


def test_the_contract_tests_tell_a_false_done(package: Path) -> None:
    file = package / "recall_pigeon" / "provider.py"
    honest = '{"returned": ItemState.DONE, "returning": ItemState.ACCEPTED}'
    assert honest in file.read_text(encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8").replace(honest, '{"returned": ItemState.ACCEPTED}'))

    run = _run([sys.executable, "-m", "pytest", "test_pigeon.py"], package, ROOT)

    assert run.returncode == 1
    assert "the record shows it, so it is done" in run.stdout


def test_the_settings_of_the_tutorials_provider_are_read_and_checked(
    package: Path, installed: Path, pigeon: ModuleType
) -> None:
    command = [sys.executable, str(ROOT / "app.py"), "check", "--provider", "post"]
    command += ["--config", str(package / "recall.toml")]

    good = _run(command, package, installed, ROOT, PIGEON_URL=pigeon.url, PIGEON_TOKEN=pigeon.TOKEN)
    assert "answers; 5 letters" in good.stdout, good.stdout + good.stderr
    assert good.returncode == 0

    wrong = _run(command, package, installed, ROOT, PIGEON_URL=pigeon.url, PIGEON_TOKEN="another")
    assert wrong.returncode == 1
    assert "does not accept Recall's token" in wrong.stdout
    assert "another" not in wrong.stdout

    settings = package / "recall.toml"
    settings.write_text(settings.read_text().replace("token =", "tokn ="))
    odd = _run(command, package, installed, ROOT, PIGEON_URL=pigeon.url, PIGEON_TOKEN=pigeon.TOKEN)
    assert odd.returncode == 2
    assert 'did you mean "token"?' in odd.stderr


def test_every_command_on_the_page_is_known() -> None:
    assert [each.split()[-1] for each in COMMANDS] == ["test_pigeon.py", "."]
    assert set(FILES) == {
        "pyproject.toml",
        "practice_pigeon.py",
        "recall.toml",
        "recall_pigeon/__init__.py",
        "recall_pigeon/provider.py",
        "recall_pigeon/settings.py",
        "test_pigeon.py",
    }
