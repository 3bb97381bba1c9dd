"""The evaluation of what really happened: calls as the service takes them, cases as staff keep them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from config.policy import PolicyError
from ivr.cases.acts import (
    AccessGranted,
    ComplaintReceived,
    CopyAsked,
    CopyCompared,
    CopyDestroyed,
    CopyKept,
    CopyReceived,
    CovertRecordingRegistered,
    Delivered,
    EmployeeAnswered,
    ListeningNeeded,
    MisuseReported,
    Party,
    Played,
    RequestAllowed,
    RequestRefused,
    RequestRegistered,
    TrainingAnswered,
    TrainingAsked,
    TrainingWithdrawn,
)
from ivr.cases.case import Case, Kind, Misuse, Who
from ivr.cases.service import Actor
from ivr.dialogue.events import (
    Heard,
    ObjectionRaised,
    ObjectionWithdrawn,
    PauseAsked,
    ThirdPersonPresent,
)
from ivr.jobs.apply_retention import RetentionKeeper
from ivr.reporting.counting import Tallies, count
from ivr.reporting.evaluation import Waits
from ivr.reporting.measures import Measure, Row
from ivr.reporting.period import Period, parse_period
from ivr.reporting.service import histories
from ivr.reporting.suppression import Hidden
from tests.builders import BEGAN, CALL_SID, House, wav_of
from tests.ivr.cases.playing import COMPARISON
from tests.ivr.reporting.filling import RECORDED, SUPERVISOR, refused, write_calls
from tests.ivr.reporting.histories import only, raw

M = Measure
NOVEMBER = parse_period("2026-11", "2026-11")
DAY_S = 86_400
EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)
COMMITTEE = Actor("c.visser", Who.COMMITTEE)
OWN_WORDS = "de zoon van mevrouw zit ernaast"


def tallies(house: House, period: Period = NOVEMBER, agency: str = "example") -> Tallies:
    with house.wiring.database.reading() as unit:
        return count(histories(unit, [agency], period, house.clock.now()), period)


def counted(house: House, channel: str = "phone", period: Period = NOVEMBER, agency: str = "example") -> dict[str, int]:
    return raw(tallies(house, period, agency), agency, channel)


def ends(house: House) -> None:
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})


def stored(house: House) -> None:
    house.stopped(20)
    house.carrier.files[house.call.recording_sid or ""] = wav_of(20)
    house.clock.pass_s(60)
    house.run_jobs()


def declined(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)
    house.hears(Heard.NO, "nee hoor")
    ends(house)


def hung_up(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    ends(house)


def keyed(house: House) -> None:
    house.dial_in()
    house.leg(1, Digits="1")
    house.leg(2, Digits="1")
    ends(house)


def objected(house: House, *, reason: str = "privacy", alternative: str = "verslag", text: str = "") -> None:
    house.recorded()
    house.happens(ObjectionRaised(reason, alternative, False, text, employee="m.jansen"))


def blocked(house: House) -> None:
    house.confirmed()
    house.announced(4, "announcement-fail", ReasonAnnouncementFailed="no sound")
    ends(house)


@pytest.mark.parametrize(
    ("plays", "measures"),
    [
        (House.stopped, (M.HEARD, M.CONFIRMED, M.STARTED, M.NOT_FETCHED, M.AFTER_REQUEST)),
        (stored, (M.HEARD, M.CONFIRMED, M.STARTED, M.STORED, M.AFTER_REQUEST)),
        (declined, (M.HEARD, M.DECLINED)),
        (hung_up, (M.HEARD, M.UNCONFIRMED)),
        (keyed, (M.KEYED, M.CONFIRMED)),
        (objected, (M.HEARD, M.REFUSED, M.PROMISED, M.AWAITED, M.STARTED)),
        (blocked, (M.HEARD, M.CONFIRMED, M.BLOCKED)),
    ],
)
def test_a_call_is_found_where_it_belongs(
    house: House, plays: Callable[[House], None], measures: tuple[Measure, ...]
) -> None:
    plays(house)
    found = counted(house)
    assert only(found, M.CALLS, M.REQUESTS, *measures) == [1] * (2 + len(measures))


def test_an_objection_is_counted_by_reason_and_its_promise_is_followed(house: House) -> None:
    objected(house)
    found = counted(house)
    assert found["refused-reason:privacy"] == found["alternative-promised-by:verslag"] == 1
    (promise,) = house.wiring.cases.list(None, kind=Kind.REFUSAL)
    house.clock.pass_s(11 * DAY_S)
    assert only(counted(house), M.AWAITED, M.OVERDUE) == [0, 1]
    house.wiring.cases.act(promise.case_id, Delivered("per post"), EMPLOYEE)
    assert only(counted(house), M.OVERDUE, M.DELIVERED_LATE) == [0, 1]


def test_an_objection_that_is_withdrawn_refuses_nothing(house: House) -> None:
    objected(house)
    house.happens(ObjectionWithdrawn("m.jansen"))
    found = counted(house)
    assert only(found, M.REFUSED, M.PROMISED, M.CONFIRMED, M.OBJECTIONS_WITHDRAWN) == [0, 0, 1, 1]


def test_own_words_are_counted_and_come_nowhere_near_the_counting(house: House) -> None:
    objected(house, reason="anders", alternative="meeluisteren", text=OWN_WORDS)
    assert counted(house)["refused-reason:anders"] == 1
    with house.wiring.database.reading() as unit:
        told = list(histories(unit, ["example"], NOVEMBER, house.clock.now()))
    assert "zoon" not in repr(told)
    assert "ik neem dit gesprek op" not in repr(told)


def test_what_comes_up_on_a_call(house: House) -> None:
    house.recorded()
    house.happens(ThirdPersonPresent("mijn moeder"))
    house.happens(PauseAsked())
    assert only(counted(house), M.THIRD_PERSONS, M.PAUSES) == [1, 1]


def test_a_request_at_the_counter_its_promise_and_its_lateness(house: House) -> None:
    cases = house.wiring.cases
    asked = RequestRegistered("balie", BEGAN, "gewoon", third_persons=True)
    one, other = (cases.open(asked, "example", EMPLOYEE) for _ in range(2))
    cases.act(one.case_id, RequestRefused("anders", "verslag", OWN_WORDS), EMPLOYEE)
    cases.act(other.case_id, RequestAllowed(), EMPLOYEE)
    found = counted(house, "balie")
    assert only(found, M.REQUESTS, M.REGISTERED, M.CONFIRMED, M.REFUSED, M.AWAITED) == [2, 2, 1, 1, 1]
    assert found["refused-reason:anders"] == 1
    house.clock.pass_s(11 * DAY_S)
    assert only(counted(house, "balie"), M.AWAITED, M.OVERDUE) == [0, 1]
    (promise,) = cases.list(None, kind=Kind.REFUSAL)
    cases.act(promise.case_id, Delivered("per post"), EMPLOYEE)
    assert only(counted(house, "balie"), M.OVERDUE, M.DELIVERED_LATE) == [0, 1]


def test_a_promise_that_is_made_after_the_period_belongs_to_its_request(house: House) -> None:
    cases = house.wiring.cases
    house.clock.at = BEGAN.replace(month=10)
    asked = cases.open(RequestRegistered("balie", house.clock.at, "gewoon", third_persons=False), "example", EMPLOYEE)
    house.clock.at = BEGAN
    cases.act(asked.case_id, RequestRefused("privacy", "verslag"), EMPLOYEE)
    assert only(counted(house, "balie", parse_period("2026-10", "2026-10")), M.REFUSED, M.PROMISED) == [1, 1]
    assert tallies(house) == {}


def complaint(house: House) -> Case:
    house.together()
    cases = house.wiring.cases
    case = cases.open(ComplaintReceived("de medewerker weigerde"), "example", EMPLOYEE, call_id=house.call.call_id)
    for act in (ListeningNeeded("de lezingen verschillen"), EmployeeAnswered(objects=False)):
        cases.act(case.case_id, act, COMMITTEE)
    cases.act(case.case_id, AccessGranted(("c.visser",), BEGAN + timedelta(days=5), "nodig"), COMMITTEE)
    return case


def test_complaints_and_playbacks(house: House) -> None:
    case = complaint(house)
    house.wiring.cases.act(case.case_id, Played(), COMMITTEE)
    house.wiring.cases.act(case.case_id, Played(), EMPLOYEE)
    found = counted(house)
    assert only(found, M.COMPLAINTS, M.COMPLAINT_GRANTED, M.PLAYBACKS, M.PLAYBACKS_REFUSED) == [1, 1, 1, 1]


def test_incidents_of_no_call_are_on_a_channel_of_their_own(house: House) -> None:
    cases = house.wiring.cases
    cases.open(CovertRecordingRegistered("zei het zelf", published=False), "example", EMPLOYEE)
    cases.open(MisuseReported(Misuse.CUTTING, "er mist een stuk"), "example", EMPLOYEE)
    assert counted(house, "other") == {"covert-recordings": 1, "misuse": 1, "misuse-sort:cutting": 1}


def test_both_agree_that_staff_may_learn(house: House) -> None:
    case = house.wiring.cases.open(TrainingAsked(caller_agreed=True), "uwv", EMPLOYEE)
    assert only(counted(house, "other", agency="uwv"), M.TRAINING, M.TRAINING_UNANSWERED) == [1, 1]
    house.wiring.cases.act(case.case_id, TrainingAnswered(Party.EMPLOYEE, agrees=True), EMPLOYEE)
    assert only(counted(house, "other", agency="uwv"), M.TRAINING, M.TRAINING_AGREED) == [1, 1]
    house.wiring.cases.act(case.case_id, TrainingWithdrawn(Party.CALLER), EMPLOYEE)
    assert only(counted(house, "other", agency="uwv"), M.TRAINING_AGREED, M.TRAINING_WITHDRAWN) == [0, 1]


def test_a_copy_that_a_citizen_gives(house: House) -> None:
    case = house.wiring.cases.open(CopyAsked(), "ind", EMPLOYEE)
    for act in (CopyReceived("a" * 64, 1000), CopyCompared(COMPARISON), CopyKept("bewijs"), CopyDestroyed()):
        house.wiring.cases.act(case.case_id, act, SUPERVISOR)
    found = counted(house, "other", agency="ind")
    received = (M.CITIZEN_COPY_RECEIVED, M.CITIZEN_COPY_COMPARED, M.CITIZEN_COPY_DESTROYED)
    assert only(found, M.CITIZEN_COPIES, *received, M.CITIZEN_COPY_KEPT) == [1, 1, 1, 1, 0]


def test_what_was_destroyed_still_counts_for_its_call(house: House) -> None:
    """The entries stay; of a destroyed file it is no longer known what is overdue, and a delivered one is not."""
    objected(house)
    ends(house)
    (promise,) = house.wiring.cases.list(None, kind=Kind.REFUSAL)
    house.wiring.cases.act(promise.case_id, Delivered("per post"), EMPLOYEE)
    before = counted(house)
    house.clock.pass_s(6 * 366 * DAY_S)
    RetentionKeeper(house.wiring.database, house.wiring.store, house.wiring.agencies, house.clock).destroy_due()
    assert house.wiring.cases.list(None) == []
    assert counted(house) == before


# ---------------------------------------------------------------- as it is published


def test_an_evaluation_hides_few_and_tells_of_many(house: House) -> None:
    write_calls(house, BEGAN, 3, refused("privacy"))
    write_calls(house, BEGAN, 12, RECORDED)
    (part,) = house.wiring.evaluations.evaluate(["example"], NOVEMBER).agencies
    (sheet,) = part.sheets
    assert sheet.total(M.CALLS) == 15
    assert sheet.total(M.REFUSED) is Hidden.FEW
    assert isinstance(sheet.total(M.CONFIRMED), Hidden)
    assert sheet.total(M.STARTED) == 12
    assert sheet.waits == (Waits(12.0, 12.0), Waits(12.0, 12.0))
    assert sheet.totals_by_detail(M.REFUSED_REASON) == {"privacy": Hidden.FEW}


@pytest.mark.parametrize(("times", "told"), [(4, False), (5, True)])
def test_times_are_told_from_five_on(house: House, times: int, told: bool) -> None:
    write_calls(house, BEGAN, times, RECORDED)
    (part,) = house.wiring.evaluations.evaluate(["example"], NOVEMBER).agencies
    assert (part.sheets[0].waits[0] is not None) is told


def test_agencies_come_in_the_order_that_was_asked_for_and_may_have_nothing(house: House) -> None:
    write_calls(house, BEGAN, 5, RECORDED, agency="ind")
    found = house.wiring.evaluations.evaluate(["uwv", "ind"], NOVEMBER)
    assert [(part.agency, len(part.sheets)) for part in found.agencies] == [("uwv", 0), ("ind", 1)]
    assert found.agencies[1].sheets[0].figures[Row(M.CALLS)] == (5, 5)


def test_an_agency_without_a_profile(house: House) -> None:
    with pytest.raises(PolicyError, match="elders"):
        house.wiring.evaluations.evaluate(["example", "elders"], NOVEMBER)
