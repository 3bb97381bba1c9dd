"""The command `report`: what it prints, and one clear line where something is wrong."""

import csv
from pathlib import Path

import pytest

from ivr.cli import main
from tests.builders import BEGAN, House, environment
from tests.ivr.reporting.filling import RECORDED, write_calls

YEAR = ("--from", "2026-01", "--to", "2026-12")


@pytest.fixture
def served(house: House, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house on the database that the environment names."""
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url).items():
        monkeypatch.setenv(name, value)
    return house


def report(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["report", *arguments])
    return ended.value.code


def printed(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> str:
    assert report(*arguments) == 0
    return capfdbinary.readouterr().out.decode()


def test_a_table_for_spreadsheets(served: House, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_calls(served, BEGAN, 6, RECORDED)
    text = printed(capfdbinary, "--agency", "example", *YEAR, "--format", "csv")
    assert text.endswith("\r\n")
    assert "\r\r" not in text
    facts = {tuple(row[:5]): row[5] for row in csv.reader(text.splitlines())}
    assert facts["example", "phone", "2026-11", "confirmed", ""] == "6"
    assert facts["example", "phone", "total", "requests-heard", ""] == "6"


def test_a_page_in_dutch_or_in_english(served: House, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_calls(served, BEGAN, 6, RECORDED)
    assert "Bellers wilden 6 keer opnemen." in printed(capfdbinary, "--agency", "example", *YEAR)
    english = printed(capfdbinary, "--agency", "example", *YEAR, "--language", "en", "--format", "html")
    assert "Callers wanted to record 6 times." in english


def test_many_agencies_or_all(served: House, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    def agencies(*chosen: str) -> list[str]:
        text = printed(capfdbinary, *chosen, *YEAR, "--format", "csv")
        return [row["agency"] for row in csv.DictReader(text.splitlines())]

    assert agencies("--agency", "uwv", "--agency", "ind", "--agency", "uwv") == ["uwv", "ind"]
    assert agencies("--agency", "all") == sorted(served.wiring.agencies.policies.by_slug)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--agency", "elders", *YEAR), "no profile is called elders"),
        (("--agency", "example", "--from", "2026-02", "--to", "2026-01"), "after its end"),
        (("--agency", "example", "--from", "gisteren", "--to", "2026-01"), "'gisteren' is no month"),
        (("--agency", "example", "--from", "2026-01", "--to", "2026-02-30"), "'2026-02-30' is no month"),
        (("--agency", "example", *YEAR, "--language", "fy"), "no page in 'fy'; there are: nl, en"),
        (("--agency", "example", "--from", "1990-01", "--to", "2026-01"), "at most 60 months"),
    ],
)
def test_what_cannot_be_reported_on(
    served: House, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert report(*arguments) == 2
    line = capsys.readouterr().err
    assert told in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [(), YEAR, ("--agency", "example"), ("--agency", "example", *YEAR, "--format", "x")]
)
def test_wrong_use(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert report(*arguments) == 2
    assert "spelregel report: error" in capsys.readouterr().err
