"""PURE. A case file: what has to happen after a call, or beside one, by whom and until when."""

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from ivr.cases.shapes import read, write


class Kind(StrEnum):
    """What a case is about; `KINDS` says it in a sentence."""

    REFUSAL = "refusal"
    COVERT = "covert"
    COMPLAINT = "complaint"
    MISUSE = "misuse"
    CITIZEN_COPY = "citizen-copy"
    TRAINING = "training"
    REQUEST = "channel-request"


KINDS: dict[Kind, str] = {
    Kind.REFUSAL: "the promise that was made when the agency objected to a recording (R1)",
    Kind.COVERT: "a recording that nobody announced and that was discovered (R3)",
    Kind.COMPLAINT: "a complaint, and whether somebody may listen to the recording for it (R7)",
    Kind.MISUSE: "a publication, passing on or cutting of a recording (R5, R6)",
    Kind.CITIZEN_COPY: "the agency asks the caller for a copy of theirs (R4); they need not give one",
    Kind.TRAINING: "whether staff may learn from the agency's recording: both parties are asked",
    Kind.REQUEST: "a wish to record that was made elsewhere than on the phone (R3)",
}


class State(StrEnum):
    """Where a case is; `STATES` says what each means for a kind."""

    PROMISED = "promised"
    DELIVERED = "delivered"
    LAPSED = "lapsed"
    REGISTERED = "registered"
    TOLD = "told"
    PLANNED = "planned"
    RECEIVED = "received"
    ASKING = "asking"
    WEIGHING = "weighing"
    LISTENING = "listening"
    DECIDING = "deciding"
    REPORTED = "reported"
    ASKED = "asked"
    COMPARED = "compared"
    KEPT = "kept"
    DESTROYED = "destroyed"
    DECLINED = "declined"
    AGREED = "agreed"
    NOT_AGREED = "not-agreed"
    WITHDRAWN = "withdrawn"
    ALLOWED = "allowed"
    REFUSED = "refused"
    CLOSED = "closed"


S = State
FINAL = frozenset((S.DELIVERED, S.LAPSED, S.DESTROYED, S.DECLINED, S.NOT_AGREED, S.WITHDRAWN, S.CLOSED))
"""Nothing leads out of these."""

STATES: dict[Kind, dict[State, str]] = {
    Kind.REFUSAL: {
        S.PROMISED: "the alternative was promised; overdue once its day has passed",
        S.DELIVERED: "the caller has got it",
        S.LAPSED: "the objection was taken back, so there is nothing to deliver",
    },
    Kind.COVERT: {
        S.WEIGHING: "it was published; purpose and harm to staff are weighed first",
        S.REGISTERED: "it is known how the recording was discovered",
        S.TOLD: "the citizen has got the agency's message with a pointer to the rules",
        S.PLANNED: "there is a date for the talk that is to restore trust",
        S.CLOSED: "the outcome is noted, or it has become a case of misuse",
    },
    Kind.COMPLAINT: {
        S.RECEIVED: "asked first: can it be judged without listening?",
        S.ASKING: "no; the employee is asked whether they object, and why",
        S.WEIGHING: "the answer is there; it is weighed with the privacy of third persons",
        S.LISTENING: "the people named may listen until a date; every playback is logged",
        S.DECIDING: "nobody may listen; it is judged without",
        S.CLOSED: "the outcome is noted",
    },
    Kind.MISUSE: {
        S.REPORTED: "the profile's steps are taken one after another",
        S.DECIDING: "all steps were taken; the outcome is still to be noted",
        S.CLOSED: "the outcome is noted",
    },
    Kind.CITIZEN_COPY: {
        S.ASKED: "the caller was asked for a copy; it is never an obligation",
        S.RECEIVED: "a copy was handed in; where it cannot be read, the caller may hand in another",
        S.COMPARED: "it was compared with the agency's recording",
        S.KEPT: "it is kept until its term is over",
        S.DESTROYED: "it is gone",
        S.DECLINED: "the caller does not give one",
        S.LAPSED: "nothing came within the term",
    },
    Kind.TRAINING: {
        S.ASKED: "not both have answered; the recording may not be used",
        S.AGREED: "both agreed; it may be used until one of them takes that back",
        S.NOT_AGREED: "one of them does not agree",
        S.WITHDRAWN: "one of them took it back",
        S.LAPSED: "the recording is gone",
    },
    Kind.REQUEST: {
        S.REGISTERED: "the wish is known, and when and where it was said",
        S.ALLOWED: "the recording was allowed",
        S.REFUSED: "refused for a weighty reason; the alternative is a case of its own",
        S.CLOSED: "the outcome is noted",
    },
}


