"""`/console/gesprekken/<call_id>`: one call, from its first second to who listened to it afterwards."""

import json
import re
from dataclasses import dataclass
from secrets import token_hex

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ivr.calls.call_file import CallFile, CallFiles
from ivr.calls.exporting import CallExporter
from ivr.calls.facts import facts_of as call_facts
from ivr.calls.listening_in import ListeningService, Purpose
from ivr.calls.notes import LONGEST_NOTE, NoteBook
from ivr.calls.proving import ProofService
from ivr.calls.receipts import lacks_receipt
from ivr.calls.tickets import kind_of
from ivr.cases.case import Kind
from ivr.dialogue.states import AgencyRecording
from ivr.ports import Clock
from ivr.records.holds import HoldService
from ivr.web.access import Permission, User
from ivr.web.call_words import desk_words
from ivr.web.console.call_proofs import Report, report_of
from ivr.web.console.call_timeline import clock, timeline_of
from ivr.web.console.call_words import AGENCY, CALLER, DESTROYED, PURPOSES, TICKETS
from ivr.web.console.case_registering import kinds_of_a_call
from ivr.web.console.case_words import KIND_WORDS
from ivr.web.console.declaring import Page
from ivr.web.console.evidence import whole_evidence
from ivr.web.console.gate import BY_SCRIPT
from ivr.web.console.notices import see_other
from ivr.web.formats import duration
from ivr.web.language import gettext, words
from ivr.web.public.telling import BASIS_WORDS
from ivr.web.scope import CallFinder, came_to
from ivr.web.sound import sound_response
from ivr.web.trail_words import words_of
from speech.waveform import draw_waveform, read_peaks

