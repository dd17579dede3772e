"""`app.py sandbox`: the real bot as a child process, pointed at a practice world, and started again when it dies."""

import asyncio
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from front.command_line import until_told_to_stop
from front.practice_settings import Addresses

GRACE_SECONDS = 12.0
"""What a bot may take to end: a little more than it gives itself."""

REST_SECONDS = 0.5
"""Between the end of a bot and the start of the next one."""

log = logging.getLogger(__name__)


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
