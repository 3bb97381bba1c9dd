"""The evaluation as CSV: every published fact in a row of its own, none that a spreadsheet would run."""

import csv
import io

from ivr.reporting.evaluation import evaluate
from ivr.reporting.history import History
from ivr.reporting.table_file import HEADER, write_csv
from tests.ivr.reporting.histories import NOON, YEAR, call, case, happened

HARMFUL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://evil.example","x")')


def rows(*histories: History, agencies: tuple[str, ...] = ("example",)) -> list[dict[str, str]]:
    sink = io.StringIO(newline="")
    write_csv(evaluate(histories, agencies, YEAR), sink)
    return list(csv.DictReader(io.StringIO(sink.getvalue(), newline="")))


def recorded() -> History:
    return call("call:opened", "request:heard", "consent:given", "recording:started")


def test_one_fact_a_row_for_each_month_and_the_whole() -> None:
    told = rows(*(recorded() for _ in range(7)))
    assert list(told[0]) == list(HEADER)
    requests = [row for row in told if row["measure"] == "requests"]
    assert len(requests) == 13
    assert [row["month"] for row in requests if row["value"] == "7"] == ["2026-03", "total"]
    assert {"month": "2026-03", "value": "20"}.items() <= next(
        row for row in told if row["measure"] == "seconds-to-recording-median"
    ).items()


def test_a_small_number_is_in_no_cell() -> None:
    told = rows(*(recorded() for _ in range(3)))
    assert {row["value"] for row in told} == {"0", "< 5"}
    assert not [row for row in told if row["measure"].startswith("seconds")]


def test_no_cell_starts_like_a_formula() -> None:
    told = rows(
        *(case(("channel-request:registered", {"case": text, "channel": text})) for text in HARMFUL),
        *(case(("misuse:reported", {"case": text, "what": text})) for text in HARMFUL),
        *(call("request:heard", ("objection:raised", {"reason": text, "alternative": text})) for text in HARMFUL),
        *(History(text, text, NOON, happened("call:opened")) for text in HARMFUL),
        agencies=("example", *HARMFUL),
    )
    assert len({row["agency"] for row in told}) == 1 + len(HARMFUL)
    assert not [
        cell for row in told for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    ]


def test_an_agency_without_calls_has_one_row_that_says_so() -> None:
    assert [list(row.values()) for row in rows(agencies=("ind",))] == [["ind", "phone", "total", "calls", "", "0"]]
