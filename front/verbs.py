"""What the program can be asked besides running: check, history, export, audit, sandbox. Each returns an exit status."""

import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.errors import RecallError
from bot.ports import Diagnosis, SystemClock
from bot.recall import RecallId
from bot.settings import Settings
from front import check, history
from front.export import as_csv, as_jsonl
from front.practice import PracticeBot, free_port, practise
from front.practice_settings import Addresses
from front.slack_line import open_session, web_client
from front.vendors import make_providers
from handlers import ids
from storage import open_reader, verify_audit
from storage.backup import back_up

if TYPE_CHECKING:
    from sandbox.world import World

EXPORT_PAGE = 5_000
"""Items that are held in memory at a time."""

MANIFEST = Path(__file__).parents[1] / "manifest.yml"


async def look(settings: Settings, *, only: str | None) -> int:
    """`check`: say what is missing. Returns 1 when something is."""
    if only is not None and only not in settings.providers:
        raise RecallError(f"The settings have no [providers.{only}].")
    made = {n: p for n, p in make_providers(settings, SystemClock()).items() if only in {None, n}}
    found: list[Diagnosis] = []
    if only is None:
        client = web_client(settings.access)
        async with open_session(client):
            found.extend(await check.slack(settings, client))
        callbacks = (ids.MESSAGE_SHORTCUT, ids.GLOBAL_SHORTCUT)
        found.extend(check.manifest_file(MANIFEST, command=ids.COMMAND, callbacks=callbacks))
        found.append(await check.database(settings.storage.url, open_reader))
        found.extend(check.policy(settings))
    found.extend(await check.providers(made))
    for each in made.values():
        if not isinstance(each, RecallError):
            await each.close()
    _print(check.report(found))
    return 0 if all(each.ok for each in found) else 1


async def list_history(settings: Settings, *, limit: int) -> int:
    """`history`: what was recalled, newest first."""
    store = await open_reader(settings.storage.url)
    try:
        _print(history.lines(await store.recalls(limit=limit)))
    finally:
        await store.close()
    return 0


async def export(settings: Settings, recall: str, *, form: str, output: Path | None) -> int:
    """`export`: write what became of a recall's items and recipients. Returns 1 when there is no such recall."""
    store = await open_reader(settings.storage.url)
    try:
        if await store.recall(RecallId(recall)) is None:
            raise RecallError(f"There is no recall {recall}. `app.py history` lists them.")
        with (
            nullcontext(sys.stdout)
            if output is None
            else output.open("w", encoding="utf-8", newline="") as out
        ):
            after, head, written = -1, True, 0
            while True:
                results = await store.outcomes(RecallId(recall), EXPORT_PAGE, after=after)
                out.write(as_jsonl(results) if form == "jsonl" else as_csv(results, head=head))
                if not results:
                    break
                after, head, written = results[-1].number, False, written + len(results)
        if (gone := sum((await store.counts(RecallId(recall))).values()) - written) > 0:
            sys.stderr.write(
                f"{gone:,} items that were taken back are not kept any more (storage.keep_days); only their count is.\n"
            )
    finally:
        await store.close()
    return 0


async def backup(settings: Settings, *, output: Path | None) -> int:
    """`backup`: copy the database into a new file, beside a running bot."""
    to = output or Path(f"recall-{SystemClock().now():%Y%m%d-%H%M%S}.db")
    size = await back_up(settings.storage.url, to)
    _print([f"{to} holds everything up to now ({size:,} bytes)."])
    return 0


async def verify_record(settings: Settings) -> int:
    """`audit verify`: whether the record was changed afterwards. Returns 1 when it was."""
    store = await open_reader(settings.storage.url)
    try:
        audit = await verify_audit(store)
    finally:
        await store.close()
    _print([audit.broken or f"The record is whole: {audit.events} events, the last one {audit.head}."])
    return 0 if audit.whole else 1


async def sandbox(program: Path, *, port: int, browser: bool) -> int:
    """`sandbox`: a practice world in this process, and the real bot beside it as a child."""
    from sandbox.world import World  # noqa: PLC0415 - a real bot needs none of it

    async with await World.start(port=port) as world:
        world.goes_wrong()
        port_of_bot = free_port()
        world.chatwoot.webhook = f"http://127.0.0.1:{port_of_bot}/vendors/chat/webhook"
        addresses = addresses_of(world, port=port_of_bot)
        with TemporaryDirectory(prefix="recall-sandbox-") as folder:
            bot = PracticeBot(program=program, folder=Path(folder), world=addresses)
            world.page.kill_bot = bot.kill
            return await practise(
                bot,
                page=world.url,
                connected=lambda: world.slack.until(lambda: world.slack.sockets.connected, timeout=20),
                browser=browser,
            )


def addresses_of(world: "World", *, port: int) -> Addresses:
    """Tell a bot that listens on `port` where everything in a practice world is."""
    return Addresses(
        slack=world.slack.api_url,
        bot_token=world.slack.BOT_TOKEN,
        app_token=world.slack.APP_TOKEN,
        user_token=world.slack.ANNS_TOKEN,
        netmera=world.netmera.url,
        netmera_token=world.netmera.token,
        chatwoot=world.chatwoot.url,
        chatwoot_token=world.chatwoot.token,
        chatwoot_webhook_secret=world.chatwoot.webhook_secret,
        graph=world.graph.url,
        graph_secret=world.graph.secret,
        northpost=world.northpost.url,
        northpost_key=world.northpost.KEY,
        page=world.url,
        port=port,
    )


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
