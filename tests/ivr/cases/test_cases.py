"""What each kind of case goes through, by whom, within which term, and what is not allowed on the way."""

from dataclasses import replace
from datetime import date

import pytest

from ivr.cases.acts import (
    AccessGranted,
    AccessRefused,
    Act,
    AlternativePromised,
    Closed,
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
from ivr.cases.case import Case, CitizenCopy, Misuse, NotCompared, Request, State, Training, Verdict, Who
from ivr.cases.machine import step
from ivr.cases.training import may_be_used
from ivr.cases.turn import NotAllowed
from tests.ivr.cases.playing import (
    COMPARISON,
    DAY,
    GRANTED,
    NOON,
    TERMS,
    began,
    doing,
    opened,
    play,
)

EMPLOYEE, SUPERVISOR, PRIVACY = Who.EMPLOYEE, Who.SUPERVISOR, Who.PRIVACY_OFFICER
COMMITTEE, SYSTEM = Who.COMMITTEE, Who.SYSTEM
ASKED_AT_COUNTER = RequestRegistered("balie", NOON, "gewoon", third_persons=True)
NEEDED = (ListeningNeeded("de lezingen verschillen"), COMMITTEE)
ANSWERED = (EmployeeAnswered(objects=False), EMPLOYEE)


# ---------------------------------------------------------------- after a refusal


def test_a_promise_has_the_owner_and_the_term_of_the_profile() -> None:
    case = opened(AlternativePromised("verslag"), SYSTEM)
    assert (case.state, case.owner, case.due_at) == (State.PROMISED, EMPLOYEE, NOON + 10 * DAY)
    assert case.channel == "phone"


@pytest.mark.parametrize("alternative", ["meeluisteren", "een-taart"])
def test_an_alternative_without_anything_to_do_needs_no_case(alternative: str) -> None:
    with pytest.raises(NotAllowed, match="nothing has to happen"):
        opened(AlternativePromised(alternative), SYSTEM)


def test_a_promise_becomes_overdue_by_itself_and_no_longer_when_it_is_kept() -> None:
    case = opened(AlternativePromised("verslag"), SYSTEM)
    late = NOON + 11 * DAY
    assert not case.is_overdue(NOON + 9 * DAY)
    assert case.is_overdue(late)
    done = step(case, Delivered("per post"), doing(EMPLOYEE, at=late), TERMS)
    assert not done.case.is_overdue(late)
    assert (done.case.state, done.case.closed_at) == (State.DELIVERED, late)
    assert done.note.tag == "refusal:delivered"
    assert done.note.facts["late"] is True


def test_a_withdrawn_objection_leaves_nothing_to_deliver() -> None:
    case = play(opened(AlternativePromised("verslag"), SYSTEM), (Lapsed(), SYSTEM))
    assert case.state is State.LAPSED
    with pytest.raises(NotAllowed, match="closed"):
        play(case, (Delivered("per post"), EMPLOYEE))


def test_nobody_escapes_a_promise_made_on_a_call_by_saying_that_it_lapsed() -> None:
    case = opened(AlternativePromised("verslag"), SYSTEM)
    for role in (EMPLOYEE, SUPERVISOR):
        with pytest.raises(NotAllowed, match="on the call"):
            play(case, (Lapsed(), role))
    at_counter = opened(AlternativePromised("verslag"), SYSTEM, call_id=None)
    assert play(at_counter, (Lapsed(), EMPLOYEE)).state is State.LAPSED


# ---------------------------------------------------------------- a recording without notice


def test_a_covert_recording_leads_to_a_message_and_a_talk() -> None:
    case = opened(CovertRecordingRegistered("zei het zelf", published=False), EMPLOYEE)
    assert (case.state, case.owner, case.due_at) == (State.REGISTERED, SUPERVISOR, NOON + 28 * DAY)
    case = play(case, (MessageSent("per brief"), EMPLOYEE), (TalkPlanned(date(2026, 11, 9)), SUPERVISOR))
    assert case.state is State.PLANNED
    case = play(case, (TalkPlanned(date(2026, 11, 10)), SUPERVISOR), (Closed("uitgepraat"), SUPERVISOR))
    assert case.state is State.CLOSED


def test_a_talk_is_not_planned_before_the_discovery() -> None:
    case = play(opened(CovertRecordingRegistered("zei het zelf", published=False)), (MessageSent("mail"), SUPERVISOR))
    with pytest.raises(NotAllowed, match="before the recording was discovered"):
        play(case, (TalkPlanned(date(2026, 11, 2)), SUPERVISOR))


@pytest.mark.parametrize(("misuse", "state"), [(True, State.CLOSED), (False, State.REGISTERED)])
def test_a_publication_is_weighed_by_purpose_and_harm(misuse: bool, state: State) -> None:
    case = opened(CovertRecordingRegistered("op internet", published=True))
    assert case.state is State.WEIGHING
    with pytest.raises(NotAllowed, match="not now"):
        play(case, (MessageSent("per brief"), EMPLOYEE))
    done = step(case, PublicationWeighed("recht halen", "bedreigingen", misuse), doing(SUPERVISOR), TERMS)
    assert done.case.state is state
    assert [opening.kind for opening in done.opens] == (["misuse"] if misuse else [])


def test_where_the_profile_weighs_nothing_a_publication_is_misuse() -> None:
    terms = replace(TERMS, weighs_publication=False)
    begun = began(CovertRecordingRegistered("op internet", published=True), terms=terms)
    assert begun.case.state is State.CLOSED
    assert begun.opens == (MisuseReported(Misuse.PUBLICATION, "op internet"),)


# ---------------------------------------------------------------- a complaint


def complaint() -> Case:
    return opened(ComplaintReceived("de medewerker weigerde"), EMPLOYEE)


def weighing() -> Case:
    return play(complaint(), NEEDED, ANSWERED)


def listening() -> Case:
    return play(weighing(), (GRANTED, COMMITTEE))


def test_a_complaint_that_can_be_judged_without_listening_is() -> None:
    case = complaint()
    assert (case.owner, case.due_at) == (COMMITTEE, NOON + 14 * DAY)
    assert play(case, (JudgedWithoutListening("gegrond"), COMMITTEE)).state is State.CLOSED


def test_once_listening_is_needed_the_term_of_the_complaint_counts() -> None:
    case = play(complaint(), (ListeningNeeded("de lezingen verschillen"), COMMITTEE, NOON + 5 * DAY))
    assert case.due_at == NOON + 42 * DAY


def test_there_is_nothing_to_listen_to_in_a_complaint_about_no_call() -> None:
    case = opened(ComplaintReceived("aan de balie"), EMPLOYEE, call_id=None)
    with pytest.raises(NotAllowed, match="no recording of ours"):
        play(case, NEEDED)


def test_an_employee_who_objects_says_why() -> None:
    case = play(complaint(), NEEDED)
    with pytest.raises(NotAllowed, match="says why"):
        play(case, (EmployeeAnswered(objects=True, reason=" "), EMPLOYEE))
    assert play(case, (EmployeeAnswered(objects=True, reason="privé"), EMPLOYEE)).state is State.WEIGHING


def test_an_objection_of_the_employee_is_weighed_and_does_not_decide() -> None:
    case = play(complaint(), NEEDED, (EmployeeAnswered(objects=True, reason="privé"), EMPLOYEE))
    assert play(case, (GRANTED, COMMITTEE)).state is State.LISTENING
    assert play(case, (AccessRefused("te ingrijpend"), COMMITTEE)).state is State.DECIDING


def test_third_persons_on_the_record_are_weighed_before_anybody_listens() -> None:
    present = doing(COMMITTEE, third_persons=True)
    with pytest.raises(NotAllowed, match="privacy is weighed first"):
        step(weighing(), GRANTED, present, TERMS)
    case = step(weighing(), ThirdPersonsWeighed("alleen dat deel"), present, TERMS).case
    assert step(case, GRANTED, present, TERMS).case.state is State.LISTENING


@pytest.mark.parametrize(
    ("until", "why"),
    [(NOON, "has passed"), (NOON - DAY, "has passed"), (NOON + 7.001 * DAY, "at most 7 days")],
)
def test_access_ends_within_the_profiles_term(until: object, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        play(weighing(), (replace(GRANTED, until=until), COMMITTEE))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "days", "refused"),
    [
        ("c.visser", 0, None),
        ("c.visser", 6.99, None),
        ("c.visser", 7, "ended"),
        ("c.visser", 30, "ended"),
        ("C.Visser", 0, "other people"),
        ("a.bakker", 0, "other people"),
        ("", 0, "other people"),
    ],
)
def test_who_is_named_listens_within_the_term_and_every_attempt_is_logged(
    name: str, days: float, refused: str | None
) -> None:
    done = step(listening(), Played(), doing(COMMITTEE, name, NOON + days * DAY), TERMS)
    assert done.case == listening()
    assert done.note.personal.get("by", "") == name
    if refused is None:
        assert done.refused is None
        assert done.note.tag == "complaint:played"
    else:
        assert refused in str(done.refused)
        assert done.note.tag == "complaint:playback-refused"
        assert done.note.facts["refused"] == done.refused


