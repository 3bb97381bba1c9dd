"""When a witness disagrees: a log that was rewritten, an old backup, a mistake of the witness, or a lie."""

from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.doctor import Trouble
from ivr.errors import LogContradicted
from ivr.evidence_ports import Submission
from ivr.records.witnessing import Witnessing
from storage.consent_log.export import verify_log
from storage.consent_log.sealing import seal
from storage.consent_log.tags import Tag
from storage.records import NewEntry
from storage.witnessing import Statement
from tests.builders import House
from tests.ivr.records.witnessed import HOUR_S, harm, healths, sealed, send
from tests.ivr.witnesses.outsiders import OutsideWitness


@pytest.fixture
def house(witnessed: House) -> House:
    return witnessed


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
        assert health.contradiction is not None
        assert health.goes_on is None  # whoever rewrote the log took the statements away as well
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
    send(house)
    assert healths(house)[0].contradiction is None


def test_somebody_else_who_sent_a_later_checkpoint_is_no_alarm(house: House, outside: OutsideWitness) -> None:
    sealed(house, 2)

    class Overtaken:
        """While this one sends a checkpoint, another process signs and sends a later one."""

        name = "overtaken"
        says = 5

        def deliver(self, submission: Submission) -> Statement:
            sealed(house, 3)
            raise LogContradicted("has seen other entries", self.says)

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
    Overtaken.says = 7  # where no checkpoint of ours ends, though the log has as many entries by then
    (result,) = witnessing.deliver_all()
    assert isinstance(result.fault, LogContradicted)
    assert witnessing.look()[0].contradiction is not None


# ---------------------------------------------------------------- a witness that lies


def contradicted(house: House) -> int:
    with house.wiring.database.reading() as unit:
        return sum(one.tag == Tag.LOG_CONTRADICTED for one in unit.log.list_call("log"))


def test_a_witness_that_disagrees_for_days_with_another_number_each_time_is_one_entry(
    house: House, outside: OutsideWitness, kept: Path
) -> None:
    """Else each entry would be signed, sent and contradicted again; the other witness goes on as before."""
    sealed(house, 3)
    send(house)
    for hour in range(48):
        outside.seen = (1000 + hour, bytes(32))
        house.clock.pass_s(HOUR_S)
        house.wiring.witnessing.keep()
        house.run_jobs(JobKind.SEAL_LOG, JobKind.SEND_CHECKPOINT)
        if hour % 24 == 0:
            sealed(house)
    assert contradicted(house) == 1
    cosigner, folder = healths(house)
    assert cosigner.contradiction is not None
    assert cosigner.goes_on is True
    assert folder.waits_since is None
    assert len(list(kept.iterdir())) == 4  # the first, the two of the days, the one with the contradiction itself


def test_who_disagrees_with_what_it_cosigned_itself_is_told_apart_from_a_log_that_was_rewritten(
    house: House, outside: OutsideWitness
) -> None:
    sealed(house, 5)
    send(house)
    house.clock.pass_s(HOUR_S)
    sealed(house, 2)
    outside.seen = (5, bytes(32))  # it cosigned others
    send(house)
    cosigner, _ = healths(house)
    assert cosigner.fault == f"{cosigner.name} has seen 5 entries that are not the first 5 of this log"
    assert cosigner.contradiction is not None
    assert cosigner.goes_on is True
    harm(
        house,
        "UPDATE witness_statements SET note = replace(note, char(10) || '5' || char(10), char(10) || '6' || char(10))",
    )
    assert healths(house)[0].goes_on is False


def test_a_witness_that_forgot_what_it_saw_is_told_from_there(house: House, outside: OutsideWitness) -> None:
    """As after its disk was put back: a proof from any smaller size is as good."""
    sealed(house, 5)
    send(house)
    first = outside.seen
    house.clock.pass_s(HOUR_S)
    sealed(house, 2)
    send(house)
    outside.seen = first
    house.clock.pass_s(HOUR_S)
    sealed(house)
    send(house)
    cosigner, _ = healths(house)
    assert (cosigner.contradiction, cosigner.fault, cosigner.waits_since) == (None, None, None)
    assert outside.seen[0] == 8
    assert outside.heard[-2:] == [7, 5]


def test_a_log_that_is_damaged_here_is_shown_to_no_witness(house: House, outside: OutsideWitness) -> None:
    """A hash inside the tree is not what it was: the proof with it would make an honest witness say 422."""
    sealed(house, 5)
    send(house)
    house.clock.pass_s(HOUR_S)
    sealed(house, 4)
    harm(house, "UPDATE log_entries SET subtrees = zeroblob(length(subtrees)) WHERE number = 5")
    send(house)
    cosigner, _ = healths(house)
    assert cosigner.fault == "the log here does not go on from the first 5 entries that it signed"
    assert cosigner.contradiction is None
    assert outside.heard == [0]


def test_a_checkpoint_that_is_kept_under_another_size_is_shown_to_no_witness(
    house: House, outside: OutsideWitness, kept: Path
) -> None:
    sealed(house, 3)
    harm(house, "UPDATE checkpoints SET size = 4 WHERE size = 3")
    send(house)
    for health in healths(house):
        assert health.fault == "the checkpoint of 4 entries says that it is of 3"
        assert health.contradiction is None
    assert outside.heard == []
    assert list(kept.iterdir()) == []
