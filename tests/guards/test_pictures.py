"""Pictures in the documents: there, small, described, and none that nobody shows."""

import re
from pathlib import Path

from tests.guards.tree import ROOT
from tests.screens.shooting import LARGEST_BYTES
from tests.screens.shots import SHOTS, index

PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+\.png)\)")
SCREENS = ROOT / "docs" / "screens"


def shown() -> dict[Path, str]:
    """Every picture that a document shows, with its text alternative."""
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {
        (document.parent / path).resolve(): words
        for document in documents
        for words, path in PICTURE.findall(document.read_text(encoding="utf-8"))
    }


def test_every_picture_that_is_shown_is_there_and_described() -> None:
    pictures = shown()
    assert len(pictures) > len(SHOTS)
    assert not [path for path, words in pictures.items() if not path.is_file() or len(words) < 10]


def test_every_picture_of_a_page_is_in_the_list_and_small() -> None:
    assert (SCREENS / "README.md").read_text(encoding="utf-8") == index()
    assert {path.stem for path in SCREENS.glob("*.png")} == {shot.name for shot in SHOTS}
    assert not [path.name for path in SCREENS.glob("*.png") if path.stat().st_size > LARGEST_BYTES]
