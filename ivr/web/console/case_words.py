"""Case files in words: kinds, states, roles, verdicts. Dutch, translated where it is shown.

What is done with them has its words in `case_act_words`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.cases.acts import Party
from ivr.cases.case import Kind, Misuse, NotCompared, State, Verdict, Who
from ivr.reporting.words import MISUSE_WORDS
from ivr.web.language import N_
from ivr.web.public.telling import ROLE_WORDS

S = State
WHO_WORDS: Mapping[Who, str] = {**{Who(role): words for role, words in ROLE_WORDS.items()}, Who.SYSTEM: N_("Spelregel")}


@dataclass(frozen=True, slots=True)
class KindWords:
    """`name` as lists have it; `register` the heading of the form that opens one, `about` what it is for."""

    name: str
    register: str
    about: str


KIND_WORDS: Mapping[Kind, KindWords] = {
    Kind.REFUSAL: KindWords(
        N_("Toezegging na een weigering"),
        N_("Toezegging vastleggen"),
        N_("Opnemen mocht niet. De beller krijgt iets anders."),
    ),
    Kind.COVERT: KindWords(
        N_("Heimelijke opname"),
        N_("Heimelijke opname melden"),
        N_("Heeft iemand opgenomen zonder dat te zeggen? Leg dan vast hoe u dat ontdekte."),
    ),
    Kind.COMPLAINT: KindWords(
        N_("Klacht"),
        N_("Klacht vastleggen"),
        N_("De klachtencommissie bekijkt eerst of zij kan oordelen zonder naar de opname te luisteren."),
    ),
    Kind.MISUSE: KindWords(
        N_("Misbruik van een opname"),
        N_("Misbruik melden"),
        N_("Heeft iemand een opname gepubliceerd, doorgegeven, of geknipt en geplakt? Meld dat hier."),
    ),
    Kind.CITIZEN_COPY: KindWords(
        N_("Kopie van de beller"),
        N_("Kopie aan de beller vragen"),
        N_("De beller hoeft geen kopie te geven. Vraag ook niet naar de reden."),
    ),
    Kind.TRAINING: KindWords(
        N_("Opname voor training"),
        N_("Vragen of wij van de opname mogen leren"),
        N_("De beller en de medewerker antwoorden zelf. Pas als zij allebei ja zeggen, mogen collega's luisteren."),
    ),
    Kind.REQUEST: KindWords(
        N_("Verzoek buiten de telefoon"),
        N_("Verzoek om op te nemen vastleggen"),
        N_("Voor een verzoek aan de balie, op een hoorzitting, thuis of per brief. Vraag niet naar de reden."),
    ),
}


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state as a label (`colour` is one of the badge's) and in a sentence."""

    name: str
    meaning: str
    colour: str = "neutral"


