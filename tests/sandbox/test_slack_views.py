from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from sandbox.slack import Invisible, LocalSlack, Person, Shown, plain
from sandbox.world import World
from tests.sandbox.slack_app import actions, bolt, bot, button, by_socket, section

Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    return {"text": words(text), "value": text.lower()}


ASKS = [
    {
        "type": "input",
        "block_id": "why",
        "label": words("Why"),
        "element": {
            "type": "static_select",
            "action_id": "why",
            "options": [option("Typo"), option("Other")],
        },
    },
    {
        "type": "input",
        "block_id": "more",
        "label": words("In your words"),
        "optional": True,
        "element": {"type": "plain_text_input", "action_id": "more"},
    },
]


def modal(title: str, *blocks: Json, **more: Any) -> Json:
    shown = list(blocks) or ASKS
    return {
        "type": "modal",
        "callback_id": "form",
        "title": words(title),
        "submit": words("Go on"),
        "blocks": shown,
        **more,
    }


@pytest.fixture
def slack(world: World) -> LocalSlack:
    return world.slack


@pytest.fixture
def ann(slack: LocalSlack) -> Person:
    return slack.person("ann")


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[AsyncApp]:
    app = bolt(slack)

    @app.shortcut("recall_global")
    async def start(ack: Any, shortcut: Any, client: Any) -> None:
        await client.views_open(trigger_id=shortcut["trigger_id"], view=modal("First", notify_on_close=True))
        await ack()

    async with by_socket(slack, app):
        yield app


async def test_a_modal_is_filled_in_and_submitted(app: AsyncApp, ann: Person) -> None:
    heard: list[Any] = []

    @app.view("form")
    async def form(ack: Any, view: Any) -> None:
        heard.append(view["state"]["values"])
        await ack()

    await ann.global_shortcut("Recall something")
    assert ann.view
    assert ann.view.title == "First"
    assert (await ann.submits()).errors == {"why": "Please complete this required field."}
    await ann.chooses("Typo")
    ann.fills("In your words", "a wrong price")
    assert await ann.submits() == Shown()
    assert ann.view is None
    assert heard[0]["why"]["why"]["selected_option"]["value"] == "typo"
    assert heard[0]["more"]["more"]["value"] == "a wrong price"


@pytest.mark.parametrize("action", ["errors", "update", "push", "clear"])
async def test_a_submission_is_answered_in_the_ack(app: AsyncApp, ann: Person, action: str) -> None:
    @app.view("form")
    async def form(ack: Any) -> None:
        if action == "errors":
            await ack(response_action="errors", errors={"more": "Too short"})
        elif action == "clear":
            await ack(response_action="clear")
        else:
            await ack(response_action=action, view=modal("Second", section("done")))

    await ann.global_shortcut("Recall something")
    await ann.chooses("Other")
    shown = await ann.submits()
    titles = {"errors": "First", "update": "Second", "push": "Second", "clear": None}
    assert (ann.view.title if ann.view else None) == titles[action]
    assert shown.errors == ({"more": "Too short"} if action == "errors" else {})
    if action == "push":
        await ann.closes()
        assert ann.view.title == "First"  # type: ignore[union-attr]


async def test_a_modal_that_the_app_does_not_answer_stays_and_says_so(app: AsyncApp, ann: Person) -> None:
    await ann.global_shortcut("Recall something")
    await ann.chooses("Other")
    assert (await ann.submits()).toast == "We had some trouble connecting. Try again?"
    assert ann.view


async def test_closing_tells_the_app_that_asked_for_it(app: AsyncApp, ann: Person) -> None:
    closed: list[str] = []

    @app.view_closed("form")
    async def gone(ack: Any, view: Any) -> None:
        closed.append(view["id"])
        await ack()

    await ann.global_shortcut("Recall something")
    shown = ann.view
    await ann.closes()
    assert shown
    assert closed == [shown.id]
    with pytest.raises(Invisible):
        await ann.submits()


async def test_a_trigger_opens_one_view_within_three_seconds(
    world: World, slack: LocalSlack, ann: Person
) -> None:
    app, triggers = bolt(slack), list[str]()

    @app.command("/recall")
    async def command(ack: Any, command: Any) -> None:
        triggers.append(command["trigger_id"])
        await ack()

    async with by_socket(slack, app):
        await ann.types("/recall", "#campaigns")
        await ann.types("/recall", "#campaigns")
    fresh, stale = triggers
    client = bot(slack)

    async def refused(trigger: str) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger, view=modal("X"))
        return str(caught.value.response["error"])

    opened = await client.views_open(trigger_id=fresh, view=modal("X"))
    assert await refused(fresh) == "exchanged_trigger_id"
    world.clock.advance(3.1)
    assert await refused(stale) == "expired_trigger_id"
    assert await refused("1.2.3") == "invalid_trigger_id"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=opened["view"]["id"], hash="old", view=modal("Y"))
    await client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=modal("Y"))
    assert ann.view
    assert ann.view.title == "Y"
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0NONE", view=modal("Y"))


