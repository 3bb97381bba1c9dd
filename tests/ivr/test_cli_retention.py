"""`spelregel retention run`: what it would destroy, what it destroys, and how it says so."""

import json

import pytest

from tests.builders import BEGAN, House
from tests.ivr.test_cli_after_call import served, told

__all__ = ["served"]


def test_a_dry_run_names_what_would_go_and_a_run_destroys_just_that(
    served: House, capsys: pytest.CaptureFixture[str]
) -> None:
    served.clock.at = BEGAN.replace(year=2015)
    served.stopped(5)
    call_id = served.call.call_id
    assert told(capsys, "retention", "run", "--dry-run") == [
        f"example  caller's number  {call_id}  2015-11-03",
        f"example  personal values beside the log  {call_id}  2015-11-03",
        "would go: example: 1 x caller's number; example: 1 x personal values beside the log",
    ]
    assert told(capsys, "retention", "run") == [
        "destroyed: example: 1 x caller's number; example: 1 x personal values beside the log"
    ]
    assert told(capsys, "retention", "run", "--dry-run") == ["would go: nothing"]


def test_what_is_held_is_named_and_stays(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    served.clock.at = BEGAN.replace(year=2015)
    served.stopped(5)
    call_id = served.call.call_id
    served.wiring.holds.place(call_id, "de rechter", "f.dekker")
    lines = told(capsys, "retention", "run")
    assert lines[:-1] == [
        f"example  caller's number  {call_id}  2015-11-03  stays: legal hold",
        f"example  personal values beside the log  {call_id}  2015-11-03  stays: legal hold",
    ]
    assert lines[-1] == "destroyed: nothing"


def test_as_json_each_thing_is_an_object(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    served.clock.at = BEGAN.replace(year=2015)
    served.stopped(5)
    items = [json.loads(line) for line in told(capsys, "retention", "run", "--dry-run", "--json")]
    assert [item["what"] for item in items] == ["number", "log"]
    assert {item["call_id"] for item in items} == {served.call.call_id}
    assert all(item["stays"] == "" and item["since"].startswith("2015-11-03") for item in items)
