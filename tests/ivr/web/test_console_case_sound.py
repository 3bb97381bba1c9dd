"""Listening for a complaint or to learn: named people only, while it lasts, seekable, each time in the log."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import config
from config.policy import Role
from ivr.cases.acts import (
    AccessGranted,
    Closed,
    Party,
    TrainingAnswered,
    TrainingAsked,
    TrainingWithdrawn,
)
from ivr.cases.case import Case
from tests.builders import House, wav_of
from tests.ivr.web.console_cases import COMPLAINT, LENGTH_S, Office, record_call

SOUND = wav_of(LENGTH_S)
PROFILES = Path(config.__file__).parent / "policies"
ADDRESS = re.compile(r'src="(/console/zaken/[0-9a-f]+/geluid\?keer=[^"]+)"')


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """The example agency would like to learn from recordings; one call was recorded and is over."""
    profiles = tmp_path / "profiles"
    shutil.copytree(PROFILES, profiles)
    example = profiles / "example.toml"
    example.write_text(example.read_text(encoding="utf-8").replace("training = false", "training = true"), "utf-8")
    house = House(tmp_path, sqlite_url, profiles=profiles)
    record_call(house)
    yield house
    house.close()


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def agreed(office: Office) -> Case:
    case = office.opened(TrainingAsked(), call=True)
    office.did(case, TrainingAnswered(Party.CALLER, agrees=True), Role.SUPERVISOR)
    return office.did(case, TrainingAnswered(Party.EMPLOYEE, agrees=True), Role.EMPLOYEE)


def player(office: Office, role: Role, case: Case) -> str | None:
    """The address of the sound on the case's page."""
    found = ADDRESS.search(office.page(role, f"/{case.case_id}"))
    return None if found is None else found[1]


def get(office: Office, role: Role, address: str | None, **headers: str) -> tuple[int, bytes]:
    assert address is not None
    answer = office[role].get(address, **headers)
    return answer.status_code, answer.get_data()


def plays(office: Office, case: Case) -> list[str]:
    return [tag.split(":")[1] for tag in office.tags(case) if "play" in tag]


# ---------------------------------------------------------------- a complaint


def test_who_is_named_hears_it_and_the_log_knows(office: Office) -> None:
    case = office.listening("klachtencommissie")
    address = player(office, Role.COMMITTEE, case)
    assert plays(office, case) == []
    assert get(office, Role.COMMITTEE, address) == (200, SOUND)
    assert plays(office, case) == ["played"]
    entry = office.house.wiring.cases.get(case.case_id).history[-1]
    assert (entry.facts["role"], entry.personal["by"]) == ("klachtencommissie", "klachtencommissie")


def test_seeking_is_part_of_the_same_playback(office: Office) -> None:
    case = office.listening("klachtencommissie")
    address = player(office, Role.COMMITTEE, case)
    assert get(office, Role.COMMITTEE, address, Range="bytes=100000-100099") == (206, SOUND[100000:100100])
    assert get(office, Role.COMMITTEE, address, Range="bytes=44-") == (206, SOUND[44:])
    assert get(office, Role.COMMITTEE, address, Range="bytes=999999999-")[0] == 416
    assert plays(office, case) == ["played"]
    assert get(office, Role.COMMITTEE, player(office, Role.COMMITTEE, case))[0] == 200
    assert plays(office, case) == ["played", "played"]


def test_a_head_request_is_no_playback(office: Office) -> None:
    case = office.listening("klachtencommissie")
    address = player(office, Role.COMMITTEE, case)
    assert address is not None
    answer = office[Role.COMMITTEE].client.head(address, base_url="http://localhost")
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(SOUND)))
    assert answer.headers["Cache-Control"] == "no-store"
    path = f"/console/zaken/{case.case_id}/geluid"
    assert office[Role.SUPERVISOR].client.head(path, base_url="http://localhost").status_code == 404
    assert plays(office, case) == []


def test_who_is_not_named_gets_no_player_and_a_try_is_in_the_log(office: Office) -> None:
    case = office.listening("klachtencommissie")
    address = player(office, Role.COMMITTEE, case)
    assert player(office, Role.SUPERVISOR, case) is None
    assert "U mag niet luisteren." in office.page(Role.SUPERVISOR, f"/{case.case_id}")
    for path in (address, f"/console/zaken/{case.case_id}/geluid"):
        assert get(office, Role.SUPERVISOR, path)[0] == 403
    assert plays(office, case) == ["playback-refused", "playback-refused"]
    assert office[Role.AUDITOR].get(address or "").status_code == 403


