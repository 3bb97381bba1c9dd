"""What an employee reads about an act during a call: that it was done, or why not. Dutch until it is shown."""

from collections.abc import Mapping

from ivr.calls.employee_acts import LEAST_REASON, MOST_TEXT, CallAct, Lack
from ivr.dialogue.matters import NO_PAUSE, NOT_RECORDING
from ivr.dialogue.outcomes import NO_OBJECTION, NOT_ON_THE_LINE
from ivr.dialogue.table import NOTHING_ASKED, OVER, PARTING
from ivr.web.language import N_, gettext

DONE: Mapping[CallAct, str] = {
    CallAct.OBJECT: N_("Uw bezwaar is vastgelegd. De beller hoort de reden en het alternatief."),
    CallAct.WITHDRAW_OBJECTION: N_("Uw bezwaar is ingetrokken. De beller hoort dat."),
    CallAct.THIRD_PERSON: N_("Vastgelegd: er is nog iemand bij het gesprek. Iedereen hoort welke opname loopt."),
    CallAct.NAME_KIND: N_("Het soort gesprek is vastgelegd."),
    CallAct.PAUSE: N_("De opname is onderbroken. De beller hoort dat."),
    CallAct.RESUME: N_("De opname gaat verder zodra de beller dat heeft gehoord."),
    CallAct.STOP: N_("De opname door de organisatie is gestopt. De beller hoort dat."),
}

REFUSED: Mapping[str, str] = {
    OVER: N_("Dat kan niet meer. Het gesprek is afgelopen."),
    PARTING: N_("Dat kan niet meer. De medewerker is niet meer aan de lijn."),
    NOT_ON_THE_LINE: N_("Dat kan nu niet. De medewerker is niet aan de lijn."),
    NOTHING_ASKED: N_("Dat kan nu niet. De beller heeft niet gezegd te willen opnemen, of er is al bezwaar gemaakt."),
    NO_OBJECTION: N_("Dat kan nu niet. Er is geen bezwaar dat u kunt intrekken."),
    NOT_RECORDING: N_("Dat kan nu niet. De organisatie neemt niet op."),
    NO_PAUSE: N_("Dat kan nu niet. De opname is niet onderbroken op verzoek."),
}
"""Why the dialogue does not take an act, by its own reasons."""

NOT_NOW = N_("Dat kan nu niet. Misschien heeft een collega dit net gedaan.")

LACKS: Mapping[tuple[str, Lack], str] = {
    ("reason", Lack.MISSING): N_("Kies een reden."),
    ("reason", Lack.UNKNOWN): N_("Kies een reden uit de lijst."),
    ("reason_text", Lack.MISSING): N_("Schrijf de reden op in een zin."),
    ("reason_text", Lack.NEEDLESS): N_("U koos al een reden uit de lijst. Maak dit veld dan leeg."),
    ("reason_text", Lack.TOO_SHORT): N_("Gebruik minstens %(least)s tekens."),
    ("reason_text", Lack.TOO_LONG): N_("Gebruik hooguit %(most)s tekens."),
    ("reason_text", Lack.DEMANDS): N_(
        "Vraag de beller hier niet om een reden of een belofte. De beller hoort uw zin letterlijk."
    ),
    ("alternative", Lack.MISSING): N_("Kies wat u de beller aanbiedt."),
    ("alternative", Lack.UNKNOWN): N_("Kies een alternatief uit de lijst."),
    ("kind", Lack.MISSING): N_("Kies het soort gesprek."),
    ("kind", Lack.UNKNOWN): N_("Kies een soort gesprek uit de lijst."),
    ("who", Lack.TOO_LONG): N_("Gebruik hooguit %(most)s tekens."),
}


def told_fault(field: str, lack: Lack) -> str:
    """What is wrong with a field, in the page's language."""
    return gettext(LACKS[field, lack], least=LEAST_REASON, most=MOST_TEXT)
