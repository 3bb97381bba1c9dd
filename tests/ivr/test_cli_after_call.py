"""The commands for what comes after the call: what they print, and one clear line where something is wrong."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from config.policy import Role
from ivr.cases.acts import CovertRecordingRegistered, RequestRegistered
from ivr.cases.case import Case, Who
from ivr.cases.service import Actor
from ivr.cli import main
from storage.records import CallFilter
from tests.builders import BEGAN, CALLER, House, environment

EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)


@pytest.fixture
def served(house: House, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house on the database that the environment names."""
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url).items():
        monkeypatch.setenv(name, value)
    return house


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    return capsys.readouterr().out.splitlines()


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("spelregel: ")
    assert line.count("\n") == 1
    return line


def covert(house: House) -> Case:
    return house.wiring.cases.open(CovertRecordingRegistered("zei het zelf", published=False), "example", EMPLOYEE)


def test_a_users_token_is_shown_once_and_opens_the_api(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    token = told(capsys, "users", "add", "c.visser", "--role", "klachtencommissie", "--agency", "example")[-1]
    headers = {"Authorization": f"Bearer {token}"}
    assert served.client.get("/api/v1/cases", headers=headers).status_code == 200
    (line,) = told(capsys, "users", "list")
    assert line.startswith("c.visser  klachtencommissie  example  added ")
    assert line.endswith("active")
    assert token not in line
    told(capsys, "users", "disable", "c.visser")
    assert served.client.get("/api/v1/cases", headers=headers).status_code == 401
    assert "disabled" in told(capsys, "users", "list")[0]


def test_users_that_cannot_be(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    served.wiring.users.add("c.visser", Role.EMPLOYEE, ["example"], "a test")
    add = ("--role", "medewerker", "--agency", "example")
    assert "not given again" in complaint(capsys, "users", "add", "c.visser", *add)
    assert "small letters" in complaint(capsys, "users", "add", "C. Visser", *add)
    assert "no profile is called elders" in complaint(capsys, "users", "add", "a.bakker", *add, "--agency", "elders")
    assert "nobody is called a.bakker" in complaint(capsys, "users", "disable", "a.bakker")


def test_cases_are_listed_for_people_and_for_programs(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "cases", "list") == []
    served.clock.at = BEGAN.replace(year=2020)
    late = covert(served)
    at = served.clock.at
    served.wiring.cases.open(RequestRegistered("balie", at, "gewoon", third_persons=False), "example", EMPLOYEE)
    first, second = told(capsys, "cases", "list", "--agency", "example")
    assert {first.split("  ")[2], second.split("  ")[2]} == {"covert", "channel-request"}
    (line,) = told(capsys, "cases", "list", "--overdue")
    assert line == f"{late.case_id}  example  covert  registered  leidinggevende due 2020-12-01  OVERDUE"
    (line,) = told(capsys, "cases", "list", "--overdue", "--json")
    assert json.loads(line)["case_id"] == late.case_id
    assert "no profile is called elders" in complaint(capsys, "cases", "list", "--agency", "elders")


def test_long_lists_are_whole(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    made = {covert(served).case_id for _ in range(101)}
    assert {line.split("  ")[0] for line in told(capsys, "cases", "list")} == made


def test_calls_of_before_there_was_a_search_are_found_after_indexing(
    served: House, capsys: pytest.CaptureFixture[str]
) -> None:
    served.stopped()
    wanted = CallFilter(
        agencies=("example",), number_hash=served.wiring.numbers.hash_of(CALLER), text="opnemen neem", with_answers=True
    )
    before = list(served.wiring.supervision.walk(wanted, 9))
    with served.wiring.database._own().engine.begin() as connection:
        for statement in (
            "DELETE FROM call_facts",
            "DELETE FROM call_words",
            "DELETE FROM told_texts",
            "UPDATE caller_numbers SET number_hash = NULL",
        ):
            connection.exec_driver_sql(statement)
    assert list(served.wiring.supervision.walk(wanted, 9)) == []
    for _ in range(2):
        assert told(capsys, "index") == ["1 calls can be found"]
        assert list(served.wiring.supervision.walk(wanted, 9)) == before == [served.call.call_id]


def test_the_records_of_all_calls_can_be_exported(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    served.stopped()
    (line,) = told(capsys, "log", "export", "--format", "vcon")
    assert UUID(json.loads(line)["uuid"]).hex == served.call.call_id
    graph = json.loads("".join(told(capsys, "log", "export", "--format", "dpv")))
    assert [UUID(record["record_id"]).hex for record in graph["@graph"]] == [served.call.call_id]
