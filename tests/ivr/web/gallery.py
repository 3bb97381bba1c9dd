"""A page with every building block in every state, inside the console's frame. Only the tests have it."""

from pathlib import Path

from flask import Flask, abort, render_template_string, request
from flask.typing import ResponseReturnValue

from ivr.app import console_pages
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.gate import Gate, make_console
from ivr.web.console.notices import see_other
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from ivr.web.public.rule_pages import make_public_pages
from ivr.web.sign_in.sign_in_pages import make_sign_in
from ivr.wiring import Wiring

TEMPLATE = Path(__file__).with_name("gallery.html")


def gallery_pages() -> list[Page]:
    def show(user: User) -> ResponseReturnValue:
        return render_template_string(TEMPLATE.read_text(encoding="utf-8"))

    def send(user: User) -> ResponseReturnValue:
        return see_other("/console/galerij", "saved")

    def part(user: User) -> ResponseReturnValue:
        return f"<p>Geladen met {'X-CSRF-Token' in request.headers and 'het'} kenmerk.</p>"

    def trouble(user: User, code: str) -> ResponseReturnValue:
        abort(int(code))

    be = Permission.BE_SIGNED_IN
    return [
        Page("/galerij", "gallery", show, be, menu="Galerij van onderdelen"),
        Page("/galerij", "gallery_send", send, be, method="POST"),
        Page("/galerij/deel", "gallery_part", part, be),
        Page("/galerij/nee-<code>", "gallery_trouble", trouble, be),
    ]


def gallery_app(wiring: Wiring) -> Flask:
    """The console with the gallery in its menu."""
    app = Flask(__name__)
    app.register_blueprint(make_sign_in(wiring.doorway))
    gate = Gate(wiring.sessions, wiring.trail, wiring.sign_in_page)
    app.register_blueprint(make_console(gate, [*console_pages(wiring), *gallery_pages()], wiring.agencies))
    app.register_blueprint(
        make_public_pages(wiring.agencies.policies, wiring.agencies.prompts, wiring.clock, wiring.settings.public_url)
    )
    register_headers(app)
    register_pages(app, wiring.translations)
    return app
