"""PURE. The states of a call's dialogue, and the Dialogue value, plain enough to store as JSON."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from ivr.dialogue.effects import Prompt, PromptKey
from ivr.dialogue.rules import AgencyRecords, Rules


class State(StrEnum):
    """Where the conversation is; `MEANING` says what each one means."""

    GREETING = "greeting"
    WAITING = "waiting"
    TALKING = "talking"
    ASKING = "asking"
    ASKING_ALONE = "asking-alone"
    KEYPAD = "keypad"
    LOGGING = "logging"
    ANNOUNCING = "announcing"
    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    OFFERING = "offering"
    LEARNING = "learning"
    CLOSING = "closing"
    ENDED = "ended"


MEANING: dict[State, str] = {
    State.GREETING: "the caller hears the greeting on their own leg",
    State.WAITING: "the caller is in the room, or on the way to it, and the employee is being rung",
    State.TALKING: "both talk; nothing is asked, the agency does not record",
    State.ASKING: "the question whether the caller wants to record was put, or is being put, into the room",
    State.ASKING_ALONE: "the same question on the caller's own leg, before the employee is there",
    State.KEYPAD: "the caller answers by key, outside the room for a moment",
    State.LOGGING: "a yes; the entry that permits the recording is being written",
    State.ANNOUNCING: "both are being told that it is allowed and that the agency records too",
    State.STARTING: "the carrier was asked to record and has not answered yet",
    State.RECORDING: "the agency records",
    State.PAUSED: "the agency's recording keeps silence until it was announced that it goes on",
    State.OFFERING: "the employee has left, the caller is offered a copy",
    State.LEARNING: "the caller is asked whether staff may learn from the recording",
    State.CLOSING: "last words on the caller's own leg, then the line is closed",
    State.ENDED: "the call is over; only what happens to its recording still counts",
}


class CallerRecording(StrEnum):
    """The citizen's own recording: what is known of it. Never implied by the agency's."""

    NONE = "none"
    ANNOUNCED = "announced"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNCONFIRMED = "unconfirmed"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"


CALLER_RECORDING: dict[CallerRecording, str] = {
    CallerRecording.NONE: "nothing was said about it",
    CallerRecording.ANNOUNCED: "the caller said or keyed that they want to record, and is asked whether that is so",
    CallerRecording.CONFIRMED: "yes",
    CallerRecording.DECLINED: "no",
    CallerRecording.UNCONFIRMED: "neither: unclear, silent or hung up",
    CallerRecording.OBJECTED: "the employee has objected to it",
    CallerRecording.WITHDRAWN: "the caller has taken the wish back",
}


class AgencyRecording(StrEnum):
    """The agency's parallel recording (R9). Never implied by the caller's."""

    NONE = "none"
    ANNOUNCED = "announced"
    STARTED = "started"
    PAUSED = "paused"
    STOPPED = "stopped"
    BLOCKED = "blocked"
    FAILED = "failed"
    STORED = "stored"
    DEGRADED = "degraded"


AGENCY_RECORDING: dict[AgencyRecording, str] = {
    AgencyRecording.NONE: "not announced, or not begun after all",
    AgencyRecording.ANNOUNCED: "the announcement was heard out, the carrier is asked to record",
    AgencyRecording.STARTED: "it runs",
    AgencyRecording.PAUSED: "it runs and keeps silence",
    AgencyRecording.STOPPED: "it has ended and waits to be fetched",
    AgencyRecording.BLOCKED: "the announcement was not heard out, so there is none",
    AgencyRecording.FAILED: "the carrier did not make it, or it could not be fetched",
    AgencyRecording.STORED: "it was fetched and is whole",
    AgencyRecording.DEGRADED: "it was fetched and is not whole",
}


RUNNING = (AgencyRecording.STARTED, AgencyRecording.PAUSED)


class Employee(StrEnum):
    """The other side of the line."""

    ABSENT = "absent"
    RINGING = "ringing"
    PRESENT = "present"
    LEFT = "left"
    UNREACHABLE = "unreachable"


GONE = (Employee.LEFT, Employee.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the caller may not record, and what is offered instead: codes of the agency's lists.

    `by_kind`: the reason is the kind of conversation, not an employee's objection. `agency_records`: the alternative
    is the agency's own recording. `confirmed`: the caller's yes came before it.
    """

    reason: str
    alternative: str
    reason_text: str = ""
    by_kind: bool = False
    agency_records: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Everything the dialogue knows of one call.

    `speaking` is the prompt that the caller is being told, on the leg or in the room; `aside` one for the employee
    alone. `sounding` is the id of the prompt that the room still hears, whether the caller is there or not: the next
    one waits in `queue` for its end, since announcements must not overlap. `asked` counts the times that the present
    question was put. `announcement` is the id of the prompt that has to be heard out before the agency records, or
    records again; None where one has yet to be made. `consent_entry` is the number of the durable entry that permits
    its recording, None while there is none. While not `listening`, what the caller says is heard by nobody of ours.
    `recording_sid` stays once the carrier has recorded. `kind` is the kind of conversation, where it was named, and
    `exclusion` what is offered instead where that kind may not be recorded. `refusal` is the one that stands.
    `employee_leg` is the one on which the employee is present, where that is known.
    `private`: the agency's recording is asked to keep silence for a while. `wish_waits`: a wish to record that came
    while a recording was being started. `unreached` are the legs on which nobody answered. `last_words` are said one
    after the other before the line is closed.
    """

    rules: Rules = field(default_factory=Rules)
    state: State = State.GREETING
    caller_recording: CallerRecording = CallerRecording.NONE
    agency_recording: AgencyRecording = AgencyRecording.NONE
    employee: Employee = Employee.ABSENT
    employee_leg: str = ""
    in_room: bool = False
    on_hold: bool = False
    private: bool = False
    third_person: bool = False
    listening: bool = True
    asked: int = 0
    wants_copy: bool = False
    wish_waits: bool = False
    kind: str = ""
    exclusion: str = ""
    refusal: Refusal | None = None
    language: str = "nl"
    attempts: int = 0
    unreached: tuple[str, ...] = ()
    last_words: tuple[PromptKey, ...] = ()
    consent_entry: int | None = None
    announcement: int | None = None
    recording_sid: str | None = None
    start_tries: int = 0
    speaking: Prompt | None = None
    aside: Prompt | None = None
    sounding: int | None = None
    queue: tuple[Prompt, ...] = ()
    prompts_made: int = 0

    def to_json(self) -> str:
        """As stored: a JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Dialogue":
        """Inverse of `to_json`. Raises ValueError, TypeError or KeyError for text that is not a stored dialogue."""
        raw = json.loads(text)
        return cls(
            **{
                **raw,
                "rules": Rules(**{**raw["rules"], "agency_records": AgencyRecords(raw["rules"]["agency_records"])}),
                "state": State(raw["state"]),
                "caller_recording": CallerRecording(raw["caller_recording"]),
                "agency_recording": AgencyRecording(raw["agency_recording"]),
                "employee": Employee(raw["employee"]),
                "refusal": Refusal(**raw["refusal"]) if raw["refusal"] else None,
                "unreached": tuple(raw["unreached"]),
                "last_words": tuple(PromptKey(key) for key in raw["last_words"]),
                "speaking": _prompt(raw["speaking"]) if raw["speaking"] else None,
                "aside": _prompt(raw["aside"]) if raw["aside"] else None,
                "queue": tuple(_prompt(p) for p in raw["queue"]),
            }
        )


def _prompt(raw: dict[str, object]) -> Prompt:
    params = raw["params"]
    if not isinstance(params, list):
        raise TypeError("a stored prompt's params are a list")
    told = tuple((str(name), str(value)) for name, value in params)
    return Prompt(int(str(raw["prompt_id"])), PromptKey(str(raw["key"])), told, str(raw["language"]))
