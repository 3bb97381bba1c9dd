"""The web applications that gunicorn serves: pages and webhooks (Flask), and the media streams (aiohttp)."""

import os

from aiohttp import web as aiohttp_web
from flask import Flask

from config import logging, settings
from ivr.web import health, voice_webhooks
from ivr.web.browser_phone.phone_pages import PhoneLines, make_browser_phone
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from ivr.web.portal.copy_pages import make_portal
from ivr.wiring import DEMO_NUMBER, Wiring

LARGEST_FORM_BYTES = 256 * 1024


def create_app(wiring: Wiring) -> Flask:
    """Blueprints, pages and limits; decides nothing."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_FORM_BYTES
    app.config["MAX_FORM_PARTS"] = 200
    app.url_map.strict_slashes = True
    app.register_blueprint(
        voice_webhooks.make_blueprint(
            wiring.driver,
            wiring.links,
            wiring.signatures,
            wiring.agencies.prompts.text("not_in_service"),
            wiring.collect_now,
        )
    )
    app.register_blueprint(health.make_blueprint(wiring.database))
    app.register_blueprint(make_portal(wiring.copies, wiring.clock, wiring.settings.secret_key))
    if wiring.settings.twilio_api_url is not None:
        # Beside the local carrier only: whoever opens this page can call and be the employee.
        lines = PhoneLines.of(wiring.settings.twilio_api_url, wiring.settings.media_url)
        policy = wiring.agencies.for_number(DEMO_NUMBER)
        app.register_blueprint(make_browser_phone(wiring.driver, wiring.database, wiring.links, policy, lines))
    register_headers(app)
    register_pages(app)
    return app


def web() -> Flask:
    """For gunicorn: the web process, set up from the environment."""
    logging.configure()
    return create_app(Wiring(settings.load(os.environ)))


async def media() -> aiohttp_web.Application:
    """For gunicorn: the media process, set up from the environment."""
    logging.configure()
    return Wiring(settings.load(os.environ)).media_server().make_app()
