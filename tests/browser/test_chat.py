"""Live chat as a newcomer plays it: an agent's slip of the pen, its copy in Slack, and the visitors' windows."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_whole_story import newest, picture, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]

SLIP = "Your staff discount code is STAFF-100"


async def test_a_message_leaves_the_visitors_window_and_an_offline_ones_when_it_is_back(
    browser: Browser,
) -> None:
    async with visiting(browser) as page:
        await page.get_by_test_id("customers-chats").click()
        for window in (42, 43):
            await page.get_by_test_id(f"chat-{window}-text").fill(f"{SLIP} ({window})")
            await page.get_by_test_id(f"chat-{window}-text").press("Enter")
        mia, noah = page.get_by_test_id("chat-42"), page.get_by_test_id("chat-43")
        await expect(mia).to_contain_text(SLIP)
        await expect(noah).not_to_contain_text(SLIP)  # offline: it has not arrived either
        await page.get_by_test_id("chat-43-toggle").click()
        await expect(noah).to_contain_text(SLIP)
        await page.get_by_test_id("chat-43-toggle").click()

        await page.locator("#sidebar").get_by_text("support").click()
        for number, customer in ((42, "Mia"), (43, "Noah")):
            copy = page.locator("#channel article").filter(has_text=f"{SLIP} ({number})")
            await copy.hover()
            await copy.get_by_test_id("message-menu").click()
            await page.get_by_test_id("shortcut-Recall").click()
            await copy.get_by_test_id("replies").click()
            thread = page.get_by_test_id("thread")
            await expect(thread).to_contain_text("left when this was asked")
            if customer == "Mia":
                await picture(page, "chat-1-card")
            await thread.get_by_role("button", name="Yes, recall").click()
            await expect(thread).to_contain_text("Confirmed by Chatwoot", timeout=40_000)
            await expect(copy).to_contain_text("Recalled by")
        await expect(mia).not_to_contain_text(SLIP)
        await expect(page.get_by_test_id("thread")).to_contain_text("Not yet removed for Noah")
        await expect(noah).to_contain_text(SLIP)
        await picture(page, "chat-2-recalled")

        await page.get_by_test_id("chat-43-toggle").click()
        await expect(noah).not_to_contain_text(SLIP)
        await expect(newest(page)).to_be_visible()
