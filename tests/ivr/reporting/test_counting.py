"""What of calls and cases counts where; every sum holds in each of them."""

from datetime import UTC, datetime

import pytest

from ivr.reporting.counting import count
from ivr.reporting.measures import Measure, Row
from ivr.reporting.period import Month, parse_period
from tests.ivr.reporting.histories import YEAR, Told, call, case, counted, only

M = Measure
DAY_S = 86_400
REQUEST: tuple[Told, ...] = ("call:opened", "request:heard", "consent:requested")
OBJECTION: Told = ("objection:raised", {"reason": "privacy", "alternative": "verslag"})
AT_ONCE: Told = ("objection:raised", {"reason": "privacy", "alternative": "meeluisteren"})
EXCLUDED: Told = ("request:excluded", {"reason": "bemiddelingsgesprek", "alternative": "verslag"})
PROMISED: Told = ("refusal:promised", {"case": "c1", "act": "promised", "state": "promised"})
LAPSED: Told = ("refusal:lapsed", {"case": "c1", "state": "lapsed"})


def delivered(*, late: bool) -> Told:
    return ("refusal:delivered", {"case": "c1", "state": "delivered", "late": late})


# ---------------------------------------------------------------- wishes to record


def test_a_call_without_a_wish_is_a_call_and_nothing_else() -> None:
    assert counted(call("call:opened", "employee:joined", "call:ended")) == {"calls": 1}


def test_two_wishes_in_one_call_are_two_requests_and_one_call() -> None:
    found = counted(call(*REQUEST, "consent:refused", ("request:keyed", {"digit": "*"}), "consent:given"))
    assert only(found, M.CALLS, M.REQUESTS, M.HEARD, M.KEYED, M.DECLINED, M.CONFIRMED) == [1, 2, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (["consent:given"], M.CONFIRMED),
        (["consent:refused"], M.DECLINED),
        (["answer:unclear", "answer:silence", "consent:unconfirmed"], M.UNCONFIRMED),
        ([], M.UNANSWERED),
        (["consent:given", "consent:withdrawn"], M.CONFIRMED),
        (["consent:given", AT_ONCE], M.REFUSED),
        ([AT_ONCE, "objection:withdrawn", "consent:given"], M.CONFIRMED),
        (["consent:given", AT_ONCE, "objection:withdrawn"], M.CONFIRMED),
        ([AT_ONCE, "objection:withdrawn", "consent:unconfirmed"], M.UNCONFIRMED),
        ([AT_ONCE, "objection:withdrawn", AT_ONCE], M.REFUSED),
        (["answer:yes", EXCLUDED], M.REFUSED),
        ([EXCLUDED, ("conversation:kind", {"kind": "gewoon", "excluded": "no"}), "consent:given"], M.CONFIRMED),
        ([EXCLUDED, ("conversation:kind", {"kind": "x", "excluded": "yes"})], M.REFUSED),
        ([AT_ONCE, ("conversation:kind", {"kind": "gewoon", "excluded": "no"})], M.REFUSED),
    ],
)
def test_a_request_counts_by_how_it_ended(told: list[Told], outcome: M) -> None:
    found = counted(call(*REQUEST, *told))
    assert only(found, M.REQUESTS, outcome) == [1, 1]


def test_a_wish_said_again_before_its_answer_is_the_same_one() -> None:
    assert counted(call(*REQUEST, "request:heard", "consent:given"))["requests"] == 1


def test_what_comes_without_a_wish_counts_for_none() -> None:
    assert counted(call("call:opened", "consent:given", "consent:refused", OBJECTION, LAPSED)) == {"calls": 1}


def test_withdrawals_count_each_time() -> None:
    told = (AT_ONCE, "objection:withdrawn", AT_ONCE, "objection:withdrawn", "consent:given", "consent:withdrawn")
    assert only(counted(call(*REQUEST, *told)), M.OBJECTIONS_WITHDRAWN, M.WISHES_WITHDRAWN) == [2, 1]


# ---------------------------------------------------------------- why, and what instead


