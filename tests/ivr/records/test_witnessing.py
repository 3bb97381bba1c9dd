"""Checkpoints on their way outside: at what pace, each once in effect, and a witness that is away for a while."""

from importlib import import_module
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.doctor import Trouble
from storage.consent_log.checkpoint import open_note
from storage.consent_log.export import verify_log
from storage.records import Job
from storage.session import migrate
from storage.witnessing import StatementKind
from tests.builders import House
from tests.ivr.records.witnessed import DAY_S, HOUR_S, NAME, ORIGIN, happens, harm, healths, sealed, send, size_of
from tests.ivr.witnesses.outsiders import OutsideWitness


@pytest.fixture
def house(witnessed: House) -> House:
    return witnessed


# ---------------------------------------------------------------- pace


def test_what_is_signed_goes_to_every_witness(house: House, outside: OutsideWitness, kept: Path) -> None:
    sealed(house, 3)
    assert all(one.waits_since == house.clock.now() for one in healths(house))
    assert send(house) == 2
    cosigner, folder = healths(house)
    assert (cosigner.waits_since, folder.waits_since) == (None, None)
    assert cosigner.last is not None
    assert folder.last is not None
    assert (cosigner.last.kind, cosigner.last.size) == (StatementKind.COSIGNED, 3)
    assert (folder.last.kind, folder.last.size) == (StatementKind.KEPT, 3)
    assert outside.seen[0] == 3
    assert [file.name for file in kept.iterdir()] == ["checkpoint-000000000003.txt"]


def test_a_call_that_ends_is_signed_and_sent_by_the_jobs_alone(house: House, outside: OutsideWitness) -> None:
    house.stopped(5)
    house.run_jobs()
    assert outside.seen[0] > 0
    assert healths(house)[0].last is not None


def test_a_witness_gets_one_checkpoint_in_each_pace_and_then_the_newest(house: House, kept: Path) -> None:
    sealed(house)
    send(house)
    for _ in range(5):
        house.clock.pass_s(60)
        sealed(house)
        assert send(house) == 0
    assert all(one.waits_since is not None for one in healths(house))
    house.clock.pass_s(HOUR_S - 5 * 60)
    assert send(house) == 2
    assert sorted(file.name for file in kept.iterdir()) == [f"checkpoint-{size:012d}.txt" for size in (1, 6)]


def test_what_is_written_between_calls_is_signed_and_sent_at_the_set_pace(house: House, kept: Path) -> None:
    happens(house)
    house.wiring.witnessing.keep()
    assert house.run_jobs(JobKind.SEAL_LOG) == 1
    assert send(house) == 2
    house.wiring.witnessing.keep()
    assert house.run_jobs(JobKind.SEAL_LOG, JobKind.SEND_CHECKPOINT) == 0
    assert len(list(kept.iterdir())) == 1


def test_a_witness_that_was_added_later_gets_the_newest_without_a_new_entry(house: House, tmp_path: Path) -> None:
    sealed(house)
    send(house)
    added = tmp_path / "third"
    added.mkdir()
    more = f"{house.variables['SPELREGEL_WITNESSES']} file://{added}"
    again = House(tmp_path, house.database_url, clock=house.clock, variables={"SPELREGEL_WITNESSES": more})
    again.wiring.witnessing.keep()
    assert send(again) == 1
    assert len(list(added.iterdir())) == 1
    again.close()


def test_an_empty_log_is_sent_nowhere(house: House, outside: OutsideWitness) -> None:
    house.wiring.witnessing.keep()
    assert house.run_jobs(JobKind.SEAL_LOG, JobKind.SEND_CHECKPOINT) == 0
    assert outside.heard == []


def test_on_demand_everything_is_signed_and_sent_at_once(house: House, outside: OutsideWitness) -> None:
    sealed(house)
    send(house)
    happens(house, 2)
    results = list(house.wiring.witnessing.deliver_all())
    assert [(one.row.size if one.row else None, one.fault) for one in results] == [(3, None), (3, None)]
    assert outside.seen[0] == 3


def test_a_witness_that_left_the_settings_is_not_asked_again(
    house: House, tmp_path: Path, outside: OutsideWitness
) -> None:
    sealed(house)
    alone = House(tmp_path, house.database_url, clock=house.clock)
    assert send(alone) == 2
    assert outside.heard == []
    alone.close()


