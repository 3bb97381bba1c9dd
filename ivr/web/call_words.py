"""A call in words and colours: where it is, and what is known of the two recordings. Dutch until it is shown."""

from collections.abc import Mapping

from ivr.dialogue.states import AgencyRecording, CallerRecording, State
from ivr.web.language import N_

NAMES: Mapping[State, str] = {
    State.GREETING: N_("Begroeting"),
    State.WAITING: N_("Wacht op een medewerker"),
    State.TALKING: N_("In gesprek"),
    State.ASKING: N_("Vraag aan de beller"),
    State.ASKING_ALONE: N_("Vraag aan de beller"),
    State.KEYPAD: N_("Vraag met toetsen"),
    State.LOGGING: N_("Wordt vastgelegd"),
    State.ANNOUNCING: N_("Aankondiging"),
    State.STARTING: N_("Opname begint"),
    State.RECORDING: N_("Opname loopt"),
    State.PAUSED: N_("Opname onderbroken"),
    State.OFFERING: N_("Kopie aangeboden"),
    State.LEARNING: N_("Vraag over leren"),
    State.CLOSING: N_("Afsluiting"),
    State.ENDED: N_("Afgelopen"),
}

SENTENCES: Mapping[State, str] = {
    State.GREETING: N_("De beller hoort de begroeting."),
    State.WAITING: N_("De beller wacht op een medewerker."),
    State.TALKING: N_("Beller en medewerker praten. De organisatie neemt niet op."),
    State.ASKING: N_("De bot vraagt of de beller wil opnemen."),
    State.ASKING_ALONE: N_("De bot vraagt of de beller wil opnemen."),
    State.KEYPAD: N_("De bot vraagt de beller om een toets te kiezen."),
    State.LOGGING: N_("De bevestiging wordt vastgelegd."),
    State.ANNOUNCING: N_("De bot kondigt de opname aan."),
    State.STARTING: N_("De opname wordt gestart."),
    State.RECORDING: N_("De organisatie neemt op."),
    State.PAUSED: N_("De opname is onderbroken."),
    State.OFFERING: N_("De bot biedt een kopie aan."),
    State.LEARNING: N_("De bot vraagt of medewerkers van de opname mogen leren."),
    State.CLOSING: N_("De bot sluit af."),
    State.ENDED: N_("Het gesprek is afgelopen."),
}

KINDS: Mapping[State, str] = {
    **dict.fromkeys(State, "neutral"),
    **dict.fromkeys((State.ASKING, State.ASKING_ALONE, State.KEYPAD, State.PAUSED), "warning"),
    **dict.fromkeys((State.WAITING, State.LOGGING, State.ANNOUNCING, State.STARTING), "busy"),
    State.RECORDING: "good",
}
"""Of the badge; its words say the same."""

CALLER: Mapping[CallerRecording, str] = {
    CallerRecording.NONE: N_("Nog niets over gezegd"),
    CallerRecording.ANNOUNCED: N_("Wil opnemen, wacht op bevestiging"),
    CallerRecording.CONFIRMED: N_("Neemt op"),
    CallerRecording.DECLINED: N_("Neemt niet op"),
    CallerRecording.UNCONFIRMED: N_("Niet bevestigd"),
    CallerRecording.OBJECTED: N_("Mag nu niet: er is een reden genoemd"),
    CallerRecording.WITHDRAWN: N_("Wil niet meer opnemen"),
}

AGENCY: Mapping[AgencyRecording, str] = {
    AgencyRecording.NONE: N_("Neemt niet op"),
    AgencyRecording.ANNOUNCED: N_("Aangekondigd, begint nu"),
    AgencyRecording.STARTED: N_("Neemt op"),
    AgencyRecording.PAUSED: N_("Onderbroken: er is stilte"),
    AgencyRecording.STOPPED: N_("Gestopt"),
    AgencyRecording.BLOCKED: N_("Niet begonnen"),
    AgencyRecording.FAILED: N_("Niet gelukt"),
    AgencyRecording.STORED: N_("Bewaard"),
    AgencyRecording.DEGRADED: N_("Bewaard, maar niet volledig"),
}


def desk_words(address: str) -> str:
    """Whom an address rings, as a colleague knows them: the name of a web phone, or a number."""
    return address.removeprefix("client:").removeprefix("sip:")
