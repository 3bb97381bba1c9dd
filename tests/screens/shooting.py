"""Takes the pictures."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ViewportSize

from config.policy import Role
from tests.screens.day import Scene
from tests.screens.shots import Shot

SCREENS = {"wide": ViewportSize(width=1200, height=800), "phone": ViewportSize(width=360, height=780)}
LARGEST_BYTES = 150_000


def let_in(context: BrowserContext, url: str, scene: Scene, role: Role | None) -> None:
    """Signs the browser in as the scene's colleague with that role."""
    if role is not None:
        cookie, host = scene.day.wiring.sessions.cookie, str(urlsplit(url).hostname)
        context.add_cookies([{"name": cookie, "value": scene.colleagues[role].cookie, "domain": host, "path": "/"}])


class Camera:
    """Opens pages of the service at `url` as the scene's colleagues, and writes PNG files into `folder`."""

    def __init__(self, browser: Browser, url: str, scene: Scene, folder: Path) -> None:
        self._browser = browser
        self._url = url
        self._scene = scene
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, shot: Shot) -> Iterator[str]:
        """Gives what is wrong with it."""
        context = self._browser.new_context(
            viewport=SCREENS[shot.screen], color_scheme=shot.scheme, locale="nl-NL", reduced_motion="reduce"
        )
        let_in(context, self._url, self._scene, shot.role)
        page = context.new_page()
        answer = page.goto(self._url + shot.path.format(**self._scene.names))
        if answer is None or answer.status != 200:
            yield f"{shot.name}: the page answers {answer and answer.status}"
        else:
            for selector in shot.then:
                page.locator(selector).first.click()
                page.wait_for_load_state("load")
            picture = page.screenshot()
            (self._folder / f"{shot.name}.png").write_bytes(picture)
            if len(picture) > LARGEST_BYTES:
                yield f"{shot.name}: {len(picture)} bytes are too many"
        context.close()
