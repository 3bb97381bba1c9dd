"""Cases under made-up terms, moved by acts whose doers are allowed to do them."""

from datetime import UTC, datetime, timedelta

from ivr.cases.acts import (
    AccessGranted,
    AccessRefused,
    Act,
    AlternativePromised,
    Closed,
    Comparison,
    ComplaintReceived,
    CopyAsked,
    CopyCompared,
    CopyDeclined,
    CopyDestroyed,
    CopyKept,
    CopyNotCompared,
    CopyReceived,
    CovertRecordingRegistered,
    Delivered,
    EmployeeAnswered,
    EvidenceAdded,
    JudgedWithoutListening,
    Lapsed,
    ListeningNeeded,
    MessageSent,
    MisuseReported,
    Opening,
    Party,
    Played,
    PublicationWeighed,
    RequestAllowed,
    RequestRefused,
    RequestRegistered,
    StepDone,
    TalkPlanned,
    ThirdPersonsWeighed,
    TrainingAnswered,
    TrainingAsked,
    TrainingWithdrawn,
)
from ivr.cases.case import Case, Misuse, NotCompared, Verdict, Who
from ivr.cases.machine import Place, Step, begin, step
from ivr.cases.terms import MisuseTerm, Promise, Terms
from ivr.cases.turn import Doing

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = Terms(
    follow={"verslag": Promise(Who.EMPLOYEE, 10), "meeluisteren": None},
    reasons=frozenset({"privacy"}),
    channels=frozenset({"balie"}),
    conversations=frozenset({"gewoon"}),
    talk=Promise(Who.SUPERVISOR, 28),
    weighs_publication=True,
    misuse=(
        MisuseTerm("verwijderen-vragen", Promise(Who.SUPERVISOR, 2)),
        MisuseTerm("besluit", Promise(Who.PRIVACY_OFFICER, 14)),
    ),
    complaint_days=42,
    committee_days=14,
    access_days=7,
    asks_copies=True,
    ask_days=14,
    copy_days=90,
    asks_training=True,
    keep_days=1826,
)
COMPARISON = Comparison(Verdict.CUT, 0.9, 12.5, ())
GRANTED = AccessGranted(("c.visser",), NOON + 7 * DAY, "nodig om te oordelen")

OPENINGS: tuple[Opening, ...] = (
    AlternativePromised("verslag"),
    CovertRecordingRegistered("stond online", published=False),
    CovertRecordingRegistered("stond online", published=True),
    ComplaintReceived("de medewerker weigerde"),
    MisuseReported(Misuse.CUTTING, "er mist een stuk"),
    CopyAsked(),
    TrainingAsked(),
    TrainingAsked(caller_agreed=False),
    RequestRegistered("balie", NOON, "gewoon", third_persons=True),
)
ACTS: tuple[Act, ...] = (
    Delivered("per post"),
    Lapsed(),
    MessageSent("per brief"),
    TalkPlanned((NOON + DAY).date()),
    PublicationWeighed("zijn recht halen", "bedreigd", misuse=True),
    PublicationWeighed("zijn recht halen", "geen", misuse=False),
    JudgedWithoutListening("gegrond"),
    ListeningNeeded("de lezingen verschillen"),
    EmployeeAnswered(objects=True, reason="het ging over mijn kind"),
    EmployeeAnswered(objects=False),
    ThirdPersonsWeighed("alleen het deel zonder het kind"),
    GRANTED,
    AccessRefused("te ingrijpend"),
    Played(),
    EvidenceAdded("zie de vergelijking", COMPARISON),
    StepDone("verwijderen-vragen", "gedaan"),
    StepDone("besluit", "geen verdere stappen"),
    CopyReceived("a" * 64, 1000),
    CopyCompared(COMPARISON),
    CopyNotCompared(NotCompared.UNREADABLE),
    CopyKept("bewijs"),
    CopyDestroyed(),
    CopyDeclined(),
    TrainingAnswered(Party.CALLER, agrees=True),
    TrainingAnswered(Party.EMPLOYEE, agrees=True),
    TrainingAnswered(Party.EMPLOYEE, agrees=False),
    TrainingWithdrawn(Party.CALLER),
    RequestAllowed(),
    RequestRefused("privacy", "verslag"),
    Closed("besproken"),
)


def doing(role: Who = Who.SYSTEM, name: str = "c.visser", at: datetime = NOON, *, third_persons: bool = False) -> Doing:
    return Doing(name, role, at, third_persons)


def opened(opening: Opening, role: Who = Who.SUPERVISOR, terms: Terms = TERMS, call_id: str | None = "call-1") -> Case:
    return began(opening, role, terms, call_id).case


def began(opening: Opening, role: Who = Who.SUPERVISOR, terms: Terms = TERMS, call_id: str | None = "call-1") -> Step:
    return begin(Place("case-1", "example", "digest", call_id), opening, doing(role), terms)


def play(case: Case, *moves: tuple[Act, Who] | tuple[Act, Who, datetime], terms: Terms = TERMS) -> Case:
    """Each act by somebody of that role, at noon of the first day unless a time is given."""
    for act, role, *at in moves:
        case = step(case, act, doing(role, at=at[0] if at else NOON), terms).case
    return case
