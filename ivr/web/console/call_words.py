"""The page of a call in words. Dutch, translated where it is shown."""

from collections.abc import Mapping

from ivr.calls.listening_in import Purpose
from ivr.calls.proving import Outcome, SoundState
from ivr.calls.tickets import TicketKind
from ivr.dialogue.states import AgencyRecording, CallerRecording
from ivr.web.language import N_
from storage.consent_log.call_verifier import Problem, Seal

C, A = CallerRecording, AgencyRecording

CALLER: Mapping[CallerRecording, tuple[str, str]] = {
    C.NONE: (N_("Niet over gesproken"), "neutral"),
    C.ANNOUNCED: (N_("Aangekondigd, nog niet bevestigd"), "busy"),
    C.CONFIRMED: (N_("Bevestigd en toegestaan"), "good"),
    C.DECLINED: (N_("De beller wilde toch niet opnemen"), "neutral"),
    C.UNCONFIRMED: (N_("Niet bevestigd"), "warning"),
    C.OBJECTED: (N_("Niet toegestaan: er was een zwaarwegende reden"), "warning"),
    C.WITHDRAWN: (N_("Door de beller ingetrokken"), "neutral"),
}
"""The caller's own recording: words and the colour of their badge."""

AGENCY: Mapping[AgencyRecording, tuple[str, str]] = {
    A.NONE: (N_("Niet gemaakt"), "neutral"),
    A.ANNOUNCED: (N_("Aangekondigd"), "busy"),
    A.STARTED: (N_("Loopt"), "busy"),
    A.PAUSED: (N_("Onderbroken"), "busy"),
    A.STOPPED: (N_("Gestopt; wordt opgehaald"), "busy"),
    A.BLOCKED: (N_("Niet gemaakt: de aankondiging is niet helemaal gehoord, of het mocht niet meer"), "warning"),
    A.FAILED: (N_("Niet gelukt"), "fault"),
    A.STORED: (N_("Bewaard"), "good"),
    A.DEGRADED: (N_("Bewaard, maar niet volledig"), "warning"),
}
"""The agency's recording, as far as the call itself knows."""

DESTROYED = (N_("Vernietigd"), "neutral")

TICKETS: Mapping[TicketKind, str] = {
    TicketKind.SMS: N_("Link naar de kopie, per sms"),
    TicketKind.CODE: N_("Code voor de kopie, voorgelezen"),
    TicketKind.RECEIPT_SMS: N_("Link naar het bewijs, per sms"),
    TicketKind.RECEIPT_CODE: N_("Code voor het bewijs, voorgelezen"),
}

PURPOSES: Mapping[Purpose, str] = {
    Purpose.CALLER_ASKS: N_("De beller vraagt iets over het gesprek"),
    Purpose.RULES_KEPT: N_("Nagaan of het gesprek volgens de spelregels ging"),
    Purpose.RECORDING_GOOD: N_("Controleren of de opname goed en volledig is"),
    Purpose.COMPARISON: N_("Vergelijken met een kopie of een publicatie"),
    Purpose.DATA_SUBJECT: N_("Een verzoek om inzage of wissen beantwoorden"),
}

