"""`app.py sandbox`: the real bot as a child process, pointed at a practice world, and started again when it dies."""

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from front.command_line import until_told_to_stop

GRACE_SECONDS = 12.0
"""What a bot may take to end: a little more than it gives itself."""

REST_SECONDS = 0.5
"""Between the end of a bot and the start of the next one."""

SETTINGS = """\
[storage]
url = "sqlite:///{folder}/recall.db"
[server]
port = {port}
[slack]
channel = "C0RECALLS"
[[policy.allow]]
who = ["S0MARKETING"]
providers = ["push", "chat"]
[[policy.allow]]
who = ["U0ANN", "U0BOB"]
providers = ["mail"]
[[policy.allow]]
who = ["U0ANN", "U0BOB", "U0CLEO", "U0DAN"]
providers = ["posts"]
[people.U0ANN]
chat = "7"
mail = "ann@fernhill.example"
[people.U0BOB]
chat = "8"
mail = "bob@fernhill.example"
[policy.second_person]
audience_over = 100_000
who = ["S0LEADS"]
[providers.push]
kind = "netmera"
url = "{netmera}"
token = "${{NETMERA_TOKEN}}"
link_hosts = ["panel.netmera.example"]
[providers.chat]
kind = "chatwoot"
url = "{chatwoot}"
token = "${{CHATWOOT_TOKEN}}"
account = 1
mirror_channel = "C0SUPPORT"
webhook_secret = "${{CHATWOOT_WEBHOOK_SECRET}}"
[providers.posts]
kind = "slack"
[providers.posts.tokens]
U0ANN = "${{ANNS_SLACK_TOKEN}}"
[providers.mail]
kind = "graph"
root = "{graph}"
authority = "{graph}"
tenant = "fernhill"
client_id = "recall-practice"
client_secret = "${{GRAPH_SECRET}}"
outcome_deadline = 120
link_hosts = ["127.0.0.1"]
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the practice world answers, and the practice tokens that it takes."""

    slack: str
    bot_token: str
    app_token: str
    user_token: str
    netmera: str
    netmera_token: str
    chatwoot: str
    chatwoot_token: str
    chatwoot_webhook_secret: str
    graph: str
    graph_secret: str
    port: int  # where the bot shall listen, so that the practice service desk finds it

    def settings(self, folder: Path) -> str:
        """Write the settings file of a bot in this world, whose database lies in `folder`."""
        return SETTINGS.format(folder=folder, **asdict(self))

    def environment(self) -> dict[str, str]:
        """Give the variables that such a bot needs."""
        return {
            "SLACK_API_URL": self.slack,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "ANNS_SLACK_TOKEN": self.user_token,
            "NETMERA_TOKEN": self.netmera_token,
            "CHATWOOT_TOKEN": self.chatwoot_token,
            "CHATWOOT_WEBHOOK_SECRET": self.chatwoot_webhook_secret,
            "GRAPH_SECRET": self.graph_secret,
        }


async def practise(
    bot: "PracticeBot", *, page: str, connected: Callable[[], Awaitable[None]], browser: bool
) -> int:
    """Run a bot in the practice world until SIGTERM or SIGINT; say where the page is once it is connected."""
    running = asyncio.create_task(bot.run())
    try:
        return await until_told_to_stop(_show(running, page, connected, browser=browser))
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _show(
    bot: asyncio.Task[None], page: str, connected: Callable[[], Awaitable[None]], *, browser: bool
) -> None:
    with suppress(TimeoutError):
        await connected()
    sys.stdout.write(f"\nRecall's practice world: {page}\n(Ctrl-C ends it.)\n")
    sys.stdout.flush()
    if browser and (
        sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        await asyncio.to_thread(webbrowser.open, page)
    await asyncio.wait([bot])


def free_port() -> int:
    """Find a port that nobody listens on, for a bot that others have to find again after each of its restarts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class PracticeBot:
    """The child process."""

    def __init__(self, *, program: Path, folder: Path, world: Addresses) -> None:
        """Wire it. `folder` is where its settings and its database are made."""
        self._program = program
        self._folder = folder
        self._world = world
        self._child: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        """Keep a bot running until cancelled; the one that runs then is ended."""
        settings = self._folder / "recall.toml"
        settings.write_text(self._world.settings(self._folder), encoding="utf-8")
        try:
            while True:
                self._child = await asyncio.create_subprocess_exec(
                    sys.executable,
                    str(self._program),
                    "--quiet",
                    "--config",
                    str(settings),
                    env=_environment(os.environ, self._world),
                    stdin=asyncio.subprocess.DEVNULL,
                )
                status = await self._child.wait()
                log.warning("the bot ended with status %d; starting it again", status)
                await asyncio.sleep(REST_SECONDS)
        finally:
            await self._end()

    async def kill(self) -> None:
        """Kill the process that runs now, without a warning; the next one shows that nothing is lost."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()

    async def _end(self) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        child.terminate()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


def _environment(environ: Mapping[str, str], world: Addresses) -> dict[str, str]:
    """Leave out everything that points at a real Slack, and every proxy."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("SLACK_") and not name.lower().endswith("_proxy")
    }
    return kept | world.environment()
