"""The whole story as a newcomer plays it: `app.py sandbox`, a browser, and nothing else.

Pictures are left in screenshots/ (ignored by git) for people to look at.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.program import bare, line_with, started
from tests.sandbox.chromium import PATIENCE_MS, page_of

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "screenshots"
SALE = "Spring sale: 50% off everything"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]


@asynccontextmanager
async def practice() -> AsyncIterator[str]:
    """The practice world's address, while it runs."""
    program = await started("sandbox", "--no-browser", environ=bare())
    try:
        line = await line_with(program, "http://", of="stdout")
        yield line.split()[-1]
    finally:
        program.terminate()
        await program.wait()


@asynccontextmanager
async def visiting(browser: Browser, width: int = 1280) -> AsyncIterator[Page]:
    """A page on a fresh practice world; errors on it fail the test."""
    async with practice() as address, page_of(browser, width, patience_ms=2 * PATIENCE_MS) as page:
        await page.goto(address)
        await expect(page.get_by_test_id("health")).to_have_text("Recall is connected")
        yield page
        await expect(page.get_by_test_id("block-problem")).to_have_count(0)


async def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png")


async def say(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("composer").press("Enter")


def newest(page: Page) -> Locator:
    return page.locator("#channel article").last


async def act_as(page: Page, who: str) -> None:
    await page.get_by_test_id("act-as").select_option(value=who)


async def test_two_clicks_from_oops_to_gone_while_the_phones_lose_it(browser: Browser) -> None:
    async with visiting(browser) as page:
        notifications = page.get_by_test_id("notification-cmp-1042")
        await expect(notifications).to_have_count(4)
        await page.get_by_test_id("phone-noah-toggle").click()

        await say(page, "/recall")
        row = newest(page)
        await expect(row).to_contain_text(SALE)
        await picture(page, "1-recent-campaigns")
        await row.get_by_role("button", name=f"Recall {SALE}").click()

        yes = page.get_by_role("button", name="Yes, recall")
        await expect(yes).to_be_visible()
        await expect(newest(page)).to_contain_text(SALE)
        await expect(newest(page)).to_contain_text("48,210")
        await picture(page, "2-card")
        await expect(notifications).to_have_count(4)
        await yes.dblclick()

        await page.get_by_test_id("replies").last.click()
        thread = page.get_by_test_id("thread")
        await expect(thread).to_contain_text("Confirmed by Netmera", timeout=40_000)
        await expect(thread).to_contain_text("Started by")
        await expect(thread).to_contain_text("48,210")
        await expect(yes).to_have_count(0)
        await expect(notifications).to_have_count(1)  # Noah's phone is offline: it still shows it
        await picture(page, "3-recalled")

        await page.get_by_test_id("phone-noah-toggle").click()
        await expect(notifications).to_have_count(0)


async def test_the_shortcut_leads_from_a_post_to_a_card_in_its_thread_and_bob_may_say_no(
    browser: Browser,
) -> None:
    async with visiting(browser) as page:
        post = page.locator("#channel article").filter(has_text="Teaser is out")
        await post.hover()
        await post.get_by_test_id("message-menu").click()
        await page.get_by_test_id("shortcut-Recall").click()
        await post.get_by_test_id("replies").click()
        thread = page.get_by_test_id("thread")
        await expect(thread.get_by_role("button", name="Yes, recall")).to_be_visible()
        await picture(page, "4-card-in-a-thread")

        await act_as(page, "U0BOB")
        await post.get_by_test_id("replies").click()
        await thread.get_by_text("No", exact=True).click()

        await expect(thread).to_contain_text("Declined")
        await expect(thread.get_by_role("button", name="Yes, recall")).to_have_count(0)


async def test_the_typeahead_finds_a_misspelt_name_and_a_stranger_is_refused(browser: Browser) -> None:
    async with visiting(browser) as page:
        await act_as(page, "U0CLEO")
        await say(page, "/recall weeknd flsh")
        await expect(newest(page)).to_contain_text("Weekend flash")
        await newest(page).get_by_role("button", name="Recall Weekend flash").click()

        await expect(newest(page)).to_contain_text("may not recall")
        await picture(page, "5-refused")


async def test_a_bot_that_is_killed_in_the_middle_goes_on_and_says_it_once(browser: Browser) -> None:
    async with visiting(browser) as page:
        await page.get_by_text("Make trouble").click()
        await say(page, f"/recall {SALE}")
        await expect(page.get_by_role("button", name="Yes, recall")).to_be_visible()
        await page.get_by_role("button", name="Yes, recall").click()
        await page.get_by_test_id("trouble-bot_kill").click()

        await page.get_by_test_id("replies").last.click()
        thread = page.get_by_test_id("thread")
        await expect(thread).to_contain_text("Confirmed by Netmera", timeout=60_000)
        await expect(page.get_by_test_id("notification-cmp-1042")).to_have_count(0)
        said = await thread.inner_text()
        assert said.count("Started by") == 1
        assert said.count("Recalled. Confirmed") == 1


async def test_on_a_phone_the_card_can_be_read_and_pressed(browser: Browser) -> None:
    async with visiting(browser, width=390) as page:
        await say(page, "/recall cmp-1042")
        yes = page.get_by_role("button", name="Yes, recall")
        await expect(yes).to_be_visible()
        await picture(page, "6-card-on-a-phone")
        wide = await page.evaluate("document.documentElement.scrollWidth")

        assert wide <= 390
        box = await yes.bounding_box()
        assert box is not None
        assert box["width"] >= 44
        assert box["height"] >= 32


async def test_a_mail_leaves_the_inboxes_it_can_leave_and_the_thread_says_which(browser: Browser) -> None:
    async with visiting(browser) as page:
        await page.get_by_test_id("customers-inboxes").click()
        prices = page.get_by_test_id("inboxes").get_by_text("Price list for partners", exact=True)
        await expect(prices).to_have_count(4)
        await say(page, "/recall price list")
        yes = page.get_by_role("button", name="Yes, recall")
        await expect(yes).to_be_visible()
        await expect(newest(page)).to_contain_text("Its text is not shown in channels")
        await page.get_by_role("button", name="See the text").click()
        await expect(page.locator("#channel")).to_contain_text("internal price list with our margins")
        await picture(page, "7-mail-card")
        await yes.click()

        await page.get_by_test_id("replies").last.click()
        thread = page.get_by_test_id("thread")
        await expect(thread).to_contain_text("2 recalled, 1 failed, 1 unknown", timeout=60_000)
        await expect(prices).to_have_count(2)
        await expect(page.get_by_test_id("inbox-finn")).not_to_contain_text("Price list")
        await expect(page.get_by_test_id("inbox-iris")).to_contain_text("Price list")
        await picture(page, "8-mail-recalled-per-recipient")