P = Permission
KEY = re.compile(r"[0-9a-f]{32}")
KEPT = (AgencyRecording.STORED, AgencyRecording.DEGRADED)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent with a form that could not be taken, and why."""

    note: str = ""
    note_fault: str = ""
    note_key: str = ""
    purpose_fault: str = ""


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class CallPages:
    """The views of one call. `find_call` answers 404 for a call that is not of the user's agencies."""

    files: CallFiles
    exporter: CallExporter
    proofs: ProofService
    listening: ListeningService
    notes: NoteBook
    holds: HoldService
    find_call: CallFinder
    time: Clock

    def show(self, user: User, call_id: str) -> ResponseReturnValue:
        return self._page(user, self.files.read(self.find_call(call_id, user)))

    def verify(self, user: User, call_id: str) -> ResponseReturnValue:
        """The result alone for a script, else the whole page with the result in it."""
        call = self.find_call(call_id, user)
        report = report_of(self.proofs.prove(call_id))
        came_to(report.proof.outcome)
        if BY_SCRIPT in request.headers:
            return render_template("console/call_report.html", report=report)
        return self._page(user, self.files.read(call), report=report)

    def record(self, user: User, call_id: str) -> ResponseReturnValue:
        """The consent record as a file."""
        call = self.find_call(call_id, user)
        with whole_evidence():
            record = self.exporter.record(call.call_id, personal=user.may(P.SEE_PERSONAL))
        response = Response(json.dumps(record, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
        response.headers.set("Content-Disposition", "attachment", filename=f"opnamebewijs-{call_id}.json")
        return response

    def write_note(self, user: User, call_id: str) -> ResponseReturnValue:
        call = self.find_call(call_id, user)
        text, key = request.form.get("note", "").replace("\r\n", "\n"), request.form.get("key", "")
        own_key = KEY.fullmatch(key) is not None
        if fault := note_fault(text, own_key=own_key):
            typed = Typed(note=text.replace("\x00", ""), note_fault=fault, note_key=key if own_key else "")
            return self._page(user, self.files.read(call), typed=typed, status=422)
        self.notes.write(call_id, user.name, text.strip(), key)
        return see_other(url_for("console.call", call_id=call_id, _anchor="notities"), "added")

    def listen(self, user: User, call_id: str) -> ResponseReturnValue:
        """Why, before the player opens (R6)."""
        call = self.find_call(call_id, user)
        given = request.form.get("purpose", "")
        if given not in PURPOSES:
            typed = Typed(purpose_fault=gettext("Kies waarom u wilt luisteren."))
            return self._page(user, self.files.read(call), typed=typed, status=422)
        with whole_evidence():
            opened = self.listening.open(call_id, user.name, user.role, Purpose(given))
        if not opened:
            raise NotFound("there is no recording to listen to")
        return self._to_player(call_id)

    def sound(self, user: User, call_id: str) -> ResponseReturnValue:
        """The WAV, whole or a range of it, while the user's player is open; else the page, to open it."""
        self.find_call(call_id, user)
        with whole_evidence():
            handed = self.listening.sound(call_id, user.name)
        if handed is None:
            return self._to_player(call_id)
        recording, reader = handed
        if request.method == "HEAD":
            reader.close()
            return sound_response(recording, None)
        return sound_response(recording, reader)

    def waveform(self, user: User, call_id: str) -> ResponseReturnValue:
        self.find_call(call_id, user)
        with whole_evidence():
            handed = self.listening.sound(call_id, user.name)
            if handed is None:
                return self._to_player(call_id)
            with handed[1] as reader:
                drawn = draw_waveform(read_peaks(reader))
        return Response(drawn, mimetype="image/svg+xml")

    def _to_player(self, call_id: str) -> Response:
        return make_response(redirect(url_for("console.call", call_id=call_id, _anchor="luisteren"), 303))

    def _page(
        self,
        user: User,
        file: CallFile,
        *,
        report: Report | None = None,
        typed: Typed = NOTHING_TYPED,
        status: int = 200,
    ) -> Response:
        personal = user.may(P.SEE_PERSONAL)
        entries = file.entries or ()
        holds = self.holds.of_call(file.call.call_id)
        playable = user.may(P.LISTEN) and self.listening.is_playable(file.recording, held=holds.active is not None)
        page = render_template(
            "console/call.html",
            file=file,
            now=self.time.now(),
            facts=facts_of(file, personal=personal),
            lacks_receipt=file.entries is not None and lacks_receipt(file.dialogue, file.entries),
            timeline=timeline_of(file, entries, personal=personal),
            personal=personal,
            caller_recording=CALLER[file.dialogue.caller_recording],
            agency_recording=agency_words(file),
            basis=gettext(BASIS_WORDS.get(file.policy.lawful_basis, file.policy.lawful_basis)),
            playable=playable,
            may_listen=user.may(P.LISTEN),
            open_player=self.listening.find_open(entries, user.name) if playable else None,
            ticket_words=TICKETS,
            kind_of=kind_of,
            purpose_words=PURPOSES,
            purposes=[(purpose.value, gettext(text)) for purpose, text in PURPOSES.items()],
            kind_words=KIND_WORDS,
            registering=[(kind, KIND_WORDS[kind].register) for kind in kinds_of_a_call(user, file.policy)],
            complaints=[case for case in file.cases if case.kind is Kind.COMPLAINT],
            report=report,
            typed=typed,
            note_key=typed.note_key or token_hex(16),
            longest_note=LONGEST_NOTE,
            looked=[(line, gettext(line.role), words_of(line.action)) for line in file.looked],
            call_id=file.call.call_id,
            holds=holds,
            sees_looked=personal or user.may(P.SEE_TRAIL),
            sees_origin=user.may(P.SEE_TRAIL),
            clock=clock,
        )
        return make_response(page, status)


def note_fault(text: str, *, own_key: bool) -> str:
    """Empty for a note that can be kept."""
    if not text.strip():
        return gettext("Schrijf eerst iets op.")
    if len(text) > LONGEST_NOTE:
        return gettext(
            "Een notitie heeft hooguit %(most)s tekens. U schreef er %(count)s.", most=LONGEST_NOTE, count=len(text)
        )
    if "\x00" in text or not own_key:
        return gettext("Deze notitie kunnen wij niet bewaren. Probeer het opnieuw.")
    return ""


def facts_of(file: CallFile, *, personal: bool) -> list[tuple[str, str]]:
    """What the call was, as terms with their values; the two recordings stand beside these."""
    policy, dialogue = file.policy, file.dialogue
    found = call_facts(file.call, dialogue, policy)
    facts = [(gettext("Organisatie"), words(policy.name))]
    if found.line:
        facts.append((gettext("Gebeld nummer"), found.line))
    if found.employee:
        facts.append((gettext("Opgenomen door"), desk_words(found.employee)))
    if file.number is not None and personal:
        facts.append((gettext("Nummer van de beller"), gettext("eindigt op %(digits)s", digits=file.number[-3:])))
    if dialogue.kind:
        kind = policy.find_kind(dialogue.kind)
        facts.append((gettext("Soort gesprek"), dialogue.kind if kind is None else words(kind.text)))
    if file.call.closed_at is not None:
        facts.append((gettext("Duur"), duration((file.call.closed_at - file.call.opened_at).total_seconds())))
    facts.append((gettext("Nog iemand bij het gesprek"), gettext("ja") if dialogue.third_person else gettext("nee")))
    if (refusal := dialogue.refusal) is not None:
        reason = policy.find_kind(refusal.reason) if refusal.by_kind else policy.find_reason(refusal.reason)
        own = gettext("in eigen woorden van de medewerker")
        facts.append((gettext("Reden"), own if reason is None else words(reason.text)))
        alternative = policy.find_alternative(refusal.alternative)
        if alternative is not None:
            facts.append((gettext("Alternatief"), words(alternative.text)))
    return facts


def agency_words(file: CallFile) -> tuple[str, str]:
    """The call remembers that it was kept; whether it still is, the index of recordings knows."""
    state = file.dialogue.agency_recording
    return DESTROYED if state in KEPT and file.recording is None else AGENCY[state]


def call_pages(
    files: CallFiles,
    exporter: CallExporter,
    proofs: ProofService,
    listening: ListeningService,
    notes: NoteBook,
    holds: HoldService,
    find_call: CallFinder,
    time: Clock,
) -> list[Page]:
    pages = CallPages(files, exporter, proofs, listening, notes, holds, find_call, time)
    rule = "/gesprekken/<call_id>"
    return [
        Page(rule, "call", pages.show, P.FIND_CALLS),
        Page(f"{rule}/controle", "verify_call", pages.verify, P.FIND_CALLS, "POST"),
        Page(f"{rule}/opnamebewijs.json", "call_record", pages.record, P.FIND_CALLS),
        Page(f"{rule}/notities", "call_note", pages.write_note, P.WRITE_NOTES, "POST"),
        Page(f"{rule}/luisteren", "listen", pages.listen, P.LISTEN, "POST"),
        # The player asks for these again and again; opening it has left its line.
        Page(f"{rule}/geluid", "call_sound", pages.sound, P.LISTEN, traced=False),
        Page(f"{rule}/golfvorm.svg", "call_waveform", pages.waveform, P.LISTEN, traced=False),
    ]
