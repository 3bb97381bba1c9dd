"""PURE. Facts that reach the dialogue.

Time comes as `TimerExpired`, results of effects come as events, ids and scores as fields. An event may come late or
twice: the machine answers each of them in each state.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts."""


class Heard(StrEnum):
    """What the caller's words mean, as `speech.intent.Label` and `speech.matters.Matter` name it."""

    REQUEST = "request"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    STOP = "stop"
    COPY = "copy"
    # matters that are answered, as `speech.matters.Matter` names them
    WHY = "why"
    THIRD_PERSON = "third-person"
    VIDEO = "video"
    AGENCY_RECORDS = "agency-records"
    PAUSE = "pause"
    RESUME = "resume"


class Timer(StrEnum):
    """The waits that the dialogue knows."""

    ANSWER = "answer"
    PROMPT = "prompt"
    RECORDING_START = "recording-start"


# ---------------------------------------------------------------- the caller's leg


@dataclass(frozen=True, slots=True)
class CallAnswered(Event):
    """The first webhook of a call; its answer is the greeting."""


@dataclass(frozen=True, slots=True)
class LegAnswered(Event):
    """A prompt on the caller's own leg ended: with a key, or (digit None) played to the end without one."""

    prompt_id: int
    digit: str | None = None


@dataclass(frozen=True, slots=True)
class StarPressed(Event):
    """`*` inside the conference: the leg left it and asks what to do."""


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """The caller's leg is over."""

    reason: str = "completed"


# ---------------------------------------------------------------- speech


@dataclass(frozen=True, slots=True)
class UtteranceHeard(Event):
    """The caller said something that has a meaning here; the words are as heard, confidence is 0..1."""

    heard: Heard
    text: str = ""
    confidence: float = 1.0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamLost(Event):
    """The media stream broke off while the call goes on."""


@dataclass(frozen=True, slots=True)
class ListeningUnavailable(Event):
    """Nobody listens to what the caller says, for want of capacity: for now they have the keys."""


@dataclass(frozen=True, slots=True)
class ListeningRestored(Event):
    """From now on the caller is listened to again."""


# ---------------------------------------------------------------- the room


@dataclass(frozen=True, slots=True)
class CallerJoined(Event):
    """The caller's leg is in the conference (again)."""


@dataclass(frozen=True, slots=True)
class EmployeeJoined(Event):
    """The employee is in the conference, on this leg."""

    leg: str = ""


@dataclass(frozen=True, slots=True)
class EmployeeLeft(Event):
    """The employee is no longer on the line; `leg` tells them from one who was rung beside them."""

    leg: str = ""


@dataclass(frozen=True, slots=True)
class EmployeeUnreachable(Event):
    """Ringing an employee ended without an answer; `leg` tells two reports of one attempt from two attempts."""

    reason: str = "no-answer"
    leg: str = ""


@dataclass(frozen=True, slots=True)
class HoldStarted(Event):
    """One of the two was put on hold."""


@dataclass(frozen=True, slots=True)
class HoldEnded(Event):
    """Nobody is on hold any more."""


@dataclass(frozen=True, slots=True)
class PromptPlayed(Event):
    """An announcement into the conference was heard to its end."""

    prompt_id: int


@dataclass(frozen=True, slots=True)
class PromptFailed(Event):
    """An announcement failed, was cut short, or its end was never reported."""

    prompt_id: int
    reason: str


# ---------------------------------------------------------------- results


@dataclass(frozen=True, slots=True)
class ConsentLogged(Event):
    """The entry that permits the recording is durable; `number` is its place in the consent log."""

    number: int


@dataclass(frozen=True, slots=True)
class RecordingStarted(Event):
    """The carrier records."""

    recording_sid: str


@dataclass(frozen=True, slots=True)
class RecordingRefused(Event):
    """The carrier did not start the recording."""

    reason: str


@dataclass(frozen=True, slots=True)
class RecordingKept(Event):
    """The recording was fetched and stored (`ok`, `degraded`), or it could not be (`failed`)."""

    outcome: str


@dataclass(frozen=True, slots=True)
class CopySent(Event):
    """The link to the copy left by SMS."""


@dataclass(frozen=True, slots=True)
class CopyFailed(Event):
    """The copy could not be offered after all."""

    reason: str


@dataclass(frozen=True, slots=True)
class RefusalSent(Event):
    """Reason, alternative and complaint route left by SMS."""


@dataclass(frozen=True, slots=True)
class RefusalNotSent(Event):
    """They could not be sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class TimerExpired(Event):
    """A wait is over. `prompt_id` tells which prompt a PROMPT timer watched."""

    timer: Timer
    prompt_id: int | None = None


# ---------------------------------------------------------------- employee and caller


@dataclass(frozen=True, slots=True)
class ObjectionRaised(Event):
    """The employee objects for a weighty reason and offers an alternative (R1): codes of the agency's lists.

    `reason_text` is the employee's own sentence where no reason of the list fits. `agency_records`: the alternative is
    the agency's own recording.
    """

    reason: str
    alternative: str
    agency_records: bool = False
    reason_text: str = ""
    employee: str = ""


@dataclass(frozen=True, slots=True)
class ObjectionWithdrawn(Event):
    """The employee takes the objection back."""

    employee: str = ""


@dataclass(frozen=True, slots=True)
class KindNamed(Event):
    """The employee names the kind of conversation. `alternative` is its code where the kind may not be recorded."""

    kind: str
    alternative: str = ""
    employee: str = ""


@dataclass(frozen=True, slots=True)
class ThirdPersonPresent(Event):
    """Somebody else takes part or listens in; `who` in words, `by` whom it was told: `caller` or `employee`."""

    who: str = ""
    by: str = "employee"


@dataclass(frozen=True, slots=True)
class PauseAsked(Event):
    """The agency's recording has to keep silence for a while, because something private is said."""

    by: str = "employee"


@dataclass(frozen=True, slots=True)
class ResumeAsked(Event):
    """It may go on."""

    by: str = "employee"


@dataclass(frozen=True, slots=True)
class StopAsked(Event):
    """The employee ends the agency's recording."""

    employee: str = ""


EVENTS: tuple[type[Event], ...] = (
    CallAnswered,
    LegAnswered,
    StarPressed,
    CallEnded,
    UtteranceHeard,
    StreamLost,
    ListeningUnavailable,
    ListeningRestored,
    CallerJoined,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    HoldStarted,
    HoldEnded,
    PromptPlayed,
    PromptFailed,
    ConsentLogged,
    RecordingStarted,
    RecordingRefused,
    RecordingKept,
    CopySent,
    CopyFailed,
    RefusalSent,
    RefusalNotSent,
    TimerExpired,
    ObjectionRaised,
    ObjectionWithdrawn,
    KindNamed,
    ThirdPersonPresent,
    PauseAsked,
    ResumeAsked,
    StopAsked,
)
