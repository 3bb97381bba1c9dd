"""The look that all pages share, and the pages for what goes wrong."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType

from flask import Blueprint, Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from config.translations import DUTCH_ONLY
from ivr.errors import NotYetSigned
from ivr.web import formats
from ivr.web.api.problems import PREFIX, problem_of
from ivr.web.assets import register_assets
from ivr.web.language import N_, choose_language, register_languages
from storage.errors import StorageUnavailable

RETRY_AFTER_S = 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an error page says, in Dutch until it is shown; `advice` are whole sentences."""

    title: str
    advice: tuple[str, ...]


OTHER = Trouble(N_("Dit verzoek kunnen wij niet verwerken"), (N_("Ga terug en probeer het opnieuw."),))

TROUBLES = {
    403: Trouble(
        N_("U mag deze pagina niet bekijken"), (N_("Deze pagina is alleen voor bepaalde mensen of systemen."),)
    ),
    404: Trouble(
        N_("Deze pagina bestaat niet"),
        (
            N_("Misschien is het adres niet helemaal goed overgenomen."),
            N_("Controleer het adres en probeer het opnieuw."),
        ),
    ),
    429: Trouble(
        N_("U heeft het te vaak geprobeerd"),
        (
            N_("Wij houden nieuwe pogingen even tegen. Zo kan niemand codes raden."),
            N_("Wacht een kwartier en probeer het dan opnieuw."),
        ),
    ),
    500: Trouble(
        N_("Er ging iets mis bij ons"),
        (
            N_("Dat ligt niet aan u."),
            N_("Probeer het later opnieuw. Lukt het dan nog niet? Neem dan contact op met de organisatie."),
        ),
    ),
    503: Trouble(N_("Wij zijn even niet bereikbaar"), (N_("Probeer het over een minuut opnieuw."),)),
}


def register_pages(
    app: Flask, translations: Mapping[str, NullTranslations] = DUTCH_ONLY, theme: Path | None = None
) -> None:
    """Shared templates and styles, languages and formats, and error pages. `theme` is an agency's stylesheet."""
    register_languages(app, translations)
    register_assets(app, theme)
    app.register_blueprint(Blueprint("pages", __name__, template_folder="templates"))
    for write in (
        formats.date,
        formats.date_and_time,
        formats.day,
        formats.month,
        formats.time_of_day,
        formats.to_the_second,
        formats.duration,
        formats.size,
        formats.days,
        formats.period,
    ):
        app.add_template_filter(write)
    app.register_error_handler(HTTPException, error_page)
    for passing in (StorageUnavailable, NotYetSigned):
        app.register_error_handler(passing, _unavailable)


def trouble_page(
    error: HTTPException, template: str = "error.html", context: Mapping[str, object] = MappingProxyType({})
) -> Response:
    """What went wrong, in words for people; the template gets it as `trouble`, with the `context`."""
    code = error.code or 500
    response = make_response(render_template(template, **context, trouble=TROUBLES.get(code, OTHER)), code)
    return _with_headers_of(error, response)


def error_page(error: HTTPException) -> Response:
    """For routes of the carrier and other programs a line of text, for people a page."""
    if request.path.startswith(f"{PREFIX}/"):
        return problem_of(error)  # outside of its routes
    for_people = not request.accept_mimetypes or request.accept_mimetypes.accept_html
    if for_people and not request.path.startswith("/voice/"):
        choose_language()
        return trouble_page(error)
    response = make_response(f"{error.name}\n", error.code or 500)
    response.mimetype = "text/plain"
    return _with_headers_of(error, response)


def _with_headers_of(error: HTTPException, response: Response) -> Response:
    for name, value in error.get_headers():
        if name.casefold() != "content-type":
            response.headers[name] = value
    return response


def _unavailable(error: StorageUnavailable | NotYetSigned) -> Response:
    log.error("a page could not be made", extra={"error": str(error)})
    return error_page(ServiceUnavailable(retry_after=RETRY_AFTER_S))
