"""After an erasure nothing in the database, or in the file that it lies in, says who called or what they said."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionRaised
from ivr.records.data_subject import Kind
from storage.consent_log.export import verify_log
from storage.consent_log.tlog_proof import TlogProof, check_tlog_proof
from storage.records import CallNote
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


def test_the_databases_file_keeps_no_residue(over: House) -> None:
    """What is erased is overwritten; the search index is made anew by `spelregel index`."""
    erase(over)
    over.wiring.database.close()
    path = Path(over.database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    everything = path.read_bytes()
    assert [trace for trace in TRACES if trace.encode() in everything and not trace.islower()] == []


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
