"""What the store of witnesses' statements keeps to, and how the proof that a log grew is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.consent_log.chain import verify_consistency
from storage.consent_log.checkpoint import NoteSigner, as_signed, open_checkpoint
from storage.consent_log.sealing import seal
from storage.errors import ConstraintBroken, LogBroken
from storage.oversight import StandingJob
from storage.records import NewEntry
from storage.session import SqlDatabase
from storage.witnessing import StatementKind, StatementRow
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ORIGIN = "spelregel.test/log"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(32))
LINE = "— witness.test/w1 AAAAAAAAAAAA"


@pytest.fixture
def keeping_db(database: SqlDatabase) -> Database:
    return database


def grow(database: SqlDatabase, size: int) -> str:
    """The signed note of a log of so many entries."""
    with database.transaction() as unit:
        for number in range(unit.checks.state().size, size):
            unit.log.append(NewEntry("call-1", f"event-{number}", "prompt:played", NOON))
        return seal(unit, SIGNER, ORIGIN, NOON + size * HOUR)


def row(size: int, note: str, kind: StatementKind = StatementKind.KEPT, witness: str = "a") -> StatementRow:
    answer = LINE.encode() if kind is StatementKind.COSIGNED else b"\x30\x00\xff"
    return StatementRow(witness, size, note, kind, answer, NOON)


def test_statements_come_back_as_they_were(database: SqlDatabase, keeping_db: Database) -> None:
    notes = {size: grow(database, size) for size in (2, 5)}
    rows = [
        row(2, notes[2], StatementKind.STAMPED, "b"),
        row(5, notes[5]),
        row(5, notes[5], StatementKind.COSIGNED, "b"),
    ]
    with keeping_db.transaction() as unit:
        assert all(unit.statements.add(one) for one in reversed(rows))
    with keeping_db.reading() as unit:
        assert list(unit.statements.stream()) == rows
        assert unit.statements.find_last("b") == rows[2]
        assert unit.statements.find_last("nobody") is None


def test_the_first_statement_about_a_checkpoint_counts(database: SqlDatabase, keeping_db: Database) -> None:
    note = grow(database, 2)
    first = row(2, note, StatementKind.COSIGNED)
    with keeping_db.transaction() as unit:
        assert unit.statements.add(first)
        assert not unit.statements.add(replace(first, answer=b"another", stated_at=NOON + HOUR))
    with keeping_db.reading() as unit:
        assert list(unit.statements.stream()) == [first]
        stored = unit.checks.find_checkpoint(2)
    assert stored is not None
    assert stored.note == f"{note}{LINE}\n"


def test_a_cosignature_goes_under_its_checkpoint_and_under_no_other(
    database: SqlDatabase, keeping_db: Database
) -> None:
    notes = {size: grow(database, size) for size in (2, 5)}
    with keeping_db.transaction() as unit:
        unit.statements.add(row(2, notes[2], StatementKind.COSIGNED))
        unit.statements.add(row(2, notes[2], StatementKind.COSIGNED, "b"))
        unit.statements.add(row(2, notes[2], StatementKind.STAMPED, "c"))
    with keeping_db.reading() as unit:
        five, two = unit.checks.list_checkpoints(9)
    assert five.note == notes[5]
    assert two.note == f"{notes[2]}{LINE}\n{LINE}\n"
    assert as_signed(two.note) == notes[2]
    assert open_checkpoint(two.note, [SIGNER.key]).size == 2


def test_nothing_is_kept_of_what_was_rolled_back(database: SqlDatabase, keeping_db: Database) -> None:
    note = grow(database, 2)
    roll_back(keeping_db, lambda unit: unit.statements.add(row(2, note, StatementKind.COSIGNED)))
    with keeping_db.reading() as unit:
        assert list(unit.statements.stream()) == []
        stored = unit.checks.find_checkpoint(2)
    assert stored is not None
    assert stored.note == note


def test_a_kind_that_there_is_not_is_refused(database: SqlDatabase) -> None:
    with pytest.raises(ConstraintBroken), database.transaction() as unit:
        unit.statements._connection.exec_driver_sql(
            "INSERT INTO witness_statements VALUES ('a', 1, 'n', 'promised', '', '2026-11-22 12:00:00')"
        )


def test_what_waits_is_known_from_its_first_checkpoint(database: SqlDatabase, keeping_db: Database) -> None:
    with keeping_db.reading() as unit:
        assert unit.statements.waits_since(0) is None
    grow(database, 2)
    grow(database, 5)
    with keeping_db.reading() as unit:
        assert unit.statements.waits_since(0) == NOON + 2 * HOUR
        assert unit.statements.waits_since(2) == NOON + 5 * HOUR
        assert unit.statements.waits_since(5) is None


def test_growth_is_proven_between_any_two_sizes(database: SqlDatabase, keeping_db: Database) -> None:
    roots = {}
    for size in range(1, 12):
        roots[size] = open_checkpoint(grow(database, size), [SIGNER.key]).root
    with keeping_db.reading() as unit:
        for size in roots:
            for old_size in range(1, size + 1):
                proof = unit.evidence.prove_growth(old_size, size)
                assert verify_consistency(old_size, size, roots[old_size], roots[size], proof)
        assert unit.evidence.prove_growth(0, 5) == []
        with pytest.raises(ValueError, match="no beginning"):
            unit.evidence.prove_growth(6, 5)
        with pytest.raises(LogBroken, match="missing"):
            unit.evidence.prove_growth(5, 20)


def test_a_job_is_found_by_its_key_and_the_parked_one_first(keeping_db: Database) -> None:
    with keeping_db.transaction() as unit:
        assert unit.outbox.find("send-checkpoint", "a") is None
        unit.outbox.put("send-checkpoint", "a", {}, NOON)
        unit.outbox.put("send-checkpoint", "b", {}, NOON + HOUR)
        waiting = unit.outbox.find("send-checkpoint", "a")
        job = unit.outbox.claim(["send-checkpoint"], NOON, 60)
        assert job is not None
        assert waiting == StandingJob(job.job_id, False, NOON, 0, None)
        assert unit.outbox.find("send-checkpoint", "a") == StandingJob(job.job_id, False, NOON, 1, None)
        unit.outbox.retry(job, NOON, "no answer")
        assert unit.outbox.find("send-checkpoint", "a") == StandingJob(job.job_id, False, NOON, 1, "no answer")
        job = unit.outbox.claim(["send-checkpoint"], NOON, 60)
        assert job is not None
        unit.outbox.park(job, "given up")
        unit.outbox.put("send-checkpoint", "a", {}, NOON)
        assert unit.outbox.find("send-checkpoint", "a") == StandingJob(job.job_id, True, NOON, 2, "given up")
