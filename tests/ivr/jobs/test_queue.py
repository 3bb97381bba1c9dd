"""Waking the worker: by a file, by PostgreSQL and by Redis. The job itself is in the outbox whatever happens here."""

import gc
import shutil
import subprocess
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from huey.consumer import Consumer
from huey.registry import Message
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from ivr.calls.jobs import JobKind
from ivr.jobs.queue import JsonSerializer, WakeUp, make_huey
from ivr.jobs.worker import JobRunner
from storage.session import SqlDatabase
from tests.builders import SetClock
from tests.conftest import SERVERS_REQUIRED, free_port

QUEUES = ["file", "postgresql", "redis"]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away server on loopback that keeps nothing."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "no redis-server on this machine (Debian: apt install redis-server)"
        if SERVERS_REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    port, folder = free_port(), str(tmp_path_factory.mktemp("redis"))
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_redis(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def await_redis(port: int, server: subprocess.Popen[bytes]) -> None:
    with Redis(port=port) as client:
        while server.poll() is None:
            try:
                client.ping()
            except RedisAway:
                continue
            return
    pytest.fail(f"redis-server ended with {server.returncode}")


@pytest.fixture(params=QUEUES)
def wake_up(request: pytest.FixtureRequest, tmp_path: Path, sqlite_database: SqlDatabase) -> WakeUp:
    """Answers by running what is due."""
    database_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else "sqlite:///unused"
    redis_url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    done = threading.Event()
    runner = JobRunner(sqlite_database, SetClock(), dict.fromkeys(JobKind, lambda _: done.set()))
    wake_up = WakeUp(make_huey(database_url, redis_url, tmp_path), runner.run_due)
    request.node.done = done
    return wake_up


@pytest.fixture
def consumer(wake_up: WakeUp) -> Iterator[Consumer]:
    """As the worker process has it, but in threads of this one: only the main thread may take signals."""
    consumer = wake_up.huey.create_consumer(workers=1, periodic=False, initial_delay=0.01, max_delay=0.05)
    consumer._set_signal_handlers = lambda: None
    consumer.start()
    yield consumer
    with warnings.catch_warnings():
        # PostgresHuey leaves a thread's connection to the garbage collector, as its source says.
        warnings.simplefilter("ignore", ResourceWarning)
        consumer.stop(graceful=True)
        wake_up.huey.storage.close()
        gc.collect()


@pytest.mark.usefixtures("consumer")
def test_a_ring_wakes_a_worker_that_does_the_job(
    request: pytest.FixtureRequest, wake_up: WakeUp, sqlite_database: SqlDatabase
) -> None:
    with sqlite_database.transaction() as unit:
        unit.outbox.put(JobKind.SEAL_LOG, "log", {}, SetClock().now())
    wake_up.ring()
    assert request.node.done.wait(timeout=20)


def test_nobody_to_ring_costs_nobody_an_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The database holds the job; a sweep finds it within a second."""
    wake_up = WakeUp(make_huey("sqlite:///unused", "redis://127.0.0.1:9/0", tmp_path), lambda: None)
    wake_up.ring()
    assert [record.message for record in caplog.records] == ["the worker could not be woken"]


def test_what_waits_in_the_queue_is_data_and_no_program() -> None:
    """Huey's own serialiser is pickle, which runs what it reads."""
    nothing = dict.fromkeys(Message._fields)
    message = Message(**nothing | {"id": "id", "name": "run_due_jobs", "args": [], "kwargs": {}})
    raw = JsonSerializer().serialize(message)
    assert raw.startswith(b'["id", "run_due_jobs"')
    assert JsonSerializer().deserialize(raw) == message
