"""`/console/betrokkene`: a caller asks what is kept of their calls, or asks to erase it (AVG art. 15 and 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime, time
from typing import IO

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from ivr.calls.agencies import Agencies
from ivr.calls.call_file import CallFile, CallFiles
from ivr.calls.tickets import copy_tickets
from ivr.ports import Clock, RecordingStore
from ivr.records.data_subject import MOST_CALLS, DataSubjectService, Kind, Outcome
from ivr.records.holds import HoldService
from ivr.web.access import Permission, User
from ivr.web.console.access_package import CallToGive, write_package
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.formats import AMSTERDAM
from ivr.web.language import N_, gettext
from ivr.web.scope import CallFinder, concerns
from storage.errors import ObjectDamaged, ObjectMissing
from storage.oversight import HoldRecord, SubjectRequest
from storage.records import CallRecord

LONGEST_SEARCH = 200
LONGEST_TEXT = 1000
PIECE_BYTES = 64 * 1024

KINDS: Mapping[Kind, str] = {
    Kind.ACCESS: N_("inzage: de beller wil weten wat wij bewaren"),
    Kind.ERASURE: N_("wissen: de beller wil dat wij gegevens weghalen"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.GIVEN: N_("gedaan zoals gevraagd"),
    Outcome.PARTLY: N_("voor een deel gedaan"),
    Outcome.REFUSED: N_("geweigerd"),
    Outcome.NOTHING_KEPT: N_("er was niets bewaard"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one call, for whoever decides what to do with it."""

    file: CallFile
    hold: HoldRecord | None

    @property
    def values(self) -> int:
        return sum(len(entry.personal) for entry in self.file.entries or ())

    @property
    def open_copies(self) -> int:
        return sum(ticket.revoked_at is None for ticket in copy_tickets(self.file.tickets))


