"""The program as people start it: its verbs, what it prints, and how it ends."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from front.verbs import addresses_of
from sandbox.world import World
from tests.program import PROGRAM, Ended, Program, bare, finished, line_with, started

Runs = Callable[..., Awaitable[Ended]]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0) as world:
        yield world


@pytest.fixture
def environ(tmp_path: Path, world: World) -> dict[str, str]:
    file = tmp_path / "recall.toml"
    here = addresses_of(world, port=0)
    file.write_text(here.settings(tmp_path))
    return {**bare(), **here.environment(), "RECALL_CONFIG": str(file)}


@pytest.fixture
def program(environ: dict[str, str]) -> Runs:
    async def program(*arguments: str, **changes: str | None) -> Ended:
        changed = {name: value for name, value in {**environ, **changes}.items() if value is not None}
        return await finished(await started(*arguments, environ=changed))

    return program


async def test_bad_settings_end_the_start_with_a_sentence_each(program: Runs, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text("card_minuts = 3\n[server]\nport = 'x'\n")
    ended = await program("--config", str(file), SLACK_BOT_TOKEN=None)
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.splitlines() == [
        "server.port: must be a whole number.",
        'card_minuts: there is no such setting; did you mean "card_minutes"?',
        "SLACK_BOT_TOKEN: is not set; it is the bot token (xoxb-…) of your Slack app.",
    ]


@pytest.mark.parametrize(("argument", "said"), [("--version", "Recall 0."), ("-h", "sandbox")])
def test_it_says_what_it_is(argument: str, said: str) -> None:
    run = subprocess.run(
        [sys.executable, str(PROGRAM), argument], env=bare(), capture_output=True, text=True, check=True
    )
    assert said in run.stdout


@pytest.mark.parametrize(
    "arguments", [("sandbox", "--port", "65536"), ("history", "--limit", "0"), ("audit",), ("recal",)]
)
async def test_bad_arguments_are_told(program: Runs, arguments: tuple[str, ...]) -> None:
    ended = await program(*arguments)
    assert ended.status == 2
    assert "Traceback" not in ended.err


async def test_sigterm_ends_it_in_order(environ: dict[str, str], world: World) -> None:
    process = await started(environ=environ)
    await line_with(process, "signed in to Slack")
    await world.slack.until(lambda: world.slack.sockets.connected == 2)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        ended = await finished(process)
    assert ended.status == 0
    assert "Traceback" not in ended.err


async def test_a_second_one_on_the_same_database_says_why_it_does_not_start(
    environ: dict[str, str], program: Runs
) -> None:
    process = await started(environ=environ)
    await line_with(process, "signed in to Slack")
    second = await program()
    process.terminate()
    await finished(process)
    assert second.status == 1
    assert "Traceback" not in second.err
    assert second.err.strip().endswith(".")


async def test_a_port_that_is_taken_is_told_in_a_sentence(
    program: Runs, world: World, tmp_path: Path
) -> None:
    taken = world.url.rstrip("/").rpartition(":")[2]
    file = tmp_path / "recall.toml"
    file.write_text(file.read_text().replace("port = 0", f"port = {taken}"))
    ended = await program()
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert "address already in use" in ended.err


async def test_check_finds_everything_ready(program: Runs) -> None:
    ended = await program("check")
    assert ended.out.endswith("Everything is ready.\n")
    assert ended.status == 0


async def test_check_says_what_is_missing_and_how_to_mend_it(
    program: Runs, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "recall.toml"
    rules = re.sub(r"\[\[policy.allow.*?(?=\[providers)", "", file.read_text(), flags=re.DOTALL)
    file.write_text(rules.replace("C0RECALLS", "C0GENERAL"))
    ended = await program("check", SLACK_APP_TOKEN=None, NETMERA_TOKEN="wrong")
    missing = [line.removeprefix("MISSING ") for line in ended.out.splitlines() if line.startswith("MISSING")]
    assert [each.partition(":")[0] for each in missing][:3] == [
        "SLACK_APP_TOKEN",
        "channel for cards",
        "rules for push",
    ]
    assert any(each.startswith("provider push") for each in missing)
    assert "Type in #general: /invite @Recall" in ended.out
    assert ended.out.endswith(f"{len(missing)} things are missing.\n")
    assert ended.status == 1


async def test_check_names_scopes_that_were_not_granted(program: Runs, world: World) -> None:
    world.slack.state.app = replace(world.slack.state.app, scopes=("commands", "chat:write"))
    ended = await program("check")
    assert "MISSING scopes: missing: channels:history (to find its own message again" in ended.out


async def test_check_asks_for_the_address_scope_where_people_are_matched_by_e_mail(
    program: Runs, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "recall.toml"
    file.write_text(file.read_text().replace('kind = "chatwoot"', 'kind = "chatwoot"\nmatch_by_email = true'))
    ended = await program("check")
    assert "MISSING scopes: missing: users:read.email (to match people by e-mail" in ended.out
    assert "Add it by hand under OAuth & Permissions" in ended.out
    assert ended.status == 1

    granted = (*world.slack.state.app.scopes, "users:read.email")
    world.slack.state.app = replace(world.slack.state.app, scopes=granted)
    assert (await program("check")).status == 0


async def test_check_of_a_described_vendor_is_a_dry_run_that_shows_each_request(
    program: Runs, world: World
) -> None:
    ended = await program("check", "--provider", "club")

    for request in ("/v1/messages?limit=", "/v1/messages/np-2001", "POST", "/v1/messages/np-2001/recall"):
        assert request in ended.out
    assert "Club evening" in ended.out
    assert "not sent: this is a dry run" in ended.out
    assert world.northpost.KEY not in ended.out
    assert ended.status == 0
    assert world.northpost.times("recall") == 0
    assert world.northpost.times("progress") == 1


async def test_check_of_a_provider_that_the_settings_do_not_have_says_so(program: Runs) -> None:
    ended = await program("check", "--provider", "pigeon")
    assert ended.err == "The settings have no [providers.pigeon].\n"
    assert ended.status == 1


@pytest.mark.parametrize("verb", [("history",), ("audit", "verify"), ("check",)])
async def test_other_verbs_work_beside_a_running_bot(
    environ: dict[str, str], program: Runs, verb: tuple[str, ...]
) -> None:
    process = await started(environ=environ)
    await line_with(process, "signed in to Slack")
    ended = await program(*verb)
    process.terminate()
    await finished(process)
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("verb", [("history",), ("audit", "verify"), ("export", "r1"), ("backup",)])
async def test_without_a_database_there_is_a_sentence(program: Runs, verb: tuple[str, ...]) -> None:
    ended = await program(*verb)
    assert ended.status == 1
    assert ended.err.startswith("There is no database at ")


@pytest.fixture
async def practice() -> AsyncIterator[tuple[Program, str]]:
    process = await started("sandbox", "--no-browser", environ=bare())
    line = await line_with(process, "http://", of="stdout")
    yield process, line.split()[-1]
    if process.returncode is None:
        process.terminate()
        await process.wait()


async def page_says_connected(page: str) -> bool:
    url = f"{page.replace('http', 'ws')}page/ws?as=U0ANN"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        return bool((await socket.receive_json())["health"]["connected"])


async def test_the_sandbox_prints_one_address_and_the_bot_is_there(practice: tuple[Program, str]) -> None:
    process, page = practice
    assert await page_says_connected(page)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        ended = await finished(process)
    assert ended.status == 0
    assert "http" not in ended.out
    assert "Traceback" not in ended.err


def child_of(process: Program) -> int | None:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


@pytest.mark.crash
async def test_a_practice_bot_that_is_killed_from_the_page_is_started_again(
    practice: tuple[Program, str],
) -> None:
    process, page = practice
    first = child_of(process)
    trouble = {"as": "U0ANN", "do": "trouble", "name": "bot_kill"}
    async with aiohttp.ClientSession() as session, session.post(f"{page}page/act", json=trouble) as answer:
        assert (await answer.json())["ok"]
    async with asyncio.timeout(30):
        while child_of(process) in {None, first} or not await page_says_connected(page):  # noqa: ASYNC110
            await asyncio.sleep(0.05)  # another process's death can only be looked for
