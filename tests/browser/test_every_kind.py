"""One post that names everything, a plan for later, and a vendor without an API that needs a second person."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_whole_story import act_as, newest, picture, say, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]


async def test_a_post_that_names_several_lets_the_person_choose_and_a_shop_window_needs_two_people(
    browser: Browser,
) -> None:
    async with visiting(browser) as page:
        await page.get_by_test_id("channel-C0ALERTS").click()
        incident = page.locator("#channel article").filter(has_text="INC-311")
        await incident.hover()
        await incident.get_by_test_id("message-menu").click()
        await page.get_by_test_id("shortcut-Recall").click()
        chooser = page.get_by_test_id("modal")
        for each in ("Spring sale: 50% off everything", "To Mia: Yes Mia", "Price list for partners"):
            await expect(chooser).to_contain_text(each)
        await picture(page, "several-1-chooser")
        await page.keyboard.press("Escape")

        await page.get_by_test_id("customers-windows").click()
        screens = page.locator("#channel article").filter(has_text="Shop windows")
        await screens.hover()
        await screens.get_by_test_id("message-menu").click()
        await page.get_by_test_id("shortcut-Recall").click()
        await screens.get_by_test_id("replies").click()
        thread = page.get_by_test_id("thread")
        await thread.get_by_role("button", name="Yes, recall").click()
        await expect(thread).to_contain_text("A second person has to approve before anything happens")
        await act_as(page, "U0BOB")
        await screens.get_by_test_id("replies").click()
        await thread.get_by_role("button", name="Approve").click()
        await expect(thread).to_contain_text("Somebody has to take it back in Vitrine now")
        await page.get_by_test_id("poster-harbour-down").click()
        await expect(page.get_by_test_id("poster-harbour")).to_contain_text("Nothing is shown")
        await thread.get_by_role("button", name="Done").first.click()
        await expect(thread).to_contain_text("'s word")
        await picture(page, "manual-1-done")


async def test_a_recall_is_planned_in_the_persons_own_time_and_cancelled(browser: Browser) -> None:
    async with visiting(browser) as page:
        await say(page, "/recall np-2001")
        await expect(page.get_by_role("button", name="Yes, recall")).to_be_visible()
        await newest(page).get_by_role("button", name="More options").click()
        await page.get_by_text("Schedule…").click()
        window = page.get_by_test_id("modal")
        moment = window.get_by_label("When shall it begin?")
        await moment.fill("2024-01-01T09:00")
        await page.get_by_test_id("modal-submit").click()
        await expect(window).to_contain_text("over already")
        await moment.fill("2035-01-01T09:00")
        await page.get_by_test_id("modal-submit").click()
        await expect(window).to_contain_text("ends before then")
        await picture(page, "plan-1-window")
        later = datetime.now(ZoneInfo("Europe/Berlin")) + timedelta(hours=2)
        await moment.fill(f"{later:%Y-%m-%dT%H:%M}")
        await page.get_by_test_id("modal-submit").click()

        await expect(newest(page)).to_contain_text("Planned")
        await picture(page, "plan-2-planned")
        await newest(page).get_by_role("button", name="Cancel").click()
        await expect(newest(page)).to_contain_text("Cancelled by")