def test_a_refusal_counts_by_reason_and_alternative() -> None:
    found = counted(call(*REQUEST, AT_ONCE))
    assert found["refused-reason:privacy"] == found["alternative-at-once-by:meeluisteren"] == 1
    assert "alternative-promised" not in found


@pytest.mark.parametrize("reason", ["anders", "", "de beller was boos op Jan", "=1+1", "privacy\n"])
def test_own_words_count_as_other_and_never_appear(reason: str) -> None:
    found = counted(call(*REQUEST, ("objection:raised", {"reason": reason, "alternative": "verslag"})))
    assert found["refused-reason:anders"] == 1


def test_an_excluded_kind_is_told_apart_from_an_objection() -> None:
    assert counted(call(*REQUEST, EXCLUDED))["refused-kind-of-conversation:bemiddelingsgesprek"] == 1


@pytest.mark.parametrize(
    ("told", "overdue", "fate"),
    [
        ([], "", M.AWAITED),
        ([], "c1", M.OVERDUE),
        ([delivered(late=False)], "", M.DELIVERED),
        ([delivered(late=True)], "", M.DELIVERED_LATE),
        ([LAPSED], "", M.LAPSED),
    ],
)
def test_a_promised_alternative_counts_by_what_became_of_it(told: list[Told], overdue: str, fate: M) -> None:
    found = counted(call(*REQUEST, OBJECTION, PROMISED, "call:ended", *told, overdue=overdue))
    assert only(found, M.PROMISED, fate) == [1, 1]
    assert found["alternative-promised-by:verslag"] == 1


def test_the_promise_of_an_objection_that_was_withdrawn_is_not_the_next_ones() -> None:
    found = counted(call(*REQUEST, OBJECTION, PROMISED, "objection:withdrawn", LAPSED, AT_ONCE))
    assert only(found, M.PROMISED, M.KEPT_AT_ONCE) == [0, 1]


def test_a_refusal_while_an_earlier_promise_stands_has_that_promise() -> None:
    allowed: Told = ("conversation:kind", {"kind": "gewoon", "excluded": "no"})
    assert counted(call(*REQUEST, EXCLUDED, PROMISED, allowed, OBJECTION))["alternative-promised"] == 1


# ---------------------------------------------------------------- the agency's recording, copies, what came up


@pytest.mark.parametrize(
    ("told", "measures"),
    [
        (["recording:announced", "recording:started"], (M.STARTED, M.NOT_FETCHED)),
        (["recording:started", "recording:stopped", "recording:stored"], (M.STARTED, M.STORED)),
        (["recording:started", "recording:stopped", "recording:degraded"], (M.STARTED, M.DEGRADED)),
        (["recording:started", "recording:stopped", "recording:failed"], (M.STARTED, M.FAILED)),
        (["recording:announced", "recording:stopped", "recording:stored"], (M.STARTED, M.STORED)),
        (["recording:blocked"], (M.BLOCKED,)),
        (["recording:announced", "recording:blocked"], (M.BLOCKED,)),
        (["recording:announced", "recording:failed"], (M.NOT_STARTED,)),
        (["recording:announced"], (M.NOT_STARTED,)),
        (["recording:stored", "recording:destroyed"], (M.STORED,)),
    ],
)
def test_the_agencys_recording_counts_by_what_became_of_it(told: list[Told], measures: tuple[M, ...]) -> None:
    found = counted(call("call:opened", *told))
    assert only(found, M.RECORDINGS, *measures) == [1] * (1 + len(measures))


def test_copies_count_once_a_call_and_by_use() -> None:
    uses: list[Told] = [("copy:downloaded", {"use": use}) for use in ("listen", "listen", "download", "eat")]
    found = counted(call("copy:offered", "copy:wanted", "copy:sent", "copy:sent", "copy:opened", *uses))
    assert only(found, M.COPY_OFFERED, M.COPY_WANTED, M.COPY_SENT) == [1, 1, 1]
    assert only(found, M.COPY_LISTENED, M.COPY_DOWNLOADED) == [1, 1]


