"""In which language a page is shown, and its words in that language.

A view that has a choice says which languages it offers (`choose_language`); pages of views that do not are Dutch. The
visitor's own choice, `?taal=`, comes before what their browser prefers.
"""

from collections.abc import Mapping, Sequence
from gettext import NullTranslations
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, current_app, g, has_request_context, request

from config.policy import AgencyPolicy, Words
from config.translations import SOURCE_LANGUAGE

PARAMETER = "taal"
_EXTENSION = "spelregel-translations"


def register_languages(app: Flask, translations: Mapping[str, NullTranslations]) -> None:
    """`{% trans %}`, `_()` and `words` for the templates."""
    app.extensions[_EXTENSION] = translations
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: _catalog().gettext(text), lambda one, more, count: _catalog().ngettext(one, more, count), True
    )
    env.globals.update(
        language=language, other_languages=other_languages, name_of_language=name_of_language, address_in=address_in
    )
    app.add_template_filter(words)


def choose_language(offered: Sequence[str] | None = None, *, ask_browser: bool = True) -> None:
    """For the rest of this request. Without `offered` all languages are; the first one is the default.

    `ask_browser`: whether Accept-Language counts (RFC 9110 section 12.5.4). A page that caches share must not ask it.
    """
    known: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    g.offered = tuple(known if offered is None else offered)
    asked = request.args.get(PARAMETER)
    preferred = request.accept_languages.best_match(g.offered) if ask_browser else None
    g.language = asked if asked in g.offered else preferred or g.offered[0]


def choose_language_of(policy: AgencyPolicy, *, ask_browser: bool = True) -> None:
    """One that both the profile's texts and our pages have."""
    known: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    both = tuple(language for language in policy.languages if language in known)
    choose_language(both or policy.languages[:1], ask_browser=ask_browser)


def keep_choice(_: str, values: dict[str, object]) -> None:
    """For `url_defaults`: an address on a page leads on in the language that the visitor chose."""
    if has_request_context() and request.args.get(PARAMETER) == language():
        values.setdefault(PARAMETER, language())


def language() -> str:
    """The page's."""
    chosen: str = g.get("language", SOURCE_LANGUAGE) if has_request_context() else SOURCE_LANGUAGE
    return chosen


def other_languages() -> tuple[str, ...]:
    """In which the page can be had too."""
    offered: tuple[str, ...] = g.get("offered", ())
    return tuple(other for other in offered if other != language())


def address_in(other: str) -> str:
    """Of this page in another language, with what else was asked of it."""
    return "?" + urlencode({**request.args.to_dict(flat=False), PARAMETER: [other]}, doseq=True)


def name_of_language(code: str) -> str:
    """As its speakers write it."""
    return (Locale.parse(code).get_display_name() or code).capitalize()


def words(texts: Words) -> str:
    """A profile's text in the page's language; the profile's first language where it has no text in that one."""
    return texts.get(language()) or next(iter(texts.values()))


def gettext(message: str, **places: object) -> str:
    return _catalog().gettext(message) % places


def ngettext(one: str, more: str, count: int) -> str:
    """Both texts name the number `%(count)s`."""
    return _catalog().ngettext(one, more, count) % {"count": count}


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a message that is translated later
    return message


def _catalog() -> NullTranslations:
    if not has_request_context():
        return NullTranslations()
    translations: Mapping[str, NullTranslations] = current_app.extensions[_EXTENSION]
    return translations.get(language()) or NullTranslations()