class Who(StrEnum):
    """Who acts: the roles as `config.policy.Role` names them, and the service itself."""

    EMPLOYEE = "medewerker"
    SUPERVISOR = "leidinggevende"
    PRIVACY_OFFICER = "privacyfunctionaris"
    COMMITTEE = "klachtencommissie"
    AUDITOR = "controleur"
    ADMINISTRATOR = "beheerder"
    SYSTEM = "systeem"


class Misuse(StrEnum):
    """What was done with a recording."""

    PUBLICATION = "publication"
    PASSING_ON = "passing-on"
    CUTTING = "cutting"


class Verdict(StrEnum):
    """What a comparison of two recordings found, as `spelregel compare` says it."""

    COMPLETE = "complete"
    CUT = "cut"
    INSERTED = "inserted"
    ALTERED = "altered"
    UNRELATED = "unrelated"


class NotCompared(StrEnum):
    """Why a copy could not be compared with the agency's recording."""

    NO_RECORDING = "no-recording"
    UNREADABLE = "unreadable"
    TOO_LONG = "too-long"
    FAILED = "failed"


# ---------------------------------------------------------------- what is known of each kind


@dataclass(frozen=True, slots=True)
class Refusal:
    """`alternative` is the profile's code."""

    alternative: str


@dataclass(frozen=True, slots=True)
class Covert:
    published: bool
    talk_on: date | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may listen, by the name they sign in with, and until when."""

    people: tuple[str, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class Complaint:
    """`objects` is None until the employee has answered."""

    objects: bool | None = None
    third_persons_weighed: bool = False
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class MisuseOfRecording:
    """`compared`: a comparison of recordings stands among the evidence. `steps_done` counts the profile's steps."""

    what: Misuse
    compared: bool = False
    steps_done: int = 0


@dataclass(frozen=True, slots=True)
class CitizenCopy:
    """`digest` is the hex SHA-256 of the file as it was handed in; `scanned`: a malware scanner found nothing in it.

    `verdict` is what a comparison found, `not_compared` why there can be none.
    """

    digest: str | None = None
    size_bytes: int | None = None
    verdict: Verdict | None = None
    scanned: bool = False
    not_compared: NotCompared | None = None


@dataclass(frozen=True, slots=True)
class Training:
    """Who agreed; None has not answered."""

    caller: bool | None = None
    employee: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """`conversation` is the profile's code of the kind of conversation."""

    asked_at: datetime
    conversation: str
    third_persons: bool
    reason: str | None = None
    alternative: str | None = None


About: TypeAlias = Refusal | Covert | Complaint | MisuseOfRecording | CitizenCopy | Training | Request
ABOUT: dict[Kind, type[About]] = {
    Kind.REFUSAL: Refusal,
    Kind.COVERT: Covert,
    Kind.COMPLAINT: Complaint,
    Kind.MISUSE: MisuseOfRecording,
    Kind.CITIZEN_COPY: CitizenCopy,
    Kind.TRAINING: Training,
    Kind.REQUEST: Request,
}


@dataclass(frozen=True, slots=True)
class Header:
    """What all case files have.

    The profile (`policy_digest`) is the one that held when it was opened. `channel` is `phone` for a case of a call,
    else the profile's code where it is known. `from_case` is the case that it came out of. `owner` must act next,
    before `due_at`; there is no term where that is None.
    """

    case_id: str
    kind: Kind
    agency: str
    policy_digest: str
    state: State
    owner: Who
    opened_at: datetime
    due_at: datetime | None = None
    call_id: str | None = None
    from_case: str | None = None
    channel: str | None = None
    closed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Header):
    """One case file. Texts and names stand beside the consent log and not here, but for who may listen."""

    about: About

    @property
    def chain(self) -> str:
        """Whose entries in the consent log the case's own follow: the call's, or else only each other."""
        return self.call_id or self.case_id

    def is_overdue(self, now: datetime) -> bool:
        """Never stored: a promise becomes late by itself."""
        return self.due_at is not None and self.due_at <= now and self.state not in FINAL

    def to_json(self) -> str:
        """As stored: a JSON object."""
        return json.dumps(write(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Case":
        """Inverse of `to_json`. Raises ValueError for text that is not a stored case."""
        raw = json.loads(text)
        if not isinstance(raw, dict) or "about" not in raw:
            raise ValueError("not a case file")
        about = raw.pop("about")
        header = read(Header, raw)
        kept = {field.name: getattr(header, field.name) for field in fields(header)}
        return cls(**kept, about=read(ABOUT[header.kind], about))
