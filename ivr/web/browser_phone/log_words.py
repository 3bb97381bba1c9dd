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
    "training:caller-answered": "De beller is gevraagd of medewerkers van de opname mogen leren",
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
    "call:ended": "Het gesprek is afgelopen",
    "log:sealed": "Het logboek is verzegeld",
}

STATES: Mapping[str, str] = {
    "greeting": "De beller hoort de begroeting.",
    "waiting": "De beller wacht op een medewerker.",
    "talking": "Beller en medewerker praten. De organisatie neemt niet op.",
    "asking": "De bot vraagt of de beller wil opnemen.",
    "asking-alone": "De bot vraagt of de beller wil opnemen.",
    "keypad": "De bot vraagt de beller om een toets te kiezen.",
    "logging": "De bevestiging wordt vastgelegd.",
    "announcing": "De bot kondigt de opname aan.",
    "starting": "De opname wordt gestart.",
    "recording": "De organisatie neemt op.",
    "paused": "De opname is onderbroken.",
    "offering": "De bot biedt een kopie aan.",
    "learning": "De bot vraagt of medewerkers van de opname mogen leren.",
    "closing": "De bot sluit af.",
    "ended": "Het gesprek is afgelopen.",
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