def test_third_persons_count_once_a_call_and_pauses_each_time() -> None:
    found = counted(call("third-person:present", "third-person:present", "pause:asked", "pause:ended", "pause:asked"))
    assert only(found, M.THIRD_PERSONS, M.PAUSES) == [1, 2]


def test_the_time_runs_from_the_last_wish_to_the_first_start() -> None:
    told = (*REQUEST, "consent:refused", "request:heard", "consent:given", "recording:started", "request:heard")
    tally = count([call(*told)], YEAR)["example", "phone"]
    assert dict(tally.waits_s) == {Month(2026, 3): [20.0]}


def test_a_recording_without_a_wish_has_no_time() -> None:
    history = call("recording:permitted", "recording:started", "request:heard")
    assert counted(history)["agency-recording-without-request"] == 1
    assert not count([history], YEAR)["example", "phone"].waits_s


# ---------------------------------------------------------------- cases


def of(kind: str, *told: tuple[str, dict[str, str | bool]]) -> list[Told]:
    return [(f"{kind}:{act}", {"case": "k", "act": act, **facts}) for act, facts in told]


@pytest.mark.parametrize(
    ("acts", "fate"),
    [
        (["received"], M.COMPLAINT_UNDECIDED),
        (["received", "judged-without-listening"], M.COMPLAINT_WITHOUT_LISTENING),
        (["received", "listening-needed", "access-granted", "closed"], M.COMPLAINT_GRANTED),
        (["received", "listening-needed", "access-refused", "closed"], M.COMPLAINT_REFUSED),
    ],
)
def test_a_complaint_counts_by_what_was_decided(acts: list[str], fate: M) -> None:
    found = counted(case(*of("complaint", *((act, {}) for act in acts))), channel="other")
    assert only(found, M.COMPLAINTS, fate) == [1, 1]


def test_every_playback_counts() -> None:
    acts = ("received", "access-granted", "played", "played", "playback-refused")
    found = counted(call("call:opened", *of("complaint", *((act, {}) for act in acts))))
    assert only(found, M.PLAYBACKS, M.PLAYBACKS_REFUSED) == [2, 1]


def test_misuse_counts_by_sort_and_a_covert_recording_as_one() -> None:
    found = counted(
        case(*of("misuse", ("reported", {"what": "cutting"}), ("step-done", {"step": "gesprek"}), ("closed", {}))),
        case(*of("covert", ("registered", {"published": False}), ("message-sent", {}))),
        channel="other",
    )
    assert found == {"misuse": 1, "misuse-sort:cutting": 1, "covert-recordings": 1}


@pytest.mark.parametrize(
    ("acts", "fates"),
    [
        (["asked"], (M.CITIZEN_COPY_AWAITED,)),
        (["asked", "declined"], (M.CITIZEN_COPY_DECLINED,)),
        (["asked", "lapsed"], (M.CITIZEN_COPY_LAPSED,)),
        (["asked", "received"], (M.CITIZEN_COPY_NOT_COMPARED, M.CITIZEN_COPY_UNDECIDED)),
        (["asked", "received", "compared", "kept"], (M.CITIZEN_COPY_COMPARED, M.CITIZEN_COPY_KEPT)),
        (["asked", "received", "compared", "kept", "destroyed"], (M.CITIZEN_COPY_COMPARED, M.CITIZEN_COPY_DESTROYED)),
    ],
)
def test_a_citizens_copy_counts_by_what_became_of_it(acts: list[str], fates: tuple[M, ...]) -> None:
    found = counted(call("call:opened", *of("citizen-copy", *((act, {}) for act in acts))))
    assert only(found, M.CITIZEN_COPIES, *fates) == [1] * (1 + len(fates))


