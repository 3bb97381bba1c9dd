"""Chromium for the tests of pages: the system's own browser, offline, and axe-core's accessibility rules."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser of its own. Skips the test where there is none, unless real servers are required."""
    path = shutil.which("chromium")
    if path is None:
        message = "chromium is not installed; on Debian: apt install chromium"
        if os.environ.get("SPELREGEL_TEST_SERVERS") == "required":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


def accessibility_faults(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """What axe finds, one line a rule with the first place; empty for a page that is good."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(rules)}})
    return [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"
        f" {violation['nodes'][0].get('failureSummary', '')}"
        for violation in found.response["violations"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
