"""The comparison on the page of a copy that a caller handed in: what was found, in words, in a table and in a picture,
and both recordings to listen to from each place where they differ.

A difference is a fact about two files. No word here says who made it, or why.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal
from flask import Response, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from ivr.cases.case import Case, CitizenCopy, NotCompared, Verdict
from ivr.cases.compared import ComparedCopies, Pair, ReportChanged
from ivr.uploads.sound_type import SoundType
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.evidence import whole_evidence
from ivr.web.formats import duration
from ivr.web.language import N_, gettext, language
from ivr.web.scope import CaseFinder
from ivr.web.sound import sound_response
from speech.comparison.picture import Words, draw
from speech.comparison.report import Report, between, clock
from speech.comparison.result import Edit, EditKind
from storage.records import StoredObject

log = logging.getLogger(__name__)

MOST_ROWS = 200
A_MINUTE_S = 60
LEAD_IN_S = 2.0
"""Listening begins so long before a difference."""

P = Permission
MIME_TYPES: Mapping[SoundType, str] = {
    SoundType.WAV: "audio/wav",
    SoundType.MP3: "audio/mpeg",
    SoundType.MP4: "audio/mp4",
    SoundType.AAC: "audio/aac",
    SoundType.OGG: "audio/ogg",
    SoundType.AMR: "audio/amr",
    SoundType.FLAC: "audio/flac",
}
VERDICTS: Mapping[Verdict, str] = {
    Verdict.COMPLETE: N_("De kopie is gelijk aan onze opname, voor zover het gesprek op de kopie staat."),
    Verdict.CUT: N_("De kopie mist een stuk. Dat stuk staat wel op onze opname."),
    Verdict.INSERTED: N_("Op de kopie staat een stuk dat niet op onze opname staat."),
    Verdict.ALTERED: N_("De kopie is op een of meer plaatsen anders dan onze opname."),
    Verdict.UNRELATED: N_("Op de kopie staat een ander gesprek dan op onze opname."),
}
KINDS: Mapping[EditKind, str] = {
    EditKind.CUT: N_("ontbreekt op de kopie"),
    EditKind.INSERT: N_("alleen op de kopie"),
    EditKind.REPLACE: N_("anders op de kopie"),
}
NOT_COMPARED: Mapping[NotCompared, str] = {
    NotCompared.NO_RECORDING: N_("Er is geen opname van ons om mee te vergelijken, of niet meer."),
    NotCompared.UNREADABLE: N_("Het bestand is niet te lezen als geluid. Misschien is het beschadigd."),
    NotCompared.TOO_LONG: N_("Het bestand duurt langer dan 3 uur. Zo lange bestanden vergelijken wij niet."),
    NotCompared.FAILED: N_("Het vergelijken is niet gelukt. De beheerder kan zien waarom."),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the table. The moments are where listening to it begins, in seconds."""

    number: int
    what: str
    in_recording: str
    in_copy: str
    lasts: str
    sureness: str
    listen_recording_s: float
    listen_copy_s: float


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page tells. `trouble`: what is kept is not what the log says, so nothing of it is shown."""

    waits: bool = False
    verdict: str = ""
    not_compared: str = ""
    trouble: bool = False
    report: Report | None = None
    picture: str = ""
    rows: tuple[Difference, ...] = ()
    more: int = 0
    damaged: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    pair: Pair | None = None


@dataclass(frozen=True, slots=True)
class ComparisonPages:
    """`find_case` answers 404 for a case that is not the user's to see."""

    compared: ComparedCopies
    find_case: CaseFinder

    def pages(self) -> list[Page]:
        rule = "/zaken/<case_id>/vergelijking"
        return [
            Page(f"{rule}/luisteren", "case_compare_listen", self.listen, P.LISTEN, "POST"),
            # The player asks for this again and again; opening it has left its line.
            Page(f"{rule}/kopie", "case_copy_sound", self.sound, P.LISTEN, traced=False),
        ]

    def listen(self, user: User, case_id: str) -> ResponseReturnValue:
        """Open both players, which is logged first (R6)."""
        case = self.find_case(case_id, user)
        with whole_evidence():
            opened = self.compared.open(case, user.name, user.role)
        if not opened:
            raise NotFound("there are no two recordings to listen to")
        return _to_players(case_id)

    def sound(self, user: User, case_id: str) -> ResponseReturnValue:
        """The copy as it was handed in, whole or a range of it; else the page, to open the player."""
        case = self.find_case(case_id, user)
        with whole_evidence():
            handed = self.compared.copy_sound(case, user.name)
        if handed is None:
            return _to_players(case_id)
        upload, reader = handed
        mime_type = MIME_TYPES[SoundType(str(upload.sound_type))]
        stored = StoredObject(upload.received_bytes, str(upload.digest))
        return sound_response(stored, reader, mimetype=mime_type)


