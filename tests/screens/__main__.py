"""`make screenshots`: plays a day, opens the main pages in Chromium, and writes docs/screens.

python -m tests.screens [NAME...]      only these pictures
"""

import sys
import tempfile
from pathlib import Path

from ivr.app import create_app
from tests.browser import chromium, served
from tests.guards.tree import ROOT
from tests.screens.day import play
from tests.screens.shooting import Camera
from tests.screens.shots import SHOTS, index

FOLDER = ROOT / "docs" / "screens"


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - {shot.name for shot in SHOTS}
    if unknown:
        raise SystemExit(f"there is no picture called {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        scene = play(Path(folder))
        with served(create_app(scene.day.wiring)) as url, chromium() as browser:
            camera = Camera(browser, url, scene, FOLDER)
            faults = [fault for shot in SHOTS if shot.name in (wanted or [shot.name]) for fault in camera.take(shot)]
        scene.day.close()
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")
    if faults:
        raise SystemExit("\n".join(faults))


main(sys.argv[1:])
