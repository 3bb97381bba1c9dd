"""The command `report`: the evaluation that agencies make after a year."""

import argparse
import sys
from collections.abc import Callable

from config.translations import SOURCE_LANGUAGE
from ivr.errors import SpelregelError
from ivr.exit_codes import GOOD
from ivr.reporting.page import render_page
from ivr.reporting.period import parse_period
from ivr.reporting.table_file import write_csv
from ivr.wiring import Wiring

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

ALL = "all"


def add_command(add: AddCommand) -> None:
    report = add("report", run_report, "the evaluation of a period: requests, refusals, copies, incidents, time taken")
    report.add_argument("--agency", action="append", required=True, metavar="SLUG", help=f"more than once, or {ALL}")
    report.add_argument("--from", dest="first", required=True, metavar="YYYY-MM[-DD]", help="its first day or month")
    report.add_argument("--to", dest="last", required=True, metavar="YYYY-MM[-DD]", help="its last day or month")
    report.add_argument("--format", choices=("csv", "html"), default="html")
    report.add_argument("--language", default=SOURCE_LANGUAGE, help="of the page, nl or en")


def run_report(chosen: argparse.Namespace) -> int:
    period = parse_period(chosen.first, chosen.last)
    wiring = Wiring.from_environment()
    policies = wiring.agencies.policies.by_slug
    if chosen.language not in wiring.translations:
        raise SpelregelError(f"no page in {chosen.language[:40]!r}; there are: {', '.join(wiring.translations)}")
    slugs = sorted(policies) if ALL in chosen.agency else list(dict.fromkeys(chosen.agency))
    evaluation = wiring.evaluations.evaluate(slugs, period)
    sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # lines end as they are written
    if chosen.format == "csv":
        write_csv(evaluation, sys.stdout)
    else:
        sys.stdout.write(render_page(evaluation, policies, wiring.translations, chosen.language, wiring.clock.now()))
    return GOOD