async def test_at_most_three_modals_lie_on_top_of_each_other(
    slack: LocalSlack, app: AsyncApp, ann: Person
) -> None:
    refusals: list[str] = []

    @app.action("deeper")
    async def deeper(ack: Any, body: Any, client: Any) -> None:
        await ack()
        try:
            await client.views_push(
                trigger_id=body["trigger_id"], view=modal("Deeper", actions(button("Deeper", "deeper")))
            )
        except SlackApiError as error:
            refusals.append(error.response["error"])
            slack.feed.changed()

    @app.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="push", view=modal("Deeper", actions(button("Deeper", "deeper"))))

    await ann.global_shortcut("Recall something")
    await ann.chooses("Other")
    await ann.submits()
    await ann.presses("Deeper")
    await slack.until(lambda: len(slack.state.screens.stack("U0ANN")) == 3)
    await ann.presses("Deeper")
    await slack.until(lambda: refusals)
    assert refusals == ["push_limit_reached"]


async def test_a_typeahead_asks_the_app_and_its_choice_is_an_action(
    slack: LocalSlack, app: AsyncApp, ann: Person
) -> None:
    heard: list[str] = []

    @app.options("search")
    async def options(ack: Any, payload: Any) -> None:
        await ack(options=[option(f"{payload['value']} {n}") for n in range(3)])

    @app.action("search")
    async def chosen(ack: Any, action: Any) -> None:
        heard.append(action["selected_option"]["value"])
        await ack()

    search = {"type": "external_select", "action_id": "search", "placeholder": words("Find")}
    await bot(slack).chat_postMessage(
        channel="C0CAMPAIGNS", text="x", blocks=[section("Which", accessory=search)]
    )
    message = ann.sees("#campaigns")[-1]
    assert await ann.searches("sp", message) == []
    assert [found["value"] for found in await ann.searches("spring", message)] == [
        "spring 0",
        "spring 1",
        "spring 2",
    ]
    await ann.picks("spring 1", message)
    assert heard == ["spring 1"]
    with pytest.raises(Invisible):
        await ann.picks("winter", message)


async def test_what_is_chosen_on_a_message_comes_along_with_the_press(
    slack: LocalSlack, app: AsyncApp, ann: Person
) -> None:
    heard: list[Any] = []

    @app.action("why")
    async def why(ack: Any) -> None:
        await ack()

    @app.action("yes")
    async def yes(ack: Any, body: Any) -> None:
        heard.append(body["state"]["values"]["why"]["why"]["selected_option"]["value"])
        await ack()

    options = [option("Typo"), option("Other")]
    select = {"type": "static_select", "action_id": "why", "options": options, "initial_option": options[1]}
    blocks = [section("Why?", block_id="why", accessory=select), actions(button("Yes, recall", "yes"))]
    await bot(slack).chat_postMessage(channel="C0CAMPAIGNS", text="x", blocks=blocks)
    card = ann.sees("#campaigns")[-1]
    await slack.person("bob").presses("Yes, recall", card)
    await ann.chooses("Typo", card)
    await ann.presses("Yes, recall", card)
    assert heard == ["other", "typo"]


async def test_the_home_tab_is_published_when_somebody_opens_it(
    slack: LocalSlack, app: AsyncApp, ann: Person
) -> None:
    @app.event("app_home_opened")
    async def opened(event: Any, client: Any) -> None:
        await client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": [section("Welcome")]}
        )

    assert await ann.opens_home() is None
    await slack.until(lambda: ann.home)
    assert ann.home
    assert plain(ann.home) == "Welcome"
    assert slack.person("bob").home is None


async def test_a_late_press_is_sent_as_it_was_seen(slack: LocalSlack, app: AsyncApp, ann: Person) -> None:
    heard: list[str] = []

    @app.action("yes")
    async def yes(ack: Any, action: Any) -> None:
        heard.append(action["value"])
        await ack()

    client = bot(slack)
    posted = await client.chat_postMessage(
        channel="C0CAMPAIGNS", text="x", blocks=[actions(button("Yes, recall", "yes", "r1"))]
    )
    card = ann.sees("#campaigns")[-1]
    await client.chat_update(channel="C0CAMPAIGNS", ts=posted["ts"], text="closed")
    with pytest.raises(Invisible):
        await ann.presses("Yes, recall", card)
    await ann.presses("Yes, recall", card, as_seen=True)
    assert heard == ["r1"]
