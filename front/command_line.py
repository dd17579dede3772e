"""What may be typed after `app.py`, and how the program speaks to the one who typed it."""

import asyncio
import logging
import os
import signal
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path

from bot.errors import RecallError, SettingsError
from bot.settings_file import DEFAULT_FILE

VERSION = "0.1.0"
MISTAKEN = 2
"""The exit status for bad settings and bad arguments."""

LAST_PORT = 65_535
_IGNORED = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    """Read the command line; exits by itself for -h, --version and mistakes."""
    parser = ArgumentParser(
        prog="app.py",
        description="Recall: a Slack bot that takes back what was already sent. Without a verb: run the bot.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"Recall {VERSION}")
    parser.add_argument(
        "--config",
        type=Path,
        default=Path(os.environ.get("RECALL_CONFIG") or DEFAULT_FILE),
        metavar="PATH",
        help="the settings file (default: RECALL_CONFIG, else recall.toml)",
    )
    parser.add_argument("--quiet", action="store_true", help="log warnings and errors only")
    config = ArgumentParser(add_help=False)
    config.add_argument("--config", type=Path, default=SUPPRESS, metavar="PATH", help="the settings file")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")

    sandbox = verbs.add_parser("sandbox", help="run the bot in a practice world, with a page to play in")
    sandbox.add_argument("--port", type=_port, default=0, help="the page's port (default: a free one)")
    sandbox.add_argument("--no-browser", action="store_true", help="only print the page's address")
    checking = verbs.add_parser(
        "check", parents=[config], help="say what is missing before the first real use"
    )
    checking.add_argument("--provider", metavar="NAME", help="look at this provider only")
    listing = verbs.add_parser("history", parents=[config], help="list what was recalled, newest first")
    listing.add_argument("--limit", type=_count, default=20, help="how many (default: 20)")
    exporting = verbs.add_parser(
        "export", parents=[config], help="write what became of a recall's items and recipients"
    )
    exporting.add_argument(
        "recall", metavar="RECALL", help="the recall's id, as its card and history name it"
    )
    exporting.add_argument("--format", choices=("csv", "jsonl"), default="csv", help="default: csv")
    exporting.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    backing = verbs.add_parser("backup", parents=[config], help="copy the database, beside a running bot")
    backing.add_argument("--output", type=Path, metavar="FILE", help="default: recall-DATE-TIME.db, here")
    audit = verbs.add_parser("audit", help="look after the record")
    auditing = audit.add_subparsers(dest="audit_verb", metavar="VERB", required=True)
    auditing.add_parser("verify", parents=[config], help="say whether the record was changed afterwards")
    return parser.parse_args(arguments)


def environment() -> Mapping[str, str]:
    """Give the environment, without what would make Bolt install itself into many workspaces."""
    for name in _IGNORED:
        os.environ.pop(name, None)
    return os.environ


def start_logging(*, quiet: bool) -> None:
    """Log to standard error. The SDKs' own details stay out: they print tokens, tickets and texts."""
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for name in ("apscheduler", "slack_sdk", "mcp", "httpx", "httpx2", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def until_told_to_stop(broken: Coroutine[None, None, None]) -> int:
    """Wait for SIGTERM or SIGINT (status 0), or for `broken` to return (status 1)."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    waits = [loop.create_task(told.wait()), loop.create_task(broken)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for each_wait in waits:
        each_wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    return 0 if told.is_set() else 1


def say(error: RecallError | OSError) -> int:
    """Print what went wrong; returns the exit status."""
    if isinstance(error, SettingsError):
        for sentence in error.mistakes:
            print(sentence, file=sys.stderr)  # noqa: T201 - this is what the terminal is for
        return MISTAKEN
    sentence = error.sentence if isinstance(error, RecallError) else f"{error.strerror or error}."
    print(sentence, file=sys.stderr)  # noqa: T201 - same
    return 1


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise ArgumentTypeError(f"{text} is no port; a port is a number from 0 to {LAST_PORT}")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"{text} is no number from 1 on")
    return int(text)
