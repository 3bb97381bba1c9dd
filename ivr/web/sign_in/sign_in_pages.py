"""Signing in to the console, and out."""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from ivr.web.console.gate import check_form
from ivr.web.language import choose_language, keep_choice
from ivr.web.sessions import Sessions


def make_sign_in(sessions: Sessions) -> Blueprint:
    """The routes under /console that need no session, or end one."""
    sign_in = Blueprint("sign_in", __name__, url_prefix="/console", template_folder="templates")
    sign_in.before_request(choose_language)
    sign_in.url_defaults(keep_choice)

    @sign_in.get("/inloggen")
    def show() -> Response:
        return make_response(render_template("sign_in/sign_in.html"))

    @sign_in.post("/uitloggen")
    def leave() -> Response:
        response = make_response(redirect(url_for("sign_in.show"), 303))
        signed_in = sessions.find(request)
        if signed_in is not None:
            g.signed_in = signed_in
            check_form(signed_in)
            sessions.end(signed_in, response)
        return response

    return sign_in
