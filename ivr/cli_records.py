"""`spelregel records check`: are calls, case files, holds, profiles and files handed in the ones of the consent log?"""

import argparse
from collections.abc import Callable

from ivr.wiring import Wiring

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

GOOD, BROKEN = 0, 3


def add_command(add: AddCommand) -> None:
    records = add("records", run_records, "what is stored beside the consent log, checked against it; exit 3: broken")
    records.add_argument("action", choices=("check",))


def run_records(_: argparse.Namespace) -> int:
    faults = Wiring.from_environment().record_checker.check()
    for fault in faults:
        print(f"broken: {fault}")
    if not faults:
        print("whole: calls, case files, legal holds, profiles and files handed in are those of the log")
    return BROKEN if faults else GOOD
