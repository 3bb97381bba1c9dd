"""An acknowledged entry survives kill -9; many processes append without gaps."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from storage.consent_log.export import verify_log
from storage.records import NewEntry
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

CHILD = Path(__file__).with_name("appending_child.py")
REPOSITORY = CHILD.parents[2]


def start_child(url: str, name: str, count: int) -> "subprocess.Popen[str]":
    environment = {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, str(CHILD), url, name, str(count)], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_everything_acknowledged_is_there_after_kill_9(database: SqlDatabase, database_url: str) -> None:
    acknowledged: dict[int, str] = {}
    for name in ("first", "second", "third"):
        with start_child(database_url, name, 1_000_000) as child:
            assert child.stdout is not None
            for line in child.stdout:
                number, event_id = line.split()
                acknowledged[int(number)] = event_id
                if len(acknowledged) % 40 == 0:
                    child.kill()
                    break
            for line in child.stdout:  # what was on its way; a line goes into the pipe whole or not at all
                number, event_id = line.split()
                acknowledged[int(number)] = event_id
    with database.transaction() as unit:
        logged = {
            entry.number: entry.event_id
            for name in ("first", "second", "third")
            for index in range(3)
            for entry in unit.log.list_call(f"call-{name}-{index}")
        }
    assert acknowledged.items() <= logged.items()
    verdict = verify_log(database, [])
    assert verdict.whole, verdict.first
    assert verdict.size == len(logged)


def test_many_processes_append_without_gaps(database: SqlDatabase, database_url: str) -> None:
    children = [start_child(database_url, f"process{number}", 50) for number in range(4)]
    numbers = []
    for child in children:
        output, _ = child.communicate()
        assert child.returncode == 0
        numbers += [int(line.split()[0]) for line in output.splitlines()]
    assert sorted(numbers) == list(range(200))
    verdict = verify_log(database, [])
    assert verdict.whole, verdict.first


def test_many_threads_append_without_gaps(database: SqlDatabase) -> None:
    def append(index: int) -> int:
        with database.transaction() as unit:
            return unit.log.append(NewEntry(f"call-{index % 3}", f"event-{index}", "answer:yes", NOON)).number

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(append, range(200))) == list(range(200))
    assert verify_log(database, []).whole


def test_a_job_is_taken_by_one_worker(database: SqlDatabase) -> None:
    with database.transaction() as unit:
        for index in range(60):
            unit.outbox.put("send-copy", f"call-{index}", {}, NOON)

    def claim(_: int) -> int | None:
        with database.transaction() as unit:
            job = unit.outbox.claim(["send-copy"], NOON, lease_s=60)
        return None if job is None else job.job_id

    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(claim, range(80)))
    assert len({job_id for job_id in taken if job_id is not None}) == 60
    assert taken.count(None) == 20