REASONS: Mapping[str, str] = {
    "on hold": N_("de beller stond in de wacht"),
    "something private": N_("er werd iets besproken dat niet in de opname hoort"),
    "the call ended": N_("het gesprek was afgelopen"),
    "started too late": N_("hij begon te laat"),
    "hung up": N_("de beller hing op"),
    "no answer by key": N_("er kwam geen antwoord met een toets"),
    "withdrawn": N_("de beller wilde niet meer"),
    "objection": N_("de medewerker maakte bezwaar"),
    "stopped by the employee": N_("de medewerker stopte de opname"),
    "employee left": N_("de medewerker ging van de lijn"),
    "employee unreachable": N_("er was geen medewerker bereikbaar"),
    "nothing permits it any more": N_("er was geen reden meer om op te nemen"),
    "resuming could not be announced": N_("het verdergaan kon niet worden gezegd"),
    "interrupted": N_("het gesprek werd onderbroken"),
    "the carrier did not answer": N_("het telefoonbedrijf antwoordde niet"),
    "the carrier has no recording": N_("het telefoonbedrijf heeft geen opname"),
    "its end was not reported": N_("het telefoonbedrijf zei niet of het tot het einde klonk"),
    "its end was not reported before the call moved on": N_("het gesprek was al verder toen het klaar kon zijn"),
    "cut short by key": N_("de beller drukte op een toets"),
    "the carrier could not play it": N_("het telefoonbedrijf kon het niet afspelen"),
    "there is no conference": N_("er was geen verbinding om het in te zeggen"),
    "there is no recording": N_("er is geen opname"),
    "the caller's number cannot have an SMS": N_("het nummer van de beller kan geen sms krijgen"),
    "retention period over": N_("de bewaartermijn was voorbij"),
    "completed": N_("er is opgehangen"),
    "found ended": N_("dat bleek later bij het telefoonbedrijf"),
    "no-answer": N_("er nam niemand op"),
    "busy": N_("in gesprek"),
    "failed": N_("de verbinding mislukte"),
    "canceled": N_("het bellen werd afgebroken"),
}
"""What the log says in English why something happened; anything else, such as a carrier's own words, stays as it is."""

SPEAKERS: Mapping[str, str] = {
    "caller": N_("gezegd door de beller"),
    "employee": N_("gezegd door de medewerker"),
}

PROBLEMS: Mapping[Problem, str] = {
    Problem.UNREADABLE: N_("is niet meer te lezen."),
    Problem.CHANGED: N_("is gewijzigd nadat hij was opgeschreven."),
    Problem.COLUMNS: N_("staat in de zoekgegevens anders dan in het logboek."),
    Problem.PERSONAL: N_("heeft woorden of namen die zijn gewijzigd."),
    Problem.LINK: N_("sluit niet aan op de regel ervoor of erna."),
    Problem.MISSING: N_("ontbreekt. Deze regel kan ook bij een ander gesprek hebben gehoord."),
    Problem.UNPROVEN: N_("kan niet worden bewezen, omdat andere regels van het logboek ontbreken."),
    Problem.NOT_SIGNED: N_("hoort niet bij wat is ondertekend."),
}
"""Each after "Regel 12"."""

NOTHING_LEFT = N_("Van dit gesprek staat geen enkele regel meer in het logboek.")

SEALS: Mapping[Seal, str] = {
    Seal.GOOD: N_("Het laatste ijkpunt is echt. Het is ondertekend voor de eerste %(size)s regels van het logboek."),
    Seal.NONE: N_("Er is geen ijkpunt. Zonder handtekening is niet te bewijzen dat de regels onveranderd zijn."),
    Seal.FALSE: N_("De handtekening onder het laatste ijkpunt klopt niet."),
    Seal.BEYOND: N_("Het laatste ijkpunt gaat over meer regels dan er nu zijn. Er zijn dus regels verdwenen."),
}

SOUNDS: Mapping[SoundState, str] = {
    SoundState.NONE: N_("Er is geen opname, of niet meer. Er valt dus niets te controleren."),
    SoundState.WHOLE: N_("De bewaarde opname is precies wat er is opgeslagen."),
    SoundState.CHANGED: N_("De bewaarde opname is niet wat er is opgeslagen."),
    SoundState.DAMAGED: N_("De bewaarde opname is beschadigd en kan niet helemaal worden gelezen."),
    SoundState.MISSING: N_("Het bestand met de opname is weg, maar er is niet vastgelegd dat het is vernietigd."),
    SoundState.NOT_LOGGED: N_("Het bestand past bij de database, maar niet bij wat er in het logboek staat."),
}

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.WHOLE: (N_("Alles klopt."), "good"),
    Outcome.OPEN: (N_("Wat er staat klopt, maar nog niet alles is verzegeld."), "warning"),
    Outcome.BROKEN: (
        N_("Er klopt iets niet. Verander niets, en waarschuw de privacyfunctionaris en de beheerder."),
        "fault",
    ),
}
