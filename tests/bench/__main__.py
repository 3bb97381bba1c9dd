"""`make bench`: what the service costs on this machine, as a table and in var/bench.json.

Figures belong to the machine; compare ratios, and runs of one sitting. Nothing here passes or fails.
"""

import os
import tempfile
from pathlib import Path

from config import settings
from tests.bench import (
    cascade,
    comparing,
    console,
    copies,
    evidence,
    hearing,
    live_pages,
    load,
    page_weight,
    receipts,
    recordings,
    serving,
    whisper,
)
from tests.bench.table import show, write_json


def main() -> None:
    model_dir = settings.model_dir(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        rows = evidence.measure(Path(folder))
        rows += copies.measure(Path(folder) / "copies")
        rows += recordings.measure(Path(folder))
        rows += comparing.measure()
        rows += hearing.measure(model_dir)
        rows += whisper.measure(model_dir)
        rows += cascade.measure(model_dir)
        rows += serving.measure(Path(folder), model_dir)
        rows += load.measure(Path(folder) / "load")
        rows += console.measure(Path(folder) / "console")
        rows += live_pages.measure(Path(folder) / "live-pages")
        rows += receipts.measure(Path(folder) / "receipts")
        rows += page_weight.measure(Path(folder) / "page-weight")
    print(show(rows))
    write_json(rows, Path("var/bench.json"))


main()