def test_a_new_decision_about_access_takes_the_place_of_the_first() -> None:
    case = play(listening(), (AccessGranted(("a.bakker",), NOON + 9 * DAY, "vervangt"), COMMITTEE, NOON + 5 * DAY))
    assert step(case, Played(), doing(COMMITTEE, "c.visser", NOON + 5 * DAY), TERMS).refused
    assert step(case, Played(), doing(COMMITTEE, "a.bakker", NOON + 8 * DAY), TERMS).refused is None


def test_access_ends_with_the_case() -> None:
    case = play(listening(), (Closed("ongegrond"), COMMITTEE))
    with pytest.raises(NotAllowed, match="closed"):
        step(case, Played(), doing(COMMITTEE), TERMS)


def test_names_and_texts_never_stand_in_the_facts() -> None:
    done = step(weighing(), GRANTED, doing(COMMITTEE), TERMS)
    assert done.note.personal == {"people": "c.visser", "weighing": "nodig om te oordelen", "by": "c.visser"}
    assert "visser" not in str(done.note.facts)


# ---------------------------------------------------------------- misuse


def test_the_steps_of_the_profile_come_in_order_each_with_its_term_and_owner() -> None:
    case = opened(MisuseReported(Misuse.PUBLICATION, "op internet"))
    assert (case.owner, case.due_at) == (SUPERVISOR, NOON + 2 * DAY)
    with pytest.raises(NotAllowed, match="next step is verwijderen-vragen"):
        play(case, (StepDone("besluit", "klaar"), SUPERVISOR))
    case = play(case, (StepDone("verwijderen-vragen", "gedaan"), SUPERVISOR, NOON + DAY))
    assert (case.owner, case.due_at) == (PRIVACY, NOON + 15 * DAY)
    with pytest.raises(NotAllowed, match="next step is besluit"):
        play(case, (StepDone("verwijderen-vragen", "nog eens"), SUPERVISOR))
    case = play(case, (StepDone("besluit", "geen"), PRIVACY))
    assert case.state is State.DECIDING
    assert play(case, (Closed("klaar"), PRIVACY)).state is State.CLOSED


