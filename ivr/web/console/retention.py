"""`/console/bewaren`: the retention calendar, legal holds, and what was destroyed lately."""

from collections.abc import Mapping
from datetime import date as calendar_date
from datetime import timedelta

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.ports import Clock
from ivr.records.destruction_plan import DestructionPlan, Sort
from ivr.records.holds import HoldService
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.formats import AMSTERDAM
from ivr.web.language import N_, gettext

SORTS: Mapping[Sort, str] = {
    Sort.RECORDING: N_("Geluidsopnames"),
    Sort.NUMBER: N_("Telefoonnummers"),
    Sort.CALL: N_("Persoonsgegevens in het logboek"),
    Sort.CASE: N_("Zaken"),
    Sort.CITIZEN_COPY: N_("Kopieën van burgers"),
}
DESTROYED: Mapping[str, str] = {
    "recording:destroyed": N_("Geluidsopname vernietigd"),
    "number:destroyed": N_("Telefoonnummer gewist"),
    "case:destroyed": N_("Zaak vernietigd"),
    "personal:erased": N_("Persoonsgegevens gewist"),
    "trail:destroyed": N_("Oude regels van het inzagelogboek vernietigd"),
}


def retention_pages(plan: DestructionPlan, holds: HoldService, clock: Clock) -> list[Page]:
    def show(user: User) -> ResponseReturnValue:
        today = clock.now().astimezone(AMSTERDAM).date()
        typed = request.args.get("maand", "")
        wanted = _month(typed) if typed else today.replace(day=1)
        first = wanted or today.replace(day=1)
        mine = sorted(user.agencies)
        shown = render_template(
            "console/retention.html",
            plan=plan.of_month(mine, first),
            holds=holds.list_active(mine, request.args.get("na") or None),
            first=first,
            before=(first - timedelta(days=1)).strftime("%Y-%m"),
            after=(first + timedelta(days=31)).strftime("%Y-%m"),
            month=first.strftime("%Y-%m") if wanted else typed,
            fault="" if wanted else gettext("Vul een maand in, zoals 2026-11."),
            sorts=SORTS,
            destroyed=DESTROYED,
            personal=user.may(Permission.SEE_PERSONAL),
        )
        return make_response(shown, 200 if wanted else 422)

    return [Page("/bewaren", "retention", show, Permission.SEE_RETENTION, menu=N_("Bewaren"))]


def _month(text: str) -> calendar_date | None:
    """Its first day; None for what is no month from 2000 to 2999."""
    try:
        first = calendar_date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if 2000 <= first.year < 3000 else None
