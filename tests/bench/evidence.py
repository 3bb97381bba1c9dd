"""What a durable consent entry costs, beside the bare insert that nothing can undercut."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from storage.records import NewEntry
from storage.session import SqlDatabase, make_engine, migrate, normalise_url
from tests.bench.table import Row, percentile, spread

ENTRIES = 500


def measure(folder: Path) -> list[Row]:
    url = f"sqlite:///{folder / 'bench.db'}"
    migrate(url)
    database = SqlDatabase(url)
    bare_engine = make_engine(normalise_url(f"sqlite:///{folder / 'bare.db'}"))
    with bare_engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)"))

    appends = _time(lambda number: _append(database, number))
    bare = _time(lambda number: _insert(bare_engine, number))
    ratio = percentile(appends, 0.5) / percentile(bare, 0.5)
    return [
        *spread("consent append, durable (SQLite)", appends),
        *spread("bare durable insert (SQLite)", bare),
        Row("append : bare insert", ratio, "x", "goal: 3 or less"),
    ]


def _time(work: Callable[[int], None]) -> list[float]:
    took = []
    for number in range(ENTRIES):
        began = time.perf_counter()
        work(number)
        took.append(time.perf_counter() - began)
    return took


def _append(database: SqlDatabase, number: int) -> None:
    with database.transaction() as unit:
        unit.log.append(
            NewEntry(
                call_id=f"call-{number // 20}",
                event_id=f"event-{number}",
                tag="prompt:played",
                occurred_at=datetime.now(UTC),
                facts={"prompt": "1", "key": "greeting", "text": "Welkom bij gemeente Voorbeeld."},
            )
        )


def _insert(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO bare (body) VALUES (:body)"), {"body": f"an entry {number} " + "x" * 400})