# ---------------------------------------------------------------- once in effect


def test_a_cosignature_stands_under_the_checkpoint_in_exports_and_proofs(house: House, outside: OutsideWitness) -> None:
    house.stopped(5)
    house.wiring.witnessing.seal()
    send(house)
    with house.wiring.database.reading() as unit:
        size = unit.checks.state().sealed_size
        row = unit.checks.find_checkpoint(size)
        evidence = unit.evidence.of_call(house.call.call_id)
    assert row is not None
    text, _ = open_note(row.note, house.wiring.log_keys)
    assert row.note.endswith(f"\n{outside.cosign(text)}")
    assert evidence.note == row.note
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole
    sealed(house)  # the log goes on from a cosigned checkpoint


def test_a_crash_before_the_answer_was_stored_changes_nothing_when_it_is_sent_again(
    house: House, outside: OutsideWitness, kept: Path
) -> None:
    sealed(house, 3)
    send(house)
    harm(house, "DELETE FROM witness_statements")
    harm(house, "UPDATE checkpoints SET note = substr(note, 1, instr(note, '— witness') - 1)")
    house.wiring.witnessing.keep()
    assert send(house) == 2
    cosigner, folder = healths(house)
    assert (cosigner.waits_since, folder.waits_since) == (None, None)
    assert outside.heard == [0, 0, 3]
    assert len(list(kept.iterdir())) == 1


def test_two_workers_store_one_statement(house: House) -> None:
    sealed(house)
    witnessing = house.wiring.witnessing
    job = Job(1, JobKind.SEND_CHECKPOINT, healths(house)[0].name, {}, 1)
    witnessing.deliver(job)
    witnessing.deliver(job)
    with house.wiring.database.reading() as unit:
        assert len(list(unit.statements.stream())) == 1
        row = unit.checks.find_checkpoint(1)
    assert row is not None
    assert row.note.count(f"— {NAME} ") == 1


