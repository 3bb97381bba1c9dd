"""The commands for recordings at rest: are they whole, under which key do they lie, and reading one by itself."""

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from ivr.records.recording_check import Finding
from ivr.records.recording_keys import Move
from ivr.wiring import Wiring
from storage.errors import UnknownCall
from storage.recordings.loose_file import open_loose

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

GOOD, UNUSABLE, BROKEN = 0, 2, 3


def add_commands(add: AddCommand) -> None:
    recordings = add("recordings", run_recordings, "the stored recordings")
    actions = recordings.add_subparsers(required=True, dest="action", metavar="ACTION")
    check = actions.add_parser("check", help="read all of them back; exit 0 whole, 3 not")
    check.add_argument("call", nargs="?", help="the recording of this call alone")
    rewrap = actions.add_parser("rewrap", help="move all of them under the current recording key; exit 3 if one stays")
    rewrap.add_argument("--dry-run", action="store_true", help="only say which key how many of them need")
    decrypt = actions.add_parser(
        "decrypt", help="one object that lies outside the store, such as a backup's; exit 3 damaged"
    )
    decrypt.add_argument("object", type=Path)
    decrypt.add_argument("out", type=Path)
    decrypt.add_argument("--name", metavar="KEY", help="its name in the store, where the file has another one now")


def run_recordings(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    actions: dict[str, Callable[[Wiring, argparse.Namespace], int]] = {"check": _check, "rewrap": _rewrap}
    return actions.get(chosen.action, _decrypt)(wiring, chosen)


def _check(wiring: Wiring, chosen: argparse.Namespace) -> int:
    checker = wiring.recording_checker
    try:
        return _tell(checker.check_all() if chosen.call is None else checker.check_call(chosen.call))
    except UnknownCall:
        print(f"spelregel: there is no call {chosen.call}", file=sys.stderr)
        return UNUSABLE


def _tell(findings: Iterator[Finding]) -> int:
    looked_at, wrong = 0, 0
    for finding in findings:
        looked_at += 1
        if finding.flaw is not None:
            wrong += 1
            print(f"{finding.flaw}  {finding.object_key}  {finding.about or '-'}  {finding.detail}")
    print(f"{looked_at - wrong} whole, {wrong} not")
    return BROKEN if wrong else GOOD


def _rewrap(wiring: Wiring, chosen: argparse.Namespace) -> int:
    keys, failed = wiring.recording_keys, 0
    if not chosen.dry_run:
        moves: Counter[Move] = Counter()
        for moved in keys.move_all():
            moves[moved.move] += 1
            if moved.move is Move.FAILED:
                print(f"not moved  {moved.object_key}  {moved.detail}")
        print(f"{moves[Move.MOVED]} moved, {moves[Move.CURRENT]} were under the current key, {moves[Move.FAILED]} stay")
        failed = moves[Move.FAILED]
    found = keys.count()
    for key_id, count in sorted(found.items()):
        which = "the current key" if key_id == keys.current_id else "an earlier key" if key_id else "no object of ours"
        print(f"{count} under {which} {key_id}".rstrip())
    if set(found) <= {keys.current_id}:
        print("nothing needs an earlier key: SPELREGEL_EARLIER_RECORDING_KEYS may go")
    return BROKEN if failed else GOOD


def _decrypt(wiring: Wiring, chosen: argparse.Namespace) -> int:
    """The file has its name when all of it was found good."""
    with (
        open_loose(chosen.object, wiring.keyring, chosen.name) as sound,
        tempfile.NamedTemporaryFile(dir=chosen.out.absolute().parent) as aside,
    ):
        shutil.copyfileobj(sound, aside)
        aside.flush()
        os.link(aside.name, chosen.out)
    print(f"{chosen.out} is what was stored")
    return GOOD
