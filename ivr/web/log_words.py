"""Entries of the consent log in words, for a reader who knows none of the tags. Dutch until they are shown."""

from collections.abc import Mapping

from ivr.web.language import N_

WORDS: Mapping[str, str] = {
    "call:opened": N_("Het gesprek is begonnen"),
    "prompt:played": N_("De bot heeft dit gezegd"),
    "prompt:failed": N_("De bot kon dit niet helemaal zeggen"),
    "request:heard": N_("De beller zei te willen opnemen"),
    "request:keyed": N_("De beller gaf met een toets aan te willen opnemen"),
    "answer:yes": N_("De beller zei ja"),
    "answer:no": N_("De beller zei nee"),
    "answer:unclear": N_("Het antwoord was niet duidelijk"),
    "answer:silence": N_("Er kwam geen antwoord"),
    "consent:requested": N_("De bot vraagt of dat klopt"),
    "consent:given": N_("De beller heeft bevestigd te willen opnemen"),
    "consent:refused": N_("De beller wil toch niet opnemen"),
    "consent:unconfirmed": N_("De wens is niet bevestigd"),
    "consent:withdrawn": N_("De beller wil dat de opname stopt"),
    "recording:announced": N_("De opname is aangekondigd"),
    "recording:started": N_("De organisatie neemt op"),
    "recording:paused": N_("De opname is onderbroken"),
    "recording:resumed": N_("De opname gaat verder"),
    "recording:stopped": N_("De opname door de organisatie is gestopt"),
    "recording:blocked": N_("De organisatie neemt niet op"),
    "recording:stored": N_("De opname is veilig bewaard"),
    "recording:degraded": N_("De opname is bewaard, maar niet volledig"),
    "recording:failed": N_("De opname is niet gelukt"),
    "recording:carrier-deleted": N_("De opname is gewist bij het telefoonbedrijf"),
    "recording:played": N_("Iemand van de organisatie luistert naar de opname"),
    "recording:destroyed": N_("De opname is vernietigd"),
    "objection:raised": N_("De medewerker heeft bezwaar"),
    "objection:withdrawn": N_("De medewerker heeft geen bezwaar meer"),
    "objection:sent": N_("De reden en het alternatief zijn verstuurd"),
    "objection:not-sent": N_("De reden en het alternatief konden niet worden verstuurd"),
    "request:excluded": N_("Dit soort gesprek mag niet worden opgenomen"),
    "reason:asked": N_("De beller vraagt waarom het niet mag"),
    "conversation:kind": N_("De medewerker noemt het soort gesprek"),
    "third-person:present": N_("Er is nog iemand bij het gesprek"),
    "video:asked": N_("De beller vraagt of beeld mag"),
    "agency-recording:asked": N_("De beller vraagt of de organisatie opneemt"),
    "recording:permitted": N_("De organisatie neemt volgens haar regels elk gesprek op"),
    "pause:asked": N_("De opname moet even stil zijn"),
    "pause:ended": N_("De opname mag weer verder"),
    "stop:asked": N_("De medewerker stopt de opname"),
    "language:chosen": N_("De beller kiest een andere taal"),
    "training:asked": N_("De beller is gevraagd of medewerkers van de opname mogen leren"),
    "copy:offered": N_("De beller kan een kopie krijgen"),
    "copy:wanted": N_("De beller wil een kopie"),
    "copy:declined": N_("De beller wil geen kopie"),
    "copy:sent": N_("De link naar de kopie is verstuurd"),
    "copy:failed": N_("De kopie kon niet worden verstuurd"),
    "copy:opened": N_("De pagina met de kopie is geopend"),
    "copy:downloaded": N_("De kopie is beluisterd of bewaard"),
    "employee:joined": N_("De medewerker is aan de lijn"),
    "employee:left": N_("De medewerker is niet meer aan de lijn"),
    "employee:unreached": N_("Er nam niemand op"),
    "hold:started": N_("De beller staat in de wacht"),
    "hold:ended": N_("De beller is uit de wacht"),
    "stream:lost": N_("De bot hoorde even niets"),
    "stream:restored": N_("De bot hoort weer mee"),
    "listening:unavailable": N_("De bot luistert nu niet mee; opnemen kan met een toets"),
    "listening:restored": N_("De bot luistert weer mee"),
    "refusal:promised": N_("De beller krijgt iets anders in plaats van de opname"),
    "refusal:delivered": N_("De beller heeft gekregen wat is beloofd"),
    "refusal:lapsed": N_("Het bezwaar is weg, dus er hoeft niets meer te gebeuren"),
    "covert:registered": N_("Er is een opname ontdekt die niet was aangekondigd"),
    "covert:publication-weighed": N_("Het doel van de publicatie en de schade zijn afgewogen"),
    "covert:message-sent": N_("De burger heeft een bericht over de spelregels gekregen"),
    "covert:talk-planned": N_("Er is een gesprek met de burger gepland"),
    "covert:closed": N_("De zaak over de opname is afgerond"),
    "complaint:received": N_("Er is een klacht"),
    "complaint:judged-without-listening": N_("De klacht is beoordeeld zonder te luisteren"),
    "complaint:listening-needed": N_("Voor de klacht is luisteren nodig"),
    "complaint:employee-answered": N_("De medewerker heeft gezegd of luisteren mag"),
    "complaint:third-persons-weighed": N_("De privacy van anderen in het gesprek is meegewogen"),
    "complaint:access-granted": N_("Een paar mensen mogen voor de klacht luisteren"),
    "complaint:access-refused": N_("Niemand mag voor de klacht luisteren"),
    "complaint:played": N_("De opname is voor de klacht beluisterd"),
    "complaint:playback-refused": N_("Iemand wilde luisteren, maar dat mocht niet"),
    "complaint:closed": N_("De klacht is afgerond"),
    "misuse:reported": N_("Er is gemeld dat een opname verkeerd is gebruikt"),
    "misuse:evidence-added": N_("Er is bewijs toegevoegd"),
    "misuse:step-done": N_("Een stap tegen het verkeerde gebruik is gezet"),
    "misuse:closed": N_("De zaak over het verkeerde gebruik is afgerond"),
    "citizen-copy:asked": N_("De beller is gevraagd om een kopie van de eigen opname"),
    "citizen-copy:received": N_("De beller heeft een kopie gegeven"),
    "citizen-copy:compared": N_("De kopie is vergeleken met de opname van de organisatie"),
    "citizen-copy:kept": N_("De kopie wordt een tijd bewaard"),
    "citizen-copy:destroyed": N_("De kopie is vernietigd"),
    "citizen-copy:declined": N_("De beller geeft geen kopie"),
    "citizen-copy:lapsed": N_("Er kwam geen kopie van de beller"),
    "training:opened": N_("Er is een vraag of medewerkers van de opname mogen leren"),
    "training:answered": N_("Er is een antwoord of medewerkers van de opname mogen leren"),
    "training:withdrawn": N_("Medewerkers mogen toch niet van de opname leren"),
    "training:played": N_("De opname is beluisterd om van te leren"),
    "training:lapsed": N_("De opname is weg, dus niemand kan er meer van leren"),
    "channel-request:registered": N_("Iemand wil een gesprek opnemen dat niet per telefoon gaat"),
    "channel-request:allowed": N_("Dat gesprek mag worden opgenomen"),
    "channel-request:refused": N_("Dat gesprek mag niet worden opgenomen"),
    "channel-request:closed": N_("De vraag om op te nemen is afgerond"),
    "case:destroyed": N_("Het dossier is vernietigd"),
    "number:destroyed": N_("Het telefoonnummer van de beller is gewist"),
    "call:ended": N_("Het gesprek is afgelopen"),
    "log:sealed": N_("Het logboek is verzegeld"),
}

CHANNELS: Mapping[str, str] = {
    "speech": N_("gesproken"),
    "key": N_("met een toets"),
    "silence": N_("geen antwoord"),
    "sms": N_("per sms"),
}


def describe(tag: str) -> str:
    """The tag itself where nobody found words for it yet."""
    return WORDS.get(tag, tag)


def quoted(facts: Mapping[str, object], personal: Mapping[str, str]) -> str:
    """The words that were said, by bot or caller; empty where the entry holds none."""
    words = facts.get("text") or personal.get("words") or personal.get("answer") or ""
    return str(words)


def details(facts: Mapping[str, object]) -> str:
    """How an answer came; empty where the entry does not tell."""
    return CHANNELS.get(str(facts.get("channel", "")), "")