@pytest.mark.parametrize(
    ("states", "fate"),
    [
        (["asked"], M.TRAINING_UNANSWERED),
        (["asked", "agreed"], M.TRAINING_AGREED),
        (["asked", "agreed", "lapsed"], M.TRAINING_AGREED),
        (["asked", "agreed", "withdrawn"], M.TRAINING_WITHDRAWN),
        (["not-agreed"], M.TRAINING_NOT_AGREED),
    ],
)
def test_learning_counts_as_agreed_when_both_did(states: list[str], fate: M) -> None:
    told: list[Told] = [("training:opened", {"case": "k", "state": state}) for state in states]
    found = counted(call("training:asked", *told))
    assert only(found, M.TRAINING, fate) == [1, 1]


def test_a_request_at_the_counter_counts_on_its_own_channel_with_its_promise() -> None:
    asked: Told = ("channel-request:registered", {"case": "r", "channel": "balie", "third_persons": True})
    refused: Told = ("channel-request:refused", {"case": "r", "reason": "anders", "alternative": "verslag"})
    promise: Told = ("refusal:promised", {"case": "p", "from_case": "r"})
    done: Told = ("refusal:delivered", {"case": "p", "from_case": "r", "late": False})
    found = counted(case(asked, refused, promise, done, channel="balie"), channel="balie")
    assert only(found, M.REQUESTS, M.REGISTERED, M.REFUSED, M.DELIVERED, M.THIRD_PERSONS) == [1] * 5
    assert found["refused-reason:anders"] == found["alternative-promised-by:verslag"] == 1


def test_a_promise_of_another_channel_is_not_the_calls() -> None:
    """Both stand in the call's chain."""
    asked: Told = ("channel-request:registered", {"case": "r", "channel": "balie"})
    refused: Told = ("channel-request:refused", {"case": "r", "reason": "privacy", "alternative": "verslag"})
    promise: Told = ("refusal:promised", {"case": "p", "from_case": "r"})
    history = call(*REQUEST, AT_ONCE, asked, refused, promise, overdue="p")
    assert only(counted(history), M.REFUSED, M.KEPT_AT_ONCE, M.PROMISED) == [1, 1, 0]
    assert only(counted(history, channel="balie"), M.REFUSED, M.OVERDUE) == [1, 1]


def test_an_allowed_request_and_one_nobody_answered() -> None:
    asked: Told = ("channel-request:registered", {"case": "r", "channel": "balie"})
    found = counted(case(asked, ("channel-request:allowed", {"case": "r"})), case(asked), channel="balie")
    assert only(found, M.REQUESTS, M.CONFIRMED, M.UNANSWERED) == [2, 1, 1]


# ---------------------------------------------------------------- months and agencies


def test_a_call_counts_in_the_dutch_month_in_which_it_was_opened() -> None:
    new_year = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)  # midnight in the Netherlands
    summer = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # half an hour into July
    tally = count([call("call:opened", at=at) for at in (new_year, summer)], YEAR)["example", "phone"]
    assert {str(month) for _, month in tally.counts} == {"2026-01", "2026-07"}


def test_what_follows_later_counts_with_its_call() -> None:
    history = call("call:opened", "copy:wanted", ("copy:downloaded", {"use": "listen"}), every_s=20 * DAY_S)
    tally = count([history], YEAR)["example", "phone"]
    assert {str(month) for _, month in tally.counts} == {"2026-03"}
    assert count([history], parse_period("2026-04", "2026-12")) == {}


def test_a_complaint_counts_in_its_own_month_whenever_its_call_was() -> None:
    history = call("call:opened", *of("complaint", ("received", {})), every_s=30 * DAY_S)
    tally = count([history], YEAR)["example", "phone"]
    assert tally.counts[Row(M.CALLS), Month(2026, 3)] == tally.counts[Row(M.COMPLAINTS), Month(2026, 4)] == 1
    found = counted(history, period=parse_period("2026-04", "2026-04"))
    assert found == {"complaints": 1, "complaint-undecided": 1}


def test_agencies_are_kept_apart() -> None:
    tallies = count([call("call:opened"), call("call:opened", agency="ind")], YEAR)
    assert tallies.keys() == {("example", "phone"), ("ind", "phone")}


def test_nothing_gives_nothing() -> None:
    assert count([], YEAR) == {}
