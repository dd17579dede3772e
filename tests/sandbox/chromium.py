"""A real Chromium for tests that look at the page."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

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


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser; without one the test is skipped, or fails where RECALL_BROWSER=required."""
    if not INSTALLED:
        reason = f"no Chromium at {PATH}"
        if os.environ.get("RECALL_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(PATH), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
