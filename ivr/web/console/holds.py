"""`/console/gesprekken/<call_id>/bewaren`: place a legal hold (bewaarplicht) on a call, and release it with two people.

The call's own page includes `console/hold.html`, which needs `call_id` and `holds`, what `HoldService.of_call` gives.
"""

from collections.abc import Callable, Mapping

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ivr.records.holds import LONGEST_REASON, HoldRefused, HoldService, Problem
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import N_, gettext
from ivr.web.scope import CallFinder

PROBLEMS: Mapping[Problem, str] = {
    Problem.NO_REASON: N_("Vul de reden in."),
    Problem.LONG_REASON: N_("Deze reden is te lang. Gebruik hoogstens 1000 tekens."),
    Problem.HELD_ALREADY: N_("Voor dit gesprek geldt al een bewaarplicht."),
    Problem.NOT_HELD: N_("Voor dit gesprek geldt geen bewaarplicht meer."),
    Problem.ASKED_ALREADY: N_("Er is al gevraagd om de bewaarplicht op te heffen."),
    Problem.NOT_ASKED: N_("Er is niet gevraagd om de bewaarplicht op te heffen."),
    Problem.SAME_PERSON: N_("U heeft zelf om de opheffing gevraagd. Iemand anders moet die bevestigen."),
    Problem.NEEDED: N_(
        "Er loopt nog een klacht of een zaak over misbruik. Zolang blijft alles van dit gesprek bewaard."
    ),
}
OF_THE_FIELD = (Problem.NO_REASON, Problem.LONG_REASON)


def hold_pages(holds: HoldService, find_call: CallFinder) -> list[Page]:
    def page(call_id: str, status: int = 200, **more: object) -> ResponseReturnValue:
        shown = render_template(
            "console/hold_page.html",
            call_id=call_id,
            holds=holds.of_call(call_id),
            most=LONGEST_REASON,
            **more,
        )
        return make_response(shown, status)

    def show(user: User, call_id: str) -> ResponseReturnValue:
        return page(find_call(call_id, user).call_id)

    def acting(act: Callable[[str, str, str], object], done: str) -> Callable[..., ResponseReturnValue]:
        def view(user: User, call_id: str) -> ResponseReturnValue:
            find_call(call_id, user)
            reason = request.form.get("reden", "")
            try:
                act(call_id, reason, user.name)
            except HoldRefused as refused:
                words = gettext(PROBLEMS[refused.problem])
                if refused.problem in OF_THE_FIELD:
                    return page(call_id, 422, hold_fault=words, hold_reason=reason)
                return page(call_id, 409, trouble=words)
            return see_other(url_for("console.hold_page", call_id=call_id), done)

        return view

    def keep(call_id: str, _: str, by: str) -> None:
        holds.refuse_release(call_id, by)

    def confirm(call_id: str, _: str, by: str) -> None:
        holds.release(call_id, by)

    rule, may = "/gesprekken/<call_id>/bewaren", Permission.HOLD
    ask = holds.ask_release
    return [
        Page(rule, "hold_page", show, may),
        Page(rule, "hold", acting(holds.place, "hold-placed"), may, method="POST"),
        Page(f"{rule}/opheffen", "hold_release", acting(ask, "hold-release-asked"), may, method="POST"),
        Page(f"{rule}/opheffen/afwijzen", "hold_keep", acting(keep, "hold-kept"), may, method="POST"),
        Page(f"{rule}/opheffen/bevestigen", "hold_confirm", acting(confirm, "hold-released"), may, method="POST"),
    ]
