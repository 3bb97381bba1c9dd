"""PURE. What the rows and tables of the evaluation are called; Dutch, translated where it is shown."""

from collections.abc import Mapping

from ivr.reporting.measures import PARTITIONS, Measure

M = Measure


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a message that is translated later
    return message


MEASURE_WORDS: Mapping[Measure, str] = {
    M.CALLS: N_("Telefoongesprekken"),
    M.REQUESTS: N_("Verzoeken om op te nemen"),
    M.HEARD: N_("Gezegd"),
    M.KEYED: N_("Met een toets"),
    M.REGISTERED: N_("Door een medewerker vastgelegd"),
    M.CONFIRMED: N_("Bevestigd en toegestaan"),
    M.DECLINED: N_("Toch niet: antwoord nee"),
    M.UNCONFIRMED: N_("Niet bevestigd: geen duidelijk antwoord"),
    M.UNANSWERED: N_("Nog niet beantwoord"),
    M.REFUSED: N_("Geweigerd"),
    M.REFUSED_REASON: N_("Reden"),
    M.REFUSED_KIND: N_("Soort gesprek"),
    M.KEPT_AT_ONCE: N_("Alternatief meteen gegeven"),
    M.KEPT_AT_ONCE_BY: N_("Alternatief"),
    M.PROMISED: N_("Alternatief beloofd voor na het gesprek"),
    M.PROMISED_BY: N_("Alternatief"),
    M.DELIVERED: N_("Op tijd geleverd"),
    M.DELIVERED_LATE: N_("Te laat geleverd"),
    M.AWAITED: N_("Nog te leveren, op tijd"),
    M.OVERDUE: N_("Nog te leveren, nu te laat"),
    M.LAPSED: N_("Vervallen"),
    M.OBJECTIONS_WITHDRAWN: N_("Bezwaren ingetrokken door de medewerker"),
    M.WISHES_WITHDRAWN: N_("Verzoeken ingetrokken door de beller"),
    M.COPY_OFFERED: N_("Gesprekken waarin een kopie is aangeboden"),
    M.COPY_WANTED: N_("Gesprekken waarvan de beller een kopie wilde"),
    M.COPY_SENT: N_("Kopieën verstuurd met een sms"),
    M.COPY_LISTENED: N_("Kopieën beluisterd"),
    M.COPY_DOWNLOADED: N_("Kopieën gedownload"),
    M.RECORDINGS: N_("Gesprekken die de organisatie wilde opnemen"),
    M.STARTED: N_("Opname gestart"),
    M.BLOCKED: N_("Niet gestart: de mededeling is niet helemaal gehoord"),
    M.NOT_STARTED: N_("Niet gestart: mislukt of afgebroken"),
    M.STORED: N_("Opgeslagen en compleet"),
    M.DEGRADED: N_("Opgeslagen, niet compleet"),
    M.FAILED: N_("Verloren gegaan"),
    M.NOT_FETCHED: N_("Nog niet opgehaald"),
    M.AFTER_REQUEST: N_("Gestart na een verzoek"),
    M.WITHOUT_REQUEST: N_("Gestart zonder verzoek"),
    M.PAUSES: N_("Keren dat om een pauze is gevraagd"),
    M.THIRD_PERSONS: N_("Gesprekken met een derde persoon erbij"),
    M.CITIZEN_COPIES: N_("Kopieën gevraagd aan burgers"),
    M.CITIZEN_COPY_RECEIVED: N_("Ontvangen"),
    M.CITIZEN_COPY_DECLINED: N_("Niet gegeven"),
    M.CITIZEN_COPY_LAPSED: N_("Niets ontvangen binnen de termijn"),
    M.CITIZEN_COPY_AWAITED: N_("Nog in afwachting"),
    M.CITIZEN_COPY_COMPARED: N_("Vergeleken met onze opname"),
    M.CITIZEN_COPY_NOT_COMPARED: N_("Niet vergeleken"),
    M.CITIZEN_COPY_KEPT: N_("Bewaard"),
    M.CITIZEN_COPY_DESTROYED: N_("Vernietigd"),
    M.CITIZEN_COPY_UNDECIDED: N_("Nog niets over besloten"),
    M.COVERT: N_("Heimelijke opnames"),
    M.COMPLAINTS: N_("Klachten"),
    M.COMPLAINT_WITHOUT_LISTENING: N_("Beoordeeld zonder te luisteren"),
    M.COMPLAINT_GRANTED: N_("Luisteren toegestaan"),
    M.COMPLAINT_REFUSED: N_("Luisteren geweigerd"),
    M.COMPLAINT_UNDECIDED: N_("Nog niet besloten"),
    M.PLAYBACKS: N_("Keren dat een opname voor een klacht is afgespeeld"),
    M.PLAYBACKS_REFUSED: N_("Keren dat afspelen niet mocht"),
    M.MISUSE: N_("Meldingen van misbruik"),
    M.MISUSE_SORT: N_("Soort misbruik"),
    M.TRAINING: N_("Gevraagd of wij van een opname mogen leren"),
    M.TRAINING_AGREED: N_("Allebei akkoord"),
    M.TRAINING_NOT_AGREED: N_("Niet akkoord"),
    M.TRAINING_WITHDRAWN: N_("Later ingetrokken"),
    M.TRAINING_UNANSWERED: N_("Niet allebei beantwoord"),
}

MISUSE_WORDS: Mapping[str, str] = {
    "publication": N_("gepubliceerd"),
    "passing-on": N_("doorgegeven"),
    "cutting": N_("geknipt of geplakt"),
}

OWN_WORDS_TEXT = N_("anders, in eigen woorden")
PHONE_TEXT = N_("Telefoon")
OTHER_CHANNEL_TEXT = N_("Andere zaken")

GROUPS: tuple[tuple[str, tuple[Measure, ...]], ...] = (
    (N_("Verzoeken"), (M.CALLS, M.REQUESTS, M.WISHES_WITHDRAWN)),
    (N_("Weigeringen en alternatieven"), (M.REFUSED, M.OBJECTIONS_WITHDRAWN)),
    (N_("De opname van de organisatie"), (M.RECORDINGS, M.PAUSES, M.THIRD_PERSONS)),
    (N_("Kopieën voor de beller"), (M.COPY_OFFERED, M.COPY_WANTED, M.COPY_SENT, M.COPY_LISTENED, M.COPY_DOWNLOADED)),
    (N_("Kopieën van burgers"), (M.CITIZEN_COPIES,)),
    (N_("Klachten en incidenten"), (M.COVERT, M.COMPLAINTS, M.PLAYBACKS, M.PLAYBACKS_REFUSED, M.MISUSE)),
    (N_("Leren van opnames"), (M.TRAINING,)),
)
"""The tables of a channel: their titles, and the measures at their tops."""


def measures_below(measure: Measure, depth: int = 0) -> list[tuple[Measure, int]]:
    """The measure and all that make it up, each with how deep it stands; refusals have a table of their own."""
    found = [(measure, depth)]
    if measure is not M.REFUSED or depth == 0:
        for whole, parts in PARTITIONS:
            if whole is measure:
                for part in parts:
                    found += measures_below(part, depth + 1)
    return found
