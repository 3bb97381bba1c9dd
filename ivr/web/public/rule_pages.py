"""The agency's rules for everybody (R2): the page, the leaflet, and the employee's work instruction, from its profile.

Search engines and caches may have these pages, so the language follows from the address alone.
"""

from collections.abc import Collection, Sequence

from flask import Blueprint, Response, abort, make_response, render_template

from config.policy import Policies
from ivr.ports import Clock
from ivr.web.language import choose_language, choose_language_of, keep_choice
from ivr.web.public.telling import (
    BASIS_WORDS,
    ROLE_WORDS,
    RULE_WORDS,
    agency_may_record,
    list_excluded,
)

CACHED_S = 300


def make_public_pages(
    policies: Policies, spoken: Collection[str], clock: Clock, public_url: str, log_keys: Sequence[str]
) -> Blueprint:
    """The routes under /spelregels. `spoken` are the languages of the bot, `public_url` our origin, for addresses on
    paper; with one of `log_keys` everybody can check a proof from the consent log."""
    public = Blueprint("public", __name__, url_prefix="/spelregels", template_folder="templates")
    public.url_defaults(keep_choice)

    def show(template: str, slug: str) -> Response:
        """A page about one agency; 404 for an unknown one."""
        policy = policies.by_slug.get(slug)
        if policy is None:
            abort(404)
        choose_language_of(policy, ask_browser=False)
        page = render_template(
            template,
            policy=policy,
            now=clock.now(),
            public_url=public_url,
            second_language=next((other for other in policy.languages[1:] if other in spoken), None),
            excluded=list_excluded(policy),
            agency_may_record=agency_may_record(policy),
            role_words=ROLE_WORDS,
            rule_words=RULE_WORDS,
            basis_words=BASIS_WORDS,
            log_keys=log_keys,
        )
        return make_response(page)

    @public.get("")
    def list_agencies() -> Response:
        choose_language(ask_browser=False)
        return make_response(render_template("spelregels/agencies.html", policies=policies.by_slug.values()))

    @public.get("/<slug>")
    def show_rules(slug: str) -> Response:
        return show("spelregels/rules.html", slug)

    @public.get("/<slug>/folder")
    def show_leaflet(slug: str) -> Response:
        return show("spelregels/leaflet.html", slug)

    @public.get("/<slug>/werkinstructie")
    def show_instruction(slug: str) -> Response:
        return show("spelregels/instruction.html", slug)

    @public.after_request
    def open_to_all(response: Response) -> Response:
        """What is not found stays out of indexes and caches, as everywhere."""
        if response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={CACHED_S}"
            response.headers["X-Robots-Tag"] = "all"
        return response

    return public
