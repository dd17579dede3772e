from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.slack import Invisible, LocalSlack, plain
from sandbox.world import World
from tests.sandbox.slack_app import actions, bolt, button, by_http, by_socket, section

Connect = Callable[[LocalSlack, AsyncApp], AbstractAsyncContextManager[None]]


def recalling(slack: LocalSlack) -> AsyncApp:
    app = bolt(slack)

    @app.command("/recall")
    async def command(ack: Any, command: Any, client: Any) -> None:
        await ack(f"Looking for {command['text']}")
        blocks = [
            section(f"Take back {command['text']}?"),
            actions(button("Yes, recall", "yes"), button("No", "no")),
        ]
        await client.chat_postMessage(channel=command["channel_id"], text="A card", blocks=blocks)

    @app.action("yes")
    async def yes(ack: Any, body: Any, client: Any, respond: Any) -> None:
        await ack()
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_postMessage(channel=channel, thread_ts=ts, text="Started")
        await client.chat_update(
            channel=channel, ts=ts, text="Being taken back", blocks=[section("Being taken back")]
        )
        await respond("Thank you", response_type="ephemeral", replace_original=False)

    return app


@pytest.mark.parametrize("connect", [by_socket, by_http])
async def test_a_card_is_asked_for_confirmed_and_followed_in_its_thread(
    world: World, connect: Connect
) -> None:
    slack, ann, bob = world.slack, world.slack.person("ann"), world.slack.person("bob")
    async with connect(slack, recalling(slack)):
        shown = await ann.types("/recall spring sale", "#campaigns")
        assert shown.message
        assert plain(shown.message) == "Looking for spring sale"
        await slack.until(lambda: "Yes" in plain(bob.sees("#campaigns")[-1]))
        card = bob.sees("#campaigns")[-1]
        assert plain(card) == "Take back spring sale?\n[Yes, recall]\n[No]"
        assert await bob.presses("Yes, recall", card) == shown.__class__()
        await slack.until(lambda: "Thank you" in [plain(m) for m in bob.sees("#campaigns")])
        assert [plain(m) for m in ann.sees("#campaigns", card.ts)] == ["Being taken back", "Started"]
        assert "Thank you" not in [plain(m) for m in ann.sees("#campaigns")]
        with pytest.raises(Invisible):
            await bob.presses("Yes, recall", card)


@pytest.mark.parametrize("connect", [by_socket, by_http])
async def test_a_command_that_nobody_answers_times_out_before_the_persons_eyes(
    world: World, connect: Connect
) -> None:
    slack, ann = world.slack, world.slack.person("ann")
    app = bolt(slack)

    @app.command("/recall")
    async def silent() -> None:
        pass

    async with connect(slack, app):
        shown = await ann.types("/recall", "#campaigns")
    assert shown.toast in {
        '/recall failed with the error "operation_timeout"',
        '/recall failed with the error "dispatch_failed"',
    }


async def test_a_command_without_an_app_says_so(world: World) -> None:
    shown = await world.slack.person("ann").types("/recall", "#campaigns")
    assert shown.toast == '/recall failed with the error "dispatch_failed"'


async def test_slash_commands_are_refused_in_threads(world: World) -> None:
    ann = world.slack.person("ann")
    root = ann.sees("#campaigns")[0]
    shown = await ann.types("/recall", "#campaigns", thread_ts=root.ts)
    assert shown.toast == "/recall is not supported in threads. Sorry!"


async def test_what_is_typed_reaches_the_app_escaped_with_people_channels_and_links(world: World) -> None:
    slack, ann = world.slack, world.slack.person("ann")
    app, heard = bolt(slack), list[str]()

    @app.command("/recall")
    async def command(ack: Any, command: Any) -> None:
        heard.append(command["text"])
        await ack()

    async with by_socket(slack, app):
        await ann.types(
            "/recall <!channel> & @bob #campaigns #launch-secret https://a.example/?b=1&c", "#campaigns"
        )
    assert heard == [
        "&lt;!channel&gt; &amp; <@U0BOB|bob> <#C0CAMPAIGNS|campaigns> <#G0SECRET|> <https://a.example/?b=1&amp;c>"
    ]


async def test_a_post_may_be_used_with_the_shortcut_from_anywhere_the_person_can_see(world: World) -> None:
    slack, ann = world.slack, world.slack.person("ann")
    app, heard = bolt(slack), list[Any]()

    @app.shortcut("recall_message")
    async def shortcut(ack: Any, shortcut: Any, client: Any, respond: Any) -> None:
        await ack()
        heard.append(shortcut)
        await respond("Only here")

    async with by_socket(slack, app):
        await ann.shortcut("Recall", ann.sees("#launch-secret")[0])
        await slack.until(lambda: plain(ann.sees("#launch-secret")[-1]) == "Only here")
        await ann.shortcut("Recall", ann.sees("#campaigns")[-2])
    secret, feed = heard
    assert secret["channel"] == {"id": "G0SECRET", "name": "privategroup"}
    assert feed["message"]["username"] == "Campaign feed"
    assert "metadata" not in feed["message"]
    with pytest.raises(Invisible):
        await ann.shortcut("Recall", ann.sees("#launch-secret")[-1])


async def test_people_who_cannot_be_there_do_nothing(world: World) -> None:
    for name, channel in (("eve", "#campaigns"), ("cleo", "#launch-secret"), ("cleo", "#partners")):
        with pytest.raises(Invisible):
            await world.slack.person(name).types("/recall", channel)


async def test_two_presses_at_once_are_two_envelopes(world: World) -> None:
    slack, ann = world.slack, world.slack.person("ann")
    app, heard = bolt(slack), list[str]()

    @app.action("yes")
    async def yes(ack: Any, body: Any) -> None:
        await ack()
        heard.append(body["trigger_id"])

    async with by_socket(slack, app, connections=2):
        await app.client.chat_postMessage(
            channel="C0CAMPAIGNS", text="card", blocks=[actions(button("Yes, recall", "yes"))]
        )
        first, second = await ann.double_presses("Yes, recall", ann.sees("#campaigns")[-1])
    assert first.ok
    assert second.ok
    assert len(set(heard)) == 2
