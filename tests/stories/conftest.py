"""Stories: people in a practice Slack, the real bot behind real Bolt, a vendor that speaks the real protocol.

Every story ends with the same questions: did each message keep Slack's limits, and did foreign text notify anybody?
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app import build
from bot.providers import Models, kinds
from bot.recall import Recall, State
from bot.settings_file import load
from front.bot import Bot
from sandbox.slack.deliver import Ack, Outgoing
from sandbox.slack.hands import Invisible, Person, plain
from sandbox.slack.values import Message, View
from sandbox.vendors.campaign import Campaign
from sandbox.world import World

PATIENCE = 10.0
"""Real seconds that a story waits at most for something to show; passing it is a failure."""

SALE = "cmp-1042"

MODELS = Models(kinds())

RULES = """
[[policy.allow]]
who = ["S0MARKETING"]
providers = ["push"]
"""

SECOND_PERSON = """
[policy.second_person]
audience_over = 10_000
who = ["S0LEADS"]
"""


@dataclass
class Story:
    """One practice world and the bot in it."""

    world: World
    folder: Path
    rules: str = RULES
    vendors: str = ""  # further [providers.NAME] tables
    environ: dict[str, str] = field(default_factory=dict)  # what those refer to
    http: bool = False
    port: int = 0  # where health is asked for; 0: any
    bots: list[Bot] = field(default_factory=list)

    @property
    def bot(self) -> Bot:
        """The bot that runs."""
        return self.bots[-1]

    @property
    def ann(self) -> Person:
        return self.world.slack.person("ann")

    @property
    def bob(self) -> Person:
        return self.world.slack.person("bob")

    @property
    def cleo(self) -> Person:
        return self.world.slack.person("cleo")

    @property
    def sale(self) -> Campaign:
        """The campaign with the wrong price."""
        return self.world.netmera.campaigns[SALE]

    def asked(self, tool: str = "campaign_recall") -> int:
        """How often the vendor was asked to do something."""
        return [call.tool for call in self.world.netmera.calls].count(tool)

    def configured(self) -> tuple[Path, dict[str, str]]:
        """Write the settings file; returns it with the environment that belongs to it."""
        slack = self.world.slack
        file = self.folder / "recall.toml"
        file.write_text(
            f"""
            [storage]
            url = "sqlite:///{self.folder}/recall.db"
            [server]
            port = {self.port}
            [slack]
            channel = "C0RECALLS"
            {self.rules}
            [providers.push]
            kind = "netmera"
            url = "{self.world.netmera.url}"
            token = "{self.world.netmera.token}"
            link_hosts = ["panel.netmera.example"]
            {self.vendors}
            """,
            encoding="utf-8",
        )
        environ = {"SLACK_BOT_TOKEN": slack.BOT_TOKEN, "SLACK_API_URL": slack.api_url, **self.environ}
        return file, environ | (
            {"SLACK_SIGNING_SECRET": slack.SIGNING_SECRET}
            if self.http
            else {"SLACK_APP_TOKEN": slack.APP_TOKEN}
        )

    async def starts(self, rules: str | None = None) -> None:
        """Start the bot (again), as a new process would be started."""
        self.rules = rules if rules is not None else self.rules
        await self.builds()
        await self.begins()

    async def builds(self) -> None:
        """Open the database and put everything together; nothing runs yet."""
        file, environ = self.configured()
        settings = load(file, environ, MODELS)
        self.bots.append(await build(settings, clock=self.world.clock))

    async def begins(self) -> None:
        """Let run what was put together, and wait until Slack can reach it."""
        slack = self.world.slack
        await self.bot.start()
        if self.http:
            slack.deliver_to(f"http://127.0.0.1:{self.bot.server.port}/slack/events", slack.SIGNING_SECRET)
        else:
            await slack.until(lambda: slack.sockets.connected >= 2, timeout=PATIENCE)

    async def stops(self) -> None:
        """Stop the bot as a service manager would."""
        await self.bot.stop()

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait until something shows."""
        try:
            await self.world.slack.until(condition, timeout=PATIENCE)
        except TimeoutError:
            raise AssertionError(
                f"{what or 'what was waited for'} did not come.\n{self.everything()}"
            ) from None

    async def passes(self, seconds: float) -> None:
        """Let time pass: for the vendor, for Slack and for the bot."""
        self.world.clock.advance(seconds)
        await self.bot.service.sweep()
        self.bot.engine.wake()
        self.bot.threads.wake()

    # What people see

    def posts(self, who: Person, channel: str) -> list[Message]:
        """What the bot said in a channel, own ephemerals included, oldest first."""
        return [each for each in who.sees(channel) if each.bot_id == "B0RECALL"]

    async def whisper(self, who: Person, text: str, channel: str = "#campaigns") -> str:
        """Wait until somebody is told something that only they see; returns the newest as text."""

        def found() -> list[str]:
            said = [plain(each) for each in self.posts(who, channel) if each.seen_by == who.id]
            return [each for each in said if text in each]

        await self.until(found, f"{text!r} for {who.id} alone in {channel}")
        return found()[-1]

    def thread(self, card: Message) -> list[str]:
        """What stands below a card's root, as text."""
        workspace = self.world.slack.workspace
        replies = [
            m
            for m in workspace.visible(card.channel, "U0ANN")
            if m.thread_ts == card.root and m.ts != card.ts
        ]
        return [plain(each) for each in replies if each.bot_id == "B0RECALL"]

    async def sees(self, who: Person, text: str, channel: str = "#campaigns") -> Message:
        """Wait until somebody sees a message of the bot that has this text; returns the newest."""

        def found() -> list[Message]:
            return [each for each in self.posts(who, channel) if text in plain(each)]

        await self.until(found, f"{text!r} for {who.id} in {channel}")
        return found()[-1]

    async def card(
        self, who: Person, channel: str = "#campaigns", about: str = "Spring sale: 50% off"
    ) -> Message:
        """Wait for a card with its Yes button."""

        def found() -> list[Message]:
            return [m for m in self.posts(who, channel) if about in plain(m) and "Yes, recall" in buttons(m)]

        await self.until(found, f"a card about {about} in {channel}")
        return found()[-1]

    def said(self, text: str, channel: str = "#campaigns") -> Message:
        """The newest post with this text, whoever wrote it."""
        workspace = self.world.slack.workspace
        return next(
            each for each in reversed(workspace.public(workspace.channel(channel).id)) if text in plain(each)
        )

    async def card_below(self, post: Message, about: str = "Spring sale: 50% off") -> Message:
        """Wait for a card with its Yes button in a post's thread."""
        workspace = self.world.slack.workspace

        def found() -> list[Message]:
            replies = workspace.replies(post.channel, post.root)
            return [m for m in replies if about in plain(m) and "Yes, recall" in buttons(m)]

        await self.until(found, f"a card about {about} below {post.text!r}")
        return found()[-1]

    async def window(self, who: Person, text: str) -> View:
        """Wait until somebody's modal says this."""
        await self.until(lambda: who.view and text in plain(who.view), f"a modal with {text!r} for {who.id}")
        assert who.view is not None
        return who.view

    async def offered(
        self, who: Person, text: str, shown: Message | View | None = None
    ) -> list[dict[str, Any]]:
        """Type into a typeahead until it offers something: the index fills in the background."""
        message, view = (shown, None) if isinstance(shown, Message) else (None, shown)
        async with asyncio.timeout(PATIENCE):
            while True:
                if options := await who.searches(text, message, view=view):
                    return options
                await asyncio.sleep(0.02)  # the store rings no bell

    async def arrives(self, kind: str, payload: dict[str, Any]) -> Ack:
        """Hand the bot an envelope that no client would send just so; returns its ack."""
        return await self.world.slack.sockets.deliver(Outgoing(kind=kind, payload=payload))

    def fresh(self, message: Message) -> Message:
        """The message as it is now."""
        found = self.world.slack.workspace.message(message.channel, message.ts)
        if found is None:
            raise Invisible("It is gone.")
        return found

    async def shows(self, message: Message, text: str) -> Message:
        """Wait until a message, edited in place, says this."""
        await self.until(lambda: text in plain(self.fresh(message)), f"{text!r} on the card")
        return self.fresh(message)

    async def hears(self, card: Message, text: str) -> str:
        """Wait until the card's thread says this; returns that reply."""

        def found() -> list[str]:
            return [each for each in self.thread(card) if text in each]

        await self.until(found, f"{text!r} in the thread")
        return found()[-1]

    async def recall(self) -> Recall:
        """The newest confirmed recall."""
        return (await self.bot.service.history(limit=1))[0]

    async def ends(self, state: State) -> Recall:
        """Wait until the newest recall has reached a state."""
        found: list[Recall] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not (found and found[0].state is state):
                    await asyncio.sleep(0.02)  # the store rings no bell
                    found = list(await self.bot.service.history(limit=1))
                return found[0]
        at = found[0].state if found else "nowhere"
        raise AssertionError(f"The recall is {at}, not {state}.\n{self.everything()}")

    async def told(self, card: Message, replies: int) -> list[str]:
        """Wait until the thread has this many replies, and see that no more come with them."""
        await self.until(lambda: len(self.thread(card)) >= replies, f"reply {replies} in the thread")
        await self.bot.threads.drain()
        return self.thread(card)

    async def asks(
        self,
        who: Person,
        words: str = "spring sale 50",
        channel: str = "#campaigns",
        about: str = "Spring sale: 50% off",
    ) -> Message:
        """Type /recall and wait for the card."""
        shown = await who.types(f"/recall {words}", channel)
        assert shown.ok, shown.toast
        return await self.card(who, channel, about)

    def everything(self) -> str:
        """All that there is to see, for a failing story."""
        said = [message for channel in ("#campaigns", "#recalls") for message in self._all(channel)]
        lines = [f"--- {m.channel} {m.ts} seen by {m.seen_by or 'all'}\n{plain(m)}" for m in said]
        return "\n".join(lines[-12:])

    def _all(self, channel: str) -> list[Message]:
        here = self.world.slack.workspace.channel(channel)
        return [m for m in self.world.slack.workspace.messages(here.id) if m.bot_id == "B0RECALL"]


def buttons(message: Message) -> list[str]:
    """The labels of all buttons on a message."""
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in [*block.get("elements", []), block.get("accessory") or {}]
        if isinstance(element, dict) and element.get("type") == "button"
    ]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0) as world:
        yield world


@pytest.fixture
async def quiet(world: World, tmp_path: Path) -> AsyncIterator[Story]:
    """A story whose bot has not been started."""
    story = Story(world=world, folder=tmp_path)
    yield story
    for bot in story.bots:
        await bot.stop()
    assert [each for each in world.slack.mentions if each.target in {"channel", "here", "everyone"}] == []


@pytest.fixture
async def story(quiet: Story) -> Story:
    """A story that begins with a running bot."""
    await quiet.starts()
    return quiet
