"""HTTP mode: what Slack signed counts once; what somebody else sends, or sends late, does not count at all."""

import asyncio
import json
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.recall import State
from sandbox.slack.deliver import Ack, Outgoing
from sandbox.slack.http import SignedHttp
from tests.stories.conftest import Story, buttons


class Overheard(SignedHttp):
    """Slack's way to the app, which remembers what went over it."""

    def __init__(self, url: str, secret: str) -> None:
        super().__init__(url=url, signing_secret=secret, ack_seconds=3)
        self.sent: list[Outgoing] = []

    async def deliver(self, outgoing: Outgoing) -> Ack:
        self.sent.append(outgoing)
        return await super().deliver(outgoing)

    def last(self) -> str:
        """The body of what was sent last."""
        return urlencode({"payload": json.dumps(self.sent[-1].payload)})

    async def posts(self, body: str, headers: dict[str, str]) -> int:
        """Send a body as it is; returns the status of the answer."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=form | headers) as answer,
        ):
            return answer.status


@pytest.fixture
async def web(quiet: Story) -> Story:
    """A story in HTTP mode."""
    quiet.http = True
    await quiet.starts()
    return quiet


def overhear(story: Story) -> Overheard:
    line = Overheard(
        f"http://127.0.0.1:{story.bot.server.port}/slack/events", story.world.slack.SIGNING_SECRET
    )
    story.world.slack.http = line
    return line


async def test_the_same_signed_request_again_has_one_effect_and_one_answer(web: Story) -> None:
    line = overhear(web)
    card = await web.asks(web.ann)
    await web.ann.presses("Yes, recall", card)
    body = line.last()
    signed = line.signed(body)

    again = await asyncio.gather(*(line.posts(body, signed) for _ in range(5)))

    assert set(again) == {200}
    await web.ends(State.DONE)
    assert len(await web.told(card, 3)) == 3
    assert web.asked() == 1
    assert [each for each in web.posts(web.ann, "#campaigns") if each.seen_by] == []


async def test_five_copies_at_once_have_one_effect(web: Story) -> None:
    line = overhear(web)
    card = await web.asks(web.ann)
    await web.cleo.presses("Yes, recall", card)
    payload = json.loads(json.dumps(line.sent[-1].payload))
    payload["user"]["id"] = web.ann.id
    payload["actions"][0]["action_ts"] = "1700000000.000001"
    body = urlencode({"payload": json.dumps(payload)})

    again = await asyncio.gather(*(line.posts(body, line.signed(body)) for _ in range(5)))

    assert set(again) == {200}
    await web.ends(State.DONE)
    assert len(await web.told(card, 3)) == 3
    assert web.asked() == 1


@pytest.mark.parametrize("how", ["forged", "missing", "stale", "early", "other body", "not a number"])
async def test_what_slack_did_not_sign_just_now_is_refused_and_nothing_is_kept(web: Story, how: str) -> None:
    line = overhear(web)
    card = await web.asks(web.ann)
    await web.cleo.presses("Yes, recall", card)
    await web.whisper(web.cleo, "You may not recall")
    body = line.last().replace("U0CLEO", "U0ANN").replace("action_ts%22%3A+%221", "action_ts%22%3A+%222")
    assert "U0ANN" in body

    status = await line.posts(body, headers(line, body, how))

    assert status == 401
    await web.bot.desk.tasks.settle()
    assert await web.bot.store.unanswered() == []
    assert "Yes, recall" in buttons(web.fresh(card))
    assert web.asked() == 0


async def test_the_same_body_with_a_right_signature_would_have_counted(web: Story) -> None:
    line = overhear(web)
    card = await web.asks(web.ann)
    await web.cleo.presses("Yes, recall", card)
    body = line.last().replace("U0CLEO", "U0ANN").replace("action_ts%22%3A+%221", "action_ts%22%3A+%222")

    assert await line.posts(body, line.signed(body)) == 200

    await web.ends(State.DONE)


async def test_a_click_that_comes_before_the_bot_has_met_slack_is_carried_out_once(quiet: Story) -> None:
    quiet.http = True
    await quiet.starts()
    card = await quiet.asks(quiet.ann)
    await quiet.stops()
    quiet.world.slack.faults.add(method="auth.test", kind="503", times=2)
    await quiet.starts()

    shown = await quiet.ann.presses("Yes, recall", card)

    assert shown.ok
    await quiet.ends(State.DONE)
    assert len(await quiet.told(card, 3)) == 3
    assert [each for each in quiet.posts(quiet.ann, "#campaigns") if each.seen_by] == []


def headers(line: Overheard, body: str, how: str) -> dict[str, str]:
    """What somebody who is not Slack, or is late, might send."""
    good = line.signed(body)
    match how:
        case "forged":
            return good | {"X-Slack-Signature": "v0=" + "0" * 64}
        case "missing":
            return {}
        case "other body":
            return line.signed(body + "&x=1")
        case "not a number":
            return good | {"X-Slack-Request-Timestamp": "now"}
    return line.signed(body, seconds_ago=310 if how == "stale" else -310)
