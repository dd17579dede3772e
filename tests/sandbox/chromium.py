"""A real Chromium for tests that look at the page."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

PATH = Path("/usr/bin/chromium")
INSTALLED = PATH.exists()
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser; without one the test is skipped, or fails where RECALL_BROWSER=required."""
    if not INSTALLED:
        reason = f"no Chromium at {PATH}"
        if os.environ.get("RECALL_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(PATH), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
