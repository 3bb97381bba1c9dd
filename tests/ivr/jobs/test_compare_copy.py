"""A copy that was handed in is compared with the agency's recording, once, and the log proves what was compared."""

import hashlib
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyDestroyed, EvidenceAdded, MisuseReported, StepDone
from ivr.cases.case import Misuse, MisuseOfRecording, NotCompared, State, Verdict, Who
from ivr.cases.compared import ReportChanged
from ivr.cases.service import Actor
from ivr.cases.turn import NotAllowed
from ivr.cases.writing import case_of
from ivr.comparing.own_process import ProcessComparer
from ivr.errors import ComparisonBroken
from storage.consent_log.export import verify_log
from storage.errors import ObjectDamaged
from storage.records import ComparisonRow, Job
from tests.builders import House
from tests.ivr.uploads.asking import about, case_record
from tests.ivr.uploads.comparing import (
    COPY,
    EDIT,
    RECORDING,
    REPORT,
    SetComparer,
    collected,
    compare,
    handed_in,
    run_again,
    unreadable,
)

pytestmark = pytest.mark.asked

SUPERVISOR = Actor("l.smit", Who.SUPERVISOR)


def waits(house: House) -> bool:
    """There is a comparison still to be made."""
    with house.wiring.database.reading() as unit:
        return unit.outbox.find_oldest_due([JobKind.COMPARE_COPY], house.clock.now() + timedelta(days=1)) is not None


# ---------------------------------------------------------------- what is found


def test_a_whole_copy_is_compared_for_real(house: House) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    assert case_record(house).state == State.COMPARED
    assert about(house).verdict is Verdict.COMPLETE
    report = house.wiring.compared_copies.find_report(case_of(case_record(house)))
    assert report is not None
    assert report.comparison.coverage > 0.9


