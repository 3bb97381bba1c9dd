"""The web applications that gunicorn serves: pages and webhooks (Flask), and the media streams (aiohttp)."""

from collections.abc import Callable, Coroutine

from aiohttp import web as aiohttp_web
from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import logging
from ivr.web import health, voice_webhooks
from ivr.web.api.blueprint import make_api
from ivr.web.api.call_acts import call_acts
from ivr.web.api.call_operations import call_operations
from ivr.web.api.case_operations import case_operations
from ivr.web.api.declaring import Operation
from ivr.web.browser_phone.phone_pages import PhoneLines, make_browser_phone
from ivr.web.console.account import account_pages
from ivr.web.console.call import call_pages
from ivr.web.console.call_acts import call_act_pages
from ivr.web.console.call_screen import CallScreen
from ivr.web.console.calls import search_pages
from ivr.web.console.case_page import CasePages
from ivr.web.console.case_registering import RegisteringPages
from ivr.web.console.cases import CaseLists, case_pages
from ivr.web.console.comparison import ComparisonPages
from ivr.web.console.data_subject import DataSubjectPages
from ivr.web.console.declaring import Page
from ivr.web.console.evaluation import evaluation_pages
from ivr.web.console.gate import Gate, make_console
from ivr.web.console.holds import hold_pages
from ivr.web.console.live import live_pages
from ivr.web.console.log_health import log_health_pages
from ivr.web.console.profiles import profile_pages
from ivr.web.console.receipt import receipt_pages
from ivr.web.console.retention import retention_pages
from ivr.web.console.settings_page import settings_pages
from ivr.web.console.sittings import Sittings
from ivr.web.console.start import start_pages
from ivr.web.console.trail import trail_pages
from ivr.web.console.users import user_pages
from ivr.web.console.withdrawal import withdrawal_pages
from ivr.web.headers import register_headers
from ivr.web.media_figures import SharedFigures
from ivr.web.pages import register_pages
from ivr.web.portal.copy_pages import make_portal
from ivr.web.portal.desk import Desk
from ivr.web.public.rule_pages import make_public_pages
from ivr.web.scope import call_finder, case_finder
from ivr.web.sign_in.sign_in_pages import make_sign_in
from ivr.wiring import DEMO_NUMBER, Wiring
from speech.engines.select import prepare_engine
from speech.recogniser import Engine

MediaStart = Callable[[], Coroutine[None, None, aiohttp_web.Application]]

SPOKEN_TO_ALL = "nl"
"""Where it is not known whose number was called."""

LARGEST_FORM_BYTES = 256 * 1024


