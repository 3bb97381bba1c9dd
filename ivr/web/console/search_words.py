"""Searching for calls in words. Dutch, translated where it is shown."""

from collections.abc import Mapping

from ivr.calls.exporting import Format
from ivr.web.console.call_query import Field
from ivr.web.language import N_

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

FORMS: Mapping[Format, str] = {
    Format.CSV: N_("Tabel voor een rekenprogramma (CSV)"),
    Format.JSON_LD: N_("Vastgelegde toestemming (JSON-LD)"),
    Format.VCON: N_("Gesprekken volgens de standaard vCon (JSON)"),
    Format.LDV: N_("Regels voor het verwerkingenlogboek (JSON)"),
}
