"""Catalogs: what is loaded, what is refused, and where the fault is."""

from pathlib import Path

import pytest

import config
from config.translations import TranslationError, load_translations, places

SHIPPED = Path(config.__file__).parent / "locale"
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
PLURALS = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
GOOD = 'msgid "Hallo %(name)s"\nmsgstr "Goeie %(name)s"\n'


def put(folder: Path, messages: str, language: str = "fy") -> Path:
    path = folder / language / "LC_MESSAGES" / "spelregel.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + messages, encoding="utf-8")
    return path


def fault_of(folder: Path) -> str:
    with pytest.raises(TranslationError) as caught:
        load_translations(folder)
    return str(caught.value)


def test_dutch_needs_no_catalog(tmp_path: Path) -> None:
    found = load_translations(tmp_path)
    assert list(found) == ["nl"]
    assert found["nl"].gettext("Een klacht") == "Een klacht"


def test_dutch_comes_first_and_english_is_shipped() -> None:
    found = load_translations(SHIPPED)
    assert next(iter(found)) == "nl"
    assert found["en"].gettext("Een klacht") == "A complaint"


def test_a_new_language_is_a_new_file_and_leaves_no_other(tmp_path: Path) -> None:
    path = put(tmp_path, GOOD)
    assert load_translations(tmp_path)["fy"].gettext("Hallo %(name)s") == "Goeie %(name)s"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]


def test_what_is_not_translated_or_not_certain_is_shown_in_dutch(tmp_path: Path) -> None:
    put(tmp_path, 'msgid "een"\nmsgstr ""\n\n#, fuzzy\nmsgid "twee"\nmsgstr "trije"\n')
    found = load_translations(tmp_path)["fy"]
    assert [found.gettext("een"), found.gettext("twee"), found.gettext("drie")] == ["een", "twee", "drie"]


@pytest.mark.parametrize(
    "translation", ["Goeie", "Goeie %(naam)s", "Goeie %(name)s %(name2)s", "Goeie %(name)d", "100 % %(name)s", "%s"]
)
def test_a_place_that_is_lost_or_invented_is_a_fault_with_its_line(tmp_path: Path, translation: str) -> None:
    path = put(tmp_path, f'{GOOD}\nmsgid "Dag %(name)s"\nmsgstr "{translation}"\n')
    assert fault_of(tmp_path) == f"{path}:8: the translation of 'Dag %(name)s' must have %(name)s"


def test_a_form_for_one_may_leave_its_number_out(tmp_path: Path) -> None:
    forms = 'msgid "%(count)s dag"\nmsgid_plural "%(count)s dagen"\nmsgstr[0] "ien dei"\nmsgstr[1] "%(count)s dagen"\n'
    path = put(tmp_path, forms)
    path.write_text(path.read_text(encoding="utf-8").replace("\n\n", f"\n{PLURALS}\n", 1), encoding="utf-8")
    assert load_translations(tmp_path)["fy"].ngettext("%(count)s dag", "%(count)s dagen", 1) == "ien dei"


def test_all_catalogs_with_faults_are_named(tmp_path: Path) -> None:
    put(tmp_path, GOOD.replace("Goeie %(name)s", "Goeie"))
    put(tmp_path, 'msgid "Hallo"\nhej\n', "da")
    put(tmp_path, GOOD, "xx")
    fault = fault_of(tmp_path)
    assert all(f"{language}/LC_MESSAGES/spelregel.po" in fault for language in ("fy", "da", "xx"))
    assert "xx is not a language" in fault


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    put(tmp_path, GOOD).write_bytes(HEADER.encode() + b'msgid "a"\nmsgstr "\xff\xfe"\n')
    assert "spelregel.po" in fault_of(tmp_path)


def test_places_of_a_text() -> None:
    assert places("%(a)s en %(b)s, 100 %%") == frozenset({"a", "b"})
    assert places("zonder") == frozenset()
    assert places("100 %") is None
