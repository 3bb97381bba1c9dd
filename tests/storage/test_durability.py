"""An acknowledged entry survives kill -9; many processes append without gaps."""

import subprocess
import sys
from pathlib import Path

from storage.consent_log.export import verify_log
from storage.session import SqlDatabase

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
