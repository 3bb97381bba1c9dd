"""Every text of the pages is in every catalog, translated and certain, and no catalog has more."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from config.translations import DOMAIN, load_catalog, places, texts_of
from tests.guards.tree import ROOT

CATALOGS = sorted((ROOT / "config" / "locale").glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What templates and code hold now, found as `make messages` finds it."""
    path = tmp_path_factory.mktemp("messages") / "messages.pot"
    mapping = str(ROOT / "pyproject.toml")
    command = ["pybabel", "--quiet", "extract", "--mapping-file", mapping, "-o", str(path), str(ROOT / "ivr")]
    CommandLineInterface().run(command)  # type: ignore[no-untyped-call]
    with path.open("rb") as file:
        return read_po(file)


def messages(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Texts to translations, without the header."""
    return {texts_of(message.id): texts_of(message.string) for message in catalog if message.id}


def test_there_is_an_english_catalog() -> None:
    assert "en" in [path.parts[-3] for path in CATALOGS]


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_a_catalog_is_complete_and_certain(path: Path, template: Catalog) -> None:
    """Otherwise `make messages`, and translate what is new."""
    catalog = load_catalog(path, path.parts[-3])
    translated = messages(catalog)
    assert translated.keys() == messages(template).keys()
    assert not [texts for texts, forms in translated.items() if not forms or not all(forms)]
    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert not catalog.obsolete


def test_texts_can_be_filled_in(template: Catalog) -> None:
    assert not [texts for texts in messages(template) if None in map(places, texts)]
