"""`/console/betrokkene`: finding a caller's calls, the package, erasing, the answer, and who may not."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from ivr.carrier.links import token_digest
from ivr.dialogue.events import ObjectionRaised
from storage.consent_log.export import verify_log
from storage.errors import ObjectMissing
from storage.records import CallNote, CopyTicket, RecordingRow, TrailRow
from tests.builders import CALLER, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/betrokkene"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def piet(house: House) -> Colleague:
    return sign_in(house, Role.PRIVACY_OFFICER, name="p.groen")


@pytest.fixture
def recording(house: House) -> RecordingRow:
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    with house.wiring.database.transaction() as unit:
        unit.notes.add(CallNote("n-1", house.call.call_id, house.clock.now(), "l.smit", f"vriendelijk {SCRIPT}"))
        row = unit.recordings.find_for_call(house.call.call_id)
    assert row is not None
    return row


def register(house: House, piet: Colleague, kind: str = "access", **changes: object) -> str:
    """The address of the new request's page."""
    call_id = house.call.call_id
    form = {
        "gevonden": call_id,
        "gesprek": call_id,
        "organisatie": "example",
        "soort": kind,
        "ontvangen": "2026-11-02",
        "vastgesteld": f"belde terug {SCRIPT}",
    }
    answer = piet.post(f"{PATH}/verzoeken", form | changes)
    assert answer.status_code == 303, answer.text
    return answer.location.partition("?")[0]


def package(answer_data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(answer_data))


# ---------------------------------------------------------------- finding and registering


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "+31 (0)6-12345678", "0031612345678"])
def test_calls_are_found_by_number_as_long_as_it_is_kept(
    house: House, recording: RecordingRow, piet: Colleague, typed: str
) -> None:
    found = piet.post(f"{PATH}/zoeken", {"zoek": typed})
    assert found.status_code == 200
    assert house.call.call_id in found.text
    assert CALLER not in found.text
    house.clock.pass_s(60 * 86_400)
    house.wiring.retention.destroy_due()
    later = sign_in(house, Role.PRIVACY_OFFICER, name="q.groen")
    assert "Geen gesprekken gevonden." in later.post(f"{PATH}/zoeken", {"zoek": typed}).text


def test_calls_are_found_by_their_own_number(house: House, recording: RecordingRow, piet: Colleague) -> None:
    call_id = house.call.call_id
    assert call_id in piet.post(f"{PATH}/zoeken", {"zoek": f" {call_id} "}).text


def test_calls_are_found_by_the_code_or_link_of_a_copy(house: House, recording: RecordingRow, piet: Colleague) -> None:
    call_id, now = house.call.call_id, house.clock.now()
    with house.wiring.database.transaction() as unit:
        for kind, token in (("code", "123456789012"), ("sms", "ab" * 16)):
            ticket = CopyTicket(f"{call_id}:{kind}", call_id, token_digest(token), now, now + timedelta(days=9))
            unit.copies.add(ticket)
    for typed in ("1234 5678 9012", "ab" * 16, f"https://spelregel.test/kopie/{'ab' * 16}"):
        assert call_id in piet.post(f"{PATH}/zoeken", {"zoek": typed}).text


def test_calls_of_other_agencies_are_not_found(house: House, recording: RecordingRow) -> None:
    stranger = sign_in(house, Role.PRIVACY_OFFICER, ["ind"], name="s.vreemd")
    for typed in ("0612345678", house.call.call_id):
        assert "Geen gesprekken gevonden." in stranger.post(f"{PATH}/zoeken", {"zoek": typed}).text
    form = {"gesprek": house.call.call_id, "organisatie": "ind", "soort": "access", "vastgesteld": "x"}
    assert stranger.post(f"{PATH}/verzoeken", form | {"ontvangen": "2026-11-02"}).status_code == 404


def test_the_number_stands_in_no_address_and_in_no_trail(
    house: House, recording: RecordingRow, piet: Colleague
) -> None:
    piet.post(f"{PATH}/zoeken", {"zoek": CALLER})
    with house.wiring.database.reading() as unit:
        lines = [str(line) for line in unit.trail.stream(0, 99)]
    assert lines
    assert not [line for line in lines if CALLER[3:] in line]


