"""A page with every building block in every state, inside the console's frame. Only the tests have it."""

from pathlib import Path

from flask import Flask, abort, render_template_string, request
from flask.typing import ResponseReturnValue

from ivr.app import create_app
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.gate import Gate
from ivr.web.console.notices import see_other
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
        Page("/galerij", "gallery", show, be),
        Page("/galerij", "gallery_send", send, be, method="POST"),
        Page("/galerij/deel", "gallery_part", part, be),
        Page("/galerij/nee-<code>", "gallery_trouble", trouble, be),
    ]


def gallery_app(wiring: Wiring) -> Flask:
    """The whole service, with the gallery's pages behind the console's gate."""
    app = create_app(wiring)
    gate = Gate(wiring.sessions, wiring.trail, wiring.sign_in_page)
    for page in gallery_pages():
        app.add_url_rule(f"/console{page.rule}", f"console.{page.name}", gate.guarded(page), methods=[page.method])
    return app
