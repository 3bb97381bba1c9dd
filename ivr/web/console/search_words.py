"""Searching for calls in words. Dutch, translated where it is shown."""

from collections.abc import Mapping

from ivr.calls.exporting import Format
from ivr.cases.case import Kind
from ivr.dialogue.states import AgencyRecording, CallerRecording
from ivr.web.console.call_query import Field
from ivr.web.language import N_

C, A, K = CallerRecording, AgencyRecording, Kind

CALLER: Mapping[CallerRecording, tuple[str, str]] = {
    C.CONFIRMED: (N_("Bevestigd en toegestaan"), "good"),
    C.OBJECTED: (N_("Geweigerd"), "warning"),
    C.WITHDRAWN: (N_("Ingetrokken door de beller"), "neutral"),
    C.UNCONFIRMED: (N_("Niet bevestigd"), "warning"),
    C.DECLINED: (N_("Toch niet: antwoord nee"), "neutral"),
    C.ANNOUNCED: (N_("Gevraagd, nog niet bevestigd"), "busy"),
    C.NONE: (N_("Niet over gesproken"), "neutral"),
}
"""The caller's own recording: words and the colour of their badge, in the order of the list."""

AGENCY: Mapping[AgencyRecording, tuple[str, str]] = {
    A.STORED: (N_("Bewaard"), "good"),
    A.DEGRADED: (N_("Bewaard, niet volledig"), "warning"),
    A.FAILED: (N_("Mislukt"), "fault"),
    A.BLOCKED: (N_("Niet begonnen: mededeling niet gehoord"), "warning"),
    A.ANNOUNCED: (N_("Aangekondigd"), "busy"),
    A.STARTED: (N_("Loopt"), "busy"),
    A.PAUSED: (N_("Onderbroken"), "busy"),
    A.STOPPED: (N_("Gestopt, wordt opgehaald"), "busy"),
    A.NONE: (N_("Geen"), "neutral"),
}

LABELS: Mapping[Field, str] = {
    Field.SINCE: N_("Vanaf"),
    Field.UNTIL: N_("Tot en met"),
    Field.TEXT: N_("Woorden"),
    Field.AGENCY: N_("Organisatie"),
    Field.LINE: N_("Gebeld nummer"),
    Field.EMPLOYEE: N_("Medewerker"),
    Field.STATE: N_("Bezig of afgelopen"),
    Field.CALLER: N_("Opname van de beller"),
    Field.RECORDING: N_("Opname van de organisatie"),
    Field.REASON: N_("Reden van weigering"),
    Field.THIRD: N_("Derde persoon bij het gesprek"),
    Field.CASE: N_("Zaak"),
    Field.NUMBER: N_("Nummer van de beller"),
}
"""Of the search, in the order of the form."""

CASES: Mapping[Kind, str] = {
    K.REFUSAL: N_("Toezegging na een weigering"),
    K.COVERT: N_("Heimelijke opname"),
    K.COMPLAINT: N_("Klacht"),
    K.MISUSE: N_("Misbruik van een opname"),
    K.CITIZEN_COPY: N_("Kopie van de beller"),
    K.TRAINING: N_("Opname voor training"),
    K.REQUEST: N_("Verzoek buiten de telefoon"),
}

FORMS: Mapping[Format, str] = {
    Format.CSV: N_("Tabel voor een rekenprogramma (CSV)"),
    Format.JSON_LD: N_("Vastgelegde toestemming (JSON-LD)"),
    Format.VCON: N_("Gesprekken volgens de standaard vCon (JSON)"),
}
