"""An acknowledged entry survives kill -9, a full disk and a dead server; many processes append without gaps."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.consent_log.export import verify_log
from storage.consent_log.stored_log import read_entries
from storage.records import NewEntry
from storage.session import SqlDatabase, migrate
from tests.conftest import execute, need_postgres, started_server

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

CHILD = Path(__file__).with_name("appending_child.py")
REPOSITORY = CHILD.parents[2]


def start_child(url: str, name: str, count: int, how: str = "") -> "subprocess.Popen[str]":
    environment = {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, str(CHILD), url, name, str(count), how]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def acknowledged_by(child: "subprocess.Popen[str]") -> dict[int, str]:
    """All that it printed until its end: number -> event id; a line goes into the pipe whole or not at all."""
    with child:
        assert child.stdout is not None
        lines = [line.split() for line in child.stdout if line != "full\n"]
    return {int(number): event_id for number, event_id in lines}


def logged_in(database: SqlDatabase) -> dict[int, str]:
    """The whole log, which must be whole and without gaps."""
    verdict = verify_log(database, [])
    assert verdict.whole, verdict.first
    with database.snapshot() as connection:
        logged = {
            stored.columns.number: stored.columns.event_id for stored in read_entries(connection) if stored.columns
        }
    assert sorted(logged) == list(range(verdict.size))
    return logged


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
            acknowledged |= acknowledged_by(child)
    assert acknowledged.items() <= logged_in(database).items()


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


def test_the_same_events_from_several_processes_are_logged_once(database: SqlDatabase, database_url: str) -> None:
    children = [start_child(database_url, "same", 30) for _ in range(3)]
    told = [acknowledged_by(child) for child in children]
    assert [child.wait() for child in children] == [0, 0, 0]
    assert told[0] == told[1] == told[2] == logged_in(database)
    assert len(told[0]) == 30


def test_one_of_many_processes_is_killed_and_the_others_go_on(database: SqlDatabase, database_url: str) -> None:
    victim = start_child(database_url, "victim", 1_000_000)
    assert victim.stdout is not None
    others = [start_child(database_url, f"other{number}", 30) for number in range(2)]
    first = victim.stdout.readline().split()
    victim.kill()
    acknowledged = {int(first[0]): first[1]}
    for child in (victim, *others):
        acknowledged |= acknowledged_by(child)
        child.wait()
    assert [child.returncode for child in others] == [0, 0]
    assert acknowledged.items() <= logged_in(database).items()


def test_a_process_that_dies_between_write_and_commit_leaves_nothing(database: SqlDatabase, database_url: str) -> None:
    child = start_child(database_url, "dying", 4, "unfinished")
    acknowledged = acknowledged_by(child)
    assert child.wait() == -signal.SIGKILL
    assert logged_in(database) == acknowledged
    assert len(acknowledged) == 3
    with database.transaction() as unit:  # nobody holds a lock for the dead
        assert unit.log.append(NewEntry("call-dying-0", "dying-3", "answer:yes", NOON)).number == 3


@pytest.mark.parametrize("room", [60_000, 140_000])
def test_a_full_disk_loses_nothing_that_was_acknowledged(sqlite_url: str, room: int) -> None:
    """No file may grow by more than so much; which of SQLite's files is full first depends on that."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    child = start_child(sqlite_url, "full", 10_000, str(path.stat().st_size + room))
    acknowledged = acknowledged_by(child)
    assert child.wait() == 0
    assert 0 < len(acknowledged) < 10_000
    database = SqlDatabase(sqlite_url)
    assert acknowledged.items() <= logged_in(database).items()
    with database.transaction() as unit:  # there is room again
        assert unit.log.append(NewEntry("call-full-0", "room", "answer:yes", NOON)).number == len(acknowledged)
    database.close()


@pytest.mark.slow
def test_what_postgresql_acknowledged_is_there_after_all_of_it_was_killed() -> None:
    need_postgres()
    with started_server("fsync=on") as server:
        execute(server.url, "CREATE DATABASE killed")
        url = f"{server.url}/killed"
        migrate(url)
        children = [start_child(url, f"process{number}", 1_000_000) for number in range(2)]
        acknowledged: dict[int, str] = {}
        for child in children:
            assert child.stdout is not None
            for _ in range(15):
                number, event_id = child.stdout.readline().split()
                acknowledged[int(number)] = event_id
        server.kill()
        for child in children:
            acknowledged |= acknowledged_by(child)
            assert child.wait() == 0, "it is told that the database is out of reach"
        server.start()
        database = SqlDatabase(url)
        assert acknowledged.items() <= logged_in(database).items()
        with database.transaction() as unit:
            assert unit.log.append(NewEntry("call-1", "after", "answer:yes", NOON)).number >= len(acknowledged)
        database.close()


@pytest.mark.slow
def test_a_server_that_may_lose_what_it_acknowledged_is_named() -> None:
    need_postgres()
    with started_server("fsync=off", "full_page_writes=off", "synchronous_commit=off") as server:
        database = SqlDatabase(f"{server.url}/postgres")
        with database.reading() as unit:
            assert unit.checks.list_unsafe_settings() == ["fsync", "full_page_writes"]
        with database.snapshot() as connection:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on", "our connections ask for it"
        database.close()


def test_our_own_settings_are_safe(database: SqlDatabase) -> None:
    with database.reading() as unit:
        assert unit.checks.list_unsafe_settings() == []
    with database.snapshot() as connection:
        sqlite = connection.dialect.name == "sqlite"
        setting = connection.execute(text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")).scalar()
    assert setting == (2 if sqlite else "on"), "2 is FULL: the log of changes is synced at each commit"


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
