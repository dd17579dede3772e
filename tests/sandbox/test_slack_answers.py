from typing import Any

import aiohttp
import pytest

from sandbox.slack import LocalSlack, plain
from sandbox.world import World
from tests.sandbox.slack_app import actions, bolt, bot, button, by_socket, section


@pytest.fixture
def slack(world: World) -> LocalSlack:
    return world.slack


async def answer(url: str, **body: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.text()


async def pressed_url(slack: LocalSlack) -> str:
    """Has ann press a button on a card in #campaigns and returns the click's response URL."""
    app, heard = bolt(slack), list[str]()

    @app.action("yes")
    async def yes(ack: Any, body: Any) -> None:
        heard.append(body["response_url"])
        await ack()

    await bot(slack).chat_postMessage(
        channel="C0CAMPAIGNS", text="card", blocks=[section("card"), actions(button("Yes, recall", "yes"))]
    )
    ann = slack.person("ann")
    async with by_socket(slack, app):
        await ann.presses("Yes, recall", ann.sees("#campaigns")[-1])
    return heard[0]


async def test_five_answers_and_no_more(slack: LocalSlack) -> None:
    url = await pressed_url(slack)
    for _ in range(5):
        assert await answer(url, text="x") == (200, "ok")
    assert await answer(url, text="x") == (404, '{"ok": false, "error": "used_url"}')


async def test_an_answer_after_half_an_hour_is_too_late(world: World, slack: LocalSlack) -> None:
    url = await pressed_url(slack)
    world.clock.advance(30 * 60 + 1)
    assert await answer(url, text="x") == (404, '{"ok": false, "error": "expired_url"}')


async def test_an_answer_may_replace_or_delete_what_was_pressed(slack: LocalSlack) -> None:
    ann, bob = slack.person("ann"), slack.person("bob")
    url = await pressed_url(slack)
    await answer(url, text="new", replace_original=True)
    assert plain(bob.sees("#campaigns")[-1]) == "new"
    await answer(url, delete_original=True)
    assert "new" not in [plain(m) for m in ann.sees("#campaigns")]


async def test_an_answer_is_private_unless_it_says_otherwise(slack: LocalSlack) -> None:
    ann, bob = slack.person("ann"), slack.person("bob")
    url = await pressed_url(slack)
    await answer(url, text="private")
    await answer(url, text="public", response_type="in_channel")
    assert [plain(m) for m in ann.sees("#campaigns")][-2:] == ["private", "public"]
    assert "private" not in [plain(m) for m in bob.sees("#campaigns")]


async def test_a_threaded_answer_overwrites_the_source_unless_told_not_to(slack: LocalSlack) -> None:
    ann = slack.person("ann")
    url = await pressed_url(slack)
    card = ann.sees("#campaigns")[-1]
    await answer(url, text="below", response_type="in_channel", replace_original=False, thread_ts=card.ts)
    assert [plain(m) for m in ann.sees("#campaigns", card.ts)][1:] == ["below"]
    await answer(url, text="gone", response_type="in_channel", thread_ts=card.ts)
    assert plain(ann.sees("#campaigns")[-1]) == "gone"


async def test_broken_answers_are_refused(slack: LocalSlack) -> None:
    url = await pressed_url(slack)
    assert await answer(url, text="") == (400, '{"ok": false, "error": "no_text"}')
    assert await answer(url, blocks=[section("")]) == (400, '{"ok": false, "error": "invalid_blocks"}')
    assert slack.violations


async def test_a_click_on_an_ephemeral_brings_no_message_but_can_replace_it(slack: LocalSlack) -> None:
    app, heard = bolt(slack), list[Any]()

    @app.command("/recall")
    async def command(ack: Any) -> None:
        await ack(text="list", blocks=[section("list"), actions(button("Recall", "pick"))])

    @app.action("pick")
    async def pick(ack: Any, body: Any, respond: Any) -> None:
        heard.append(body)
        await ack()
        await respond(text="picked", replace_original=True)

    ann = slack.person("ann")
    async with by_socket(slack, app):
        shown = await ann.types("/recall", "#general")
        await ann.presses("Recall", shown.message)
        await slack.until(lambda: plain(ann.sees("#general")[-1]) == "picked")
    assert "message" not in heard[0]
    assert heard[0]["container"]["is_ephemeral"]
    assert plain(ann.sees("#general")[-2]) != "list"
