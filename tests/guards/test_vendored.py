"""Other people's files: unchanged, from pinned packages, and nothing among them that may not be given on."""

import json
import re

import pytest

from ivr.web.vendoring import DIGESTS, FOLDER, digest_of, recorded_digests, sources

BESIDE = {"README.md", "package.json", "package-lock.json", DIGESTS.name}
NOT_OURS_TO_GIVE = re.compile(r"rijkshuisstijl|@utrecht/design-tokens|@utrecht/logo|-font|font-", re.IGNORECASE)
"""Tokens, logos and fonts of government bodies are not openly licensed."""

MANIFEST = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
LOCK = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_each_vendored_file_is_what_was_recorded() -> None:
    assert {name: digest_of(FOLDER / name) for name in sources()} == recorded_digests()


def test_no_other_file_lies_among_them() -> None:
    found = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert found == {*sources(), *BESIDE}


def test_each_package_is_pinned_by_version_and_content_and_names_no_registry() -> None:
    packages = {name.removeprefix("node_modules/"): package for name, package in LOCK.items() if name}
    assert {name: package["version"] for name, package in packages.items()} == MANIFEST["dependencies"]
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not [name for name, package in packages.items() if "resolved" in package]


def test_every_package_that_is_pinned_is_used() -> None:
    parts = (source.split("/") for source in sources().values())
    used = {"/".join(part[: 2 if part[0].startswith("@") else 1]) for part in parts}
    assert used == set(MANIFEST["dependencies"])


@pytest.mark.parametrize("package", MANIFEST["dependencies"])
def test_the_licence_of_each_package_is_named_and_lets_us_give_it_on(package: str) -> None:
    assert not NOT_OURS_TO_GIVE.search(package)
    assert package.split("/")[0] in README
    assert LOCK[f"node_modules/{package}"]["license"] in {"EUPL-1.2", "BSD-0-Clause", "0BSD", "MIT", "BSD-3-Clause"}
