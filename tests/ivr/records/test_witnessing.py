"""Checkpoints on their way outside: at what pace, each once in effect, and what happens when a witness disagrees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.doctor import Trouble
from ivr.errors import LogContradicted
from ivr.evidence_ports import Submission
from ivr.records.witnessing import WitnessHealth, Witnessing
from storage.consent_log.checkpoint import NoteSigner, open_note
from storage.consent_log.export import verify_log
from storage.consent_log.sealing import seal
from storage.records import Job, NewEntry
from storage.witnessing import Statement, StatementKind
from tests.builders import House
from tests.ivr.witnesses.outsiders import OutsideWitness, web_server

HOUR_S, DAY_S = 3600, 86_400
ORIGIN = "spelregel.test/log"
NAME = "witness.test/w1"
SEED = bytes(range(32))
"""The signing key of the tests' house."""


@pytest.fixture
def outside() -> OutsideWitness:
    return OutsideWitness(NAME, ORIGIN, NoteSigner.from_seed(ORIGIN, SEED).key.public.public_bytes_raw())


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "other disk"
    folder.mkdir()
    return folder


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, outside: OutsideWitness, kept: Path) -> Iterator[House]:
    """With two witnesses: one that cosigns, and a folder."""
    with web_server(outside) as url:
        addresses = f"witness+{url}#{outside.vkey} file://{str(kept).replace(' ', '%20')}"
        house = House(tmp_path, sqlite_url, variables={"SPELREGEL_WITNESSES": addresses})
        yield house
        house.close()


def happens(house: House, times: int = 1) -> None:
    """So many entries that belong to no call."""
    with house.wiring.database.transaction() as unit:
        for _ in range(times):
            size = unit.checks.state().size
            unit.log.append(NewEntry("test", f"test:{size}", "prompt:played", house.clock.now()))


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


def sealed(house: House, times: int = 1) -> None:
    """So many more entries, signed, as after a call."""
    happens(house, times)
    house.wiring.witnessing.seal()


def send(house: House) -> int:
    return house.run_jobs(JobKind.SEND_CHECKPOINT)


def healths(house: House) -> tuple[WitnessHealth, WitnessHealth]:
    cosigner, folder = house.wiring.witnessing.look()
    return cosigner, folder


def size_of(house: House) -> int:
    with house.wiring.database.reading() as unit:
        return unit.checks.state().size


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
    assert not folder.given_up
    kept.mkdir()
    house.clock.pass_s(60)
    assert send(house) == 1
    assert healths(house)[1].fault is None
    assert outside.heard == [0]


def test_who_is_given_up_is_not_asked_again_until_somebody_says_so(house: House, outside: OutsideWitness) -> None:
    outside.log_name = "elsewhere.test/log"
    sealed(house)
    send(house)
    cosigner, _ = healths(house)
    assert cosigner.given_up
    assert cosigner.fault is not None
    assert "does not know this log" in cosigner.fault
    house.clock.pass_s(DAY_S)
    sealed(house)
    send(house)
    assert outside.heard == [0]
    outside.log_name = ORIGIN
    with house.wiring.database.transaction() as unit:
        (parked,) = unit.outbox.list_parked(9)
        unit.outbox.revive(parked.job_id, house.clock.now())
    send(house)
    cosigner, _ = healths(house)
    assert (cosigner.given_up, cosigner.fault, cosigner.waits_since) == (False, None, None)
    assert outside.seen[0] == 2


def test_who_was_given_up_and_is_sent_to_by_hand_gets_the_next_ones_by_itself(
    house: House, outside: OutsideWitness
) -> None:
    outside.log_name = "elsewhere.test/log"
    sealed(house)
    send(house)
    outside.log_name = ORIGIN
    assert all(one.fault is None for one in house.wiring.witnessing.deliver_all())
    send(house)
    cosigner, _ = healths(house)
    assert (cosigner.given_up, cosigner.fault) == (False, None)
    house.clock.pass_s(HOUR_S)
    sealed(house)
    assert send(house) == 2
    assert outside.seen[0] == 2


