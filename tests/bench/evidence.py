"""What a durable consent entry costs beside the bare insert that nothing can undercut; what checks and proofs cost."""

import resource
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from storage.consent_log.chain import leaf_hash
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.entry import Entry
from storage.consent_log.exported_log import verify_export
from storage.consent_log.sealing import seal
from storage.consent_log.tlog_proof import proofs_of_call
from storage.records import Json, NewEntry
from storage.session import SqlDatabase, make_engine, migrate, normalise_url
from tests.bench.table import Row, percentile, spread
from tests.conftest import execute, find_postgres, throw_away_server

APPENDS = 500
VERIFIED = 100_000
MILLION = 1_000_000
OF_ONE_CALL = 20
ORIGIN = "log.example/log"


def measure(folder: Path) -> list[Row]:
    rows = _appending(f"sqlite:///{folder / 'bench.db'}", "SQLite")
    if find_postgres() is None:
        rows.append(Row("consent append (PostgreSQL)", 0, "", "no server programs on this machine"))
    else:
        with throw_away_server("fsync=on") as server:
            execute(server, "CREATE DATABASE bench")
            rows += _appending(f"{server}/bench", "PostgreSQL")
    return [*rows, *_verifying(folder / "export.jsonl")]


def _appending(url: str, name: str) -> list[Row]:
    """Both by turns, so that a moment in which the disk is busy counts for both; and then what proofs cost."""
    migrate(url)
    database, bare_engine = SqlDatabase(url), make_engine(normalise_url(url))
    with bare_engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (id BIGINT PRIMARY KEY, body TEXT)"))
    appends, inserts = [], []
    for number in range(APPENDS):
        appends.append(_time(lambda: _append(database, number)))  # noqa: B023  it is called at once
        inserts.append(_time(lambda: _insert(bare_engine, number)))  # noqa: B023
    rows = [
        *spread(f"consent append, durable ({name})", appends),
        *spread(f"bare durable insert ({name})", inserts),
        Row(f"append : bare insert ({name})", percentile(appends, 0.5) / percentile(inserts, 0.5), "x", "goal: <= 3"),
        *_proving(database, name),
    ]
    database.close()
    bare_engine.dispose()
    return rows


def _proving(database: SqlDatabase, name: str) -> list[Row]:
    signer = NoteSigner.from_seed(ORIGIN, bytes(32))
    with database.transaction() as unit:
        seal(unit, signer, ORIGIN, datetime.now(UTC))
    with database.reading() as unit:
        took = _time(lambda: proofs_of_call(unit.evidence.of_call("call-0")))
    note = f"log of {APPENDS}: {APPENDS.bit_length()} hashes each, one more when the log is twice as long"
    return [Row(f"the proofs of a call of {OF_ONE_CALL} entries ({name})", took * 1000, "ms", note)]


def _verifying(path: Path) -> list[Row]:
    with path.open("wb") as export:
        export.writelines(body + b"\n" for body in _bodies())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    verdict = verify_export(path, [])
    took = time.process_time() - began
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert verdict.whole, verdict.first
    note = f"from {VERIFIED:,}; goal: <= 60 on one core"
    return [
        Row("log verify --export, CPU per million entries", took * MILLION / VERIFIED, "s", note),
        Row("log verify --export, memory per million entries", grown_mb * MILLION / VERIFIED, "MB", "at most"),
    ]


def _bodies() -> Iterator[bytes]:
    """Entries such as calls have them; one in four has a fraction in it."""
    now, previous = datetime.now(UTC), None
    for number in range(VERIFIED):
        place = number % OF_ONE_CALL
        call = f"0d5c9a6e-7d0e-4f5b-9b1a-{number // OF_ONE_CALL:012d}"
        facts: dict[str, Json] = {"prompt": "1", "text": "Welkom bij gemeente Voorbeeld.", "played": True}
        confidence: dict[str, Json] = {} if number % 4 else {"confidence": 0.92}
        personal = {} if number % 3 else {"answer": f"{number:064x}"}
        entry = Entry(
            number, call, place, f"{call}:{place}", "prompt:played", now, {**facts, **confidence}, personal,
            previous if place else None,
        )  # fmt: skip
        body = entry.canonical()
        previous = leaf_hash(body).hex()
        yield body


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _append(database: SqlDatabase, number: int) -> None:
    with database.transaction() as unit:
        unit.log.append(
            NewEntry(
                call_id=f"call-{number // OF_ONE_CALL}",
                event_id=f"event-{number}",
                tag="prompt:played",
                occurred_at=datetime.now(UTC),
                facts={"prompt": "1", "key": "greeting", "text": "Welkom bij gemeente Voorbeeld."},
            )
        )


def _insert(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        row = {"id": number, "body": f"an entry {number} " + "x" * 400}
        connection.execute(text("INSERT INTO bare (id, body) VALUES (:id, :body)"), row)
