"""A real Chromium for tests that look at the page."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

PATH = Path("/usr/bin/chromium")
INSTALLED = PATH.exists()
PATIENCE_MS = 10_000  # a loaded machine may be slow to draw
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of a process that say `loop_scope="session"`; each opens pages of its own with `page_of`.

    Without a browser the test is skipped, or fails where RECALL_BROWSER=required.
    """
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


@asynccontextmanager
async def page_of(
    browser: Browser, width: int = 1280, height: int = 800, *, patience_ms: float = PATIENCE_MS
) -> AsyncIterator[Page]:
    """A page that knows of no other one; an error on it fails the test."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    try:
        page.set_default_timeout(patience_ms)
        expect.set_options(timeout=patience_ms)
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        assert broken == []
    finally:
        await page.close()
