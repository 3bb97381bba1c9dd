"""What the browser phone's scripts say, in the page's language."""

from collections.abc import Mapping

from ivr.dialogue.events import Heard
from ivr.web.language import N_, gettext

CALLER_STATES: Mapping[str, str] = {
    "away": N_("De telefoon is niet verbonden."),
    "idle": N_("U kunt bellen."),
    "ringing": N_("De telefoon gaat over."),
    "in-progress": N_("U bent in gesprek."),
    "completed": N_("Het gesprek is afgelopen."),
}
EMPLOYEE_STATES: Mapping[str, str] = {
    **CALLER_STATES,
    "idle": N_("U bent bereikbaar. Wacht op een beller."),
    "ringing": N_("U wordt gebeld."),
    "completed": N_("Het gesprek is afgelopen. U bent weer bereikbaar."),
}
OTHERS: Mapping[str, str] = {
    "notReached": N_("Het gesprek is niet tot stand gekomen."),
    "noCarrier": N_("De telefooncentrale op deze computer is niet bereikbaar. Start de demonstratie opnieuw."),
    "noMicrophone": N_("Er is geen microfoon, of u gaf geen toegang. U kunt wel luisteren en toetsen gebruiken."),
    "microphoneOn": N_("De microfoon staat aan."),
    "microphoneOff": N_("De microfoon staat uit."),
    "hold": N_("In de wacht"),
    "unhold": N_("Uit de wacht"),
    "bot": N_("Bot"),
    "caller": N_("Beller"),
    "understood": N_("Begrepen"),
}
MEANINGS: Mapping[Heard, str] = {
    Heard.REQUEST: N_("wil opnemen"),
    Heard.YES: N_("ja"),
    Heard.NO: N_("nee"),
    Heard.UNCLEAR: N_("niet duidelijk"),
    Heard.STOP: N_("opname stoppen"),
    Heard.COPY: N_("wil een kopie"),
    Heard.WHY: N_("vraagt waarom niet"),
    Heard.THIRD_PERSON: N_("er luistert iemand mee"),
    Heard.VIDEO: N_("wil filmen"),
    Heard.AGENCY_RECORDS: N_("vraagt of er wordt opgenomen"),
    Heard.PAUSE: N_("opname even stil"),
    Heard.RESUME: N_("opname weer verder"),
}


def script_words(*, employee: bool) -> dict[str, object]:
    """As the page hands them to its scripts."""
    states = EMPLOYEE_STATES if employee else CALLER_STATES
    return {
        **{name: gettext(text) for name, text in OTHERS.items()},
        "states": {state: gettext(text) for state, text in states.items()},
        "meanings": {str(heard): gettext(text) for heard, text in MEANINGS.items()},
    }
