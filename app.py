"""The front door: reads the settings, builds the parts, wires them, starts and stops them.

The only file that knows every room. `python app.py -h` lists what it can be told.
"""

import asyncio
import logging
import secrets
import sys
from argparse import Namespace
from collections.abc import Coroutine, Iterable
from functools import partial
from pathlib import Path
from random import SystemRandom

import uvloop
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.attempt import Attempt
from bot.engine import Engine
from bot.errors import RecallError
from bot.lookup import Lookup
from bot.mirror import Mirror
from bot.ports import Clock, Person, Provider, SystemClock
from bot.providers import Models, kinds
from bot.recall import Actor
from bot.reconnecting import Reconnecting
from bot.right_of_way import RightOfWay
from bot.schedule import Schedule
from bot.service import RecallService
from bot.settings import Settings
from bot.settings_file import load
from bot.tasks import Tasks
from bot.upkeep import Upkeep
from front import verbs
from front.bot import Bot, settle
from front.command_line import environment, parse, say, start_logging, until_told_to_stop
from front.slack_line import Introduction, authorization, web_client
from front.sockets import Sockets
from front.vendors import make_providers
from handlers.answers import Answers
from handlers.desk import Desk
from handlers.mirror import MirrorPosts
from handlers.people import SlackPeople
from handlers.places import Places
from handlers.precedence import Precedence
from handlers.thread import Threads
from storage import open_store

log = logging.getLogger("recall")


# The parts, and how they hang together -------------------------------------------------------------------


async def build(settings: Settings, *, clock: Clock | None = None) -> Bot:
    """Open the database, make every part and wire them. Nothing runs until `start`.

    Raises StorageError when the database can't be opened.
    """
    clock = clock or SystemClock()
    store = await open_store(settings.storage.url, clock=clock)
    patient, once = web_client(settings.access), web_client(settings.access)
    once.retry_handlers = []  # what must not be done twice: posting, opening a view
    introduction = Introduction(patient)
    providers = {n: p for n, p in make_providers(settings, clock).items() if not isinstance(p, RecallError)}
    lookup = Lookup(providers=providers, index=store)
    places = Places(
        client=patient, clock=clock, channel=settings.slack.channel, allow_shared=settings.slack.allow_shared
    )
    threads = Threads(outbox=store, records=store, places=places, client=once, clock=clock)
    copies = MirrorPosts(copies=store, client=once, clock=clock)
    terms = settings.terms()
    attempt = Attempt(
        records=store,
        work=store,
        lookup=lookup,
        policy=terms.policy,
        clock=clock,
        random=SystemRandom(),
        owner=_new_id(),
    )

    def tell() -> None:
        threads.wake()
        copies.wake()

    engine = Engine(attempt=attempt, told=tell)

    service = RecallService(
        records=store,
        work=store,
        lookup=lookup,
        people=_PeopleOfSlack(patient, clock, settings, introduction, emails=_by_email(providers.values())),
        terms=terms,
        clock=clock,
        new_id=_new_id,
        wake=engine.rouse,
    )
    desk = Desk(
        service=service,
        inbox=store,
        tasks=Tasks(),
        clock=clock,
        places=places,
        client=once,
        answers=Answers(client=once),
        new_id=_new_id,
        precedence=Precedence(attempt.lanes.way),
    )
    app = _bolt(settings, once, introduction)
    handlers.register(app, desk)
    return Bot(
        settings=settings,
        store=store,
        providers=providers,
        lookup=lookup,
        service=service,
        engine=engine,
        schedule=Schedule(),
        threads=threads,
        mirror=Mirror(lookup=lookup, copies=store, clock=clock, wake=copies.wake),
        copies=copies,
        reconnecting=Reconnecting(records=store, lookup=lookup, clock=clock),
        upkeep=Upkeep(memory=store, clock=clock, busy=lambda: engine.busy, keep=settings.storage.keep),
        desk=desk,
        app=app,
        introduction=introduction,
        clients=(patient, once),
        sockets=_sockets(settings, app, patient, attempt.lanes.way),
    )


def _by_email(providers: Iterable[Provider]) -> bool:
    """Say whether anybody is matched by the address that Slack has: else it is not even read."""
    return any(each.traits.match_by_email for each in providers)


class _PeopleOfSlack:
    """The People port. Which team is ours is known only once Slack has answered; until then it waits."""

    def __init__(
        self, client: AsyncWebClient, clock: Clock, settings: Settings, us: Introduction, *, emails: bool
    ) -> None:
        self._make = partial(SlackPeople, client=client, clock=clock, groups=settings.groups(), emails=emails)
        self._us = us
        self._people: SlackPeople | None = None

    async def person(self, actor: Actor) -> Person:
        if self._people is None:
            self._people = self._make(home_team=(await self._us.known()).team)
        return await self._people.person(actor)


def _bolt(settings: Settings, client: AsyncWebClient, us: Introduction) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return authorization(await us.known(), client)

    secret = settings.access.signing_secret
    # Below ERROR, Bolt logs whole requests, and warns of tokens that it does not need.
    quiet = logging.getLogger("recall.bolt")
    quiet.setLevel(logging.ERROR)
    return AsyncApp(
        logger=quiet,
        client=client,
        authorize=authorize,
        signing_secret=secret.get_secret_value() if secret else "",
        process_before_response=True,  # the listeners keep a row and ack; Bolt's own polling would cost 10 ms
        request_verification_enabled=not settings.access.socket_mode,
        raise_error_for_unhandled_request=True,  # handlers.errors.stray acknowledges it and tells the person
    )


def _sockets(settings: Settings, app: AsyncApp, client: AsyncWebClient, way: RightOfWay) -> Sockets | None:
    token = settings.access.app_token
    if token is None:
        return None
    return Sockets(app=app, client=client, app_token=token.get_secret_value(), way=way)


def _new_id() -> str:
    return secrets.token_hex(6)


# What may be asked of the program ------------------------------------------------------------------------


async def run(settings: Settings) -> int:
    """Run the bot until SIGTERM or SIGINT."""
    bot = await build(settings)
    try:
        await bot.start()
        settle()
        log.info("Recall runs; health is at http://%s:%d/healthz", settings.server.host, bot.server.port)
        return await until_told_to_stop(bot.broken())
    finally:
        await bot.stop()


def verb(told: Namespace) -> Coroutine[None, None, int]:
    """Choose what to do. Raises SettingsError."""
    if told.verb == "sandbox":
        return verbs.sandbox(Path(__file__), port=told.port, browser=not told.no_browser)
    settings = load(told.config, environment(), Models(kinds()), to_run=told.verb is None)
    doing: Coroutine[None, None, int]
    match told.verb:
        case "check":
            doing = verbs.look(settings, only=told.provider)
        case "history":
            doing = verbs.list_history(settings, limit=told.limit)
        case "export":
            doing = verbs.export(settings, told.recall, form=told.format, output=told.output)
        case "backup":
            doing = verbs.backup(settings, output=told.output)
        case "audit":
            doing = verbs.verify_record(settings)
        case _:
            doing = run(settings)
    return doing


def main() -> int:
    """Do what the command line says; returns the exit status."""
    told = parse()
    start_logging(quiet=told.quiet)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(verb(told))
    except (RecallError, OSError) as error:
        return say(error)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