def test_doctor_tells_of_a_witness_that_is_two_days_behind(house: House, kept: Path) -> None:
    kept.rmdir()
    sealed(house)
    send(house)
    house.clock.pass_s(2 * DAY_S - 1)
    assert not healths(house)[1].late
    house.clock.pass_s(1)
    assert [one.late for one in healths(house)] == [False, True]
    (told,) = [one for one in house.wiring.doctor.examine() if one.trouble is Trouble.WITNESS_LATE]
    assert str(told).startswith(f"file://{kept} has not got what was signed since 2026-11-03 13:05Z")


# ---------------------------------------------------------------- a log that was rewritten


def rewritten(house: House, size: int) -> None:
    """By somebody who holds the database and the signing key: other entries, and checkpoints to match."""
    for statement in (
        "DELETE FROM log_personal",
        "DELETE FROM log_entries",
        "DELETE FROM checkpoints",
        "UPDATE log_head SET size = 0, peaks = x''",
    ):
        harm(house, statement)
    with house.wiring.database.transaction() as unit:
        for number in range(size):
            unit.log.append(NewEntry("test", f"other:{number}", "prompt:played", house.clock.now()))
        seal(unit, house.wiring.signer, house.wiring.log_origin, house.clock.now())


@pytest.mark.parametrize(("size", "theirs"), [(9, 5), (5, 5), (3, 5)])
def test_both_witnesses_contradict_it_and_the_alarm_stays(house: House, size: int, theirs: int) -> None:
    sealed(house, 5)
    send(house)
    rewritten(house, size)
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole  # alone, it cannot be seen
    harm(house, "DELETE FROM witness_statements")
    house.clock.pass_s(HOUR_S)
    house.wiring.witnessing.keep()
    send(house)
    for health in healths(house):
        assert health.given_up
        assert health.contradiction is not None
        assert health.contradiction.facts["witness"] == health.name
        assert health.contradiction.facts["witness_size"] == theirs
        assert health.contradiction.facts["size"] == size
    complaints = [one for one in house.wiring.doctor.examine() if one.trouble is Trouble.LOG_CONTRADICTED]
    assert len(complaints) == 2


def test_what_witnesses_said_before_shows_it_too_at_the_daily_check(house: House) -> None:
    sealed(house, 5)
    send(house)
    rewritten(house, 9)
    house.wiring.log_watch.ask("a.controle")
    house.run_jobs(JobKind.VERIFY_LOG)
    assert house.wiring.log_watch.look().broken
    problems = dict.fromkeys(problem for _, problem in house.wiring.witnessing.check())
    assert list(problems) == ["the checkpoint that it is about is gone"]


def test_an_alarm_ends_when_the_witness_accepts_a_newer_checkpoint(house: House, outside: OutsideWitness) -> None:
    """As after a test installation had the log's name for a while."""
    sealed(house, 2)
    outside.seen = (7, bytes(32))
    send(house)
    assert healths(house)[0].contradiction is not None
    outside.seen = (0, b"")
    house.clock.pass_s(HOUR_S)
    with house.wiring.database.transaction() as unit:
        for parked in unit.outbox.list_parked(9):
            unit.outbox.revive(parked.job_id, house.clock.now())
    send(house)
    assert healths(house)[0].contradiction is None


def test_somebody_else_who_sent_a_later_checkpoint_is_no_alarm(house: House, outside: OutsideWitness) -> None:
    sealed(house, 2)

    class Overtaken:
        """While this one sends a checkpoint, another process signs and sends a later one."""

        name = "overtaken"

        def deliver(self, submission: Submission) -> Statement:
            sealed(house, 3)
            raise LogContradicted("has seen 5 entries", 5)

        def check(self, row: object) -> None:
            raise AssertionError

    wiring = house.wiring
    witnessing = Witnessing(
        wiring.database, house.clock, [Overtaken()], wiring.settings.checkpoint_every, wiring.seal_log
    )
    (result,) = witnessing.deliver_all()
    assert str(result.fault) == "overtaken got a later checkpoint meanwhile"
    assert witnessing.look()[0].contradiction is None
    assert outside.heard == []


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
