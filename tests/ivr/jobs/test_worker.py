"""Taking jobs from the outbox: back-off, patience, leases, and one job's bug that stops nobody else."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from ivr.calls.jobs import JobKind
from ivr.errors import CarrierBusy, CarrierRefused, LogContradicted, WitnessBusy, WitnessRefused
from ivr.jobs.worker import LEASE_S, PATIENCE, RARE_RETRY_S, TIMER_LEASE_S, JobRunner, Pacer
from storage.errors import LogBroken, StorageUnavailable
from storage.records import Job
from storage.session import SqlDatabase
from storage.tables import jobs
from tests.builders import SetClock

SEAL, COPY, TIMER = JobKind.SEAL_LOG, JobKind.SEND_COPY, JobKind.TIMER


class Bench:
    """A runner whose work is scripted by job key."""

    def __init__(self, database: SqlDatabase) -> None:
        self.database = database
        self.clock = SetClock()
        self.done: list[str] = []
        self.faults: dict[str, Exception] = {}
        self.runner = JobRunner(database, self.clock, dict.fromkeys(JobKind, self.work))

    def work(self, job: Job) -> None:
        self.done.append(job.key)
        if job.key in self.faults:
            raise self.faults[job.key]

    def put(self, *keys: str, kind: JobKind = COPY, after_s: float = 0) -> None:
        with self.database.transaction() as unit:
            for key in keys:
                unit.outbox.put(kind, key, {}, self.clock.now() + timedelta(seconds=after_s))

    def tried(self, key: str, times: int) -> None:
        """As if so many tries lay behind it."""
        with self.database.transaction() as unit:
            unit.outbox._connection.execute(update(jobs).where(jobs.c.key == key).values(attempts=times))

    def run(self) -> list[str]:
        """Gives the keys of the jobs that were run."""
        self.done.clear()
        self.runner.run_due()
        return list(self.done)

    def states(self) -> dict[str, int]:
        with self.database.transaction() as unit:
            return {state: count for state, count in unit.outbox.count_by_state().items() if count}


@pytest.fixture
def bench(sqlite_database: SqlDatabase) -> Bench:
    return Bench(sqlite_database)


def test_due_jobs_are_done_in_the_order_of_their_time(bench: Bench) -> None:
    bench.put("second", after_s=-1)
    bench.put("first", after_s=-2)
    bench.put("later", after_s=5)
    assert bench.run() == ["first", "second"]
    assert bench.states() == {"waiting": 1}
    bench.clock.pass_s(5)
    assert bench.run() == ["later"]
    assert bench.states() == {}


@pytest.mark.parametrize("fault", [CarrierBusy("503"), StorageUnavailable("full"), KeyError("a bug")])
def test_what_fails_is_tried_again_later_and_later(bench: Bench, fault: Exception) -> None:
    bench.put("a")
    bench.faults["a"] = fault
    pauses = []
    assert bench.run() == ["a"]
    for _ in range(10):
        pause = 0
        while not bench.run():
            bench.clock.pass_s(1)
            pause += 1
        pauses.append(pause)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900]


def test_what_keeps_failing_waits_for_an_operator(bench: Bench) -> None:
    bench.put("a")
    bench.faults["a"] = CarrierBusy("503")
    for _ in range(PATIENCE):
        assert bench.run() == ["a"]
        bench.clock.pass_s(900)
    assert bench.run() == []
    assert bench.states() == {"parked": 1}


@pytest.mark.parametrize("fault", [CarrierRefused("401", 401), LogBroken("entry 3")])
def test_what_trying_cannot_mend_waits_for_an_operator_at_once(bench: Bench, fault: Exception) -> None:
    bench.put("a")
    bench.faults["a"] = fault
    assert bench.run() == ["a"]
    assert bench.states() == {"parked": 1}


@pytest.mark.parametrize(
    "fault",
    [
        WitnessBusy("503"),
        StorageUnavailable("full"),
        KeyError("a bug"),
        WitnessRefused("404"),
        LogContradicted("9 entries", 9),
        LogBroken("entry 3"),
    ],
)
def test_a_witness_is_tried_for_ever_at_most_once_an_hour(bench: Bench, fault: Exception) -> None:
    """More often than a floating-point number can be doubled, which is some six weeks."""
    bench.put("w", kind=JobKind.SEND_CHECKPOINT)
    bench.faults["w"] = fault
    for tries in range(2 * PATIENCE):
        if tries == PATIENCE + 5:
            bench.tried("w", 1100)
        assert bench.run() == ["w"]
        bench.clock.pass_s(RARE_RETRY_S)
    assert bench.states() == {"waiting": 1}
    assert bench.run() == ["w"]
    bench.clock.pass_s(RARE_RETRY_S - 1)
    assert bench.run() == []
    del bench.faults["w"]
    bench.clock.pass_s(1)
    assert bench.run() == ["w"]
    assert bench.states() == {}


@pytest.mark.parametrize(("fault", "pause_s"), [(WitnessBusy("503"), 2), (WitnessRefused("404"), 3600)])
def test_a_witness_that_refuses_is_not_asked_again_at_once(bench: Bench, fault: Exception, pause_s: int) -> None:
    bench.put("w", kind=JobKind.SEND_CHECKPOINT)
    bench.faults["w"] = fault
    assert bench.run() == ["w"]
    bench.clock.pass_s(pause_s - 1)
    assert bench.run() == []
    bench.clock.pass_s(1)
    assert bench.run() == ["w"]


def test_one_job_with_a_bug_stops_no_other(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.put("a", "b", "c")
    bench.faults["b"] = ZeroDivisionError("a bug")
    assert bench.run() == ["a", "b", "c"]
    assert bench.states() == {"waiting": 1}
    assert [record.levelname for record in caplog.records if record.exc_info] == ["ERROR"]


def test_only_the_kinds_that_are_asked_for(bench: Bench) -> None:
    bench.put("timer", kind=TIMER)
    bench.put("copy")
    bench.runner.run_due([TIMER], TIMER_LEASE_S)
    assert bench.done == ["timer"]


@pytest.mark.parametrize(("kind", "lease_s"), [(COPY, LEASE_S), (TIMER, TIMER_LEASE_S)])
def test_a_job_whose_worker_died_is_taken_over_when_its_lease_is_over(
    bench: Bench, kind: JobKind, lease_s: float
) -> None:
    bench.put("a", kind=kind)
    bench.runner = JobRunner(bench.database, bench.clock, {kind: die})
    with pytest.raises(SystemExit):
        bench.runner.run_due([kind], lease_s)
    other = Bench(bench.database)
    other.clock.pass_s(lease_s - 1)
    assert other.run() == []
    other.clock.pass_s(1)
    assert other.run() == ["a"]


def die(_: Job) -> None:
    raise SystemExit("kill -9")


def test_two_workers_do_not_do_one_job_twice(bench: Bench) -> None:
    bench.put(*(str(n) for n in range(30)))
    workers = [threading.Thread(target=bench.runner.run_due) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(bench.done, key=int) == [str(n) for n in range(30)]


# ---------------------------------------------------------------- the threads


@pytest.fixture
def paced() -> Iterator[Callable[[Exception | None], threading.Event]]:
    """Starts a pacer whose first round fails so; its event says that a second round came."""
    pacers: list[Pacer] = []

    def start(fault: Exception | None) -> threading.Event:
        again, rounds = threading.Event(), iter([fault])

        def work() -> None:
            failure = next(rounds, None)
            if failure is not None:
                raise failure
            again.set()

        pacers.append(Pacer("test", 0.001, work))
        pacers[-1].start()
        return again

    yield start
    for pacer in pacers:
        pacer.stop()
        assert not pacer.is_alive()


@pytest.mark.parametrize("fault", [None, StorageUnavailable("away"), ZeroDivisionError("a bug")])
def test_a_round_that_fails_is_not_the_last(
    paced: Callable[[Exception | None], threading.Event], fault: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    assert paced(fault).wait(timeout=10)
    assert bool(fault) == any(record.levelno >= logging.ERROR for record in caplog.records)
