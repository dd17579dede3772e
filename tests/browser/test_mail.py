"""A mail-merge as a newcomer plays it: stopped in the middle; what was not sent by then stays."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.test_whole_story import newest, picture, say, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.asyncio(loop_scope="session")]


async def test_a_mail_merge_is_one_card_and_a_stop_leaves_the_rest_where_it_is(browser: Browser) -> None:
    async with visiting(browser) as page:
        await page.get_by_test_id("customers-inboxes").click()
        await say(page, "/recall benefits letter")
        yes = page.get_by_role("button", name="Yes, recall")
        await expect(yes).to_be_visible()
        await expect(newest(page)).to_contain_text("240 single sendings")
        await picture(page, "mail-1-merge")
        await yes.click()

        await page.get_by_test_id("replies").last.click()
        thread = page.get_by_test_id("thread")
        await expect(thread).to_contain_text("Of 240:", timeout=40_000)
        await thread.get_by_role("button", name="Stop").click()
        await expect(thread).to_contain_text("Nothing further is sent", timeout=40_000)
        await picture(page, "mail-2-stopped")

        told = re.search(r"Of 240: .*?(\d+) not sent", await thread.inner_text())
        assert told is not None
        assert 0 < int(told[1]) < 240
        await expect(page.get_by_role("button", name="Stop")).to_have_count(0)
