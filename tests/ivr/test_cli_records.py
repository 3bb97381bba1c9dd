"""`spelregel records check`: what it says, and how it ends."""

import sqlite3
from contextlib import closing

import pytest

from ivr.cli import main
from tests.builders import House
from tests.ivr.test_cli_after_call import served, told

__all__ = ["served"]


def test_records_that_nobody_touched_are_whole(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    served.stopped(5)
    (line,) = told(capsys, "records", "check")
    assert line.startswith("whole: ")


def test_what_was_changed_is_named_and_the_exit_code_says_broken(
    served: House, capsys: pytest.CaptureFixture[str]
) -> None:
    served.stopped(5)
    call_id = served.call.call_id
    with closing(sqlite3.connect(served.database_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE calls SET agency = 'ind'")
        connection.commit()
    with pytest.raises(SystemExit) as ended:
        main(["records", "check"])
    assert ended.value.code == 3
    assert capsys.readouterr().out == f"broken: call {call_id}: its agency is not the one of entry 0\n"
