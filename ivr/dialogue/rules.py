"""PURE. The few numbers and choices that an agency's policy may set for the dialogue."""

from dataclasses import dataclass
from enum import StrEnum


class AgencyRecords(StrEnum):
    """When the agency records too (R9)."""

    NEVER = "never"
    WITH_THE_CALLER = "with-the-caller"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Rules:
    """Attributes:

    answer_timeout_s  seconds of waiting for an answer after a question was played
    start_timeout_s   seconds until a start of the recording that was not reported is asked for again
    reprompts         how often an unclear or missing spoken answer is asked for again before the keypad
    agency_records    when the agency records too
    offer_copy        the caller is offered a copy of the agency's recording (R4)
    copy_by_sms       the copy's link goes out by SMS
    can_text          the caller's number can receive an SMS
    ask_theirs        the caller is asked for a copy of their recording (R4)
    ask_training      the caller is asked whether staff may learn from the recording
    attempts          how many addresses are rung, one after the other, until the employee counts as unreachable
    language          in which the bot speaks, and the only one in which the caller is understood
    other_language    in which it speaks to a caller who presses 9 in the greeting; empty: in none
    """

    answer_timeout_s: float = 6.0
    start_timeout_s: float = 10.0
    reprompts: int = 1
    agency_records: AgencyRecords = AgencyRecords.WITH_THE_CALLER
    offer_copy: bool = True
    copy_by_sms: bool = True
    can_text: bool = True
    ask_theirs: bool = False
    ask_training: bool = False
    attempts: int = 1
    language: str = "nl"
    other_language: str = ""

    @property
    def gives_links(self) -> bool:
        """What the caller may fetch is behind a link that goes out by SMS; else behind a code that is read out."""
        return self.copy_by_sms and self.can_text
