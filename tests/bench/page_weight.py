"""What a browser fetches for each main page when it comes for the first time, without sound: counted by Chromium."""

from pathlib import Path

from playwright.sync_api import Browser

from ivr.app import create_app
from tests.bench.table import Row
from tests.browser import chromium, served
from tests.screens.day import Scene, play
from tests.screens.shooting import let_in
from tests.screens.shots import SHOTS, Shot

GOAL = "first visit, nothing kept; goal of the console's first page: at most 100 kB"


def measure(folder: Path) -> list[Row]:
    folder.mkdir(parents=True)
    scene = play(folder)
    with served(create_app(scene.day.wiring)) as url, chromium() as browser:
        weights = {shot.path: _weigh(browser, url, scene, shot) for shot in SHOTS}
    scene.day.close()
    return [Row(f"page weight: {path}", weight / 1000, "kB", GOAL) for path, weight in weights.items()]


def _weigh(browser: Browser, url: str, scene: Scene, shot: Shot) -> float:
    """Bytes on the wire, headers included."""
    context = browser.new_context()
    let_in(context, url, scene, shot.role)
    page = context.new_page()
    network = context.new_cdp_session(page)
    finished: list[float] = []
    network.on("Network.loadingFinished", lambda event: finished.append(event["encodedDataLength"]))
    network.send("Network.enable")
    page.goto(url + shot.path.format(**scene.names), wait_until="networkidle")
    context.close()
    return sum(finished)
