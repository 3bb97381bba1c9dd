"""Each action with somebody's data gets its record, once asked for in the transaction of the entry that tells of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config import settings
from config.policy import Role
from ivr.calls.exporting import Format
from ivr.calls.jobs import JobKind
from ivr.calls.listening_in import Purpose
from ivr.calls.numbers import NumberKey
from ivr.jobs.worker import PATIENCE
from ivr.wiring import Wiring
from storage.oversight import ParkedJob
from storage.records import NewEntry
from tests.builders import CALLER, PUBLIC_URL, House, environment, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.processing_log.receiver import GOOD, Receiver, attributes_of, running
from tests.ivr.web.signed_in import sign_in

JOB = JobKind.ACCOUNT_PROCESSING


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as made:
        yield made


def house_with(folder: Path, url: str, log: str | None, profiles: Path | None = None) -> House:
    house = House(folder, url, profiles=profiles)
    if log is not None:
        own = {} if profiles is None else {"SPELREGEL_POLICIES": str(profiles)}
        house.wiring = Wiring(settings.load(environment(folder, DATABASE_URL=url, SPELREGEL_PROCESSING_LOG=log, **own)))
        vars(house.wiring).update(carrier=house.carrier, clock=house.clock)
    return house


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, receiver: Receiver) -> Iterator[House]:
    made = house_with(tmp_path, sqlite_url, receiver.url)
    yield made
    made.close()


def record_and_store(house: House) -> None:
    house.stopped(20)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.clock.pass_s(60)
    house.run_jobs(JobKind.COLLECT_RECORDING)


def test_a_call_is_told_action_by_action_in_one_trace(house: House, receiver: Receiver) -> None:
    record_and_store(house)
    house.run_jobs(JOB)
    assert [span.name for span in receiver.spans] == [
        "gesprek vastleggen",
        "wens om op te nemen vastleggen",
        "gesprek opnemen",
        "opname bewaren",
        "opname bij het telefoonbedrijf wissen",
    ]
    assert {span.trace_id.hex() for span in receiver.spans} == {house.call.call_id}
    assert len({span.span_id for span in receiver.spans}) == 5
    recording = receiver.spans[2]
    assert recording.end_time_unix_nano - recording.start_time_unix_nano == 20_000_000_000
    subjects = {attributes_of(span)["dpl.core.data_subject_id"] for span in receiver.spans}
    assert subjects == {NumberKey(house.wiring.settings.secret_key).pseudonym_of(CALLER)}
    assert JOB not in [job.kind for job in parked(house)]


def parked(house: House) -> list[ParkedJob]:
    with house.wiring.database.reading() as unit:
        return list(unit.outbox.list_parked(10))


def test_no_number_no_words_and_no_employee_leave_the_house(house: House, receiver: Receiver) -> None:
    record_and_store(house)
    house.wiring.listening.open(house.call.call_id, "l.bakker", "leidinggevende", Purpose.RULES_KEPT)
    house.run_jobs(JOB)
    sent = b"".join(request.SerializeToString() for _, request in receiver.requests)
    assert receiver.spans[-1].name == "opname beluisteren"
    for value in (CALLER, "bakker", "leidinggevende", "ik neem dit gesprek op", "medewerker"):
        assert value.encode() not in sent


def test_the_activity_is_that_of_the_profile(tmp_path: Path, sqlite_url: str, receiver: Receiver) -> None:
    shipped = Path(settings.__file__).parent / "policies" / "example.toml"
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    address = "https://voorbeeld.example/register/opnemen"
    text = shipped.read_text(encoding="utf-8").replace(
        "[controller]", f'[controller]\nprocessing_activity = "{address}"'
    )
    (profiles / "example.toml").write_text(text, encoding="utf-8")
    house = house_with(tmp_path, sqlite_url, receiver.url, profiles)
    house.dial_in()
    house.run_jobs(JOB)
    (span,) = receiver.spans
    assert attributes_of(span)["dpl.core.processing_activity_id"] == address
    house.close()


def test_without_an_activity_it_is_the_agencys_page(house: House, receiver: Receiver) -> None:
    house.dial_in()
    house.run_jobs(JOB)
    (span,) = receiver.spans
    assert attributes_of(span)["dpl.core.processing_activity_id"] == f"{PUBLIC_URL}/spelregels/example"


def test_without_a_processing_log_nothing_is_asked_for(tmp_path: Path, sqlite_url: str) -> None:
    house = house_with(tmp_path, sqlite_url, None)
    house.dial_in()
    assert house.run_jobs(JOB) == 0
    house.close()


def test_one_consent_record_from_the_console_or_the_command_line_is_an_export_too(
    house: House, receiver: Receiver
) -> None:
    record_and_store(house)
    house.run_jobs(JOB)
    officer = sign_in(house, Role.PRIVACY_OFFICER)
    assert officer.get(f"/console/gesprekken/{house.call.call_id}/opnamebewijs.json").status_code == 200
    house.wiring.consent_record(house.call.call_id)
    house.run_jobs(JOB)
    assert [span.name for span in receiver.spans[5:]] == ["gespreksgegevens exporteren"] * 2


def test_an_entry_that_is_rolled_back_asks_for_nothing(house: House) -> None:
    house.dial_in()
    house.run_jobs(JOB)
    stored = NewEntry(house.call.call_id, "e", "recording:stored", house.clock.now())

    def write_and_fail() -> None:
        with house.wiring.database.transaction() as unit:
            unit.log.append(stored)
            raise RuntimeError("a fault after the entry")

    with pytest.raises(RuntimeError, match="after the entry"):
        write_and_fail()
    assert house.run_jobs(JOB) == 0


def test_an_outage_longer_than_any_jobs_patience_forgets_nothing_and_parks_nothing(
    house: House, receiver: Receiver
) -> None:
    record_and_store(house)
    receiver.answers = [(503, b"", {})]
    for _ in range(PATIENCE + 5):
        house.run_jobs(JOB)
        house.clock.pass_s(3600)
    asked = len(receiver.requests)
    assert asked == 5 * (PATIENCE + 5)
    assert parked(house) == []
    receiver.answers = [(200, GOOD, {})]
    receiver.requests.clear()
    house.run_jobs(JOB)
    assert len(receiver.spans) == 5
    assert house.run_jobs(JOB) == 0


def test_it_is_not_asked_again_before_it_wishes(house: House, receiver: Receiver) -> None:
    receiver.answers = [(429, b"", {"Retry-After": "300"}), (200, GOOD, {})]
    house.dial_in()
    house.run_jobs(JOB)
    house.clock.pass_s(299)
    assert house.run_jobs(JOB) == 0
    house.clock.pass_s(2)
    assert house.run_jobs(JOB) == 1
    assert len(receiver.requests) == 2
    assert receiver.spans[0] == receiver.spans[1], "what comes twice is the same record"


def test_a_record_that_is_refused_waits_for_an_operator_and_holds_up_no_other(house: House, receiver: Receiver) -> None:
    receiver.answers = [(400, b"", {}), (200, GOOD, {})]
    record_and_store(house)
    house.run_jobs(JOB)
    assert len(receiver.requests) == 5
    (job,) = parked(house)
    with house.wiring.database.transaction() as unit:
        assert unit.outbox.revive(job.job_id, house.clock.now())
    house.run_jobs(JOB)
    assert receiver.spans[0] == receiver.spans[-1]
    assert parked(house) == []


def test_a_worker_that_died_after_sending_sends_the_same_record_again(house: House, receiver: Receiver) -> None:
    house.dial_in()
    with house.wiring.database.transaction() as unit:
        job = unit.outbox.claim([JOB], house.clock.now(), 300)
    assert job is not None
    house.wiring.accountant.run(job)  # and now the process is gone: nobody finishes the job
    house.clock.pass_s(301)
    assert house.run_jobs(JOB) == 1
    assert receiver.spans[0] == receiver.spans[1]


def test_when_the_setting_is_gone_what_waits_is_parked_not_dropped(house: House) -> None:
    house.dial_in()
    vars(house.wiring).pop("accountant", None)
    vars(house.wiring)["processing_log"] = None
    house.run_jobs(JOB)
    (job,) = parked(house)
    assert "SPELREGEL_PROCESSING_LOG is not set" in job.error


def test_an_export_is_an_action_with_the_data_of_each_of_its_callers(house: House, receiver: Receiver) -> None:
    record_and_store(house)
    house.run_jobs(JOB)
    receiver.requests.clear()
    answer = sign_in(house, Role.SUPERVISOR).post("/console/gesprekken/exporteren", {"vorm": "csv"})
    assert house.call.call_id in answer.get_data(as_text=True)
    house.run_jobs(JOB)
    assert [span.name for span in receiver.spans] == ["gespreksgegevens exporteren"]


def test_a_case_of_no_call_is_told_too_and_after_it_is_gone(house: House, receiver: Receiver) -> None:
    """The entry about its destruction names the agency; nothing else is left of it."""
    at = house.clock.now()
    with house.wiring.database.transaction() as unit:
        unit.log.append(NewEntry("c" * 32, "e1", "case:destroyed", at, {"case": "c" * 32, "agency": "example"}))
        unit.log.append(NewEntry("d" * 32, "e2", "case:destroyed", at + timedelta(seconds=1), {}))
    house.clock.pass_s(1)
    house.run_jobs(JOB)
    (span,) = receiver.spans
    assert attributes_of(span)["dpl.core.data_subject_id_type"] == "zaak"
    (job,) = parked(house)
    assert "not known any more" in job.error


def test_as_a_file_there_is_a_line_for_each_action(tmp_path: Path, sqlite_url: str) -> None:
    house = house_with(tmp_path, sqlite_url, None)
    record_and_store(house)
    lines = b"".join(house.wiring.exporter.export([house.call.call_id], Format.LDV, personal=True)).splitlines()
    assert len(lines) == 5
    assert all(CALLER.encode() not in line for line in lines)
    house.close()


def test_settings_that_do_not_go_together_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(settings.SettingsError, match="SPELREGEL_PROCESSING_LOG_TOKEN needs SPELREGEL_PROCESSING_LOG"):
        settings.load(environment(tmp_path, SPELREGEL_PROCESSING_LOG_TOKEN="x" * 20))
    with pytest.raises(settings.SettingsError, match="SPELREGEL_PROCESSING_LOG_TOKEN must be a bearer token"):
        settings.load(
            environment(
                tmp_path, SPELREGEL_PROCESSING_LOG="http://log.example/v1", SPELREGEL_PROCESSING_LOG_TOKEN="kort"
            )
        )
    production = environment(
        tmp_path, SPELREGEL_PUBLIC_URL="https://a.example", SPELREGEL_PROCESSING_LOG="http://b.c/d"
    )
    del production["TWILIO_API_URL"]
    with pytest.raises(settings.SettingsError, match="SPELREGEL_PROCESSING_LOG must be an address like https"):
        settings.load(production)
