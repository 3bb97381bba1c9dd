"""The command `compare`: a citizen's copy against the agency's recording. Exit 0 complete, 3 edited, 4 unrelated."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from speech.comparison.files import compare_files
from speech.comparison.picture import draw, words_in_english
from speech.comparison.report import Damage, as_json, as_text, between
from speech.comparison.result import Verdict

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

GOOD, EDITED, UNRELATED = 0, 3, 4
CODES = {Verdict.COMPLETE: GOOD, Verdict.UNRELATED: UNRELATED}


def add_command(add: AddCommand) -> None:
    compare = add("compare", run_compare, "a citizen's copy against the agency's recording: what was cut or put in")
    compare.add_argument("agency", type=Path, metavar="AGENCY.wav")
    compare.add_argument("copy", type=Path, metavar="COPY", help="WAV, MP3, M4A, OGG, FLAC or AMR")
    compare.add_argument("--json", action="store_true", help="one JSON object instead of text")
    compare.add_argument("--picture", type=Path, metavar="FILE.svg", help="also draw both on their time lines")


def run_compare(chosen: argparse.Namespace) -> int:
    report = compare_files(chosen.agency, chosen.copy)
    if chosen.picture:
        chosen.picture.write_text(draw(report, words_in_english(report), alone=True), encoding="utf-8")
    if chosen.json:
        print(json.dumps(as_json(report.comparison)))
        _tell_damage(chosen.agency, report.agency.damaged)
        _tell_damage(chosen.copy, report.copy.damaged)
    else:
        print(as_text(report))
    return CODES.get(report.comparison.verdict, EDITED)


def _tell_damage(path: Path, damaged: tuple[Damage, ...]) -> None:
    """The JSON has a fixed shape without a place for it."""
    for one in damaged:
        print(f"spelregel: {path}: damaged at {between(one.start_s, one.end_s)}", file=sys.stderr)