@dataclass(frozen=True, slots=True)
class DataSubjectPages:
    subjects: DataSubjectService
    files: CallFiles
    holds: HoldService
    agencies: Agencies
    store: RecordingStore
    clock: Clock
    find_call: CallFinder

    def pages(self) -> list[Page]:
        may, rule = Permission.ANSWER_DATA_SUBJECTS, "/betrokkene"
        one = f"{rule}/<request_id>"
        return [
            Page(rule, "data_subject", self.show, may, menu=N_("Betrokkenen")),
            Page(f"{rule}/zoeken", "data_subject_find", self.find, may, method="POST"),
            Page(f"{rule}/verzoeken", "data_subject_register", self.register, may, method="POST"),
            Page(one, "data_subject_request", self.show_request, may),
            Page(f"{one}/pakket", "data_subject_package", self.package, may, method="POST"),
            Page(f"{one}/wissen", "data_subject_erase", self.erase, may, method="POST"),
            Page(f"{one}/antwoord", "data_subject_answer", self.answer, may, method="POST"),
        ]

    # ------------------------------------------------------------ finding and registering

    def show(self, user: User, faults: Mapping[str, str] | None = None, typed: str = "") -> ResponseReturnValue:
        mine = sorted(user.agencies)
        shown = render_template(
            "console/data_subject.html",
            faults=faults or {},
            typed=typed,
            now=self.clock.now(),
            waiting=self.subjects.list_requests(mine, answered=False),
            answered=self.subjects.list_requests(mine, answered=True),
            kinds=KINDS,
            outcomes=OUTCOMES,
        )
        return make_response(shown, 422 if faults else 200)

    def find(self, user: User) -> ResponseReturnValue:
        """By POST, so that no phone number stands in an address or in a server's log."""
        typed = request.form.get("zoek", "").strip()
        if not typed or len(typed) > LONGEST_SEARCH:
            fault = gettext("Vul een telefoonnummer in, het nummer van een gesprek, of de code van een kopie.")
            return self.show(user, {"zoek": fault}, typed[:LONGEST_SEARCH])
        return self._found(user, self.subjects.find_calls(sorted(user.agencies), typed), {}, 200)

    def _found(
        self, user: User, calls: Sequence[CallRecord], faults: Mapping[str, str], status: int
    ) -> ResponseReturnValue:
        shown = render_template(
            "console/data_subject_calls.html",
            calls=calls,
            agencies=[(slug, self.agencies.policies.get(slug).name) for slug in sorted(user.agencies)],
            faults=faults,
            form=request.form,
            chosen=request.form.getlist("gesprek"),
            today=self.clock.now().astimezone(AMSTERDAM).date().isoformat(),
            most=MOST_CALLS,
            kinds=KINDS,
        )
        return make_response(shown, status)

    def register(self, user: User) -> ResponseReturnValue:
        form = request.form
        found = [self.find_call(call_id, user) for call_id in form.getlist("gevonden")[:MOST_CALLS]]
        chosen = [self.find_call(call_id, user) for call_id in form.getlist("gesprek")[:MOST_CALLS]]
        agency, identified = form.get("organisatie", ""), form.get("vastgesteld", "").strip()
        received = _day(form.get("ontvangen", ""))
        faults = {}
        if agency not in user.agencies:
            faults["organisatie"] = gettext("Kies de organisatie die het verzoek kreeg.")
        elif any(call.agency != agency for call in chosen):
            faults["organisatie"] = gettext("Kies alleen gesprekken van deze organisatie.")
        if form.get("soort") not in set(Kind):
            faults["soort"] = gettext("Kies wat de beller vraagt.")
        if not identified or len(identified) > LONGEST_TEXT:
            faults["vastgesteld"] = gettext("Vul in hoe u weet wie dit vraagt. Gebruik hoogstens 1000 tekens.")
        if received is None or received > self.clock.now():
            faults["ontvangen"] = gettext("Vul de dag in waarop het verzoek kwam. Die ligt niet in de toekomst.")
        if faults or received is None:
            return self._found(user, found, faults, 422)
        concerns(agency)
        added = self.subjects.register(
            agency, Kind(form["soort"]), [call.call_id for call in chosen], identified, received, user.name
        )
        return see_other(url_for("console.data_subject_request", request_id=added.request_id), "request-registered")

    # ------------------------------------------------------------ one request

    def show_request(self, user: User, request_id: str) -> ResponseReturnValue:
        return self._request_page(self._find_request(user, request_id))

    def _request_page(
        self, one: SubjectRequest, faults: Mapping[str, str] | None = None, trouble: str = ""
    ) -> ResponseReturnValue:
        kept = [
            Kept(self.files.read(call), self.holds.of_call(call.call_id).active) for call in self.subjects.calls_of(one)
        ]
        shown = render_template(
            "console/data_subject_request.html",
            one=one,
            kept=kept,
            faults=faults or {},
            trouble=trouble,
            form=request.form,
            now=self.clock.now(),
            kinds=KINDS,
            outcomes=OUTCOMES,
        )
        return make_response(shown, 422 if faults else 409 if trouble else 200)

    def package(self, user: User, request_id: str) -> ResponseReturnValue:
        one = self._find_request(user, request_id)
        calls = [
            CallToGive(
                self.files.read(call), self.files.record(call, personal=True), self.subjects.list_viewers(call.call_id)
            )
            for call in self.subjects.calls_of(one)
        ]
        try:
            package = write_package(one, calls, self.agencies.policies.get(one.agency), self.store)
        except (ObjectMissing, ObjectDamaged):
            return self._request_page(
                one, trouble=gettext("Een opname is beschadigd of weg. Controleer het gesprek en bel de beheerder.")
            )
        self.subjects.packaged(one, user.name)
        return _zip(package, f"inzage-{self.clock.now().astimezone(AMSTERDAM):%Y-%m-%d}-{one.request_id[:8]}.zip")

    def erase(self, user: User, request_id: str) -> ResponseReturnValue:
        one = self._find_request(user, request_id)
        reason = request.form.get("reden", "").strip()
        faults = {}
        if one.kind != Kind.ERASURE:
            return self._request_page(one, trouble=gettext("De beller vroeg om inzage, niet om wissen."))
        if not reason or len(reason) > LONGEST_TEXT:
            faults["reden"] = gettext("Vul in waarom dit gewist mag worden. Gebruik hoogstens 1000 tekens.")
        if request.form.get("zeker") != "ja":
            faults["zeker"] = gettext("Zet een vinkje als u het zeker weet. Wissen kan niet ongedaan worden gemaakt.")
        if faults:
            return self._request_page(one, faults)
        recordings = request.form.get("opname") == "ja"
        self.subjects.erase(one, reason, user.name, user.role, recordings=recordings)
        return see_other(url_for("console.data_subject_request", request_id=request_id), "personal-erased")

    def answer(self, user: User, request_id: str) -> ResponseReturnValue:
        one = self._find_request(user, request_id)
        outcome, explanation = request.form.get("uitkomst", ""), request.form.get("uitleg", "").strip()
        faults = {}
        if outcome not in set(Outcome):
            faults["uitkomst"] = gettext("Kies wat het antwoord is.")
        if len(explanation) > LONGEST_TEXT:
            faults["uitleg"] = gettext("Deze uitleg is te lang. Gebruik hoogstens 1000 tekens.")
        elif not explanation and outcome in (Outcome.PARTLY, Outcome.REFUSED):
            faults["uitleg"] = gettext("Vul in waarom niet alles kan. De beller heeft recht op die uitleg.")
        if faults:
            return self._request_page(one, faults)
        if not self.subjects.answer(one, Outcome(outcome), explanation, user.name):
            return self._request_page(one, trouble=gettext("Dit verzoek is al beantwoord."))
        return see_other(url_for("console.data_subject_request", request_id=request_id), "request-answered")

    def _find_request(self, user: User, request_id: str) -> SubjectRequest:
        """404 for one of another agency too."""
        one = self.subjects.find_request(request_id, sorted(user.agencies))
        if one is None:
            raise NotFound("there is no such request")
        concerns(one.agency)
        return one


def _zip(package: IO[bytes], name: str) -> Response:
    length = package.seek(0, 2)
    package.seek(0)
    response = Response(wrap_file(request.environ, package, PIECE_BYTES), mimetype="application/zip")
    response.direct_passthrough = True
    response.content_length = length
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _day(text: str) -> datetime | None:
    """The beginning of a Dutch day; None for what is none after 2000."""
    try:
        day = calendar_date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), AMSTERDAM) if 2000 <= day.year < 9999 else None