def test_nobody_is_told_that_they_cut_before_it_was_compared() -> None:
    case = opened(MisuseReported(Misuse.CUTTING, "er mist een stuk"))
    ask = (StepDone("verwijderen-vragen", "gedaan"), SUPERVISOR)
    with pytest.raises(NotAllowed, match="compared first"):
        play(case, (EvidenceAdded("een krant schrijft het"), EMPLOYEE), ask)
    evidence = step(case, EvidenceAdded("vergeleken", COMPARISON), doing(PRIVACY), TERMS)
    assert evidence.note.facts["comparison"] == {"verdict": "cut", "coverage": 0.9, "drift_ppm": 12.5, "edits": []}
    play(evidence.case, ask)


def test_a_mistaken_report_is_closed_without_steps() -> None:
    case = play(opened(MisuseReported(Misuse.CUTTING, "er mist een stuk")), (Closed("vergissing"), SUPERVISOR))
    assert case.state is State.CLOSED


# ---------------------------------------------------------------- the citizen's copy


def test_a_copy_is_received_compared_and_kept_for_its_term() -> None:
    case = opened(CopyAsked(), SYSTEM)
    assert case.due_at == NOON + 14 * DAY
    case = play(case, (CopyReceived("a" * 64, 1000), SYSTEM, NOON + DAY), (CopyCompared(COMPARISON), SYSTEM))
    assert case.about == CitizenCopy("a" * 64, 1000, Verdict.CUT)
    assert case.due_at == NOON + 91 * DAY
    case = play(case, (CopyKept("bewijs"), SUPERVISOR))
    assert play(case, (CopyDestroyed(), SYSTEM)).state is State.DESTROYED