def test_the_log_proves_what_was_compared_with_what_and_what_came_out(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    facts = house.entry("citizen-copy:compared").facts
    with house.wiring.database.reading() as unit:
        row = unit.comparisons.find(case_record(house).case_id)
    assert row is not None
    assert facts["agency_digest"] == hashlib.sha256(RECORDING).hexdigest()
    assert facts["copy_digest"] == hashlib.sha256(COPY).hexdigest()
    assert facts["report_digest"] == hashlib.sha256(row.report.encode()).hexdigest()
    assert facts["comparison"] == {
        "verdict": "cut",
        "coverage": 0.72,
        "drift_ppm": 12.5,
        "edits": [
            {
                "kind": "cut",
                "agency_start_s": 4,
                "agency_end_s": 9.5,
                "copy_start_s": 6,
                "copy_end_s": 6,
                "confidence": 0.97,
            }
        ],
    }
    assert (facts["tool"], facts["damaged"], facts["role"]) == ("spelregel compare 1, PyAV 18", 1, "systeem")
    assert comparer.seen == [(RECORDING, COPY)]
    assert verify_log(house.wiring.database, house.wiring.log_keys, []).whole


def test_a_file_that_differs_without_end_is_logged_in_part_and_kept_whole(house: House, comparer: SetComparer) -> None:
    comparer.report = replace(REPORT, comparison=replace(REPORT.comparison, edits=(EDIT,) * 500))
    collected(house)
    handed_in(house)
    compare(house)
    logged = house.entry("citizen-copy:compared").facts["comparison"]
    assert isinstance(logged, dict)
    assert len(logged["edits"]) == 200  # type: ignore[arg-type]
    report = house.wiring.compared_copies.find_report(case_of(case_record(house)))
    assert report is not None
    assert len(report.comparison.edits) == 500


# ---------------------------------------------------------------- late, twice, out of order


def test_a_copy_that_is_there_before_the_recording_waits_for_it(house: House, comparer: SetComparer) -> None:
    handed_in(house)
    compare(house)
    assert case_record(house).state == State.RECEIVED
    assert about(house).not_compared is None
    assert comparer.seen == []
    collected(house)
    house.clock.pass_s(1000)
    compare(house)
    assert case_record(house).state == State.COMPARED


def test_doing_it_twice_is_doing_it_once(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    run_again(house)
    assert house.tags.count("citizen-copy:compared") == 1
    assert len(comparer.seen) == 1


def test_two_workers_at_once_give_one_answer(house: House, comparer: SetComparer) -> None:
    """The first one's lease ran out, and both come to an end."""
    collected(house)
    handed_in(house)

    def other() -> None:
        comparer.meanwhile.clear()
        run_again(house)

    comparer.meanwhile = [other]
    compare(house)
    assert house.tags.count("citizen-copy:compared") == 1
    assert len(comparer.seen) == 2


def test_a_copy_that_was_destroyed_meanwhile_gets_no_answer(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)

    def destroy() -> None:
        house.wiring.cases.act(case_record(house).case_id, CopyDestroyed(), SUPERVISOR)
        house.wiring.retention.keep()

    comparer.meanwhile = [destroy]
    compare(house)
    assert "citizen-copy:compared" not in house.tags
    with house.wiring.database.reading() as unit:
        assert unit.comparisons.find(case_record(house).case_id) is None
    assert not waits(house)


def test_a_job_for_a_file_that_is_unknown_is_done(house: House, comparer: SetComparer) -> None:
    house.wiring.runner._work[JobKind.COMPARE_COPY](Job(1, JobKind.COMPARE_COPY, "x", {"upload_id": "x"}, 1))
    assert comparer.seen == []


# ---------------------------------------------------------------- not possible


def test_without_a_recording_of_ours_the_case_says_so(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    with house.wiring.database.reading() as unit:
        recording = unit.recordings.find_for_call(house.call.call_id)
    assert recording is not None
    house.clock.at = recording.destroy_after + timedelta(seconds=1)
    compare(house)
    assert about(house).not_compared is NotCompared.NO_RECORDING
    assert case_record(house).state == State.RECEIVED
    assert house.entry("citizen-copy:not-compared").facts["not_compared"] == "no-recording"
    run_again(house)
    assert house.tags.count("citizen-copy:not-compared") == 1
    assert comparer.seen == []


def test_a_file_that_is_no_sound_after_all_says_so(house: House) -> None:
    unreadable(house)
    assert about(house).not_compared is NotCompared.UNREADABLE
    assert case_record(house).state == State.RECEIVED


def test_a_file_that_ends_the_comparison_each_time_is_given_up(house: House, comparer: SetComparer) -> None:
    comparer.faults = [ComparisonBroken("exit -11")] * 3
    collected(house)
    handed_in(house)
    for tries in (1, 2):
        compare(house)
        assert about(house).not_compared is None, tries
        house.clock.pass_s(1000)
    compare(house)
    assert about(house).not_compared is NotCompared.FAILED
    assert not waits(house)


@pytest.mark.parametrize(
    "change",
    [{"coverage": 1.5}, {"coverage": float("nan")}, {"drift_ppm": 1e9}, {"edits": (replace(EDIT, confidence=7.0),)}],
)
def test_figures_that_cannot_be_never_reach_the_log(
    house: House, comparer: SetComparer, change: dict[str, object]
) -> None:
    comparer.report = replace(REPORT, comparison=replace(REPORT.comparison, **change))  # type: ignore[arg-type]
    collected(house)
    handed_in(house)
    for _ in range(3):
        compare(house)
        house.clock.pass_s(1000)
    assert about(house).not_compared is NotCompared.FAILED
    assert "citizen-copy:compared" not in house.tags


def test_a_recording_that_is_not_what_was_stored_is_no_evidence(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    with house.wiring.database.reading() as unit:
        recording = unit.recordings.find_for_call(house.call.call_id)
    assert recording is not None
    path = house.wiring.settings.recordings_dir / recording.object_key
    path.chmod(0o600)
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)
    with pytest.raises(ObjectDamaged):
        run_again(house)
    compare(house)
    assert case_record(house).state == State.RECEIVED
    assert comparer.seen == []
    assert waits(house)


# ---------------------------------------------------------------- what is kept


def test_what_was_kept_and_changed_is_not_shown(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    case = case_of(case_record(house))
    with house.wiring.database.transaction() as unit:
        row = unit.comparisons.find(case.case_id)
        assert row is not None
        unit.comparisons.put(replace(row, report=row.report.replace('"cut"', '"complete"', 1)))
    with pytest.raises(ReportChanged):
        house.wiring.compared_copies.find_report(case)


def test_a_report_that_nobody_logged_is_not_shown(house: House) -> None:
    handed_in(house)
    case = case_of(case_record(house))
    with house.wiring.database.transaction() as unit:
        unit.comparisons.put(ComparisonRow(case.case_id, json.dumps({}), house.clock.now()))
    with pytest.raises(ReportChanged):
        house.wiring.compared_copies.find_report(case)


def test_the_report_goes_with_the_copy_and_the_entry_stays(house: House, comparer: SetComparer) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    days = house.wiring.agencies.now("example").retention.citizen_copy_days
    house.clock.pass_s(days * 86_400)
    house.wiring.retention.keep()
    case = case_record(house)
    assert case.state == State.DESTROYED
    with house.wiring.database.reading() as unit:
        assert unit.comparisons.find(case.case_id) is None
    assert house.entry("citizen-copy:compared").facts["report_digest"]
    assert house.wiring.compared_copies.find_report(case_of(case)) is None
    assert verify_log(house.wiring.database, house.wiring.log_keys, []).whole


HARMS = {
    "UPDATE comparisons SET report = replace(report, '0.97', '0.10')": "its report is not the one of entry",
    "UPDATE comparisons SET case_id = 'another'": "was added: no entry says what was found",
    "DELETE FROM comparisons": "its report is gone",
}


@pytest.mark.parametrize("harm", HARMS)
def test_the_check_of_the_records_names_a_report_that_was_harmed(
    house: House, comparer: SetComparer, harm: str
) -> None:
    collected(house)
    handed_in(house)
    compare(house)
    assert house.wiring.record_checker.check() == []
    with closing(sqlite3.connect(house.database_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute(harm).rowcount == 1
        connection.commit()
    found = [str(fault) for fault in house.wiring.record_checker.check()]
    assert any(fault.startswith("comparison ") and HARMS[harm] in fault for fault in found)


# ---------------------------------------------------------------- misuse


def cutting(house: House) -> str:
    opening = MisuseReported(Misuse.CUTTING, "op een website stond een ander antwoord")
    return house.wiring.cases.open(opening, "example", SUPERVISOR, call_id=house.call.call_id).case_id


def test_a_case_about_cutting_takes_over_the_comparison_and_then_its_steps(house: House, comparer: SetComparer) -> None:
    cases = house.wiring.cases
    collected(house)
    handed_in(house)
    compare(house)
    misuse = cutting(house)
    step = house.wiring.agencies.now("example").misuse_steps[0].code
    with pytest.raises(NotAllowed, match="compared first"):
        cases.act(misuse, StepDone(step, "gebeld"), SUPERVISOR)
    copy_id = case_record(house).case_id
    done = cases.act(misuse, EvidenceAdded("dit is het bestand", from_copy=copy_id), SUPERVISOR).case
    assert isinstance(done.about, MisuseOfRecording)
    assert done.about.compared
    facts = house.entry("misuse:evidence-added").facts
    assert facts["from_copy"] == copy_id
    assert facts["comparison"] == house.entry("citizen-copy:compared").facts["comparison"]
    cases.act(misuse, StepDone(step, "gebeld"), SUPERVISOR)
    assert "misuse:step-done" in house.tags


@pytest.mark.parametrize("wrong", ["f" * 32, "geen"])
def test_only_a_copy_of_the_same_call_that_was_compared_is_evidence(house: House, wrong: str) -> None:
    misuse = cutting(house)
    handed_in(house)
    for copy_id in (wrong, case_record(house).case_id, misuse):
        with pytest.raises(NotAllowed, match="no copy of this call"):
            house.wiring.cases.act(misuse, EvidenceAdded("dit is het", from_copy=copy_id), SUPERVISOR)


def test_the_service_compares_in_a_process_of_its_own(house: House) -> None:
    assert isinstance(house.wiring.comparer, ProcessComparer)
    with pytest.raises(Exception, match="cannot be compared"):
        house.wiring.comparer.compare(io.BytesIO(RECORDING), io.BytesIO(b"MZ"))
