"""`/console/gesprekken`: searching through all calls, and the searches that one keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from babel.numbers import format_decimal
from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from config.policy import AgencyPolicy
from ivr.calls import jsonld
from ivr.calls.agencies import Agencies
from ivr.calls.exporting import CallExporter, Format
from ivr.calls.numbers import NumberKey, parse_number
from ivr.calls.supervision import MOST_EXPORTED, MOST_SAVED, Found, Supervision
from ivr.cases.case import Kind
from ivr.dialogue.states import AgencyRecording, CallerRecording, State
from ivr.ports import Clock
from ivr.web import formats
from ivr.web.access import Permission, User
from ivr.web.call_words import desk_words
from ivr.web.console.call_query import Asked, Field, begin_of, day_of, read_query
from ivr.web.console.call_words import AGENCY, CALLER
from ivr.web.console.case_words import KIND_WORDS
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.console.search_words import FORMS, LABELS
from ivr.web.language import N_, gettext, language, words
from ivr.web.scope import concerns
from storage.errors import UnknownCall
from storage.records import ANY_CASE, CallFacts, FactField

AFTER = "na"
PHONE_NUMBER = "telefoonnummer"
NAME, OLD_NAME, RENAMED = "naam", "oude_naam", "nieuw-"
LONGEST_NAME = 80
FORM = "vorm"
FILES = {
    Format.CSV: ("csv", "text/csv"),
    Format.JSON_LD: ("jsonld", jsonld.MEDIA_TYPE),
    Format.VCON: ("vcon.jsonl", "application/x-ndjson"),
    Format.LDV: ("ldv.jsonl", "application/x-ndjson"),
}
"""The ending of the file's name, and its media type; several vCons are lines of a file."""

Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One call in the list: texts in the page's language; a recording is words and the kind of their badge."""

    call_id: str
    opened_at: datetime
    running: bool
    agency: str
    line: str
    employee: str
    caller: Choice
    recording: Choice
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True)
class Saved:
    """A kept search as a link."""

    name: str
    address: str


