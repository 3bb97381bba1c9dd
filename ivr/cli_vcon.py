"""The commands for vCons: one call as a file, and whether such a file is what the agency gave."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from ivr.calls.vcon_checking import Against, UnreadableVcon, check_vcon
from ivr.calls.vcon_signing import LARGEST_BYTES
from ivr.errors import SpelregelError
from ivr.exit_codes import BROKEN, GOOD, UNUSABLE
from ivr.wiring import Wiring
from storage.consent_log.checkpoint import NoteKey, parse_vkey
from storage.errors import UnknownCall

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]


MARKS = {True: "good", False: "WRONG", None: "not checked"}


def add_command(add: AddCommand) -> None:
    vcon = add("vcon", run_vcon, "calls as vCons, the IETF's container for a conversation")
    actions = vcon.add_subparsers(required=True, dest="action", metavar="ACTION")
    make = actions.add_parser("make", help="one call, signed with the agency's certificate where there is one")
    make.add_argument("call")
    make.add_argument("--inline", action="store_true", help="with the sound in it, instead of its address and digest")
    make.add_argument("--out", type=Path, metavar="FILE", help="instead of stdout; never overwrites")
    check = actions.add_parser("check", help="exit 0 good, 3 changed or not from whom you trust; needs no service")
    check.add_argument("file", type=Path)
    check.add_argument("--trust", type=Path, metavar="CA.pem", help="certificates of the authorities that you trust")
    check.add_argument("--at", type=day, metavar="DATE", help="when the certificates must be valid; now")
    check.add_argument("--log-key", action="append", default=[], metavar="VKEY", help="public key of the consent log")
    check.add_argument("--recording", type=Path, metavar="FILE.wav", help="the sound, to compare with its digest")


def run_vcon(chosen: argparse.Namespace) -> int:
    return _make(chosen) if chosen.action == "make" else _check(chosen)


def _make(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    try:
        made = wiring.exporter.vcon(chosen.call, inline=chosen.inline)
    except UnknownCall:
        print(f"spelregel: there is no call {chosen.call}", file=sys.stderr)
        return UNUSABLE
    if chosen.out is None:
        sys.stdout.buffer.write(made + b"\n")
    else:
        with chosen.out.open("xb") as file:
            file.write(made + b"\n")
    if wiring.settings.certificate is None:
        print("spelregel: not signed, because there is no SPELREGEL_CERTIFICATE", file=sys.stderr)
    return GOOD


def _check(chosen: argparse.Namespace) -> int:
    against = Against(
        trusted=[] if chosen.trust is None else _read_trusted(chosen.trust),
        at=chosen.at or datetime.now(UTC),
        log_keys=[_read_key(text) for text in chosen.log_key],
        recording=None if chosen.recording is None else chosen.recording.read_bytes(),
    )
    if chosen.file.stat().st_size > LARGEST_BYTES:
        raise UnreadableVcon(f"{chosen.file} is too large to be a vCon")
    findings = check_vcon(chosen.file.read_bytes(), against)
    for one in findings:
        print(f"{one.about:<12} {MARKS[one.good]:<12} {one.text}")
    wrong = any(one.good is False for one in findings)
    print("this is not what the agency gave, or cannot be shown to be" if wrong else "this is what the agency gave")
    return BROKEN if wrong else GOOD


def _read_trusted(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        raise SpelregelError(f"{path} has no certificates in PEM") from None


def _read_key(text: str) -> NoteKey:
    try:
        return parse_vkey(text)
    except ValueError:
        raise SpelregelError("--log-key must be a verifier key like example.nl/log+530d903a+AekyeR...") from None


def day(text: str) -> datetime:
    """argparse turns the `ValueError` into its own message."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
