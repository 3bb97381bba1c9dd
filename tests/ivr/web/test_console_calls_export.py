"""The selection as a file: every call of it, nothing that the reader may not see, and no formulas."""

import csv
import hashlib
import io
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from config.policy import Role
from ivr.calls import supervision
from ivr.calls.exporting import CSV_HEADER, Format
from ivr.calls.jobs import JobKind
from ivr.calls.jsonld import CONTEXT, with_context
from ivr.web.access import PERMISSIONS, Permission
from storage.records import CallFilter, CaseRecord
from tests.builders import CALLER, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.signed_in import sign_in

PATH = "/console/gesprekken/exporteren"


def sha512_of(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


ALL = CallFilter(agencies=("example",))


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """One recorded call that was stored; the caller's answer is personal."""
    house = House(tmp_path, sqlite_url)
    house.stopped(20)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.clock.pass_s(60)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    yield house
    house.close()


def export(house: House, form: Format, **fields: str) -> bytes:
    answer = sign_in(house, Role.SUPERVISOR).post(PATH, {"vorm": form.value, **fields})
    assert answer.status_code == 200
    return answer.get_data()


def table(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


def test_a_table_has_the_facts_of_each_call(house: House) -> None:
    with house.wiring.database.transaction() as unit:
        unit.cases.insert(
            CaseRecord(
                "c", "complaint", "example", "d", house.call.call_id, "received", "x", datetime.now(UTC), None, None,
                None, "{}",
            )
        )  # fmt: skip
    (row,) = table(export(house, Format.CSV))
    assert tuple(row) == CSV_HEADER
    assert row["call_id"] == house.call.call_id
    assert (row["caller_recording"], row["agency_recording"], row["state"]) == ("confirmed", "stored", "ended")
    assert (row["line"], row["employee"], row["cases"]) == ("'+31201234567", "client:medewerker", "complaint")
    assert row["opened_at"] == "2026-11-03T13:05:00.000000Z"
    assert row["recording_digest"] == house.entry("recording:stored").facts["digest"]


def test_a_cell_that_looks_like_a_formula_is_text(house: House) -> None:
    with house.wiring.database.transaction() as unit:
        unit.calls.insert(replace(house.call, call_id="0" * 32, call_sid="CA9", line='=HYPERLINK("x")', version=0))
        (facts,) = unit.search.find(ALL, 1)
        unit.search.put(replace(facts, call_id="0" * 32))
    lines = [row["line"] for row in table(export(house, Format.CSV))]
    assert '\'=HYPERLINK("x")' in lines


def test_consent_records_are_one_graph_that_explains_itself(house: House) -> None:
    graph = json.loads(export(house, Format.JSON_LD))
    assert graph["@context"] == CONTEXT
    (record,) = graph["@graph"]
    assert record["@id"] == UUID(house.call.call_id).urn
    assert record["@type"] == "dpv:ConsentRecord"
    assert record["pii_processing"][0]["consent_status"] == "dpv:ConsentGiven"
    assert with_context(record) == house.wiring.consent_record(house.call.call_id)


def test_a_vcon_has_parties_what_was_said_the_digest_and_the_record(house: House) -> None:
    (line,) = export(house, Format.VCON).splitlines()
    vcon = json.loads(line)
    assert UUID(vcon["uuid"]).hex == house.call.call_id
    assert vcon["parties"][0]["tel"] == f"tel:{CALLER}"
    recording, *said = vcon["dialog"]
    digest = bytes.fromhex(str(house.entry("recording:stored").facts["digest"]))
    assert recording["type"] == "recording"
    assert recording["duration"] == 20
    sha512, sha256 = recording["content_hash"]
    assert sha256 == f"sha256-{urlsafe_b64encode(digest).decode().rstrip('=')}"
    assert sha512 == f"sha512-{urlsafe_b64encode(sha512_of(wav_of(20))).decode().rstrip('=')}"
    assert "body" not in recording
    assert "url" not in recording
    assert ("ja", 0) in [(text["body"], text["parties"][0]) for text in said]
    assert any(text["parties"][0] == 2 and "Klopt dat?" in text["body"] for text in said)
    attached, lines = vcon["attachments"]
    assert attached["encoding"] == "json"
    assert attached["body"]["@context"] == CONTEXT
    assert UUID(attached["body"]["record_id"]).hex == house.call.call_id
    assert lines["body"].count("\n") == len(house.entries)


def test_a_call_on_which_nothing_was_said_is_a_vcon_too(tmp_path: Path, sqlite_url: str) -> None:
    house = House(tmp_path, sqlite_url)
    house.dial_in(From="anonymous")
    vcon = json.loads(export(house, Format.VCON))
    assert [one["type"] for one in vcon["dialog"]] == ["incomplete"]
    assert "tel" not in vcon["parties"][0]
    house.close()


@pytest.mark.parametrize("form", list(Format))
def test_who_may_not_see_personal_values_gets_none(house: House, form: Format) -> None:
    calls = list(house.wiring.supervision.walk(ALL, 10))
    with_all = b"".join(house.wiring.exporter.export(calls, form, personal=True))
    without = b"".join(house.wiring.exporter.export(calls, form, personal=False))
    assert (b"ik neem dit gesprek op" in with_all) is (form in (Format.JSON_LD, Format.VCON))
    for value in (b"ik neem dit gesprek op", CALLER.encode()):
        assert value not in without


def test_only_the_calls_of_the_search_are_in_it(house: House) -> None:
    assert table(export(house, Format.CSV, beller="objected")) == []
    assert json.loads(export_again(house, Format.JSON_LD, beller="objected"))["@graph"] == []
    assert export_again(house, Format.VCON, beller="objected") == b""


def export_again(house: House, form: Format, **fields: str) -> bytes:
    answer = sign_in(house, Role.SUPERVISOR, name=f"again-{form}").post(PATH, {"vorm": form.value, **fields})
    return answer.get_data()


def test_calls_of_another_agency_are_never_in_it(house: House) -> None:
    stranger = sign_in(house, Role.SUPERVISOR, ("ind",), name="elders")
    assert table(stranger.post(PATH, {"vorm": "csv"}).get_data()) == []
    assert stranger.post(PATH, {"vorm": "csv", "organisatie": "example"}).status_code == 422


def test_a_file_has_a_name_is_not_kept_on_the_way_and_is_in_the_trail(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    answer = mia.post(PATH, {"vorm": "csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="gesprekken-2026-11-03-1406.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/csv"
    with house.wiring.database.reading() as unit:
        (line,) = unit.trail.list_object("", 5)
    assert (line.action, line.agency, line.result) == ("export_calls", "example", 200)


@pytest.mark.parametrize("fields", [{}, {"vorm": "exe"}, {"vorm": "../csv"}, {"vorm": "csv", "van": "gisteren"}])
def test_what_cannot_be_exported(house: House, fields: dict[str, str]) -> None:
    assert sign_in(house, Role.SUPERVISOR).post(PATH, fields).status_code == 422


def test_a_selection_that_is_too_large_is_not_begun(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.web.console.calls.MOST_EXPORTED", 0)
    answer = sign_in(house, Role.SUPERVISOR).post(PATH, {"vorm": "csv"})
    assert answer.status_code == 422
    assert "Dit zijn meer dan 0 gesprekken." in answer.get_data(as_text=True)
    assert supervision.MOST_EXPORTED == 10_000


def test_more_calls_than_are_read_at_once(house: House) -> None:
    with house.wiring.database.transaction() as unit:
        (facts,) = unit.search.find(ALL, 1)
        for number in range(120):
            call_id = f"{number:032x}"
            unit.calls.insert(replace(house.call, call_id=call_id, call_sid=f"CA{number}", version=0))
            unit.search.put(replace(facts, call_id=call_id))
    ids = [row["call_id"] for row in table(export(house, Format.CSV))]
    assert len(ids) == len(set(ids)) == 121


def test_exporting_has_a_permission_of_its_own(house: House) -> None:
    for role in Role:
        answer = sign_in(house, role, name=f"user-{role}").post(PATH, {"vorm": "csv"})
        assert (answer.status_code == 200) is (Permission.EXPORT_CALLS in PERMISSIONS[role])