def create_app(wiring: Wiring) -> Flask:
    """Blueprints, pages and limits; decides nothing."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM_BYTES
    app.config["MAX_FORM_PARTS"] = 200
    app.url_map.strict_slashes = True
    if proxies := wiring.settings.trusted_proxies:
        # What a proxy says of who asks is believed only where the installation says that there is one.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.register_blueprint(
        voice_webhooks.make_blueprint(
            wiring.driver,
            wiring.agencies,
            wiring.links,
            wiring.signatures,
            wiring.agencies.prompts[SPOKEN_TO_ALL].text("not_in_service"),
            wiring.collect_now,
            wiring.prompt_audio,
        )
    )
    app.register_blueprint(health.make_blueprint(wiring.database))
    app.register_blueprint(portal_of(wiring))
    app.register_blueprint(make_sign_in(wiring.doorway, wiring.agency_sign_in))
    gate = Gate(wiring.sessions, wiring.trail, wiring.sign_in_page)
    app.register_blueprint(make_console(gate, console_pages(wiring), wiring.agencies))
    operations, server = api_operations(wiring), wiring.settings.public_url
    app.register_blueprint(make_api(wiring.access, wiring.trail, wiring.request_accountant, operations, server))
    app.register_blueprint(
        make_public_pages(
            wiring.agencies.policies,
            wiring.agencies.prompts,
            wiring.clock,
            wiring.settings.public_url,
            [key.vkey() for key in wiring.log_keys],
        )
    )
    if wiring.settings.twilio_api_url is not None:
        # Beside the local carrier only: whoever opens this page can call and be the employee.
        lines = PhoneLines.of(wiring.settings.twilio_api_url, wiring.settings.media_url)
        policies, first = wiring.agencies.policies, wiring.agencies.for_number(DEMO_NUMBER)
        app.register_blueprint(make_browser_phone(wiring.driver, wiring.database, wiring.links, policies, first, lines))
    register_headers(app)
    register_pages(app, wiring.translations, wiring.settings.theme)
    return app


def api_operations(wiring: Wiring) -> list[Operation]:
    find_call = call_finder(wiring.database)
    return [
        *call_operations(wiring.database, wiring.call_files, find_call),
        *call_acts(wiring.driver, wiring.agencies, find_call),
        *case_operations(wiring.cases, wiring.clock),
    ]


def portal_of(wiring: Wiring) -> Blueprint:
    w = wiring
    return make_portal(Desk(w.copies, w.copy_codes, w.receipts, w.uploads, w.copy_visits, w.clock))


def console_pages(wiring: Wiring) -> list[Page]:
    """In the order of the menu."""
    w = wiring
    find_call = call_finder(w.database)
    screen = CallScreen(w.driver, w.database)
    case_lists = CaseLists(w.cases, w.agencies, w.clock)
    registering = RegisteringPages(w.cases, w.agencies, find_call)
    sittings = Sittings(w.settings.secret_key, w.clock)
    one_case = CasePages(w.cases, w.compared_copies, w.playback, w.users, w.clock, sittings)
    comparisons = ComparisonPages(w.compared_copies, case_finder(w.cases))
    files = w.call_files
    subjects = DataSubjectPages(w.data_subjects, files, w.holds, w.agencies, w.store, w.clock, find_call)
    return [
        *start_pages(w.live, w.cases, w.database, w.clock),
        *live_pages(w.live, screen, find_call),
        *search_pages(w.supervision, w.exporter, w.agencies, w.numbers, w.clock),
        *call_act_pages(w.driver, w.live, screen, find_call),
        *call_pages(w.call_files, w.exporter, w.proofs, w.listening, w.notes, w.holds, find_call, w.clock),
        *case_pages(case_lists, registering, one_case),
        *comparisons.pages(),
        *evaluation_pages(w.evaluations, w.agencies, w.translations, w.clock),
        *user_pages(w.users, w.accounts, w.sessions, w.agencies, w.clock, w.settings.public_url),
        *account_pages(w.sessions, w.accounts),
        *hold_pages(w.holds, find_call),
        *retention_pages(w.destruction_plan, w.holds, w.clock),
        *subjects.pages(),
        *profile_pages(w.database, w.agencies),
        *log_health_pages(w.log_watch, w.witnessing, w.log_key.vkey()),
        *settings_pages(w.settings, w.doctor, w.database, w.clock),
        *trail_pages(w.database, w.clock),
        *withdrawal_pages(w.copies, find_call),
        *receipt_pages(w.receipts, w.agencies, find_call),
    ]


def web() -> Flask:
    """For gunicorn: the web process, set up from the environment."""
    logging.configure()
    return create_app(Wiring.from_environment())


def media() -> MediaStart:
    """For gunicorn: the media processes, set up from the environment before they fork."""
    logging.configure()
    wiring = Wiring.from_environment()
    s = wiring.settings
    prepared = prepare_engine(s.speech_engine, s.model_dir, spotter=s.spotter, second_opinion=s.second_opinion)
    return start_media(wiring, prepared)


def start_media(wiring: Wiring, open_engine: Callable[[], Engine]) -> MediaStart:
    """What each media process calls once it was forked: nothing before that may open the database or start a thread."""
    figures = SharedFigures(wiring.settings.media_processes)

    async def start() -> aiohttp_web.Application:
        return wiring.media_server(open_engine(), figures.claim()).make_app()

    return start
