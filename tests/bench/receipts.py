"""What a receipt costs: logging, signing and proving it, and drawing the PDF."""

import time
from collections.abc import Callable
from pathlib import Path

from ivr.calls.receipt_file import Issued
from ivr.web.language import choose_language
from ivr.web.receipts.pdf import draw_pdf
from ivr.web.receipts.telling import document_of
from storage.session import migrate
from tests.bench.table import Row, spread
from tests.builders import House
from tests.ivr.web.receipts import finish, issued

TIMES = 30


def measure(folder: Path) -> list[Row]:
    folder.mkdir()
    url = f"sqlite:///{folder / 'receipts.db'}"
    migrate(url)
    house = House(folder, url)
    house.recorded()
    finish(house)
    receipt = issued(house)
    with house.app.test_request_context():
        choose_language()
        draw_pdf(receipt, document_of(receipt))  # fonts are read once in a process
        given = _time(lambda: issued(house))
        drawn = _time(lambda: draw_pdf(receipt, document_of(receipt)))
    house.close()
    return [
        *spread("receipt: log, sign and prove (SQLite)", given, f"{len(receipt.receipt.events)} events"),
        *spread("receipt as a PDF", drawn),
        Row("receipt as a file", _kilobytes(receipt), "kB"),
    ]


def _kilobytes(receipt: Issued) -> float:
    return len(receipt.as_file()) / 1000


def _time(work: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return took
