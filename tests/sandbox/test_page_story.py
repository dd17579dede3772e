"""The page as a visitor uses it: a real browser, the local Slack, a small app on the real Bolt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from slack_bolt.async_app import AsyncApp

from sandbox.world import World
from tests.sandbox.chromium import page_of
from tests.sandbox.slack_app import bolt, button, by_socket

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANNEL = "C0CAMPAIGNS"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with await World.start(settle_after=0, ack_seconds=1) as world:
        yield world


@asynccontextmanager
async def visiting(browser: Browser, world: World, path: str = "") -> AsyncIterator[Page]:
    async with page_of(browser) as page:
        await page.goto(world.url + path)
        await expect(page.get_by_test_id("act-as")).to_be_visible()
        yield page


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


def listing_app(world: World) -> AsyncApp:
    """Answers /recall with an ephemeral list; its button posts a card, which has a thread."""
    app = bolt(world.slack)

    @app.command("/recall")
    async def listed(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="One", blocks=[section("*Spring sale*", accessory=button("Recall", "pick"))])

    @app.action("pick")
    async def picked(ack: Any, client: Any) -> None:
        await ack()
        row = {"type": "actions", "elements": [button("Yes, recall", "yes")]}
        await client.chat_postMessage(channel=CHANNEL, text="Card", blocks=[section("Recall it?"), row])

    @app.action("yes")
    async def confirmed(ack: Any, body: Any, client: Any) -> None:
        await ack()
        ts = body["message"]["ts"]
        done = [section("Being recalled")]
        await client.chat_update(channel=CHANNEL, ts=ts, text="Being recalled", blocks=done)
        await client.chat_postMessage(
            channel=CHANNEL, text=f"Started by <@{body['user']['id']}>", thread_ts=ts
        )

    return app


@pytest.mark.browser
async def test_from_command_to_thread(world: World, browser: Browser) -> None:
    async with by_socket(world.slack, listing_app(world)), visiting(browser, world) as page:
        await expect(page.get_by_test_id("health")).to_have_text("Recall is connected")
        await say(page, "/recall spring")
        await expect(page.get_by_text("Only visible to you")).to_be_visible()
        await page.get_by_role("button", name="Recall", exact=True).last.click()
        await page.get_by_role("button", name="Yes, recall").click()
        await expect(page.get_by_role("button", name="Yes, recall")).to_have_count(0)
        await page.get_by_test_id("replies").click()
        await expect(page.get_by_test_id("thread")).to_contain_text("Started by @Ann Berg")


@pytest.mark.browser
async def test_each_person_sees_their_own_screen(world: World, browser: Browser) -> None:
    async with by_socket(world.slack, listing_app(world)), visiting(browser, world) as page:
        await say(page, "/recall")
        await expect(page.get_by_text("Only visible to you")).to_be_visible()
        await expect(page.get_by_test_id("channel-G0SECRET")).to_be_visible()
        await page.get_by_test_id("act-as").select_option("U0CLEO")
        await expect(page.get_by_test_id("channel-G0SECRET")).to_have_count(0)
        await expect(page.get_by_text("Only visible to you")).to_have_count(0)
        await say(page, "Is <b>this</b> the *right* price?")
        await page.get_by_test_id("act-as").select_option("U0BOB")
        await expect(page.locator("article").last).to_contain_text("Is <b>this</b> the right price?")


@pytest.mark.browser
async def test_the_shortcut_in_a_messages_menu_opens_a_modal_that_is_filled_in(
    world: World, browser: Browser
) -> None:
    app = bolt(world.slack)
    received: list[Any] = []

    @app.shortcut("recall_message")
    async def asked(ack: Any, body: Any, client: Any) -> None:
        await ack()
        received.append(body["message"]["text"])
        why = {"type": "plain_text_input", "action_id": "why"}
        block = {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": why}
        view = {"type": "modal", "callback_id": "m", "title": plain("Recall"), "submit": plain("Continue")}
        await client.views_open(trigger_id=body["trigger_id"], view={**view, "blocks": [block]})

    @app.view("m")
    async def submitted(ack: Any, view: Any) -> None:
        why = view["state"]["values"]["reason"]["why"]["value"]
        received.append(why)
        if len(why) < 5:
            await ack(response_action="errors", errors={"reason": "Say a little more."})
        else:
            await ack()

    async with by_socket(world.slack, app), visiting(browser, world) as page:
        message = page.locator("article", has_text="Teaser is out")
        await message.hover()
        await message.get_by_test_id("message-menu").click()
        await page.get_by_test_id("shortcut-Recall").click()
        await page.get_by_label("Reason").fill("typo")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_role("alert", name="").last).to_have_text("Say a little more.")
        await expect(page.get_by_label("Reason")).to_have_value("typo")
        await page.get_by_label("Reason").fill("typo in the price")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)
    assert received[0].startswith("Teaser is out")
    assert received[1:] == ["typo", "typo in the price"]


@pytest.mark.browser
async def test_escape_closes_a_modal_and_the_home_tab_shows_what_was_published(
    world: World, browser: Browser
) -> None:
    app = bolt(world.slack)

    @app.shortcut("recall_global")
    async def asked(ack: Any, body: Any, client: Any) -> None:
        await ack()
        view = {"type": "modal", "title": plain("Recall"), "blocks": [section("Find something")]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.event("app_home_opened")
    async def opened(event: Any, client: Any) -> None:
        blocks = [section("*Recent campaigns*")]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async with by_socket(world.slack, app), visiting(browser, world) as page:
        await page.get_by_test_id("shortcuts").click()
        await page.get_by_test_id("shortcut-Recall something").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("Find something")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await page.locator("[data-testid^=channel-D]", has_text="Recall").click()
        await page.get_by_test_id("tab-home").click()
        await expect(page.get_by_test_id("home")).to_contain_text("Recent campaigns")


@pytest.mark.browser
async def test_what_one_is_at_survives_whatever_happens_meanwhile(world: World, browser: Browser) -> None:
    async with visiting(browser, world) as page:
        menu = page.locator("article", has_text="Teaser is out").get_by_test_id("message-menu")
        await menu.focus()
        await world.slack.hands.command("U0BOB", CHANNEL, "Anybody there?")
        await expect(page.locator("article").last).to_contain_text("Anybody there?")
        await expect(menu).to_be_focused()


@pytest.mark.browser
async def test_a_command_that_nobody_answers_is_complained_about(world: World, browser: Browser) -> None:
    async with visiting(browser, world) as page:
        await expect(page.get_by_test_id("health")).to_have_text("Recall is not connected")
        await say(page, "/recall")
        await expect(page.get_by_test_id("toast")).to_contain_text("dispatch_failed")


@pytest.mark.browser
async def test_a_recalled_campaign_leaves_the_phones_and_an_offline_phone_later(
    world: World, browser: Browser
) -> None:
    async with visiting(browser, world) as page:
        mia = page.get_by_test_id("phone-mia").get_by_test_id("notification-cmp-1042")
        omar = page.get_by_test_id("phone-omar").get_by_test_id("notification-cmp-1042")
        await expect(mia).to_contain_text("50% off everything")
        await page.get_by_role("button", name="Take Omar’s phone offline").click()
        await expect(page.get_by_role("button", name="Bring Omar’s phone online")).to_be_visible()
        await world.netmera.campaign_recall("cmp-1042")
        await expect(mia).to_have_count(0)
        await expect(omar).to_have_count(1)
        await page.get_by_role("button", name="Bring Omar’s phone online").click()
        await expect(omar).to_have_count(0)


@pytest.mark.browser
async def test_hostile_names_are_shown_literally_on_the_phones(world: World, browser: Browser) -> None:
    async with visiting(browser, world) as page:
        await expect(page.get_by_test_id("notification-cmp-1037")).to_contain_text(
            "Hello <@U0BOB>, *half price* & <https://shop.example|more> &lt;today&gt;"
        )


@pytest.mark.browser
async def test_trouble_is_made_from_the_drawer(world: World, browser: Browser) -> None:
    killed = asyncio.Event()

    async def kill() -> None:
        killed.set()

    world.page.kill_bot = kill
    async with visiting(browser, world) as page:
        await page.get_by_text("Make trouble").click()
        state = page.get_by_test_id("trouble-state")
        for group, key in (("Netmera", "push"), ("Microsoft 365", "mail"), ("Northpost", "club")):
            await page.get_by_test_id(f"trouble-of-{group}").click()
            await page.get_by_test_id(f"trouble-{key}_down").click()
            await expect(state).to_contain_text(f"{group} is down")
            await page.get_by_test_id(f"trouble-{key}_429").click()
            await expect(state).to_contain_text("next: too many requests (× 2)")
            await page.get_by_test_id(f"trouble-{key}_well").click()
            await expect(state).to_have_text("Recall is not connected.")
        before = world.clock.now()
        await page.get_by_test_id("trouble-of-World").click()
        await page.get_by_test_id("trouble-clock_20m").click()
        await page.get_by_test_id("trouble-bot_kill").click()
        await asyncio.wait_for(killed.wait(), timeout=5)
        assert (world.clock.now() - before).total_seconds() > 1_200


@pytest.mark.browser
async def test_on_a_phones_screen_slack_fits_the_width(world: World, browser: Browser) -> None:
    async with visiting(browser, world, "?as=U0BOB&channel=C0CAMPAIGNS") as page:
        await page.set_viewport_size({"width": 390, "height": 800})
        await expect(page.get_by_test_id("phone-mia")).to_be_hidden()
        await expect(page.get_by_test_id("composer")).to_be_in_viewport()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def test_every_trouble_can_be_made(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        for name in [one["name"] for one in world.page.snapshot("U0ANN")["trouble"]]:
            body = {"as": "U0ANN", "do": "trouble", "name": name}
            async with session.post(f"{world.url}page/act", json=body) as answer:
                assert await answer.json() == {"ok": True}


async def test_what_is_not_on_a_persons_screen_is_refused_in_words(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"as": "U0CLEO", "do": "types", "channel": "G0SECRET", "text": "hi"}
        async with session.post(f"{world.url}page/act", json=body) as answer:
            assert "cannot see" in (await answer.json())["error"]
        for wrong in (
            {"do": "fly"},
            {"do": "types"},
            {"do": "trouble", "name": "rain"},
            {"do": "home", "as": "?"},
        ):
            async with session.post(f"{world.url}page/act", json={"as": "U0ANN", **wrong}) as answer:
                assert (await answer.json())["ok"] is False


async def test_other_sites_can_neither_act_nor_watch(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        form = '{"as": "U0ANN", "do": "types", "channel": "C0CAMPAIGNS", "text": "hi"}'
        async with session.post(
            f"{world.url}page/act", data=form, headers={"Content-Type": "text/plain"}
        ) as answer:
            assert answer.status == 415
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await session.ws_connect(f"{world.url}page/ws?as=U0ANN", origin="https://elsewhere.example")


async def test_a_watcher_is_told_of_every_change(world: World) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{world.url}page/ws?as=U0BOB") as socket,
    ):
        first = await socket.receive_json(timeout=5)
        assert first["me"]["id"] == "U0BOB"
        world.phones.set_online("mia", online=False)
        while (await socket.receive_json(timeout=5))["phones"][0]["online"]:
            pass
