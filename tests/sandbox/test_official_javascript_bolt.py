import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.slack import LocalSlack, Shown, plain
from sandbox.world import World

APP = Path(__file__).parent / "bolt_js"
INSTALL = ("install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = [
    pytest.mark.node,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not (NODE and NPM), reason="Node and npm are not installed here"),
]


@pytest.fixture
async def javascript(world: World) -> AsyncIterator[LocalSlack]:
    assert NODE
    await install()
    environment = os.environ | {
        "SLACK_API_URL": world.slack.api_url,
        "SLACK_BOT_TOKEN": world.slack.BOT_TOKEN,
        "SLACK_APP_TOKEN": world.slack.APP_TOKEN,
    }
    process = await asyncio.create_subprocess_exec(NODE, "script.js", cwd=APP, env=environment)
    try:
        await world.slack.until(lambda: world.slack.sockets.connected, timeout=30)
        yield world.slack
    finally:
        process.terminate()
        await process.wait()


async def install() -> None:
    wanted = json.loads((APP / "package.json").read_text())["dependencies"]["@slack/bolt"]
    installed = APP / "node_modules" / "@slack" / "bolt" / "package.json"
    if installed.is_file() and json.loads(installed.read_text())["version"] == wanted:
        return
    assert NPM
    process = await asyncio.create_subprocess_exec(
        NPM, *INSTALL, cwd=APP, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


async def test_the_official_javascript_bolt_is_at_home_here(javascript: LocalSlack) -> None:
    slack, ann, bob = javascript, javascript.person("ann"), javascript.person("bob")
    assert await ann.types("/recall spring sale", "#campaigns") == Shown()
    await slack.until(lambda: "[Yes, recall]" in plain(bob.sees("#campaigns")[-1]))
    assert "Looking for spring sale" in [plain(message) for message in ann.sees("#campaigns")]
    card = bob.sees("#campaigns")[-1]
    assert card.metadata == {"event_type": "card", "event_payload": {"recall": "r1"}}

    await bob.presses("Why…", card)
    await slack.until(lambda: bob.view)
    bob.fills("Why", "hm")
    assert (await bob.submits()).errors == {"why": "Too short"}
    bob.fills("Why", "wrong price")
    assert await bob.submits() == Shown()
    assert bob.view is None

    await bob.presses("Yes, recall", card)
    await slack.until(lambda: plain(ann.sees("#campaigns", card.ts)[0]) == "Taken back by @U0BOB")
    assert [message.text for message in ann.sees("#campaigns", card.ts)][1:] == ["Started"]
    assert slack.violations == []
