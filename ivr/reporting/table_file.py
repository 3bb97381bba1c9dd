"""The evaluation as a CSV file, one fact a row: agency, channel, month, measure, detail, value.

The names of measures are those of `Measure`, whatever the language. The month is `total` for the whole period.
Seconds stand there only where there are enough cases; an agency of which nothing was logged has one row, of 0 calls.
"""

import csv
from collections.abc import Iterator
from typing import TextIO

from ivr.reporting.evaluation import Evaluation, Sheet
from ivr.reporting.history import PHONE
from ivr.reporting.measures import Measure
from storage.spreadsheet import plain_cell

HEADER = ("agency", "channel", "month", "measure", "detail", "value")
TOTAL = "total"
MEDIAN, P90 = "seconds-to-recording-median", "seconds-to-recording-90-percent"


def write_csv(evaluation: Evaluation, sink: TextIO) -> None:
    """`sink` is opened with `newline=""`."""
    writer = csv.writer(sink)
    writer.writerow(HEADER)
    for part in evaluation.agencies:
        if not part.sheets:
            writer.writerow((plain_cell(part.agency), PHONE, TOTAL, Measure.CALLS, "", "0"))
        for sheet in part.sheets:
            for facts in _facts(sheet):
                writer.writerow([plain_cell(cell) for cell in (part.agency, sheet.channel, *facts)])


def _facts(sheet: Sheet) -> Iterator[tuple[str, str, str, str]]:
    months = (*map(str, sheet.months), TOTAL)
    for row, figures in sheet.figures.items():
        for month, figure in zip(months, figures, strict=True):
            yield month, row.measure, row.detail, str(figure)
    for month, waits in zip(months, sheet.waits, strict=True):
        if waits is not None:
            yield month, MEDIAN, "", f"{waits.median_s:.0f}"
            yield month, P90, "", f"{waits.p90_s:.0f}"
