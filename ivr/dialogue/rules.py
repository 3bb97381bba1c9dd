"""PURE. The few numbers and choices that an agency's policy may set for the dialogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Attributes:

    answer_timeout_s  seconds of waiting for an answer after a question was played
    start_timeout_s   seconds until a start of the recording that was not reported is asked for again
    reprompts         how often an unclear or missing spoken answer is asked for again before the keypad
    agency_records    the agency records too when the caller does (R9)
    offer_copy        the caller is offered a copy of the agency's recording (R4)
    can_sms           the caller's number can receive an SMS
    """

    answer_timeout_s: float = 6.0
    start_timeout_s: float = 10.0
    reprompts: int = 1
    agency_records: bool = True
    offer_copy: bool = True
    can_sms: bool = True