@pytest.mark.parametrize("typed", ["", "  ", "x" * 201])
def test_nothing_or_too_much_to_find_is_told_at_the_field(piet: Colleague, typed: str) -> None:
    answer = piet.post(f"{PATH}/zoeken", {"zoek": typed})
    assert answer.status_code == 422
    assert 'id="zoek-fault"' in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"soort": ""}, "soort"),
        ({"soort": "verkopen"}, "soort"),
        ({"vastgesteld": " "}, "vastgesteld"),
        ({"vastgesteld": "x" * 1001}, "vastgesteld"),
        ({"ontvangen": "2026-11-05"}, "ontvangen"),
        ({"ontvangen": "gisteren"}, "ontvangen"),
        ({"organisatie": "ind"}, "organisatie"),
        ({"organisatie": ""}, "organisatie"),
    ],
)
def test_a_wrong_request_is_not_registered_and_nothing_typed_is_lost(
    house: House, recording: RecordingRow, piet: Colleague, changes: dict[str, str], field: str
) -> None:
    call_id = house.call.call_id
    form = {"gevonden": call_id, "gesprek": call_id, "organisatie": "example", "soort": "access"}
    form |= {"ontvangen": "2026-11-02", "vastgesteld": "belde terug", **changes}
    answer = piet.post(f"{PATH}/verzoeken", form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'value="{call_id}" checked' in answer.text
    assert house.wiring.data_subjects.list_requests(["example"], answered=False) == []


def test_a_request_is_answered_within_a_month(house: House, recording: RecordingRow, piet: Colleague) -> None:
    path = register(house, piet)
    assert "2 december 2026" in piet.get(path).text
    listed = piet.get(PATH).text
    assert "2 december 2026" in listed
    assert "te laat" not in listed
    house.clock.pass_s(40 * 86_400)
    later = sign_in(house, Role.PRIVACY_OFFICER, name="q.groen")
    assert "te laat" in later.get(PATH).text
    assert "te laat" in later.get(path).text
    assert house.entry("data-subject:requested").facts["kind"] == "access"


def test_a_request_of_which_nothing_was_found_is_registered_and_answered_too(house: House, piet: Colleague) -> None:
    form = {"organisatie": "example", "soort": "erasure", "ontvangen": "2026-11-02", "vastgesteld": "brief"}
    path = piet.post(f"{PATH}/verzoeken", form).location.partition("?")[0]
    assert "geen gesprekken gevonden" in piet.get(path).text
    assert piet.post(f"{path}/antwoord", {"uitkomst": "nothing-kept"}).status_code == 303
    assert "er was niets bewaard" in piet.get(PATH).text


# ---------------------------------------------------------------- access


def test_the_package_has_everything_that_is_kept(house: House, recording: RecordingRow, piet: Colleague) -> None:
    path = register(house, piet)
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        unit.trail.append(
            TrailRow(house.clock.now(), "l.smit", "leidinggevende", "getCall", call_id, "example", 200, "x")
        )
    answer = piet.post(f"{path}/pakket")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with package(answer.data) as files:
        answer.close()
        assert files.testzip() is None
        names = sorted(files.namelist())
        folder = "gesprek-1-2026-11-03"
        assert names == [f"{folder}/{name}" for name in ("gegevens.json", "opname.wav", "wie-heeft-gekeken.csv")] + [
            "lees-mij.html"
        ]
        with house.wiring.store.open(recording.object_key) as sound:
            assert files.read(f"{folder}/opname.wav") == sound.read()
        data = json.loads(files.read(f"{folder}/gegevens.json"))
        page = files.read("lees-mij.html").decode()
        viewers = list(csv.reader(io.StringIO(files.read(f"{folder}/wie-heeft-gekeken.csv").decode())))
        everything = b"".join(map(files.read, names)).decode(errors="ignore")
    assert data["number"] == CALLER
    assert data["record"]["events"]
    assert "ik neem dit gesprek op" in page
    assert "Autoriteit Persoonsgegevens" in page
    assert SCRIPT not in page
    assert ["2026-11-03T13:05:05+00:00", "leidinggevende", "Gesprek opgevraagd (API)"] in viewers
    assert "l.smit" not in everything
    assert "p.groen" not in everything
    assert house.tags[-1] == "data-subject:packaged"


def test_a_damaged_recording_is_told_and_nothing_is_given(
    house: House, recording: RecordingRow, piet: Colleague
) -> None:
    path = register(house, piet)
    house.wiring.store.destroy(recording.object_key)
    answer = piet.post(f"{path}/pakket")
    assert answer.status_code == 409
    assert "beschadigd of weg" in answer.text
    assert "data-subject:packaged" not in house.tags


# ---------------------------------------------------------------- erasure


def erase(piet: Colleague, path: str, **changes: str) -> int:
    return piet.post(f"{path}/wissen", {"reden": "niet meer nodig", "zeker": "ja", **changes}).status_code


def test_erasing_takes_what_is_personal_and_leaves_the_log_whole(
    house: House, recording: RecordingRow, piet: Colleague
) -> None:
    path, call_id = register(house, piet, "erasure"), house.call.call_id
    assert erase(piet, path) == 303
    with house.wiring.database.reading() as unit:
        assert unit.calls.find_caller_number(call_id) is None
        assert unit.notes.list_call(call_id) == []
    assert not house.entry("request:heard").personal
    entry = house.entry("personal:erased")
    assert dict(entry.personal) == {"by": "p.groen", "reason": "niet meer nodig"}
    facts = {name: entry.facts[name] for name in ("agency", "ground", "number", "notes", "recording", "role")}
    assert facts == {
        "agency": "example",
        "ground": "AVG 17",
        "number": True,
        "notes": 1,
        "recording": False,
        "role": "privacyfunctionaris",
    }
    house.wiring.store.open(recording.object_key).close()
    assert house.wiring.data_subjects.find_calls(["example"], CALLER) == []
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole
    assert "Telefoonnummer" in piet.get(path).text


def test_the_recording_goes_only_where_that_was_decided(house: House, recording: RecordingRow, piet: Colleague) -> None:
    path = register(house, piet, "erasure")
    assert erase(piet, path, opname="ja") == 303
    with pytest.raises(ObjectMissing):
        house.wiring.store.open(recording.object_key)
    assert house.entry("recording:destroyed").facts["reason"] == "erased on request (AVG art. 17)"
    assert house.entry("personal:erased").facts["recording"] is True
    assert erase(piet, path, opname="ja") == 303
    assert house.tags.count("recording:destroyed") == 1


def test_what_is_held_is_not_erased(house: House, recording: RecordingRow, piet: Colleague) -> None:
    path, call_id = register(house, piet, "erasure"), house.call.call_id
    house.wiring.holds.place(call_id, f"rechtszaak {SCRIPT}", "l.smit")
    page = piet.get(path).text
    assert "Er geldt een bewaarplicht." in page
    assert SCRIPT not in page
    assert erase(piet, path, opname="ja") == 303
    with house.wiring.database.reading() as unit:
        assert unit.calls.find_caller_number(call_id) == CALLER
    assert house.entry("request:heard").personal
    assert "personal:erased" not in house.tags


def test_a_call_that_goes_on_is_not_erased(house: House, piet: Colleague) -> None:
    house.recorded()
    path = register(house, piet, "erasure")
    assert "Het gesprek loopt nog." in piet.get(path).text
    assert erase(piet, path) == 303
    assert "personal:erased" not in house.tags


def test_own_words_of_an_objection_go_from_the_call_as_well(house: House, piet: Colleague) -> None:
    house.recorded()
    house.happens(ObjectionRaised("", "verslag", reason_text="de beller huilde", employee="m.jansen"))
    house.post("/voice/status", {"CallSid": house.call.call_sid, "CallStatus": "completed"})
    assert "huilde" in house.call.dialogue
    path = register(house, piet, "erasure")
    assert erase(piet, path) == 303
    assert "huilde" not in house.call.dialogue
    assert not house.entry("objection:raised").personal
    with house.wiring.database.reading() as unit:
        assert "huilde" not in str(unit.log.list_call(house.call.call_id))


@pytest.mark.parametrize(
    ("changes", "field"), [({"reden": ""}, "reden"), ({"reden": "x" * 1001}, "reden"), ({"zeker": ""}, "zeker")]
)
def test_erasing_takes_a_reason_and_a_tick(
    house: House, recording: RecordingRow, piet: Colleague, changes: dict[str, str], field: str
) -> None:
    path = register(house, piet, "erasure")
    answer = piet.post(f"{path}/wissen", {"reden": "niet meer nodig", "zeker": "ja", **changes})
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert "personal:erased" not in house.tags


def test_a_request_for_access_erases_nothing(house: House, recording: RecordingRow, piet: Colleague) -> None:
    assert erase(piet, register(house, piet)) == 409
    assert "personal:erased" not in house.tags


# ---------------------------------------------------------------- the answer, and who may not


def test_an_answer_is_given_once_and_explained_where_not_all_is_done(
    house: House, recording: RecordingRow, piet: Colleague
) -> None:
    path = register(house, piet)
    assert piet.post(f"{path}/antwoord", {"uitkomst": "refused"}).status_code == 422
    assert piet.post(f"{path}/antwoord", {"uitkomst": "anders"}).status_code == 422
    assert piet.post(f"{path}/antwoord", {"uitkomst": "refused", "uitleg": SCRIPT}).status_code == 303
    again = piet.post(f"{path}/antwoord", {"uitkomst": "given"})
    assert again.status_code == 409
    assert "al beantwoord" in again.text
    assert SCRIPT not in again.text
    assert house.entry("data-subject:answered").facts["outcome"] == "refused"
    assert "geweigerd" in piet.get(PATH).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
def test_only_privacy_officers_answer(house: House, recording: RecordingRow, piet: Colleague, role: Role) -> None:
    path, somebody = register(house, piet), sign_in(house, role)
    assert somebody.get(PATH).status_code == 403
    assert somebody.get(path).status_code == 403
    for act in ("pakket", "wissen", "antwoord"):
        assert somebody.post(f"{path}/{act}").status_code == 403
    assert somebody.post(f"{PATH}/zoeken", {"zoek": CALLER}).status_code == 403


def test_another_agencys_request_is_not_there(house: House, recording: RecordingRow, piet: Colleague) -> None:
    path, stranger = register(house, piet), sign_in(house, Role.PRIVACY_OFFICER, ["ind"], name="s.vreemd")
    for one in (path, f"{PATH}/nothing"):
        assert stranger.get(one).status_code == 404
        for act in ("pakket", "wissen", "antwoord"):
            assert stranger.post(f"{one}/{act}", {"zeker": "ja", "reden": "x", "uitkomst": "given"}).status_code == 404
    assert piet.post(f"{path}/wissen", {"csrf": "0"}).status_code == 403