def test_the_access_ends_on_its_date_also_for_a_player_that_is_open(office: Office) -> None:
    case = office.listening("klachtencommissie", days=0.02)
    address = player(office, Role.COMMITTEE, case)
    assert get(office, Role.COMMITTEE, address)[0] == 200
    office.house.clock.pass_s(timedelta(days=0.02).total_seconds())
    assert get(office, Role.COMMITTEE, address, Range="bytes=44-100")[0] == 403
    assert get(office, Role.COMMITTEE, address, Range="bytes=44-100")[0] == 403
    assert plays(office, case) == ["played", "playback-refused"]
    assert player(office, Role.COMMITTEE, case) is None


def test_a_new_decision_closes_an_open_player(office: Office) -> None:
    case = office.listening("klachtencommissie")
    address = player(office, Role.COMMITTEE, case)
    assert get(office, Role.COMMITTEE, address)[0] == 200
    until = office.house.clock.now() + timedelta(days=1)
    office.did(case, AccessGranted(("iemand.anders",), until, "een ander"), Role.COMMITTEE)
    assert get(office, Role.COMMITTEE, address)[0] == 403
    office.did(case, Closed("gegrond"), Role.COMMITTEE)
    assert get(office, Role.COMMITTEE, address)[0] == 403
    assert plays(office, case) == ["played", "playback-refused"]


def test_an_address_works_for_one_person_one_case_and_one_hour(office: Office) -> None:
    case = office.listening("klachtencommissie", "medewerker")
    other = office.listening("klachtencommissie", "medewerker")
    address = player(office, Role.COMMITTEE, case)
    assert address is not None
    page = f"/console/zaken/{case.case_id}"
    moved = address.replace(case.case_id, other.case_id, 1)
    forged = address[:-1] + ("A" if address[-1] != "A" else "B")
    for role, path in ((Role.EMPLOYEE, address), (Role.COMMITTEE, moved), (Role.COMMITTEE, forged)):
        answer = office[role].get(path)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, path.partition("/geluid")[0])
    office.house.clock.pass_s(3600)
    assert office[Role.COMMITTEE].get(address).location == page
    assert plays(office, case) == []


def test_nobody_listens_before_it_is_granted(office: Office) -> None:
    case = office.opened(COMPLAINT, call=True)
    assert player(office, Role.COMMITTEE, case) is None
    assert office[Role.COMMITTEE].get(f"/console/zaken/{case.case_id}/geluid").status_code == 403
    assert plays(office, case) == []


def test_a_recording_that_is_gone_is_not_said_to_be_played(office: Office) -> None:
    case = office.listening("klachtencommissie", days=7)
    address = player(office, Role.COMMITTEE, case)
    with office.house.wiring.database.transaction() as unit:
        row = unit.recordings.find_for_call(office.house.call.call_id)
        assert row is not None
        unit.recordings.mark_destroyed(row.recording_id, office.house.clock.now())
    assert get(office, Role.COMMITTEE, address)[0] == 404
    assert plays(office, case) == []
    assert "De opname is er niet, of niet meer." in office.page(Role.COMMITTEE, f"/{case.case_id}")


def test_a_case_about_no_listening_has_no_sound(office: Office) -> None:
    case = office.opened()
    assert office[Role.SUPERVISOR].get(f"/console/zaken/{case.case_id}/geluid").status_code == 403


# ---------------------------------------------------------------- to learn


def test_staff_learn_from_it_once_both_agreed_until_one_takes_it_back(office: Office) -> None:
    case = office.opened(TrainingAsked(), call=True)
    office.did(case, TrainingAnswered(Party.CALLER, agrees=True), Role.SUPERVISOR)
    assert player(office, Role.EMPLOYEE, case) is None
    assert office[Role.EMPLOYEE].get(f"/console/zaken/{case.case_id}/geluid").status_code == 403
    office.did(case, TrainingAnswered(Party.EMPLOYEE, agrees=True), Role.EMPLOYEE)
    address = player(office, Role.EMPLOYEE, case)
    assert get(office, Role.EMPLOYEE, address) == (200, SOUND)
    assert plays(office, case) == ["played"]
    office.did(case, TrainingWithdrawn(Party.CALLER), Role.SUPERVISOR)
    assert get(office, Role.EMPLOYEE, address)[0] == 403
    assert player(office, Role.EMPLOYEE, case) is None
    assert plays(office, case) == ["played"]


def test_training_is_for_staff(office: Office) -> None:
    case = agreed(office)
    assert player(office, Role.SUPERVISOR, case) is not None
    for role in (Role.PRIVACY_OFFICER, Role.AUDITOR):
        assert player(office, role, case) is None
        assert office[role].get(f"/console/zaken/{case.case_id}/geluid").status_code == 403
    assert plays(office, case) == []
