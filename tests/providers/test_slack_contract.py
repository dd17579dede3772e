"""The provider of Slack posts keeps what every provider has to keep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.ports import SystemClock
from bot.providers.contract import ProviderContract, Subject
from bot.providers.slack import SlackProvider
from bot.providers.slack_settings import SlackPostsSettings
from bot.target import ProviderName, TargetId
from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.slack.local import LocalSlack
from sandbox.slack.values import Message


async def _nothing() -> None:
    """Slack is done when it answers."""


class _AtSlack(ProviderContract):
    text: str

    @asynccontextmanager
    async def subject(self) -> AsyncIterator[Subject]:
        slack = LocalSlack(clock=SandboxClock(), feed=Feed())
        app = web.Application()
        slack.mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.served_at(runner.addresses[0][1])
        tokens = {"U0ANN": slack.ANNS_TOKEN}
        settings = SlackPostsSettings.model_validate(
            {"bot_token": slack.BOT_TOKEN, "api_url": slack.api_url, "tokens": tokens, "timeout": 5}
        )
        provider = SlackProvider(ProviderName("posts"), settings, SystemClock())
        sent, salaries = _post(slack, self.text), _post(slack, "Salaries")

        async def lose_answer() -> None:
            slack.faults.add(method="chat.delete", kind="reset_after")

        link = f"https://sandbox.slack.com/archives/{sent.replace('/', '/p').replace('.', '')}"
        yield Subject(
            provider=provider,
            sent=sent,
            missing=TargetId("C0NEWS/1000000000.000001"),
            refused=salaries,
            words={link: sent, f"{link}?thread_ts=1.2&cid=C0NEWS": sent, sent: sent},
            settle=_nothing,
            go_away=runner.cleanup,
            lose_answer=lose_answer,
            lists=False,
            secrets=(slack.BOT_TOKEN, slack.ANNS_TOKEN),
        )
        await provider.close()
        await slack.stop()
        await runner.cleanup()


class TestTheBotsOwnPost(_AtSlack):
    text = "Reminder"


class TestAPersonsPost(_AtSlack):
    text = "staff discount code"


def _post(slack: LocalSlack, text: str) -> TargetId:
    found: Message = next(each for each in slack.workspace.messages("C0NEWS") if text in each.text)
    return TargetId(f"{found.channel}/{found.ts}")
