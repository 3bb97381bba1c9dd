"""What the stores keep to that tell of the log's health, of what must be destroyed, and of data subjects."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.sealing import seal
from storage.errors import UnknownRequest
from storage.oversight import DueHour, HoldRecord, LogVerdict, SubjectRequest
from storage.records import CallRecord, CaseRecord, CopyTicket, NewEntry, RecordingRow
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALL = CallRecord("call-1", "CA1", "ind", "digest-1", NOON, "{}", closed_at=NOON)
SIGNER = NoteSigner.from_seed("spelregel.test/log", bytes(32))
REQUEST = SubjectRequest("r-1", "ind", "access", ("call-1",), "paspoort gezien", NOON, NOON + 30 * DAY, "p.groen")


@pytest.fixture
def watching_db(database: SqlDatabase) -> Database:
    return database


def write(database: SqlDatabase, numbers: Sequence[int]) -> None:
    with database.transaction() as unit:
        for number in numbers:
            unit.log.append(NewEntry("call-1", f"event-{number}", "prompt:played", NOON + number * HOUR))


# ---------------------------------------------------------------- the log


def test_the_state_of_the_log_is_its_size_and_what_is_sealed(database: SqlDatabase) -> None:
    with database.reading() as unit:
        state = unit.checks.state()
    assert (state.size, state.sealed_size, state.sealed_at, state.note, state.unsealed_since) == (
        0,
        0,
        None,
        None,
        None,
    )
    write(database, [0, 1])
    with database.transaction() as unit:
        note = seal(unit, SIGNER, "spelregel.test/log", NOON)
    write(database, [2, 3])
    with database.reading() as unit:
        state = unit.checks.state()
        (row,) = unit.checks.list_checkpoints(9)
    assert (state.size, state.sealed_size, state.unsealed_since) == (4, 2, NOON + 2 * HOUR)
    assert (row.size, row.note, row.sealed_at) == (2, note, NOON)


def test_checkpoints_are_listed_in_pages(database: SqlDatabase) -> None:
    for number in range(4):
        write(database, [number])
        with database.transaction() as unit:
            seal(unit, SIGNER, "spelregel.test/log", NOON)
    with database.reading() as unit:
        assert [row.size for row in unit.checks.list_checkpoints(3)] == [4, 3, 2]
        assert [row.size for row in unit.checks.list_checkpoints(3, below=2)] == [1]
        assert unit.checks.find_checkpoint(3) == unit.checks.list_checkpoints(9)[1]
        assert unit.checks.find_checkpoint(9) is None
        assert unit.checks.check_last([SIGNER.key]) is None
        assert unit.checks.check_last([]) == "no known key signed this"


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE log_head SET size = 1", "entries 1 to 1, signed before, are gone"),
        ("DELETE FROM log_entries WHERE number = 1", "entry 1 is missing"),
        (
            "UPDATE log_entries SET subtrees = (SELECT subtrees FROM log_entries WHERE number = 2) WHERE number = 1",
            "are",
        ),
    ],
)
def test_the_last_checkpoints_are_held_against_the_log(database: SqlDatabase, harm: str, told: str) -> None:
    for number in range(2):
        write(database, [number])
        with database.transaction() as unit:
            seal(unit, SIGNER, "spelregel.test/log", NOON)
    write(database, [2])
    with database.transaction() as unit:
        assert unit.checks.check_last([SIGNER.key]) is None
        unit.log._connection.exec_driver_sql(harm)
    with database.reading() as unit:
        found = unit.checks.check_last([SIGNER.key])
    assert found is not None
    assert told in found


def test_a_check_ends_once_with_what_it_found(watching_db: Database) -> None:
    good = LogVerdict(4, "aa", 2, 0, (), ())
    bad = LogVerdict(4, "aa", 2, 1, ("entry 1: changed",), ("lines 1 to 2",))
    with watching_db.transaction() as unit:
        first, second = unit.checks.ask(NOON, "p.groen"), unit.checks.ask(NOON, "spelregel")
        unit.checks.end(first, NOON + HOUR, bad)
        unit.checks.end(first, NOON + DAY, good)
    with watching_db.reading() as unit:
        newest, oldest = unit.checks.list(9)
    assert (newest.check_id, newest.asked_by, newest.ended_at, newest.verdict) == (second, "spelregel", None, None)
    assert (oldest.check_id, oldest.ended_at, oldest.verdict) == (first, NOON + HOUR, bad)
    assert good.whole
    assert not bad.whole


# ---------------------------------------------------------------- what must be destroyed


def test_what_is_due_is_counted_by_the_hour(watching_db: Database) -> None:
    recording = RecordingRow("r-1", "call-1", "RE1", "key", "ok", 9, "d", 2, 8000, 1, 1.0, NOON, NOON)
    case = CaseRecord("case-1", "covert", "ind", "d", "call-1", "closed", "x", NOON, None, NOON, NOON, "{}")
    with watching_db.transaction() as unit:
        for number in range(4):
            at, call_id = NOON + number * timedelta(minutes=40), f"call-{number}"
            unit.calls.insert(replace(CALL, call_id=call_id, call_sid=f"CA{number}", closed_at=at))
            unit.calls.set_caller_number(call_id, "+31612345678")
            row = replace(recording, recording_id=f"r-{number}", recording_sid=f"RE{number}")
            unit.recordings.add(replace(row, call_id=call_id, destroy_after=at))
            unit.cases.insert(replace(case, case_id=f"case-{number}", call_id=call_id, destroy_after=at))
        unit.cases.insert(replace(case, case_id="open", call_id=None, due_at=NOON, closed_at=None, destroy_after=None))
        unit.recordings.mark_destroyed("r-2", NOON)
        unit.holds.add(HoldRecord("hold-3", "call-3", "ind", "klacht", NOON, "l.smit"))
    noon, one = DueHour(NOON, 2), DueHour(NOON + HOUR, 1)
    with watching_db.reading() as unit:
        calendar = unit.calendar
        assert calendar.recordings(["ind"], NOON, NOON + DAY) == [noon]
        assert calendar.recordings(["ind"], NOON, NOON + DAY, held=True) == [DueHour(NOON + 2 * HOUR, 1)]
        assert calendar.recordings(["uwv"], NOON, NOON + DAY) == []
        assert calendar.recordings(["ind"], NOON - DAY, NOON) == []
        assert calendar.numbers("digest-1", NOON, NOON + DAY) == [noon, one]
        assert calendar.numbers("digest-2", NOON, NOON + DAY) == []
        assert calendar.cases(["ind"], NOON, NOON + DAY) == [noon, one]
        assert calendar.cases(["ind"], NOON, NOON + DAY, held=True) == [DueHour(NOON + 2 * HOUR, 1)]
        assert calendar.open_cases(["ind"], "covert", "asked", NOON, NOON + DAY) == [DueHour(NOON, 1)]
        assert calendar.open_cases(["ind"], "covert", "closed", NOON, NOON + DAY) == []
        assert calendar.open_cases(["ind"], "misuse", "asked", NOON, NOON + DAY) == []


def test_what_was_destroyed_is_told_from_the_log(database: SqlDatabase) -> None:
    def entry(chain: str, tag: str, hours: int, **facts: str) -> NewEntry:
        return NewEntry(chain, f"{chain}:{tag}:{hours}", tag, NOON + hours * HOUR, facts)

    with database.transaction() as unit:
        unit.calls.insert(CALL)
        unit.calls.insert(replace(CALL, call_id="other", call_sid="CA2", agency="uwv"))
        unit.log.append(entry("call-1", "recording:destroyed", 1))
        unit.log.append(entry("other", "number:destroyed", 2))
        unit.log.append(entry("call-1", "call:ended", 3))
        unit.log.append(entry("case-1", "case:destroyed", 4, agency="ind"))
        unit.log.append(entry("case-2", "case:destroyed", 5, agency="uwv"))
        unit.log.append(entry("trail", "trail:destroyed", 6))
    with database.reading() as unit:
        assert [(one.tag, one.chain) for one in unit.calendar.destroyed(["ind"], NOON, 9)] == [
            ("trail:destroyed", "trail"),
            ("case:destroyed", "case-1"),
            ("recording:destroyed", "call-1"),
        ]
        assert len(unit.calendar.destroyed(["ind"], NOON + 2 * HOUR, 9)) == 2


# ---------------------------------------------------------------- data subjects


def test_requests_are_kept_and_answered_once(watching_db: Database) -> None:
    later = replace(REQUEST, request_id="r-2", due_at=NOON + 31 * DAY)
    with watching_db.transaction() as unit:
        for request in (later, REQUEST, replace(REQUEST, request_id="r-3", agency="uwv")):
            unit.requests.add(request)
        assert unit.requests.list(["ind"], 9, answered=False) == [REQUEST, later]
        assert unit.requests.answer("r-1", "given", "toegestuurd", NOON + DAY, "p.groen")
        assert not unit.requests.answer("r-1", "refused", "toch niet", NOON + DAY, "p.groen")
        answered = replace(
            REQUEST, outcome="given", explanation="toegestuurd", answered_at=NOON + DAY, answered_by="p.groen"
        )
        assert unit.requests.get("r-1") == answered
        assert unit.requests.list(["ind"], 9, answered=True) == [answered]
        assert unit.requests.list(["ind"], 9, answered=False) == [later]
        with pytest.raises(UnknownRequest):
            unit.requests.get("nothing")


def test_calls_of_a_number_are_found_as_long_as_it_is_kept(watching_db: Database) -> None:
    number, hashed = "+31612345678", "a" * 32
    with watching_db.transaction() as unit:
        for at, agency in enumerate(("ind", "ind", "uwv")):
            call = replace(CALL, call_id=f"call-{at}", call_sid=f"CA{at}", agency=agency, opened_at=NOON + at * HOUR)
            unit.calls.insert(call)
            unit.calls.set_caller_number(call.call_id, number, hashed)
        assert [call.call_id for call in unit.calls.list_with_number(["ind"], hashed, 9)] == ["call-1", "call-0"]
        assert unit.calls.list_with_number(["ind"], number, 9) == []
        unit.calls.forget_caller_number("call-1")
        assert [call.call_id for call in unit.calls.list_with_number(["ind", "uwv"], hashed, 9)] == ["call-2", "call-0"]
        assert unit.calls.count_by_profile("digest-1", 9) == 3
        assert unit.calls.count_by_profile("digest-1", 2) == 2


def test_all_copies_of_a_call_can_be_withdrawn_at_once(watching_db: Database) -> None:
    ticket = CopyTicket("t-1", "call-1", "a" * 64, NOON, NOON + DAY)
    with watching_db.transaction() as unit:
        unit.calls.insert(CALL)
        unit.copies.add(ticket)
        unit.copies.add(replace(ticket, ticket_id="t-2", token_digest="b" * 64))
        assert unit.copies.revoke_all("call-1", NOON) == 2
        assert unit.copies.revoke_all("call-1", NOON + HOUR) == 0
        found = unit.copies.find_by_digest("a" * 64)
    assert found is not None
    assert found.revoked_at == NOON


# ---------------------------------------------------------------- profiles and jobs


def test_versions_of_a_profile_are_listed_the_newest_first(watching_db: Database) -> None:
    with watching_db.transaction() as unit:
        unit.policies.keep("d1", "ind", "1", "text", NOON)
        unit.policies.keep("d2", "ind", "2", "text", NOON + DAY)
        unit.policies.keep("d3", "uwv", "1", "text", NOON)
        assert [(one.digest, one.version) for one in unit.policies.list("ind")] == [("d2", "2"), ("d1", "1")]


def test_parked_jobs_are_listed_and_tried_again(watching_db: Database) -> None:
    with watching_db.transaction() as unit:
        unit.outbox.put("send-copy", "call-1", {"a": 1}, NOON)
        assert unit.outbox.find_oldest_due(["send-copy"], NOON + HOUR) == NOON
        assert unit.outbox.find_oldest_due(["other"], NOON + HOUR) is None
        assert unit.outbox.find_oldest_due(["send-copy"], NOON - HOUR) is None
        job = unit.outbox.claim(["send-copy"], NOON, 60)
        assert job is not None
        unit.outbox.park(job, "number is barred")
        (parked,) = unit.outbox.list_parked(9)
        assert (parked.kind, parked.key, parked.error, parked.attempts) == (
            "send-copy",
            "call-1",
            "number is barred",
            1,
        )
        assert unit.outbox.revive(parked.job_id, NOON + DAY)
        assert not unit.outbox.revive(parked.job_id, NOON + DAY)
        assert unit.outbox.list_parked(9) == []
        again = unit.outbox.claim(["send-copy"], NOON + DAY, 60)
    assert again is not None
    assert (again.payload, again.attempts) == ({"a": 1}, 1)


def test_a_parked_job_whose_work_waits_already_is_only_taken_off_the_list(watching_db: Database) -> None:
    with watching_db.transaction() as unit:
        unit.outbox.put("send-copy", "call-1", {"a": 1}, NOON)
        job = unit.outbox.claim(["send-copy"], NOON, 60)
        assert job is not None
        unit.outbox.park(job, "number is barred")
        unit.outbox.put("send-copy", "call-1", {"a": 2}, NOON)
        assert unit.outbox.revive(job.job_id, NOON)
        assert unit.outbox.count_by_state()["waiting"] == 1
        waiting = unit.outbox.claim(["send-copy"], NOON, 60)
    assert waiting is not None
    assert waiting.payload == {"a": 2}
