"""Makes docs/images/*.png from the running practice world: `.venv/bin/python docs/make_screenshots.py`.

Plays the whole story as a newcomer would, in Chromium: starts `app.py sandbox`, types /recall, presses Recall and
Yes, waits until the thread says that it is gone, and takes pictures on the way.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 20_000
CAMPAIGN = "Spring sale: 50% off everything"


def main() -> None:
    begun = time.monotonic()
    sandbox = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "sandbox", "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    try:
        address = _address(sandbox)
        print(f"{address} after {time.monotonic() - begun:.1f} s")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            expect.set_options(timeout=PATIENCE_MS)
            page.goto(address)
            _play(page)
            print(f"recalled after {time.monotonic() - begun:.1f} s")
            browser.close()
    finally:
        sandbox.terminate()
        sandbox.wait()


def _address(sandbox: subprocess.Popen[str]) -> str:
    assert sandbox.stdout is not None
    for line in sandbox.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise SystemExit("the practice world did not start")


def _play(page: Page) -> None:
    expect(page.get_by_test_id("health")).to_have_text("Recall is connected")
    page.get_by_test_id("composer").fill("/recall spring sale 50%")
    page.get_by_test_id("composer").press("Enter")
    yes = page.get_by_role("button", name="Yes, recall")
    expect(yes).to_be_visible()
    yes.scroll_into_view_if_needed()
    expect(page.locator("article img").last).to_be_visible()
    page.screenshot(path=IMAGES / "page.png")
    yes.click()
    page.get_by_test_id("replies").last.click()
    thread = page.get_by_test_id("thread")
    expect(thread).to_contain_text("Confirmed by Netmera", timeout=40_000)
    expect(page.locator("#channel article").last).to_contain_text("Recalled", timeout=40_000)
    page.screenshot(path=IMAGES / "thread.png")


if __name__ == "__main__":
    main()