def test_only_a_copy_that_cannot_be_read_makes_room_for_another() -> None:
    received = play(opened(CopyAsked(), SYSTEM), (CopyReceived("a" * 64, 1000), SYSTEM))
    another = CopyReceived("b" * 64, 2000)
    for why in NotCompared:
        case = play(received, (CopyNotCompared(why), SYSTEM))
        if why is NotCompared.UNREADABLE:
            assert play(case, (another, SYSTEM)).about == CitizenCopy("b" * 64, 2000)
        else:
            with pytest.raises(NotAllowed, match="handed in before"):
                play(case, (another, SYSTEM))
    with pytest.raises(NotAllowed, match="handed in before"):
        play(received, (another, SYSTEM))


@pytest.mark.parametrize(("act", "state"), [(CopyDeclined(), State.DECLINED), (Lapsed(), State.LAPSED)])
def test_a_copy_is_never_an_obligation(act: Act, state: State) -> None:
    assert play(opened(CopyAsked(), SYSTEM), (act, SYSTEM)).state is state


def test_where_the_profile_asks_nothing_nothing_is_asked() -> None:
    terms = replace(TERMS, asks_copies=False, asks_training=False)
    for opening in (CopyAsked(), TrainingAsked()):
        with pytest.raises(NotAllowed):
            opened(opening, terms=terms)


# ---------------------------------------------------------------- training

CALLER_YES, CALLER_NO = (TrainingAnswered(Party.CALLER, agrees) for agrees in (True, False))
EMPLOYEE_YES, EMPLOYEE_NO = (TrainingAnswered(Party.EMPLOYEE, agrees) for agrees in (True, False))


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([], State.ASKED),
        ([CALLER_YES], State.ASKED),
        ([EMPLOYEE_YES], State.ASKED),
        ([CALLER_YES, EMPLOYEE_YES], State.AGREED),
        ([EMPLOYEE_YES, CALLER_YES], State.AGREED),
        ([CALLER_NO], State.NOT_AGREED),
        ([CALLER_YES, EMPLOYEE_NO], State.NOT_AGREED),
        ([CALLER_YES, EMPLOYEE_YES, TrainingWithdrawn(Party.CALLER)], State.WITHDRAWN),
        ([CALLER_YES, TrainingWithdrawn(Party.CALLER)], State.WITHDRAWN),
        ([CALLER_YES, EMPLOYEE_YES, Lapsed()], State.LAPSED),
    ],
)
def test_a_recording_is_for_training_only_while_both_agree(acts: list[Act], state: State) -> None:
    roles = [SYSTEM if isinstance(act, Lapsed) else EMPLOYEE for act in acts]
    case = play(opened(TrainingAsked()), *zip(acts, roles, strict=True))
    assert case.state is state
    assert isinstance(case.about, Training)
    assert may_be_used(case.about, case.state) == (state is State.AGREED)


def test_a_caller_who_said_no_on_the_call_is_not_asked_again() -> None:
    assert opened(TrainingAsked(caller_agreed=False), SYSTEM).state is State.NOT_AGREED
    with pytest.raises(NotAllowed, match="has answered"):
        play(opened(TrainingAsked(caller_agreed=True), SYSTEM), (CALLER_NO, EMPLOYEE))


