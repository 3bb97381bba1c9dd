"""Chromium for the tests of pages: the system's own browser, offline, and axe-core's accessibility rules."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--accept-lang=nl-NL",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

WIDE = ViewportSize(width=1280, height=900)
SMALL = ViewportSize(width=360, height=740)
ZOOMED = ViewportSize(width=320, height=256)
"""1280 x 1024 at 400 % (WCAG 1.4.10)."""
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (("light", WIDE), ("dark", SMALL), ("light", ZOOMED))


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app's address on loopback, for as long as it is used."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


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


def check_page(page: Page, url: str) -> None:
    """Good for axe, without sideways scrolling or a breach of its own policy, light and dark, wide and small."""
    breaches: list[str] = []
    page.on("console", lambda message: breaches.append(message.text) if "Policy" in message.text else None)
    page.goto(url)
    check_shown(page)
    assert breaches == []


def check_shown(page: Page) -> None:
    """The page as it stands there: good for axe and without sideways scrolling, light and dark, wide and small."""
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colours halfway
        page.set_viewport_size(size)
        assert accessibility_faults(page) == [], (scheme, size)
        assert not scrolls_sideways(page), (scheme, size)
