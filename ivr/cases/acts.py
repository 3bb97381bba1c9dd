"""PURE. What is done with case files: the acts that open one, and those that move one.

An act's fields are declared once: the API takes its bodies from here, and the consent log its facts. What is PERSONAL
stands beside the log. `code` is the act's name in the API and in the log's tags, `<kind>:<code>`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from ivr.cases.case import Kind, Misuse, NotCompared, Verdict
from ivr.cases.shapes import PERSONAL, AtMost, Between, Text

Explanation = Annotated[str, Text(3, 2000), PERSONAL]
Code = Annotated[str, Text(1, 60, r"[a-z0-9]+(-[a-z0-9]+)*")]
NAME = Text(1, 60, r"[a-z0-9]+([._-][a-z0-9]+)*")
Name = Annotated[str, NAME]
Digest = Annotated[str, Text(64, 64, r"[0-9a-f]{64}")]
Seconds = Annotated[float, Between(0, 1_000_000)]
Share = Annotated[float, Between(0, 1)]
LARGEST_FILE_BYTES = 2**40


@dataclass(frozen=True, slots=True)
class Act:
    """Base of all acts."""

    code: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Opening(Act):
    """Base of those that open a case."""

    kind: ClassVar[Kind]


# ---------------------------------------------------------------- opening


@dataclass(frozen=True, slots=True)
class AlternativePromised(Opening):
    """The employee objected, and an alternative was promised."""

    kind, code = Kind.REFUSAL, "promised"
    alternative: Code


@dataclass(frozen=True, slots=True)
class CovertRecordingRegistered(Opening):
    """A recording without notice came to light: how, and whether it was published."""

    kind, code = Kind.COVERT, "registered"
    discovered: Explanation
    published: bool


@dataclass(frozen=True, slots=True)
class ComplaintReceived(Opening):
    """Somebody complains."""

    kind, code = Kind.COMPLAINT, "received"
    complaint: Explanation


@dataclass(frozen=True, slots=True)
class MisuseReported(Opening):
    """A recording was published, passed on or cut."""

    kind, code = Kind.MISUSE, "reported"
    what: Misuse
    report: Explanation


@dataclass(frozen=True, slots=True)
class CopyAsked(Opening):
    """The caller was asked for a copy of their recording."""

    kind, code = Kind.CITIZEN_COPY, "asked"


@dataclass(frozen=True, slots=True)
class TrainingAsked(Opening):
    """Both are asked whether staff may learn from the recording; the caller may have answered on the call."""

    kind, code = Kind.TRAINING, "opened"
    caller_agreed: bool | None = None


@dataclass(frozen=True, slots=True)
class RequestRegistered(Opening):
    """Somebody wants to record a conversation that is no phone call; `conversation` is the profile's code."""

    kind, code = Kind.REQUEST, "registered"
    channel: Code
    asked_at: datetime
    conversation: Code
    third_persons: bool
    remark: Annotated[str, Text(0, 2000), PERSONAL] = ""


# ---------------------------------------------------------------- moving


@dataclass(frozen=True, slots=True)
class Delivered(Act):
    """What was promised is done."""

    code = "delivered"
    how: Explanation


@dataclass(frozen=True, slots=True)
class Lapsed(Act):
    """There is nothing left to do."""

    code = "lapsed"


@dataclass(frozen=True, slots=True)
class MessageSent(Act):
    """The profile's message went to the citizen; `how`, like by letter."""

    code = "message-sent"
    how: Explanation


@dataclass(frozen=True, slots=True)
class TalkPlanned(Act):
    """The talk that is to restore trust has a date."""

    code = "talk-planned"
    on: date


@dataclass(frozen=True, slots=True)
class PublicationWeighed(Act):
    """What the publication was for, and what harm it does to staff; `misuse` is the conclusion."""

    code = "publication-weighed"
    purpose: Explanation
    harm_to_staff: Explanation
    misuse: bool


@dataclass(frozen=True, slots=True)
class JudgedWithoutListening(Act):
    """Listening is not needed; the outcome."""

    code = "judged-without-listening"
    outcome: Explanation


@dataclass(frozen=True, slots=True)
class ListeningNeeded(Act):
    """It cannot be judged without listening, and why."""

    code = "listening-needed"
    why: Explanation


@dataclass(frozen=True, slots=True)
class EmployeeAnswered(Act):
    """The employee objects to listening, with a reason, or does not."""

    code = "employee-answered"
    objects: bool
    reason: Annotated[str, Text(0, 2000), PERSONAL] = ""


@dataclass(frozen=True, slots=True)
class ThirdPersonsWeighed(Act):
    """What listening means for others whose voice or story is on the record."""

    code = "third-persons-weighed"
    weighing: Explanation


@dataclass(frozen=True, slots=True)
class AccessGranted(Act):
    """These people, by the name they sign in with, may listen until then."""

    code = "access-granted"
    people: Annotated[tuple[Name, ...], AtMost(20), PERSONAL]
    until: datetime
    weighing: Explanation