def test_nobody_agrees_in_the_place_of_the_employee() -> None:
    with pytest.raises(NotAllowed, match="for themselves"):
        play(opened(TrainingAsked()), (EMPLOYEE_YES, SUPERVISOR))


# ---------------------------------------------------------------- other channels


def test_a_request_at_the_counter_is_registered_with_what_the_rules_ask() -> None:
    begun = began(ASKED_AT_COUNTER, EMPLOYEE, call_id=None)
    assert begun.case.about == Request(NOON, "gewoon", third_persons=True)
    assert (begun.case.channel, begun.case.chain) == ("balie", "case-1")
    assert begun.note.tag == "channel-request:registered"
    assert begun.note.facts["asked_at"] == "2026-11-03T12:00:00Z"
    assert play(begun.case, (RequestAllowed(), EMPLOYEE), (Closed("opgenomen"), EMPLOYEE)).state is State.CLOSED


@pytest.mark.parametrize(
    "changes",
    [{"channel": "rooksignaal"}, {"conversation": "ruzie"}, {"asked_at": NOON + DAY}],
)
def test_a_request_names_what_the_profile_knows(changes: dict[str, object]) -> None:
    with pytest.raises(NotAllowed):
        opened(replace(ASKED_AT_COUNTER, **changes), EMPLOYEE)  # type: ignore[arg-type]


def test_a_refused_request_leads_to_its_alternative() -> None:
    case = opened(ASKED_AT_COUNTER, EMPLOYEE, call_id=None)
    done = step(case, RequestRefused("privacy", "verslag"), doing(EMPLOYEE), TERMS)
    assert done.case.state is State.REFUSED
    assert done.opens == (AlternativePromised("verslag"),)
    assert step(case, RequestRefused("privacy", "meeluisteren"), doing(EMPLOYEE), TERMS).opens == ()


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (RequestRefused("geen-zin", "verslag"), "no reason geen-zin"),
        (RequestRefused("privacy", "taart"), "no alternative taart"),
        (RequestRefused("anders", "verslag"), "told in words"),
        (RequestRefused("anders", "verslag", "   "), "told in words"),
    ],
)
def test_a_refusal_has_a_weighty_reason_and_an_alternative(act: Act, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        play(opened(ASKED_AT_COUNTER, EMPLOYEE), (act, EMPLOYEE))


# ---------------------------------------------------------------- roles


@pytest.mark.parametrize(
    ("opening", "role"),
    [
        (AlternativePromised("verslag"), EMPLOYEE),
        (CovertRecordingRegistered("zei het zelf", published=False), COMMITTEE),
        (ComplaintReceived("een klacht"), Who.AUDITOR),
        (MisuseReported(Misuse.CUTTING, "geknipt"), Who.ADMINISTRATOR),
        (ASKED_AT_COUNTER, Who.AUDITOR),
    ],
)
def test_not_everybody_opens_every_kind(opening: Opening, role: Who) -> None:
    with pytest.raises(NotAllowed, match=f"a {role} does not open"):
        opened(opening, role)


@pytest.mark.parametrize("role", [role for role in Who if role is not COMMITTEE])
def test_only_the_committee_decides_about_listening(role: Who) -> None:
    first: list[Act] = [ListeningNeeded("nodig"), JudgedWithoutListening("gegrond")]
    then: list[Act] = [GRANTED, AccessRefused("te ingrijpend"), ThirdPersonsWeighed("gewogen")]
    for case, acts in ((complaint(), first), (weighing(), then)):
        for act in acts:
            with pytest.raises(NotAllowed, match="does not do this"):
                play(case, (act, role))


def test_who_must_act_may_and_so_may_their_supervisor() -> None:
    case = opened(AlternativePromised("verslag"), SYSTEM)
    for role in (EMPLOYEE, SUPERVISOR):
        assert play(case, (Delivered("per post"), role)).state is State.DELIVERED
    for role in (PRIVACY, COMMITTEE, Who.AUDITOR, Who.ADMINISTRATOR):
        with pytest.raises(NotAllowed):
            play(case, (Delivered("per post"), role))
