"""Translations of the pages, `config/locale/<language>/LC_MESSAGES/spelregel.po`: gettext, compiled in memory at start.

The messages themselves are Dutch, so Dutch has no catalog. A translator adds a file and nothing else
(docs/translating.md). A catalog that loses a place such as `%(agency)s`, or adds one, is refused when it is loaded; a
message without a translation is shown in Dutch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

DOMAIN = "spelregel"
SOURCE_LANGUAGE = "nl"

DUTCH_ONLY: Mapping[str, NullTranslations] = {SOURCE_LANGUAGE: NullTranslations()}

_PLACE = re.compile(r"%\((\w+)\)s|%%")


class TranslationError(Exception):
    """Catalogs that cannot be used; one fault a line, as `file:line: what is wrong`."""


def load_translations(folder: Path) -> Mapping[str, NullTranslations]:
    """By language, the messages' own among them. Raises `TranslationError` with the faults of all catalogs."""
    faults: list[str] = []
    found = dict(DUTCH_ONLY)
    for path in sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        language = path.parts[-3]
        try:
            found[language] = _compile(load_catalog(path, language))
        except TranslationError as fault:
            faults.append(str(fault))
    if faults:
        raise TranslationError("\n".join(faults))
    return found


def load_catalog(path: Path, language: str) -> Catalog:
    """The messages of one file, checked. Raises `TranslationError`."""
    try:
        Locale.parse(language)
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, domain=DOMAIN, abort_invalid=True)
    except (UnknownLocaleError, ValueError) as fault:
        raise TranslationError(f"{path}: {language} is not a language that Unicode's CLDR knows") from fault
    except PoFileError as fault:
        raise TranslationError(f"{path}:{fault.lineno}: {fault}") from fault
    except OSError as fault:
        raise TranslationError(f"{path}: cannot be read: {fault}") from fault
    faults = [f"{path}:{message.lineno}: {fault}" for message in catalog for fault in _faults(message)]
    if faults:
        raise TranslationError("\n".join(faults))
    return catalog


def places(text: str) -> frozenset[str] | None:
    """The names that are filled in, like `agency` in `%(agency)s`; None for a text that cannot be filled in so."""
    if "%" in _PLACE.sub("", text):
        return None
    return frozenset(name for name in _PLACE.findall(text) if name)


def texts_of(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """A message's forms: one, or singular and plurals; an untranslated one may have none."""
    return (value,) if isinstance(value, str) else tuple(value or ())


def _faults(message: Message) -> Iterator[str]:
    if not message.id:  # the header
        return
    expected = places(texts_of(message.id)[-1])
    for text in texts_of(message.string):
        # A form for one may leave its number out: "one day".
        found = places(text)
        if text and found != expected and not (message.pluralizable and found == frozenset()):
            names = ", ".join(f"%({name})s" for name in sorted(expected or ())) or "no places"
            yield f"the translation of {texts_of(message.id)[0][:60]!r} must have {names}"


def _compile(catalog: Catalog) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
