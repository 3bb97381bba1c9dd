"""What people forget in files: this machine's paths, package hosts, length, and the few lines that others rely on."""

import re
from pathlib import Path

import pytest

from tests.guards.tree import ROOT, modules, project_files

MACHINE = re.compile(r"/(?:work|root|home/\w+|Users/\w+)/|/opt/(?:pypi|wheels)")
REGISTRY = re.compile(r"\b(?:pypi\.org|pythonhosted\.org|registry\.npmjs\.org|proxy\.golang\.org)\b")
LINES_A_ROOM_HOLDS = 500
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")


def texts() -> list[tuple[Path, str]]:
    files = (path for path in project_files() if path != Path(__file__).resolve())
    binary = {".wav", ".png", ".gz", ".npz"}
    return [(path, path.read_text(encoding="utf-8")) for path in files if path.suffix not in binary]


def test_no_file_names_a_path_of_a_machine_or_a_package_host() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert not found


def test_every_python_file_is_one_room() -> None:
    long = {
        str(path.relative_to(ROOT)): text.count("\n")
        for path, text in texts()
        if path.suffix == ".py" and text.count("\n") > LINES_A_ROOM_HOLDS
    }
    assert not long


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path, tree in modules("ivr", "speech", "storage", "config", "tests")
        if tree.body and not (tree.body[0].__class__.__name__ == "Expr" and tree.body[0].lineno == 1)
    ]
    assert not silent


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_index(name: str) -> None:
    text = (ROOT / "config" / name).read_text(encoding="utf-8")
    requirements = re.findall(r"^\w[^#]*", text, re.MULTILINE)
    assert requirements
    assert not [line for line in requirements if "==" not in line or "--hash=sha256:" not in line]
    assert not re.search(r"^--|://", text, re.MULTILINE)


def test_web_media_and_worker_are_processes_of_their_own() -> None:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines] == ["web", "media", "worker"]


def test_what_a_browser_shows_is_waited_for() -> None:
    """A click returns before the next page stands there: ``expect`` waits, a look at this instant does not."""
    hasty = re.compile(r"assert\b.*\.(?:is_visible|is_hidden|is_checked|is_enabled|is_disabled|count|title)\(\)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path, text in texts()
        if path.suffix == ".py" and "playwright" in text
        for number, line in enumerate(text.splitlines(), start=1)
        if hasty.search(line)
    ]
    assert not found