class CallPages:
    def __init__(
        self,
        supervision: Supervision,
        exporter: CallExporter,
        agencies: Agencies,
        numbers: NumberKey,
        clock: Clock,
    ) -> None:
        self._supervision = supervision
        self._exporter = exporter
        self._agencies = agencies
        self._numbers = numbers
        self._clock = clock

    def show(self, user: User) -> ResponseReturnValue:
        return self._page(user, read_query(request.args, user), after=request.args.get(AFTER))

    def by_number(self, user: User) -> ResponseReturnValue:
        """The number comes by POST and leads on as a keyed hash, since addresses end up in logs and in mail."""
        asked = read_query(request.form, user)
        typed = request.form.get(PHONE_NUMBER, "").strip()
        number = parse_number(typed)
        number_hash = None if number is None else self._numbers.hash_of(number)
        if number_hash is None:
            fault = gettext("Dit is geen telefoonnummer. Schrijf een nummer als 06 12345678 of +32 470 12 34 56.")
            return self._page(user, asked, {PHONE_NUMBER: fault}, {PHONE_NUMBER: typed})
        return redirect(address_of({**asked.values, Field.NUMBER: number_hash}), 303)

    # ------------------------------------------------------------ searches that are kept

    def save(self, user: User) -> ResponseReturnValue:
        """A kept search has no number in it: the hash would outlive the number that is to be forgotten."""
        asked = read_query(request.form, user)
        name = request.form.get(NAME, "").strip()
        fault = fault_of(name)
        if not fault and asked.wanted is not None:
            query = urlencode({field: text for field, text in asked.values.items() if field != Field.NUMBER})
            if self._supervision.save(user.name, name, query):
                return see_other(address_of(asked.values), "saved")
            fault = gettext("U heeft al %(most)s zoekopdrachten bewaard. Verwijder er eerst een.", most=MOST_SAVED)
        return self._page(user, asked, {NAME: fault} if fault else {}, {NAME: name})

    def rename(self, user: User) -> ResponseReturnValue:
        asked = read_query(request.form, user)
        old, new = request.form.get(OLD_NAME, ""), request.form.get(NAME, "").strip()
        fault = fault_of(new)
        if not fault and self._supervision.rename(user.name, old, new):
            return see_other(address_of(asked.values), "saved")
        fault = fault or gettext("Zo heet al een andere zoekopdracht van u, of deze is er niet meer.")
        return self._page(user, asked, {RENAMED + old: fault}, {RENAMED + old: new})

    def delete(self, user: User) -> ResponseReturnValue:
        self._supervision.delete(user.name, request.form.get(OLD_NAME, ""))
        return see_other(address_of(read_query(request.form, user).values), "removed")

    # ------------------------------------------------------------ the selection as a file

    def export(self, user: User) -> ResponseReturnValue:
        """Every call of the search, newest first; read while it is sent."""
        asked = read_query(request.form, user)
        chosen = request.form.get(FORM, "")
        if chosen not in set(Format):
            return self._page(user, asked, {FORM: gettext("Kies een soort bestand.")})
        if asked.wanted is None:
            return self._page(user, asked)
        if self._supervision.count(asked.wanted, MOST_EXPORTED + 1) > MOST_EXPORTED:
            most = format_decimal(MOST_EXPORTED, locale=language())
            fault = gettext("Dit zijn meer dan %(most)s gesprekken. Kies een kortere periode.", most=most)
            return self._page(user, asked, {FORM: fault}, {FORM: chosen})
        self._concern(asked)
        form = Format(chosen)
        ending, media_type = FILES[form]
        calls = self._supervision.walk(asked.wanted, MOST_EXPORTED)
        response = Response(
            self._exporter.export(calls, form, personal=user.may(Permission.SEE_PERSONAL)), mimetype=media_type
        )
        name = f"gesprekken-{self._clock.now().astimezone(formats.AMSTERDAM):%Y-%m-%d-%H%M}.{ending}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store"
        return response

    # ------------------------------------------------------------ the page

    def _page(
        self,
        user: User,
        asked: Asked,
        faults: Mapping[str, str] = {},
        typed: Mapping[str, str] = {},
        after: str | None = None,
    ) -> ResponseReturnValue:
        """`faults` and `typed` are those of the page's other forms than the search."""
        self._concern(asked)
        policies = self._policies(user)
        found = self._find(asked, after)
        choices = self._choices(user, asked, policies)
        all_faults = {**asked.faults, **faults}
        saved = self._supervision.list_saved(user.name)
        ids = {NAME: "bewaar-naam", **{f"{RENAMED}{one.name}": f"{RENAMED}{n}" for n, one in enumerate(saved, start=1)}}
        page = render_template(
            "console/calls.html",
            values=asked.values,
            faults=all_faults,
            summary=[(ids.get(field, field), text) for field, text in all_faults.items()],
            typed=typed,
            found=found,
            rows=[] if found is None else [self._row(facts, found, policies) for facts in found.calls],
            later=after is not None,
            older=None if found is None or found.next is None else address_of({**asked.values, AFTER: found.next}),
            newest=address_of(asked.values),
            choices=choices,
            chosen=[
                (gettext(label), chosen_text(field, asked.values[field], choices))
                for field, label in LABELS.items()
                if field in asked.values and found is not None
            ],
            labels={field.value: gettext(label) for field, label in LABELS.items()},
            saved=[Saved(kept.name, address_of(dict(parse_qsl(kept.query)))) for kept in saved],
            personal=user.may(Permission.SEE_PERSONAL),
            forms=[(form.value, gettext(text)) for form, text in FORMS.items()],
        )
        return make_response(page, 422 if all_faults else 200)

    def _concern(self, asked: Asked) -> None:
        """For the line in the trail, which can name one agency."""
        if asked.wanted is not None and len(asked.wanted.agencies) == 1:
            concerns(asked.wanted.agencies[0])

    def _find(self, asked: Asked, after: str | None) -> Found | None:
        if asked.wanted is None:
            return None
        try:
            return self._supervision.find(asked.wanted, after)
        except UnknownCall:
            raise NotFound("there is no such place in the list") from None

    def _policies(self, user: User) -> Mapping[str, AgencyPolicy]:
        """Of the user's agencies; one whose profile is gone has calls all the same."""
        by_slug = self._agencies.policies.by_slug
        return {slug: by_slug[slug] for slug in sorted(user.agencies) if slug in by_slug}

    def _choices(
        self, user: User, asked: Asked, policies: Mapping[str, AgencyPolicy]
    ) -> Mapping[str, Sequence[Choice]]:
        known = self._supervision.list_known(sorted(user.agencies))
        reasons = {
            code: next((text for policy in policies.values() if (text := reason_text(policy, code)) != code), code)
            for code in known[FactField.REASON]
        }
        choices: dict[str, Sequence[Choice]] = {
            Field.AGENCY: [(slug, agency_name(policies, slug)) for slug in sorted(user.agencies)],
            Field.LINE: [(line, line) for line in known[FactField.LINE]],
            Field.EMPLOYEE: [(address, desk_words(address)) for address in known[FactField.EMPLOYEE]],
            Field.REASON: sorted(reasons.items(), key=lambda choice: choice[1]),
            Field.STATE: [("bezig", gettext("Bezig")), ("afgelopen", gettext("Afgelopen"))],
            Field.CALLER: [(state, gettext(text)) for state, (text, _) in CALLER.items()],
            Field.RECORDING: [(state, gettext(text)) for state, (text, _) in AGENCY.items()],
            Field.THIRD: [("ja", gettext("Ja")), ("nee", gettext("Nee"))],
            Field.CASE: [
                (ANY_CASE, gettext("Elke soort zaak")),
                *((kind, gettext(words_of.name)) for kind, words_of in KIND_WORDS.items()),
            ],
        }
        for field, options in choices.items():
            value = asked.values.get(field)
            if value is not None and field not in asked.faults and value not in dict(options):
                choices[field] = [*options, (value, value)]  # an address that once was true must not search for more
        return choices

    def _row(self, facts: CallFacts, found: Found, policies: Mapping[str, AgencyPolicy]) -> Row:
        policy = policies.get(facts.agency)
        remarks = [gettext("Derde persoon erbij")] if facts.third_person else []
        if facts.reason:
            text = facts.reason if policy is None else reason_text(policy, facts.reason)
            remarks.append(gettext("Reden: %(reason)s", reason=text))
        remarks += [
            gettext("Zaak: %(case)s", case=gettext(KIND_WORDS[Kind(kind)].name))
            for kind in found.case_kinds.get(facts.call_id, ())
        ]
        caller, caller_kind = CALLER[CallerRecording(facts.caller_recording)]
        recording, recording_kind = AGENCY[AgencyRecording(facts.agency_recording)]
        return Row(
            call_id=facts.call_id,
            opened_at=facts.opened_at,
            running=facts.state != State.ENDED,
            agency=agency_name(policies, facts.agency),
            line=facts.line,
            employee=desk_words(facts.employee),
            caller=(gettext(caller), caller_kind),
            recording=(gettext(recording), recording_kind),
            remarks=remarks,
        )