@dataclass(frozen=True, slots=True)
class AccessRefused(Act):
    """Nobody may listen, and why."""

    code = "access-refused"
    reason: Explanation


@dataclass(frozen=True, slots=True)
class Played(Act):
    """Somebody wants to listen now."""

    code = "played"


class EditKind(StrEnum):
    """What was done there."""

    CUT = "cut"
    INSERT = "insert"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference between the agency's recording and the copy, in seconds from the start of each."""

    kind: EditKind
    agency_start_s: Seconds
    agency_end_s: Seconds
    copy_start_s: Seconds
    copy_end_s: Seconds
    confidence: Share


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `spelregel compare` said."""

    verdict: Verdict
    coverage: Share
    drift_ppm: Annotated[float, Between(-100_000, 100_000)]
    edits: Annotated[tuple[Edit, ...], AtMost(200, least=0)]


@dataclass(frozen=True, slots=True)
class EvidenceAdded(Act):
    """What shows the misuse: in words, and where recordings were compared, what that found.

    `from_copy` names the case of a copy that was compared already: its comparison is taken over.
    """

    code = "evidence-added"
    evidence: Explanation
    comparison: Comparison | None = None
    from_copy: Code | None = None


@dataclass(frozen=True, slots=True)
class StepDone(Act):
    """The next step of the profile's procedure was taken; `step` is its code."""

    code = "step-done"
    step: Code
    result: Explanation


@dataclass(frozen=True, slots=True)
class CopyReceived(Act):
    """The file that the citizen handed in; `scanned`: a malware scanner found nothing in it."""

    code = "received"
    digest: Digest
    size_bytes: Annotated[int, Between(1, LARGEST_FILE_BYTES)]
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class CopyCompared(Act):
    """The copy was compared with the agency's recording.

    Where the service did so itself, the entry proves what it compared and what it kept: the hex SHA-256 of both files
    and of the report, the programs with their versions, and how many stretches of the two files were damaged.
    """

    code = "compared"
    comparison: Comparison
    agency_digest: Digest | None = None
    copy_digest: Digest | None = None
    report_digest: Digest | None = None
    tool: Annotated[str, Text(1, 100)] | None = None
    damaged: Annotated[int, Between(0, 1_000_000)] | None = None


@dataclass(frozen=True, slots=True)
class CopyNotCompared(Act):
    """The copy cannot be compared with the agency's recording, and why."""

    code = "not-compared"
    not_compared: NotCompared


@dataclass(frozen=True, slots=True)
class CopyKept(Act):
    """The copy is kept until its term is over, and why."""

    code = "kept"
    why: Explanation


@dataclass(frozen=True, slots=True)
class CopyDestroyed(Act):
    """The copy is gone, and cannot be brought back."""

    code = "destroyed"


@dataclass(frozen=True, slots=True)
class CopyDeclined(Act):
    """The citizen gives no copy; nobody asks why."""

    code = "declined"


class Party(StrEnum):
    """The two who are on the recording."""

    CALLER = "caller"
    EMPLOYEE = "employee"


@dataclass(frozen=True, slots=True)
class TrainingAnswered(Act):
    """One of the two says whether staff may learn from the recording."""

    code = "answered"
    party: Party
    agrees: bool


@dataclass(frozen=True, slots=True)
class TrainingWithdrawn(Act):
    """One of the two takes it back."""

    code = "withdrawn"
    party: Party


@dataclass(frozen=True, slots=True)
class RequestAllowed(Act):
    """The recording was allowed."""

    code = "allowed"


@dataclass(frozen=True, slots=True)
class RequestRefused(Act):
    """Refused for a weighty reason, with an alternative (R1): the profile's codes; `anders` has its reason in words."""

    code = "refused"
    reason: Code
    alternative: Code
    reason_text: Annotated[str, Text(0, 200), PERSONAL] = ""


@dataclass(frozen=True, slots=True)
class Closed(Act):
    """How it ended."""

    code = "closed"
    outcome: Explanation


OPENINGS: dict[Kind, type[Opening]] = {
    opening.kind: opening
    for opening in (
        AlternativePromised,
        CovertRecordingRegistered,
        ComplaintReceived,
        MisuseReported,
        CopyAsked,
        TrainingAsked,
        RequestRegistered,
    )
}
ACTS: dict[str, type[Act]] = {
    act.code: act
    for act in (
        Delivered,
        Lapsed,
        MessageSent,
        TalkPlanned,
        PublicationWeighed,
        JudgedWithoutListening,
        ListeningNeeded,
        EmployeeAnswered,
        ThirdPersonsWeighed,
        AccessGranted,
        AccessRefused,
        Played,
        EvidenceAdded,
        StepDone,
        CopyReceived,
        CopyCompared,
        CopyNotCompared,
        CopyKept,
        CopyDestroyed,
        CopyDeclined,
        TrainingAnswered,
        TrainingWithdrawn,
        RequestAllowed,
        RequestRefused,
        Closed,
    )
}
