"""PURE. Wishes that the dialogue returns; the driver carries them out in order and reports their results as events."""

from dataclasses import dataclass
from enum import StrEnum

from ivr.dialogue.events import Timer


class PromptKey(StrEnum):
    """Everything the bot says on a call; the words stand in config/prompts."""

    GREETING = "greeting"
    GREETING_EXCLUDED = "greeting_excluded"
    CONFIRM = "confirm"
    CONFIRM_AGAIN = "confirm_again"
    KEYPAD = "keypad"
    KEYPAD_EMPLOYEE = "keypad_employee"
    ALLOWED = "allowed"
    ALLOWED_RECORDING = "allowed_recording"
    RECORDING_ALWAYS = "recording_always"
    RECORDING_INSTEAD = "recording_instead"
    DECLINED = "declined"
    UNCONFIRMED = "unconfirmed"
    BLOCKED = "blocked"
    BLOCKED_INSTEAD = "blocked_instead"
    WITHDRAWN = "withdrawn"
    WITHDRAWN_YOURS = "withdrawn_yours"
    AGENCY_GOES_ON = "agency_goes_on"
    PAUSED_HOLD = "paused_hold"
    PAUSED_PRIVATE = "paused_private"
    RESUMED = "resumed"
    OBJECTION = "objection"
    OBJECTION_WITHDRAWN = "objection_withdrawn"
    EXCLUDED = "excluded"
    WHY = "why"
    THIRD_PERSON_BOTH = "third_person_both"
    THIRD_PERSON_CALLER = "third_person_caller"
    THIRD_PERSON_AGENCY = "third_person_agency"
    SOUND_ONLY = "sound_only"
    AGENCY_RECORDS_YES = "agency_records_yes"
    AGENCY_RECORDS_PAUSED = "agency_records_paused"
    AGENCY_RECORDS_LATER = "agency_records_later"
    AGENCY_RECORDS_NOT = "agency_records_not"
    COPY_NOTED = "copy_noted"
    COPY_OFFER = "copy_offer"
    COPY_SMS = "copy_sms"
    COPY_CODE = "copy_code"
    COPY_DECLINED = "copy_declined"
    COPY_UNAVAILABLE = "copy_unavailable"
    RECEIPT_CODE = "receipt_code"
    TRAINING_OFFER = "training_offer"
    ASK_THEIRS = "ask_theirs"
    GOODBYE = "goodbye"
    KEYS_ONLY = "keys_only"
    EMPLOYEE_UNREACHABLE = "employee_unreachable"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One utterance of the bot. `prompt_id` is unique within the call; params name what fills the text's places."""

    prompt_id: int
    key: PromptKey
    params: tuple[tuple[str, str], ...] = ()
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Effect:
    """Base of all wishes."""


@dataclass(frozen=True, slots=True)
class Announce(Effect):
    """Speak into the conference. Answered by PromptPlayed, PromptFailed or TimerExpired(PROMPT)."""

    prompt: Prompt


@dataclass(frozen=True, slots=True)
class MoveCaller(Effect):
    """Give the caller's leg the document that belongs to the dialogue as it is now.

    Where the leg itself asked, the answer to its request is that document and nothing need be done."""


@dataclass(frozen=True, slots=True)
class RingEmployee(Effect):
    """Ring the agency's employee into the conference."""


@dataclass(frozen=True, slots=True)
class Note(Effect):
    """Write an entry in the consent log; `personal` values are kept beside it (AVG art. 17)."""

    tag: str
    facts: tuple[tuple[str, str], ...] = ()
    personal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class LogConsent(Effect):
    """Write the entry that permits the agency's recording. Answered by ConsentLogged once it is durable.

    `tag` says what permits it: the caller's yes (`consent:given`), an objection whose alternative it is
    (`objection:raised`), or the agency's profile (`recording:permitted`).
    """

    tag: str
    facts: tuple[tuple[str, str], ...] = ()
    personal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StartRecording(Effect):
    """Record the caller's leg in two channels. Answered by RecordingStarted or RecordingRefused."""


@dataclass(frozen=True, slots=True)
class PauseRecording(Effect):
    """Keep silence in the recording from now on (R5)."""


@dataclass(frozen=True, slots=True)
class ResumeRecording(Effect):
    """Go on recording."""


@dataclass(frozen=True, slots=True)
class StopRecording(Effect):
    """End the recording, also one whose start was not answered: perhaps the carrier records all the same."""


@dataclass(frozen=True, slots=True)
class CollectRecording(Effect):
    """Fetch, check and store the recording once the carrier has it ready."""


@dataclass(frozen=True, slots=True)
class OfferTicket(Effect):
    """Make the caller's ticket for the copy and, where the number can have one, send the SMS."""

    by_sms: bool


@dataclass(frozen=True, slots=True)
class FollowRefusal(Effect):
    """Open the case file that watches over the promised alternative; `by_sms`: the caller gets it in writing too."""

    alternative: str
    by_sms: bool


@dataclass(frozen=True, slots=True)
class OfferReceipt(Effect):
    """Make the refused caller's ticket for the receipt of the call; `by_sms`: its link goes with what is sent about the
    refusal, else its pick-up code is read out."""

    by_sms: bool


@dataclass(frozen=True, slots=True)
class LapseRefusal(Effect):
    """The objection was withdrawn: what was promised instead need not be delivered."""


@dataclass(frozen=True, slots=True)
class AskTheirs(Effect):
    """Open the case file of a copy that the caller is asked for (R4); `by_sms`: they can get a link for it."""

    by_sms: bool


@dataclass(frozen=True, slots=True)
class NoteTraining(Effect):
    """Open the case file on learning from the recording, with the caller's answer."""

    agreed: bool


@dataclass(frozen=True, slots=True)
class StartTimer(Effect):
    """Wait; answered by TimerExpired unless stopped first. Starting a timer again replaces it."""

    timer: Timer
    after_s: float


@dataclass(frozen=True, slots=True)
class StopTimer(Effect):
    """Do not wait any longer."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class RestartStream(Effect):
    """Open the media stream again on the running call."""


@dataclass(frozen=True, slots=True)
class CloseRoom(Effect):
    """End the conference for whoever is still in it."""


@dataclass(frozen=True, slots=True)
class CloseCall(Effect):
    """The call is over: mark it closed and have the log sealed."""
