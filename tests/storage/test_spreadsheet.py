"""No cell of a CSV file is run by a spreadsheet, whatever somebody wrote and wherever it splits the line."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.spreadsheet import json_cell, plain_cell

STARTS = "=+-@＝＋－＠"
BLANKS = [" ", "\t", "\r", "\n", "\u00a0", "\u200b", "\ufeff", "\x00", "\x0b", '"', "'"]

pieces = st.sampled_from([*STARTS, *BLANKS, ";", ",", "|", "1", "a", "cmd", "HYPERLINK(", "ë"])
texts = st.lists(pieces, max_size=12).map("".join)


def is_run(cell: str) -> bool:
    """What a spreadsheet would take for a formula, even where it skips what cannot be seen."""
    if cell.startswith("'"):
        return False
    return cell.lstrip("".join(one for one in BLANKS if one not in "'")).startswith(tuple(STARTS))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "   ", "\t", "\r", "\n", "\u00a0", "\ufeff", "\u200b", " \t "])
def test_a_cell_that_starts_like_a_formula_is_text(start: str, before: str) -> None:
    assert plain_cell(f"{before}{start}1+1").startswith("'")


@pytest.mark.parametrize("start", ["\t", "\r", "\n"])
def test_a_cell_that_starts_with_a_control_character_is_text(start: str) -> None:
    assert plain_cell(f"{start}Jansen").startswith("'")


@pytest.mark.parametrize(
    "text", ["", "Jansen", "a = b", "1-2", "06 - 12", "nationale-ombudsman", "x@y.nl", "2026-11-03"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert plain_cell(text) == text


@given(texts)
def test_no_cell_is_run_with_our_separator_nor_with_another(text: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(["voor", plain_cell(text), "na"])
    line = written.getvalue()
    for separator in (",", ";", "\t", "|"):
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=separator):
            for cell in row:
                assert not is_run(cell), (text, separator, cell)


@given(texts)
def test_what_was_made_text_is_not_marked_twice(text: str) -> None:
    assert plain_cell(plain_cell(text)) == plain_cell(text)


@given(st.dictionaries(texts, texts | st.integers(-5, 5)))
def test_json_keeps_its_value_and_starts_no_formula_after_a_dutch_separator(value: dict[str, object]) -> None:
    cell = json_cell(json.dumps(value, ensure_ascii=False))
    assert json.loads(cell) == value
    assert not any(is_run(part) for part in cell.split(";")[1:])
