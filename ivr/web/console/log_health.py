"""`/console/logboek`: is the consent log unchanged? Checks, signed checkpoints to keep elsewhere, what to do if not.

Printed, the page is the statement of whoever checks by role (BIO2 8.15.06): date, checkpoint, result, by whom.
"""

from collections.abc import Mapping

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ivr.records.holds import SERVICE
from ivr.records.log_watch import LogWatch
from ivr.records.witnessing import Witnessing
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import N_
from storage.witnessing import StatementKind

STATEMENTS: Mapping[StatementKind, str] = {
    StatementKind.KEPT: N_("bewaart het ijkpunt"),
    StatementKind.COSIGNED: N_("heeft gecontroleerd dat het logboek alleen is gegroeid, en meegetekend"),
    StatementKind.STAMPED: N_("heeft ondertekend dat het ijkpunt toen bestond (tijdstempel)"),
}

LONGEST_SIZE = 18
"""Digits of a checkpoint's size: more does not fit into the database."""


def log_health_pages(watch: LogWatch, witnessing: Witnessing, public_key: str) -> list[Page]:
    """`public_key` is what an outsider needs to check our checkpoints (C2SP signed-note)."""

    def show(_: User) -> ResponseReturnValue:
        return render_template(
            "console/log_health.html",
            health=watch.look(),
            witnesses=witnessing.look(),
            statement_words=STATEMENTS,
            service=SERVICE,
            public_key=public_key,
        )

    def check(user: User) -> ResponseReturnValue:
        asked = watch.ask(user.name)
        return see_other(url_for("console.log_health"), "check-asked" if asked else "check-runs")

    def list_checkpoints(_: User) -> ResponseReturnValue:
        below = _number(request.args.get("onder", ""))
        rows = watch.list_checkpoints(below)
        return render_template("console/checkpoints.html", rows=rows, below=below)

    def download(_: User, size: str) -> ResponseReturnValue:
        number = _number(size)
        row = None if number is None else watch.find_checkpoint(number)
        if row is None:
            raise NotFound("there is no such checkpoint")
        response = Response(row.note, mimetype="text/plain")
        response.headers.set("Content-Disposition", "attachment", filename=f"ijkpunt-{row.size}.txt")
        return response

    see = Permission.SEE_LOG_HEALTH
    return [
        Page("/logboek", "log_health", show, see, menu=N_("Logboek")),
        Page("/logboek/controle", "log_check", check, see, method="POST"),
        Page("/logboek/ijkpunten", "checkpoints", list_checkpoints, see),
        Page("/logboek/ijkpunten/<size>", "checkpoint", download, see),
    ]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_SIZE else None
