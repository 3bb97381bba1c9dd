"""After an erasure nothing in the database, or in the file that it lies in, says who called or what they said."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionRaised
from ivr.records.data_subject import Kind
from ivr.records.residue import SETTLES
from storage.consent_log.export import verify_log
from storage.consent_log.tlog_proof import TlogProof, check_tlog_proof
from storage.records import CallNote, NewEntry
from tests.builders import CALL_SID, CALLER, House

WORDS = "ja ik ben Willemijn Oudejans en dat klopt"
REASON = "mevrouw Oudejans schold"
NOTE = "Oudejans belt vaker"
TRACES = (CALLER, CALLER[3:], "Oudejans", "oudejans", "Willemijn", "willemijn")


@pytest.fixture
def over(house: House) -> House:
    """A call on which the caller named themselves, an employee objected in their own words, and somebody made a note;
    a link to the copy went out by SMS."""
    house.together()
    house.hears(Heard.REQUEST, WORDS)
    house.happens(ObjectionRaised("anders", "schriftelijk-verslag", reason_text=REASON))
    house.happens(EmployeeLeft())
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    with house.wiring.database.transaction() as unit:
        unit.notes.add(CallNote("note-1", house.call.call_id, house.clock.now(), "m.jansen", NOTE))
    house.run_jobs(*house.wiring.job_kinds)
    return house


def stored_in(house: House) -> str:
    """Every value of every table, the search index's own tables too."""
    with closing(sqlite3.connect(house.database_url.removeprefix("sqlite:///"))) as connection:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = [
            f"{name}: {row!r}"
            for (name,) in tables
            if not name.startswith("call_fts")
            for row in connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608  a name of our own schema
        ]
    return "\n".join(found)


def traces(text: str) -> list[str]:
    """The lines that have one."""
    return [line for line in text.split("\n") if any(trace in line for trace in TRACES)]


def erase(house: House) -> None:
    subjects = house.wiring.data_subjects
    request = subjects.register(
        "example", Kind.ERASURE, [house.call.call_id], "belde terug", house.clock.now(), "p.groen"
    )
    (erased,) = subjects.erase(request, "niet meer nodig", "p.groen", "privacyfunctionaris", recordings=True)
    assert erased.left is None


def test_no_value_of_any_table_names_them_after_an_erasure(over: House) -> None:
    assert traces(stored_in(over))
    erase(over)
    assert traces(stored_in(over)) == []
    assert verify_log(over.wiring.database, over.wiring.log_keys).whole


def test_nor_does_one_after_the_logs_period(over: House) -> None:
    over.clock.pass_s(3650 * 86_400)
    over.wiring.retention.destroy_due()
    assert traces(stored_in(over)) == []
    assert verify_log(over.wiring.database, over.wiring.log_keys).whole


STEMS = ("oudejan", "willemijn", "schold")
"""As the search index has them; nothing else in the database has these letters in a row."""


def residue(house: House) -> set[str]:
    """Which traces stand in any of the database's files, as anybody reads them who has the disk.

    Read by another process: closing a database's file in one that uses it lets go of its locks (howtocorrupt 2.2).
    """
    path = Path(house.database_url.removeprefix("sqlite:///"))
    files = sorted(path.parent.glob(f"{path.name}*"))
    everything = subprocess.run(["cat", *files], capture_output=True, check=True).stdout
    assert everything.startswith(b"SQLite format 3")
    return {trace for trace in (*TRACES, *STEMS) if trace.encode() in everything}


def clear(house: House) -> int:
    house.clock.pass_s(SETTLES.total_seconds())
    return house.run_jobs(JobKind.CLEAR_RESIDUE)


def test_the_databases_files_keep_no_residue_once_the_worker_cleared_it(over: House) -> None:
    """While the database stays open, and its write-ahead log with it."""
    assert residue(over) >= {"Oudejans", "oudejan"}
    erase(over)
    assert "oudejan" in residue(over)
    assert over.run_jobs(JobKind.CLEAR_RESIDUE) == 0
    assert clear(over) == 1
    assert residue(over) == set()
    assert verify_log(over.wiring.database, over.wiring.log_keys).whole


def test_nor_do_they_after_the_logs_period(over: House) -> None:
    over.clock.pass_s(3650 * 86_400)
    over.wiring.retention.destroy_due()
    assert clear(over) == 1
    assert residue(over) == set()


def test_who_reads_what_was_before_puts_the_clearing_off_and_nothing_fails(over: House) -> None:
    """As a check of the whole log does, for minutes."""
    with over.wiring.database.snapshot() as reading:
        reading.exec_driver_sql("SELECT count(*) FROM log_personal").scalar()
        erase(over)
        assert clear(over) == 1
        assert "Oudejans" in residue(over)
        with over.wiring.database.transaction() as unit:  # whoever writes meanwhile does
            unit.log.append(NewEntry("other", "other:1", "prompt:played", over.clock.now()))
    over.clock.pass_s(10)
    assert over.run_jobs(JobKind.CLEAR_RESIDUE) == 1
    assert residue(over) == set()


def test_of_many_calls_only_those_that_were_erased_are_not_found_any_more(over: House) -> None:
    with over.wiring.database.transaction() as unit:
        for number in range(3000):
            said = {"answer": f"dossier{number} Bakker groet{number % 50}"}
            unit.log.append(NewEntry(f"call-{number}", f"e{number}", "prompt:played", over.clock.now(), {}, said))
    erase(over)
    over.clock.pass_s(SETTLES.total_seconds())
    with over.wiring.database.transaction() as unit:
        unit.log.append(NewEntry("last", "last", "prompt:played", over.clock.now(), {}, {"answer": "de laatste"}))
    assert over.run_jobs(JobKind.CLEAR_RESIDUE) == 1
    assert residue(over) == set()
    assert matches(over, "abakker") == 3000
    assert matches(over, "adossier2999") == matches(over, "alaatst") == 1
    assert matches(over, "aoudejan") == 0


def matches(house: House, token: str) -> int:
    with house.wiring.database.snapshot() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM call_fts WHERE call_fts MATCH ?", (f'"{token}"',))
        return int(found.scalar_one())


def test_many_erasures_are_followed_by_one_clearing(over: House) -> None:
    for _ in range(3):
        erase(over)
        over.clock.pass_s(SETTLES.total_seconds() - 1)
    assert over.run_jobs(JobKind.CLEAR_RESIDUE) == 0
    assert clear(over) == 1
    assert over.run_jobs(JobKind.CLEAR_RESIDUE) == 0


def test_a_proof_that_was_given_out_still_holds_after_an_erasure(over: House) -> None:
    note = over.wiring.seal_log()
    call_id = over.call.call_id
    with over.wiring.database.reading() as unit:
        evidence = unit.evidence.of_call(call_id)
    entry = evidence.entries[3]
    assert entry.columns is not None
    path = evidence.proofs[entry.columns.number]
    assert path is not None
    proof = TlogProof(entry.columns.number, path, note).text()
    erase(over)
    with over.wiring.database.reading() as unit:
        again = unit.evidence.of_call(call_id).entries[3]
    assert again.body == entry.body
    assert check_tlog_proof(proof, again.body, over.wiring.log_keys).size > entry.columns.number
