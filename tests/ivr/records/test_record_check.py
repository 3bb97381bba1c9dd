"""What is stored beside the log is harmed in every way, and the check names the thing that was harmed."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CovertRecordingRegistered, MessageSent
from ivr.cases.case import Case, Who
from ivr.cases.service import Actor
from storage.records import CaseFilter
from tests.builders import House, wav_of
from tests.ivr.uploads.asking import Sender

EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)


def case_of_call(house: House) -> Case:
    opened = CovertRecordingRegistered("vertelde het zelf", published=False)
    case = house.wiring.cases.open(opened, "example", EMPLOYEE, call_id=house.call.call_id)
    return house.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE).case


@pytest.fixture
def full(house: House) -> House:
    """A call with a case and a hold, and a case of no call."""
    house.stopped(5)
    case_of_call(house)
    house.wiring.cases.open(CovertRecordingRegistered("zei het", published=False), "example", EMPLOYEE)
    house.wiring.holds.place(house.call.call_id, "de rechter", "f.dekker")
    return house


def harm(house: House, statement: str, *values: object) -> None:
    """As somebody would who has the database's file: no rule of ours holds them back."""
    with closing(sqlite3.connect(house.database_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute(statement, values).rowcount > 0
        connection.commit()


def faults(house: House) -> list[str]:
    return [str(fault) for fault in house.wiring.record_checker.check()]


def test_what_nobody_harmed_is_whole(full: House) -> None:
    assert faults(full) == []


COPY_OF_CALL = """INSERT INTO calls (call_id, call_sid, agency, policy_digest, opened_at, dialogue, version)
    SELECT 'added', 'CA-added', agency, policy_digest, opened_at, dialogue, version FROM calls"""
COPY_OF_CASE = """INSERT INTO cases (case_id, kind, agency, policy_digest, call_id, state, owner, opened_at, document,
    version, nonce) SELECT 'added', kind, agency, policy_digest, call_id, state, owner, opened_at, document, version,
    nonce FROM cases LIMIT 1"""
COPY_OF_HOLD = """INSERT INTO legal_holds (hold_id, call_id, agency, reason, placed_at, placed_by, released_at)
    SELECT 'added', call_id, agency, reason, placed_at, placed_by, placed_at FROM legal_holds"""


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE calls SET agency = 'ind'", "call CALL: its agency is not the one of entry 0"),
        ("UPDATE calls SET policy_digest = 'x'", "call CALL: its profile_digest is not the one of entry 0"),
        ("UPDATE calls SET opened_at = '2031-01-01 00:00:00.000000'", "call CALL: its opening was dated later"),
        ("DELETE FROM calls", "call CALL: is gone, entry 0 opened it"),
        (COPY_OF_CALL, "call added: was added: no entry opened it"),
        (
            "UPDATE cases SET document = replace(document, 'registered', 'closed')",
            "its document is not the one of entry",
        ),
        ("UPDATE cases SET document = ''", "its document is not the one of entry"),
        ("UPDATE cases SET state = 'closed'", "column state is not what the document says"),
        ("UPDATE cases SET owner = 'controleur'", "column owner is not what the document says"),
        ("UPDATE cases SET due_at = '2031-01-01 00:00:00.000000'", "column due_at is not what the document says"),
        ("UPDATE cases SET version = version + 1", "is at version"),
        ("DELETE FROM cases WHERE call_id IS NULL", "is gone, entry"),
        ("DELETE FROM cases WHERE call_id IS NOT NULL", "is gone, entry"),
        (COPY_OF_CASE, "case added: was added: no entry opened it"),
        ("UPDATE legal_holds SET placed_at = '2020-01-01 00:00:00.000000'", "call, time or agency are not those"),
        ("UPDATE legal_holds SET released_at = placed_at, released_by = 'x'", "was released without an entry"),
        ("DELETE FROM legal_holds", "is gone, entry"),
        (COPY_OF_HOLD, "legal hold added: was added: no entry placed it"),
        ("UPDATE policies SET document = replace(document, '30', '31')", "the text that is kept of example is another"),
        ("UPDATE policies SET document = ''", "the text that is kept of example is another one"),
        ("UPDATE log_entries SET body = '{}' WHERE number = 0", "log : entry 0: not an entry of schema 1"),
    ],
)
def test_harm_is_named(full: House, statement: str, named: str) -> None:
    call_id = full.call.call_id
    harm(full, statement)
    found = faults(full)
    assert named.replace("CALL", call_id) in "\n".join(found)


def test_two_case_files_that_changed_places_are_both_named(full: House) -> None:
    """Each has its own nonce, so the digest of the one fits nowhere else."""
    with full.wiring.database.reading() as unit:
        one, two = unit.cases.list(CaseFilter(), 2)
    for case, other in ((one, two), (two, one)):
        harm(full, "UPDATE cases SET document = ? WHERE case_id = ?", other.document, case.case_id)
    assert {fault.id for fault in full.wiring.record_checker.check()} == {one.case_id, two.case_id}


def test_an_older_case_file_put_back_is_named(full: House) -> None:
    case = full.wiring.cases.open(CovertRecordingRegistered("zei het", published=False), "example", EMPLOYEE)
    with full.wiring.database.reading() as unit:
        older = unit.cases.get(case.case_id)
    full.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE)
    put_back = "UPDATE cases SET document = ?, version = ? WHERE case_id = ?"
    harm(full, put_back, older.document, older.version, older.case_id)
    assert any(fault.startswith(f"case {case.case_id}: ") for fault in faults(full))


def test_a_case_file_whose_time_was_over_is_not_missed(full: House) -> None:
    full.clock.pass_s(timedelta(days=3650).total_seconds())
    full.wiring.retention.destroy_due()
    assert faults(full) == []


def test_a_call_that_was_forgotten_is_still_the_one_that_was_opened(house: House) -> None:
    house.stopped(5)
    house.clock.pass_s(timedelta(days=3650).total_seconds())
    house.wiring.retention.destroy_due()
    assert house.call.forgotten_at is not None
    assert faults(house) == []


@pytest.mark.asked
def test_a_file_that_was_handed_in_has_the_digest_that_the_log_says(house: House) -> None:
    Sender(house).send(wav_of(3))
    house.run_jobs(JobKind.CHECK_UPLOAD)
    assert faults(house) == []
    harm(house, "UPDATE uploads SET digest = replace(digest, '0', '1')")
    assert "its digest is not the one of entry" in faults(house)[0]
    harm(house, "UPDATE uploads SET case_id = 'another'")
    assert "was added: no entry says that it was kept" in faults(house)[0]


def test_a_call_is_whole_while_it_goes_on(house: House) -> None:
    house.together()
    assert house.call.closed_at is None
    assert faults(house) == []
