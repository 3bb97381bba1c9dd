"""PURE. Entries of the consent log in Dutch words, for a reader who knows none of the tags."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "call:opened": "Het gesprek is begonnen",
    "prompt:played": "De bot heeft dit gezegd",
    "prompt:failed": "De bot kon dit niet helemaal zeggen",
    "request:heard": "De beller zei te willen opnemen",
    "request:keyed": "De beller gaf met een toets aan te willen opnemen",
    "answer:yes": "De beller zei ja",
    "answer:no": "De beller zei nee",
    "answer:unclear": "Het antwoord was niet duidelijk",
    "answer:silence": "Er kwam geen antwoord",
    "consent:requested": "De bot vraagt of dat klopt",
    "consent:given": "De beller heeft bevestigd te willen opnemen",
    "consent:refused": "De beller wil toch niet opnemen",
    "consent:unconfirmed": "De wens is niet bevestigd",
    "consent:withdrawn": "De beller wil dat de opname stopt",
    "recording:announced": "De opname is aangekondigd",
    "recording:started": "De organisatie neemt op",
    "recording:paused": "De opname is onderbroken",
    "recording:resumed": "De opname gaat verder",
    "recording:stopped": "De opname door de organisatie is gestopt",
    "recording:blocked": "De organisatie neemt niet op",
    "recording:stored": "De opname is veilig bewaard",
    "recording:degraded": "De opname is bewaard, maar niet volledig",
    "recording:failed": "De opname is niet gelukt",
    "recording:carrier-deleted": "De opname is gewist bij het telefoonbedrijf",
    "recording:played": "Iemand van de organisatie luistert naar de opname",
    "recording:destroyed": "De opname is vernietigd",
    "objection:raised": "De medewerker heeft bezwaar",
    "objection:withdrawn": "De medewerker heeft geen bezwaar meer",
    "objection:sent": "De reden en het alternatief zijn verstuurd",
    "objection:not-sent": "De reden en het alternatief konden niet worden verstuurd",
    "request:excluded": "Dit soort gesprek mag niet worden opgenomen",
    "reason:asked": "De beller vraagt waarom het niet mag",
    "conversation:kind": "De medewerker noemt het soort gesprek",
    "third-person:present": "Er is nog iemand bij het gesprek",
    "video:asked": "De beller vraagt of beeld mag",
    "agency-recording:asked": "De beller vraagt of de organisatie opneemt",
    "recording:permitted": "De organisatie neemt volgens haar regels elk gesprek op",
    "pause:asked": "De opname moet even stil zijn",
    "pause:ended": "De opname mag weer verder",
    "stop:asked": "De medewerker stopt de opname",
    "language:chosen": "De beller kiest een andere taal",
    "training:asked": "De beller is gevraagd of medewerkers van de opname mogen leren",
    "copy:offered": "De beller kan een kopie krijgen",
    "copy:wanted": "De beller wil een kopie",
    "copy:declined": "De beller wil geen kopie",
    "copy:sent": "De link naar de kopie is verstuurd",
    "copy:failed": "De kopie kon niet worden verstuurd",
    "copy:opened": "De pagina met de kopie is geopend",
    "copy:downloaded": "De kopie is beluisterd of bewaard",
    "employee:joined": "De medewerker is aan de lijn",
    "employee:left": "De medewerker is niet meer aan de lijn",
    "employee:unreached": "Er nam niemand op",
    "hold:started": "De beller staat in de wacht",
    "hold:ended": "De beller is uit de wacht",
    "stream:lost": "De bot hoorde even niets",
    "stream:restored": "De bot hoort weer mee",
    "listening:unavailable": "De bot luistert nu niet mee; opnemen kan met een toets",
    "listening:restored": "De bot luistert weer mee",
    "refusal:promised": "De beller krijgt iets anders in plaats van de opname",
    "refusal:delivered": "De beller heeft gekregen wat is beloofd",
    "refusal:lapsed": "Het bezwaar is weg, dus er hoeft niets meer te gebeuren",
    "covert:registered": "Er is een opname ontdekt die niet was aangekondigd",
    "covert:publication-weighed": "Het doel van de publicatie en de schade zijn afgewogen",
    "covert:message-sent": "De burger heeft een bericht over de spelregels gekregen",
    "covert:talk-planned": "Er is een gesprek met de burger gepland",
    "covert:closed": "De zaak over de opname is afgerond",
    "complaint:received": "Er is een klacht",
    "complaint:judged-without-listening": "De klacht is beoordeeld zonder te luisteren",
    "complaint:listening-needed": "Voor de klacht is luisteren nodig",
    "complaint:employee-answered": "De medewerker heeft gezegd of luisteren mag",
    "complaint:third-persons-weighed": "De privacy van anderen in het gesprek is meegewogen",
    "complaint:access-granted": "Een paar mensen mogen voor de klacht luisteren",
    "complaint:access-refused": "Niemand mag voor de klacht luisteren",
    "complaint:played": "De opname is voor de klacht beluisterd",
    "complaint:playback-refused": "Iemand wilde luisteren, maar dat mocht niet",
    "complaint:closed": "De klacht is afgerond",
    "misuse:reported": "Er is gemeld dat een opname verkeerd is gebruikt",
    "misuse:evidence-added": "Er is bewijs toegevoegd",
    "misuse:step-done": "Een stap tegen het verkeerde gebruik is gezet",
    "misuse:closed": "De zaak over het verkeerde gebruik is afgerond",
    "citizen-copy:asked": "De beller is gevraagd om een kopie van de eigen opname",
    "citizen-copy:received": "De beller heeft een kopie gegeven",
    "citizen-copy:compared": "De kopie is vergeleken met de opname van de organisatie",
    "citizen-copy:kept": "De kopie wordt een tijd bewaard",
    "citizen-copy:destroyed": "De kopie is vernietigd",
    "citizen-copy:declined": "De beller geeft geen kopie",
    "citizen-copy:lapsed": "Er kwam geen kopie van de beller",
    "training:opened": "Er is een vraag of medewerkers van de opname mogen leren",
    "training:answered": "Er is een antwoord of medewerkers van de opname mogen leren",
    "training:withdrawn": "Medewerkers mogen toch niet van de opname leren",
    "training:played": "De opname is beluisterd om van te leren",
    "training:lapsed": "De opname is weg, dus niemand kan er meer van leren",
    "channel-request:registered": "Iemand wil een gesprek opnemen dat niet per telefoon gaat",
    "channel-request:allowed": "Dat gesprek mag worden opgenomen",
    "channel-request:refused": "Dat gesprek mag niet worden opgenomen",
    "channel-request:closed": "De vraag om op te nemen is afgerond",
    "case:destroyed": "Het dossier is vernietigd",
    "number:destroyed": "Het telefoonnummer van de beller is gewist",
    "call:ended": "Het gesprek is afgelopen",
    "log:sealed": "Het logboek is verzegeld",
}

CHANNELS: Mapping[str, str] = {
    "speech": "gesproken",
    "key": "met een toets",
    "silence": "geen antwoord",
    "sms": "per sms",
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
