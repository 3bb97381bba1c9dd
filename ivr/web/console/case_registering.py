"""Registering a case: a request from elsewhere, a covert recording, misuse, a complaint, a wish of ours to a caller."""

import re
from dataclasses import dataclass
from secrets import token_hex

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.cases.acts import OPENINGS, Opening
from ivr.cases.case import Kind
from ivr.cases.machine import kinds_opened_by
from ivr.cases.service import CaseService
from ivr.cases.turn import NotAllowed
from ivr.web.access import Permission, User
from ivr.web.console.case_act_words import OPENINGS_BY_HAND
from ivr.web.console.case_fields import Filled, WrongInput, fields_of, read_act, reason, summary
from ivr.web.console.case_options import options_of
from ivr.web.console.case_page import KEY, KEY_BYTES
from ivr.web.console.case_words import KIND_WORDS
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import gettext, words
from ivr.web.scope import CallFinder, concerns
from storage.records import CallRecord

NEW = "nieuw"
"""What ids on the page begin with."""

CALL_ID = re.compile(r"[0-9a-z-]{1,64}")
OF_A_CALL = (Kind.CITIZEN_COPY, Kind.TRAINING)
"""They are about the recordings of one call."""

NOT_OF_A_CALL = (Kind.REQUEST,)


@dataclass(frozen=True, slots=True)
class Whose:
    """Which agency's the case will be, under which profile, and of which call where it is of one."""

    policy: AgencyPolicy
    call: CallRecord | None


def kinds_for(user: User, policy: AgencyPolicy | None = None) -> list[Kind]:
    """What somebody may register, in the order in which it is offered; with a profile only what it has."""
    if not user.may(Permission.ACT_ON_CASES):
        return []
    mine = kinds_opened_by(user.actor.role)
    return [opening.kind for opening in OPENINGS_BY_HAND if opening.kind in mine and _has(policy, opening.kind)]


def kinds_of_a_call(user: User, policy: AgencyPolicy) -> list[Kind]:
    """What somebody may register about a call that was told by this profile."""
    return [kind for kind in kinds_for(user, policy) if kind not in NOT_OF_A_CALL]


def _has(policy: AgencyPolicy | None, kind: Kind) -> bool:
    wanted = {Kind.CITIZEN_COPY: lambda its: its.copy.ask_theirs, Kind.TRAINING: lambda its: its.training}
    return policy is None or kind not in wanted or wanted[kind](policy)


class RegisteringPages:
    """The form that opens a case, for each kind."""

    def __init__(self, cases: CaseService, agencies: Agencies, find_call: CallFinder) -> None:
        self._cases = cases
        self._agencies = agencies
        self._find_call = find_call

    def pages(self) -> list[Page]:
        do = Permission.ACT_ON_CASES
        return [
            Page("/zaken/nieuw/<kind>", "case_new", self.show, do),
            Page("/zaken/nieuw/<kind>", "case_open", self.open, do, method="POST"),
        ]

    def show(self, user: User, kind: str) -> ResponseReturnValue:
        opening = self._opening(user, kind)
        asked = "" if opening.kind in NOT_OF_A_CALL else request.args.get("gesprek", "")
        whose = self._whose(user, request.args.get("organisatie", ""), asked)
        if whose is None:
            names = [(slug, words(self._agencies.now(slug).name)) for slug in sorted(user.agencies)]
            about = KIND_WORDS[opening.kind]
            return make_response(render_template("console/case_agency.html", about=about, kind=kind, agencies=names))
        return self._page(user, opening, whose, Filled())

    def open(self, user: User, kind: str) -> ResponseReturnValue:
        opening = self._opening(user, kind)
        key, given = request.form.get("key", ""), request.form.to_dict()
        whose = self._whose(user, given.get("organisatie", ""), "")
        if whose is None or not KEY.fullmatch(key):
            raise Forbidden("not a form of ours")
        faults: dict[str, str] = {}
        named = "" if opening.kind in NOT_OF_A_CALL else given.get("gesprek", "").strip()
        call = self._named_call(user, whose.policy.slug, named, faults)
        whose = self._of(call) if call is not None else whose
        try:
            value = read_act(opening, given, options_of(opening, whose.policy, user.actor.role))
        except WrongInput as wrong:
            faults = {**wrong.faults, **faults}
        if opening.kind in OF_A_CALL and call is None and not faults:
            faults["gesprek"] = gettext("Vul het nummer van het gesprek in.")
        if faults:
            return self._page(user, opening, whose, Filled(given, faults), 422)
        call_id = None if call is None else call.call_id
        try:
            case = self._cases.open(value, whose.policy.slug, user.actor, call_id=call_id, key=key)
        except NotAllowed as refused:
            why = reason(refused)
            filled = Filled(given, {refused.field: why}) if refused.field else Filled(given, trouble=why)
            return self._page(user, opening, whose, filled, 422 if refused.field else 409)
        return see_other(url_for("console.case", case_id=case.case_id), "case-opened")

    def _page(
        self, user: User, opening: type[Opening], whose: Whose, filled: Filled, status: int = 200
    ) -> ResponseReturnValue:
        policy, kind = whose.policy, opening.kind
        concerns(policy.slug)
        fields = fields_of(opening, options_of(opening, policy, user.actor.role))
        page = render_template(
            "console/case_new.html",
            kind=kind,
            about=KIND_WORDS[kind],
            policy=policy,
            call=whose.call,
            several=len(user.agencies) > 1,
            asks_call=kind not in NOT_OF_A_CALL and whose.call is None,
            needs_call=kind in OF_A_CALL,
            is_offered=_has(policy, kind),
            fields=fields,
            filled=filled,
            key=token_hex(KEY_BYTES),
            summary=summary(fields, filled, NEW),
            prefix=NEW,
        )
        return make_response(page, status)

    def _opening(self, user: User, kind: str) -> type[Opening]:
        """Raises `NotFound` for what is no kind, `Forbidden` for one that somebody of another role registers."""
        if kind not in {*Kind} or OPENINGS[Kind(kind)] not in OPENINGS_BY_HAND:
            raise NotFound("there is no such kind of case")
        if Kind(kind) not in kinds_for(user):
            raise Forbidden("somebody of another role registers this")
        return OPENINGS[Kind(kind)]

    def _whose(self, user: User, agency: str, call_id: str) -> Whose | None:
        """None where it is still to be chosen. Raises `NotFound` for what is not one's own."""
        if call_id:
            return self._of(self._call(user, call_id))
        if not agency and len(user.agencies) == 1:
            agency = next(iter(user.agencies))
        if not agency:
            return None
        if agency not in user.agencies:
            raise NotFound("there is no such agency")
        return Whose(self._agencies.now(agency), None)

    def _of(self, call: CallRecord) -> Whose:
        """A case of a call falls under the profile that the call was told by."""
        return Whose(self._agencies.by_digest(call.agency, call.policy_digest), call)

    def _call(self, user: User, call_id: str) -> CallRecord:
        if not CALL_ID.fullmatch(call_id):
            raise NotFound("there is no such call")
        return self._find_call(call_id, user)

    def _named_call(self, user: User, agency: str, call_id: str, faults: dict[str, str]) -> CallRecord | None:
        """One that does not exist for them, or is another agency's than the case, is a fault of its field."""
        if not call_id:
            return None
        try:
            call = self._call(user, call_id)
        except NotFound:
            call = None
        if call is None or call.agency != agency:
            faults["gesprek"] = gettext("Dit gesprek kennen wij niet. Controleer het nummer.")
            return None
        return call