STATE_WORDS: Mapping[Kind, Mapping[State, StateWords]] = {
    Kind.REFUSAL: {
        S.PROMISED: StateWords(N_("beloofd"), N_("Dit is aan de beller beloofd en moet nog gebeuren."), "busy"),
        S.DELIVERED: StateWords(N_("geleverd"), N_("De beller heeft gekregen wat is beloofd."), "good"),
        S.LAPSED: StateWords(N_("vervallen"), N_("Het bezwaar is ingetrokken. Er hoeft niets meer te gebeuren.")),
    },
    Kind.COVERT: {
        S.WEIGHING: StateWords(
            N_("afwegen"), N_("De opname is gepubliceerd. Weeg eerst het doel en de schade voor medewerkers."), "busy"
        ),
        S.REGISTERED: StateWords(
            N_("gemeld"), N_("De burger moet nog een bericht over de spelregels krijgen."), "busy"
        ),
        S.TOLD: StateWords(
            N_("bericht gestuurd"),
            N_("De burger heeft het bericht. Nu volgt een gesprek om het vertrouwen te herstellen."),
            "busy",
        ),
        S.PLANNED: StateWords(N_("gesprek gepland"), N_("Er is een datum voor het gesprek met de burger."), "busy"),
        S.CLOSED: StateWords(
            N_("afgerond"), N_("De uitkomst is vastgelegd, of er is een zaak over misbruik van gemaakt.")
        ),
    },
    Kind.COMPLAINT: {
        S.RECEIVED: StateWords(
            N_("binnengekomen"), N_("De commissie kijkt eerst: kan zij oordelen zonder te luisteren?"), "busy"
        ),
        S.ASKING: StateWords(
            N_("medewerker gevraagd"),
            N_("Luisteren is nodig. De medewerker mag zeggen of daar bezwaar tegen is."),
            "busy",
        ),
        S.WEIGHING: StateWords(
            N_("afwegen"), N_("De medewerker heeft geantwoord. De commissie weegt alle belangen."), "busy"
        ),
        S.LISTENING: StateWords(
            N_("luisteren mag"),
            N_("Wie met naam is genoemd, mag tot een datum luisteren. Elke keer komt in het logboek."),
            "busy",
        ),
        S.DECIDING: StateWords(
            N_("oordelen"), N_("Niemand mag luisteren. De commissie oordeelt zonder de opname."), "busy"
        ),
        S.CLOSED: StateWords(N_("afgerond"), N_("Het oordeel is vastgelegd.")),
    },
    Kind.MISUSE: {
        S.REPORTED: StateWords(
            N_("in behandeling"), N_("De stappen tegen misbruik worden een voor een gezet."), "busy"
        ),
        S.DECIDING: StateWords(
            N_("uitkomst noteren"), N_("Alle stappen zijn gezet. Alleen de uitkomst moet er nog bij."), "busy"
        ),
        S.CLOSED: StateWords(N_("afgerond"), N_("De uitkomst is vastgelegd.")),
    },
    Kind.CITIZEN_COPY: {
        S.ASKED: StateWords(N_("gevraagd"), N_("De beller mag een kopie geven. Dat hoeft niet."), "busy"),
        S.RECEIVED: StateWords(
            N_("ontvangen"), N_("De kopie is binnen en is nog niet vergeleken met onze opname."), "busy"
        ),
        S.COMPARED: StateWords(N_("vergeleken"), N_("De kopie is vergeleken met onze opname."), "busy"),
        S.KEPT: StateWords(N_("bewaard"), N_("De kopie blijft bewaard tot de termijn voorbij is."), "busy"),
        S.DESTROYED: StateWords(N_("vernietigd"), N_("De kopie is weg.")),
        S.DECLINED: StateWords(N_("niet gegeven"), N_("De beller geeft geen kopie.")),
        S.LAPSED: StateWords(N_("niets ontvangen"), N_("Er kwam geen kopie binnen de termijn.")),
    },
    Kind.TRAINING: {
        S.ASKED: StateWords(
            N_("gevraagd"),
            N_("Nog niet allebei hebben ja gezegd. Niemand mag de opname voor training gebruiken."),
            "busy",
        ),
        S.AGREED: StateWords(
            N_("akkoord"),
            N_("Allebei zeiden ja. Collega's mogen luisteren tot een van de twee dat terugneemt."),
            "good",
        ),
        S.NOT_AGREED: StateWords(
            N_("niet akkoord"), N_("Een van de twee wil het niet. De opname wordt niet voor training gebruikt.")
        ),
        S.WITHDRAWN: StateWords(
            N_("ingetrokken"), N_("Een van de twee nam het terug. De opname wordt niet meer voor training gebruikt.")
        ),
        S.LAPSED: StateWords(N_("vervallen"), N_("De opname is er niet meer.")),
    },
    Kind.REQUEST: {
        S.REGISTERED: StateWords(
            N_("vastgelegd"),
            N_("Het verzoek is bekend. Nu volgt het antwoord: opnemen mag, tenzij er een zwaarwegende reden is."),
            "busy",
        ),
        S.ALLOWED: StateWords(
            N_("toegestaan"), N_("De burger mocht opnemen. Alleen de afloop moet er nog bij."), "good"
        ),
        S.REFUSED: StateWords(
            N_("geweigerd"),
            N_(
                "Er was een zwaarwegende reden. Het alternatief is een eigen zaak als daar nog iets voor moet gebeuren."
            ),
            "warning",
        ),
        S.CLOSED: StateWords(N_("afgerond"), N_("De afloop is vastgelegd.")),
    },
}

CHOICE_WORDS: Mapping[str, str] = {
    **{what.value: MISUSE_WORDS[what] for what in Misuse},
    Party.CALLER: N_("de beller"),
    Party.EMPLOYEE: N_("de medewerker in dit gesprek"),
    Verdict.COMPLETE: N_("volledig: gelijk aan onze opname"),
    Verdict.CUT: N_("de kopie mist een stuk"),
    Verdict.INSERTED: N_("de kopie heeft een stuk extra"),
    Verdict.ALTERED: N_("de kopie is op een of meer plaatsen anders"),
    Verdict.UNRELATED: N_("een ander gesprek"),
    NotCompared.NO_RECORDING: N_("er is geen opname van ons om mee te vergelijken"),
    NotCompared.UNREADABLE: N_("het bestand is niet te lezen als geluid"),
    NotCompared.TOO_LONG: N_("het bestand duurt te lang"),
    NotCompared.FAILED: N_("het vergelijken is niet gelukt"),
}
"""The closed sets that acts and entries of the log choose from; none uses a word of another one."""
