"""The console over a million calls: what searching and the page of a call cost the server, as a browser asks for them.

PostgreSQL with 1,000,000 calls and 5,000,000 entries of the log, SQLite with a tenth of that.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path

from flask.testing import FlaskClient

from config import settings
from config.policy import Role
from ivr.app import create_app
from ivr.demo.household import make_environment
from ivr.wiring import Wiring
from storage.records import UserRecord
from tests.bench.console_calls import YEARS, Calls, fill_postgres, fill_sqlite
from tests.bench.table import Row, percentile
from tests.conftest import TEMPLATE, execute, find_postgres, throw_away_server

CALLS = 1_000_000
SQLITE_CALLS = 100_000
REPEATS = 25
LATER_PAGES = 3
GOAL_MS = 150
PATH = "/console/gesprekken"
BASE = "http://localhost"
SERVER = ("fsync=off", "full_page_writes=off", "shared_buffers=1GB", "max_wal_size=8GB", "maintenance_work_mem=512MB")
"""Nothing is to survive; a million calls fit in the memory of a small server."""

OLDER = re.compile(r'<a[^>]*href="([^"]+)"[^>]*rel="next"')

Query = Mapping[str, str]


def measure(folder: Path, count: int = CALLS) -> list[Row]:
    """`count` calls on PostgreSQL, and a tenth as many on SQLite."""
    folder.mkdir(parents=True)
    rows = []
    if find_postgres() is not None:
        with throw_away_server(*SERVER) as server:
            execute(server, f"CREATE DATABASE {TEMPLATE}")
            rows += _measure(folder / "postgresql", f"{server}/{TEMPLATE}", count, "PostgreSQL")
    sqlite_file = folder / "calls.db"
    return rows + _measure(folder / "sqlite", f"sqlite:///{sqlite_file}", count // 10, "SQLite")


def _measure(folder: Path, url: str, count: int, name: str) -> list[Row]:
    folder.mkdir()
    environment = {**make_environment(folder, folder / "models"), "DATABASE_URL": url}
    wiring = Wiring(settings.load(environment))
    wiring.prepare()
    policies = sorted(wiring.agencies.policies.by_slug.values(), key=lambda policy: policy.slug != "example")
    calls = Calls(count, policies, wiring.numbers, wiring.clock.now())
    began = time.perf_counter()
    if url.startswith("sqlite"):
        fill_sqlite(wiring.database, calls)
    else:
        fill_postgres(url, calls)
    rows = [Row(f"console on {name}: filling {count:,} calls", time.perf_counter() - began, "s")]
    one = _sign_in(wiring, "one", ["example"])
    every = _sign_in(wiring, "every", [policy.slug for policy in policies])
    later: list[float] = []
    for what, client, query in _searches(calls, one, every):
        first = list(_times(client, query, later))
        rows += _spread(f"console on {name}: search, {what}", first)
    rows += _spread(f"console on {name}: later pages of all of these", later)
    chance = random.Random(2)
    pages = [_get(every, f"{PATH}/{calls.some_call(chance)}", {})[0] for _ in range(4 * REPEATS)]
    rows += _spread(f"console on {name}: page of a call", pages)
    wiring.database.close()
    return rows


def _sign_in(wiring: Wiring, name: str, agencies: Sequence[str]) -> FlaskClient:
    with wiring.database.transaction() as unit:
        unit.users.add(UserRecord(name, Role.SUPERVISOR, tuple(agencies), name, wiring.clock.now(), "bench"))
    client = create_app(wiring).test_client()
    client.set_cookie(wiring.sessions.cookie, wiring.sessions.begin(name))
    return client


def _searches(
    calls: Calls, one: FlaskClient, every: FlaskClient
) -> Iterator[tuple[str, FlaskClient, Callable[[random.Random], Query]]]:
    """What is sought, by somebody of one agency (a third of the calls) or of all; each time for something else."""

    def day(chance: random.Random) -> str:
        return (calls.began + YEARS * chance.random()).date().isoformat()

    def month(chance: random.Random) -> Query:
        first = (calls.began + YEARS * 0.95 * chance.random()).date()
        return {"van": first.isoformat(), "tot": (first + timedelta(days=30)).isoformat()}

    def said(chance: random.Random) -> str:
        return " ".join(chance.choice(calls.sentences)[0].split()[:3])

    yield "the newest", one, lambda _: {}
    yield "the newest of all agencies", every, lambda _: {}
    yield "one day", one, lambda chance: dict.fromkeys(("van", "tot"), day(chance))
    yield "an employee", one, lambda chance: {"medewerker": f"client:medewerker{chance.randrange(300)}"}
    yield "a line and a month", one, lambda chance: {"lijn": f"+3120{chance.randrange(20):07d}", **month(chance)}
    yield "a reason of refusal", one, lambda chance: {"reden": chance.choice(calls.reasons)}
    yield "a failed recording, all agencies", every, lambda _: {"opname": "failed"}
    yield "withdrawn with a third person", one, lambda chance: {"beller": "withdrawn", "derde": "ja", **month(chance)}
    yield "a complaint", one, lambda _: {"zaak": "complaint"}
    yield "a rare kind of case, all agencies", every, lambda _: {"zaak": "misuse"}
    yield "a caller's number", one, lambda chance: {"nummer": calls.some_hash(chance)}
    yield "a word the bot says on every call", one, lambda _: {"woorden": "welkom"}
    yield "words of an answer", one, lambda chance: {"woorden": said(chance)}
    yield (
        "words of an answer and an employee",
        one,
        lambda chance: {
            "woorden": said(chance).split()[0],
            "medewerker": f"client:medewerker{chance.randrange(300)}",
        },
    )
    yield "a word that nobody said", one, lambda _: {"woorden": "hottentottententententoonstelling"}
    yield (
        "what never was: blocked, third person, complaint",
        one,
        lambda _: {
            "opname": "blocked",
            "derde": "ja",
            "zaak": "misuse",
        },
    )


def _times(client: FlaskClient, query: Callable[[random.Random], Query], later: list[float]) -> Iterator[float]:
    chance = random.Random(1)
    for _ in range(REPEATS):
        took, page = _get(client, PATH, query(chance))
        yield took
        for _ in range(LATER_PAGES):
            older = OLDER.search(page)
            if older is None:
                break
            took, page = _get(client, unescape(older.group(1)), {})
            later.append(took)


def _get(client: FlaskClient, address: str, query: Query) -> tuple[float, str]:
    """How long the answer took, in seconds, and the page."""
    began = time.perf_counter()
    answer = client.get(address, base_url=BASE, query_string=query or None)
    page = answer.get_data(as_text=True)
    took = time.perf_counter() - began
    assert answer.status_code == 200, (address, query, answer.status_code)
    return took, page


def _spread(what: str, seconds: Sequence[float]) -> list[Row]:
    return [
        Row(f"{what} p50", percentile(seconds, 0.50) * 1000, "ms", f"n={len(seconds)}"),
        Row(f"{what} p95", percentile(seconds, 0.95) * 1000, "ms", f"goal: {GOAL_MS} or less"),
    ]