def _to_players(case_id: str) -> Response:
    return make_response(redirect(url_for("console.case", case_id=case_id, _anchor="spelers"), 303))


def shown_of(compared: ComparedCopies, case: Case, user: User) -> Shown | None:
    """None for what is no copy, or was not handed in yet."""
    about = case.about
    if not isinstance(about, CitizenCopy) or about.digest is None:
        return None
    if about.not_compared is not None:
        return Shown(not_compared=gettext(NOT_COMPARED[about.not_compared]))
    if about.verdict is None:
        return Shown(waits=compared.waits(case))
    verdict = gettext(VERDICTS[about.verdict])
    try:
        report = compared.find_report(case)
    except ReportChanged:
        log.error("what is kept of a comparison is not what was logged", extra={"case": case.case_id})
        return Shown(verdict=verdict, trouble=True)
    if report is None:
        return Shown(verdict=verdict)
    pair = compared.find_pair(case, user.name) if user.may(P.LISTEN) else None
    return _with_report(verdict, report, pair)


def _with_report(verdict: str, report: Report, pair: Pair | None) -> Shown:
    edits = report.comparison.edits
    rows = tuple(_difference(number, edit) for number, edit in enumerate(edits[:MOST_ROWS], start=1))
    damaged = (
        *((gettext("Onze opname"), between(one.start_s, one.end_s)) for one in report.agency.damaged),
        *((gettext("De kopie"), between(one.start_s, one.end_s)) for one in report.copy.damaged),
    )
    return Shown(
        verdict=verdict,
        report=report,
        picture=Markup(draw(report, _words(verdict, rows), alone=False)),  # noqa: S704 - it escapes its words itself
        rows=rows,
        more=len(edits) - len(rows),
        damaged=damaged,
        facts=_facts(report),
        pair=pair,
    )


def _difference(number: int, edit: Edit) -> Difference:
    lasts_s = max(edit.agency_end_s - edit.agency_start_s, edit.copy_end_s - edit.copy_start_s)
    tenths = format_decimal(lasts_s, "0.0", locale=language())
    return Difference(
        number=number,
        what=gettext(KINDS[edit.kind]),
        in_recording=between(edit.agency_start_s, edit.agency_end_s),
        in_copy=between(edit.copy_start_s, edit.copy_end_s),
        lasts=gettext("%(seconds)s seconden", seconds=tenths) if lasts_s < A_MINUTE_S else duration(lasts_s),
        sureness=f"{edit.confidence * 100:.0f} %",
        listen_recording_s=max(0.0, edit.agency_start_s - LEAD_IN_S),
        listen_copy_s=max(0.0, edit.copy_start_s - LEAD_IN_S),
    )


def _words(verdict: str, rows: tuple[Difference, ...]) -> Words:
    """The picture is told in a sentence; each difference stands in the table."""
    summary = gettext("Er zijn geen verschillen.") if not rows else gettext("De verschillen staan in de tabel.")
    return Words(
        title=verdict,
        summary=summary,
        agency=gettext("Onze opname"),
        copy=gettext("De kopie"),
        shared=gettext("gelijk"),
        damaged=gettext("beschadigd in het bestand"),
        kinds={kind: gettext(words) for kind, words in KINDS.items()},
    )


def _facts(report: Report) -> tuple[tuple[str, str], ...]:
    found = report.comparison
    return (
        (gettext("Lengte van onze opname"), clock(found.agency_s)),
        (gettext("Lengte van de kopie"), clock(found.copy_s)),
        (gettext("Op de kopie staat van onze opname"), f"{found.coverage * 100:.0f} %"),
        (gettext("Vergeleken met"), report.tool),
    )