def address_of(values: Mapping[str, str]) -> str:
    return url_for("console.calls", **{str(name): value for name, value in values.items()})  # type: ignore[arg-type]


def chosen_text(field: Field, value: str, choices: Mapping[str, Sequence[Choice]]) -> str:
    """As the reader chose it; a hash says nothing to anybody."""
    if field is Field.NUMBER:
        return gettext("een telefoonnummer")
    if field in (Field.SINCE, Field.UNTIL):
        return formats.date(begin_of(day_of(value)))
    return dict(choices.get(field, ())).get(value, value)


def fault_of(name: str) -> str:
    """What is wrong with the name of a kept search; empty where nothing is."""
    if not name:
        return gettext("Geef de zoekopdracht een naam.")
    if len(name) > LONGEST_NAME:
        return gettext("Gebruik hooguit %(most)s tekens.", most=LONGEST_NAME)
    return "" if name.isprintable() else gettext("Gebruik alleen gewone letters, cijfers en leestekens.")


def agency_name(policies: Mapping[str, AgencyPolicy], slug: str) -> str:
    return words(policies[slug].name) if slug in policies else slug


def reason_text(policy: AgencyPolicy, code: str) -> str:
    """Of a reason, or of a kind of conversation that is excluded; the code where the profile has it no more."""
    found = policy.find_reason(code) or policy.find_kind(code)
    return code if found is None else words(found.text)


def search_pages(
    supervision: Supervision, exporter: CallExporter, agencies: Agencies, numbers: NumberKey, clock: Clock
) -> list[Page]:
    pages = CallPages(supervision, exporter, agencies, numbers, clock)
    find = Permission.FIND_CALLS
    return [
        Page("/gesprekken", "calls", pages.show, find, menu=N_("Gesprekken")),
        Page("/gesprekken/nummer", "calls_by_number", pages.by_number, Permission.FIND_CALLERS, method="POST"),
        Page("/gesprekken/exporteren", "export_calls", pages.export, Permission.EXPORT_CALLS, method="POST"),
        Page("/gesprekken/bewaren", "save_search", pages.save, find, method="POST"),
        Page("/gesprekken/hernoemen", "rename_search", pages.rename, find, method="POST"),
        Page("/gesprekken/verwijderen", "delete_search", pages.delete, find, method="POST"),
    ]