def test_a_write_that_fails_after_the_answer_is_made_up_for(house: House, outside: OutsideWitness) -> None:
    sealed(house)
    job = Job(1, JobKind.SEND_CHECKPOINT, healths(house)[0].name, {}, 1)
    harm(house, "CREATE TRIGGER full BEFORE INSERT ON witness_statements BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(Exception, match="disk full"):
        house.wiring.witnessing.deliver(job)
    assert outside.seen[0] == 1
    assert healths(house)[0].last is None
    harm(house, "DROP TRIGGER full")
    house.wiring.witnessing.deliver(job)
    assert healths(house)[0].last is not None


# ---------------------------------------------------------------- a witness that does not answer


def test_a_witness_that_is_away_does_not_hold_up_the_others(house: House, kept: Path, outside: OutsideWitness) -> None:
    kept.rmdir()
    sealed(house)
    assert send(house) == 2
    cosigner, folder = healths(house)
    assert cosigner.waits_since is None
    assert folder.fault is not None
    assert "cannot be written" in folder.fault
    assert folder.tries_at is not None
    kept.mkdir()
    house.clock.pass_s(60)
    assert send(house) == 1
    assert healths(house)[1].fault is None
    assert outside.heard == [0]


def test_who_was_away_for_weeks_gets_the_newest_checkpoint_by_itself_and_only_that(house: House, kept: Path) -> None:
    """The outbox has one job for it the whole time, and nobody has to do anything when it is back."""
    kept.rmdir()
    sealed(house)
    signed_at = house.clock.now()
    for _ in range(60):
        send(house)
        house.clock.pass_s(12 * HOUR_S)
        sealed(house)
        house.wiring.witnessing.keep()
        with house.wiring.database.reading() as unit:
            assert unit.outbox.count_by_state()["parked"] == 0
            assert unit.outbox.count_by_state()["waiting"] <= 2
    folder = healths(house)[1]
    assert folder.late
    assert folder.waits_since == signed_at
    kept.mkdir()
    house.clock.pass_s(HOUR_S)
    send(house)
    folder = healths(house)[1]
    assert (folder.fault, folder.tries_at, folder.waits_since, folder.late) == (None, None, None, False)
    assert [file.name for file in kept.iterdir()] == [f"checkpoint-{size_of(house):012d}.txt"]


def test_who_refuses_is_asked_once_an_hour_and_caught_up_when_its_owner_mended_it(
    house: House, outside: OutsideWitness
) -> None:
    outside.log_name = "elsewhere.test/log"
    sealed(house)
    send(house)
    cosigner, _ = healths(house)
    assert cosigner.fault is not None
    assert "does not know this log" in cosigner.fault
    assert cosigner.tries_at is not None
    assert (cosigner.tries_at - house.clock.now()).total_seconds() == HOUR_S
    sealed(house)
    send(house)
    assert outside.heard == [0]
    outside.log_name = ORIGIN
    house.clock.pass_s(HOUR_S)
    send(house)
    cosigner, _ = healths(house)
    assert (cosigner.tries_at, cosigner.fault, cosigner.waits_since) == (None, None, None)
    assert outside.seen[0] == 2


def test_who_refused_and_is_sent_to_by_hand_is_up_to_date_at_once(house: House, outside: OutsideWitness) -> None:
    outside.log_name = "elsewhere.test/log"
    sealed(house)
    send(house)
    outside.log_name = ORIGIN
    assert all(one.fault is None for one in house.wiring.witnessing.deliver_all())
    cosigner, _ = healths(house)
    assert (cosigner.tries_at, cosigner.fault, cosigner.waits_since) == (None, None, None)
    house.clock.pass_s(HOUR_S)
    sealed(house)
    assert send(house) == 2
    assert outside.seen[0] == 2


def test_one_that_an_earlier_version_gave_up_is_tried_again_after_the_migration(house: House) -> None:
    sealed(house)
    harm(house, "UPDATE jobs SET state = 'parked' WHERE kind = 'send-checkpoint'")
    before = import_module("storage.migrations.versions.0015_witnesses_that_wait").down_revision
    harm(house, f"UPDATE alembic_version SET version_num = '{before}'")  # noqa: S608  a name of our own
    migrate(house.database_url)
    house.wiring.witnessing.keep()
    assert send(house) == 2
    assert all(one.waits_since is None for one in healths(house))


def test_doctor_tells_of_a_witness_that_is_two_days_behind(house: House, kept: Path) -> None:
    kept.rmdir()
    sealed(house)
    send(house)
    house.clock.pass_s(2 * DAY_S - 1)
    assert not healths(house)[1].late
    house.clock.pass_s(1)
    assert [one.late for one in healths(house)] == [False, True]
    (told,) = [one for one in house.wiring.doctor.examine() if one.trouble is Trouble.WITNESS_LATE]
    assert str(told).startswith(
        f"file://{kept} has not got what was signed since 2026-11-03 13:05Z; it is tried again: "
    )


# ---------------------------------------------------------------- what is stored


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE witness_statements SET answer = x'78' WHERE size = 3 AND kind = 'cosigned'",
            "a signature line is malformed",
        ),
        (
            "UPDATE witness_statements SET answer = (SELECT answer FROM witness_statements WHERE size = 2 AND"
            " kind = 'cosigned') WHERE size = 3 AND kind = 'cosigned'",
            f"the cosignature of {NAME} is false",
        ),
        (
            "UPDATE witness_statements SET note = (SELECT note FROM witness_statements WHERE size = 2) WHERE size = 3",
            "the checkpoint that it is about was replaced",
        ),
        ("UPDATE witness_statements SET size = 4 WHERE size = 3", "the checkpoint that it is about is gone"),
        ("DELETE FROM checkpoints WHERE size = 3", "the checkpoint that it is about is gone"),
        (
            "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 2) WHERE size = 3",
            "the checkpoint that it is about was replaced",
        ),
    ],
)
def test_whatever_is_changed_of_it_is_named(house: House, statement: str, problem: str) -> None:
    sealed(house, 2)
    send(house)
    house.clock.pass_s(HOUR_S)
    sealed(house)
    send(house)
    assert [found for _, found in house.wiring.witnessing.check()] == [None] * 4
    harm(house, statement)
    found = [(row.size, told) for row, told in house.wiring.witnessing.check() if told is not None]
    assert {size for size, _ in found} <= {3, 4}
    assert {told for _, told in found} == {problem}
