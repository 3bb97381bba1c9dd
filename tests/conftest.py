"""Fixtures that many rooms need: a migrated database, on SQLite and on a real PostgreSQL server.

`database` runs a test on both; `sqlite_url` and `postgres_url` give one empty migrated database each.
"""

import logging
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from storage.session import SqlDatabase, migrate
from tests import stores as places
from tests.s3_server import CREDENTIALS, S3Server, moto, nanio
from tests.stores import Place

SERVERS_REQUIRED = os.environ.get("SPELREGEL_TEST_SERVERS") == "required"
TEMPLATE = "spelregel_template"
INITDB_OPTIONS = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
MEMORY = Path("/dev/shm")  # noqa: S108 - each test makes a folder of its own there
LEAST_ROOM_BYTES = 6 << 30


def pytest_configure() -> None:
    """Thousands of tests have a database that syncs each commit. Whether we ask for that is for tests to say, not what
    a disk makes of it: where there is room, their files lie in memory."""
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def has_room(folder: Path) -> bool:
    """Enough for whole runs, also beside what else needs memory; and programs may run there."""
    if not folder.is_dir() or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return min(psutil.disk_usage(str(folder)).free, psutil.virtual_memory().available) >= LEAST_ROOM_BYTES


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A test that sets logging up, as a command does, leaves nothing of it to the tests after it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite_file: Path) -> str:
    path = tmp_path / "spelregel.db"
    shutil.copyfile(migrated_sqlite_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a throw-away cluster on loopback, without a database name."""
    need_postgres()
    with throw_away_server("fsync=on") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    execute(postgres_server, f"CREATE DATABASE {TEMPLATE}")
    migrate(f"{postgres_server}/{TEMPLATE}")
    return TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    with new_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """Not migrated."""
    with new_database(postgres_server, "template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[SqlDatabase]:
    database = SqlDatabase(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[SqlDatabase]:
    """For tests of other rooms that need a database and do not care which."""
    database = SqlDatabase(sqlite_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3-compatible server on loopback, with an empty bucket; it does no more than it has to."""
    with nanio(tmp_path_factory.mktemp("s3"), free_port()) as server:
        yield server


@pytest.fixture(scope="session")
def full_s3() -> Iterator[S3Server]:
    """One that keeps versions and honours conditions."""
    with moto(free_port()) as server:
        yield server


@pytest.fixture
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment, where boto3 looks."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket_place(s3: S3Server, s3_credentials: None) -> Place:
    """A prefix of its own."""
    return places.bucket_place(s3, uuid.uuid4().hex)


@pytest.fixture
def full_bucket_place(full_s3: S3Server, s3_credentials: None) -> Place:
    """A prefix of its own."""
    return places.bucket_place(full_s3, uuid.uuid4().hex)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL cluster on loopback in a folder of its own; `control` is pg_ctl for it."""

    url: str
    folder: Path
    control: list[str]
    options: str

    def start(self) -> None:
        run([*self.control, f"--log={self.folder}/server.log", f"--options={self.options}", "start"], self.folder)

    def stop(self) -> None:
        run([*self.control, "--mode=immediate", "stop"], self.folder)

    def kill(self) -> None:
        """As when the power fails, as far as a process can tell: no process of it gets to do anything more."""
        postmaster = psutil.Process(int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0]))
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes)


@contextmanager
def throw_away_server(*settings: str) -> Iterator[str]:
    """A cluster on loopback with these settings; its URL, without a database name."""
    with started_server(*settings) as server:
        yield server.url


@contextmanager
def started_server(*settings: str) -> Iterator[Server]:
    """A cluster on loopback with these settings, for a test that does something to it."""
    bin_dir = find_postgres()
    assert bin_dir is not None, "no PostgreSQL server programs on this machine"
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="spelregel-postgres-"))
    if as_user:
        shutil.chown(folder, user, user)
    data, port = folder / "data", free_port()
    control = [*as_user, str(bin_dir / "pg_ctl"), f"--pgdata={data}", "--wait", "--silent"]
    given = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories='{folder}'", *settings)
    options = " ".join(f"-c {setting}" for setting in given)
    server = Server(f"postgresql://postgres@127.0.0.1:{port}", folder, control, options)
    try:
        run(
            [*as_user, str(bin_dir / "initdb"), f"--pgdata={data}", *INITDB_OPTIONS],
            folder,
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def new_database(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield f"{server_url}/{name}"
    execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def need_postgres() -> None:
    """Skips, or fails where the servers are required."""
    if find_postgres() is None:
        reason = "no PostgreSQL server programs on this machine (Debian: apt install postgresql)"
        if SERVERS_REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)


def find_postgres() -> Path | None:
    """The newest installed server's programs; Debian keeps them off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    programs = [*installed, *([Path(on_path)] if on_path else [])]
    return programs[-1].parent if programs else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        log = folder / "server.log"
        pytest.fail(f"{command}: {done.stderr.decode()} {log.read_text() if log.exists() else ''}")


def execute(server_url: str, statement: str) -> None:
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(statement.encode())
