"""The commands about the consent log, for the agency and, without any of its settings, for outsiders."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ivr.calls.exporting import Format
from ivr.errors import SpelregelError
from ivr.exit_codes import BROKEN, GOOD, UNUSABLE
from ivr.wiring import Wiring
from storage.consent_log import tlog_proof
from storage.consent_log.checkpoint import NoteKey, parse_vkey
from storage.consent_log.entry import format_time, parse_entry
from storage.consent_log.export import export_csv, export_jsonl, verify_log
from storage.consent_log.exported_log import read_kept, verify_export
from storage.errors import UnknownCall
from storage.records import CallFilter

BY_CALL = {"dpv": Format.JSON_LD, "vcon": Format.VCON, "ldv": Format.LDV}

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]


def add_commands(add: AddCommand) -> None:
    log = add("log", run_log, "the consent log")
    actions = log.add_subparsers(required=True, dest="action", metavar="ACTION")

    def act(name: str, run: Command, help_text: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=help_text, description=help_text)
        action.set_defaults(run=run)
        return action

    verify = act("verify", run_verify, "check the whole log, or an export of it; exit 0 whole, 3 broken")
    verify.add_argument("--export", type=Path, metavar="FILE", help="check this export: needs --key and nothing else")
    _add_keys(verify)
    verify.add_argument(
        "--since", type=Path, metavar="CHECKPOINT", action="append", default=[],
        help="a signed checkpoint, or a proof, that was kept outside; may be given several times",
    )  # fmt: skip
    export = act("export", run_export, "write the log to stdout")
    export.add_argument("--format", choices=("jsonl", "csv", "dpv", "vcon", "ldv"), required=True)
    act("show", run_show, "the consent record of one call").add_argument("call")
    act("key", run_key, "the public keys, which outsiders check the log with; the one that signs now first")
    act("seal", run_seal, "sign the head of the log now, and print the signed checkpoint")
    prove = act("prove", run_prove, "write an entry, or those of a call, and the proof of each, as files")
    prove.add_argument("what", metavar="CALL|NUMBER")
    prove.add_argument("--out", type=Path, metavar="DIR", default=Path(), help="where to; the current folder")
    check = act("check-proof", run_check_proof, "check an entry and its proof; exit 0 good, 3 not; needs --key only")
    check.add_argument("proof", type=Path)
    check.add_argument("entry", type=Path)
    _add_keys(check)
    consistency = act("consistency", run_consistency, "prove to a witness that the log continues a checkpoint it has")
    consistency.add_argument("old", type=Path, metavar="OLD_CHECKPOINT")


def _add_keys(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--key", metavar="VKEY", action="append", default=[], help="a public key of the log; may be given several times"
    )


def run_log(chosen: argparse.Namespace) -> int:
    run: Command = chosen.run
    return run(chosen)


def run_verify(chosen: argparse.Namespace) -> int:
    kept = [read_kept(path) for path in chosen.since]
    if chosen.export is not None:
        verdict = verify_export(chosen.export, _keys(chosen), kept)
    elif chosen.key:
        raise SpelregelError("--key is for an --export; the log of this installation is checked with its own keys")
    else:
        wiring = Wiring.from_environment()
        verdict = verify_log(wiring.database, wiring.log_keys, kept)
    if not verdict.whole:
        print(f"broken: {verdict.first}")
        return BROKEN
    print(f"whole: {verdict.size} entries, {verdict.sealed_size} of them under a signed checkpoint")
    return GOOD


def run_export(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    if chosen.format in BY_CALL:
        wanted = CallFilter(agencies=tuple(sorted(wiring.agencies.policies.by_slug)))
        calls = wiring.supervision.walk(wanted, sys.maxsize)
        sys.stdout.buffer.writelines(wiring.exporter.export(calls, BY_CALL[chosen.format], personal=True))
    elif chosen.format == "jsonl":
        export_jsonl(wiring.database, sys.stdout.buffer)
    else:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # the csv writer ends its lines itself
        export_csv(wiring.database, sys.stdout)
    return GOOD


def run_show(chosen: argparse.Namespace) -> int:
    try:
        record = Wiring.from_environment().consent_record(chosen.call)
    except UnknownCall:
        print(f"spelregel: there is no call {chosen.call}", file=sys.stderr)
        return UNUSABLE
    print(json.dumps(record, ensure_ascii=False, indent=2))
    return GOOD


def run_key(_: argparse.Namespace) -> int:
    for key in Wiring.from_environment().log_keys:
        print(key.vkey())
    return GOOD


def run_seal(_: argparse.Namespace) -> int:
    print(Wiring.from_environment().seal_log(), end="")
    return GOOD


def run_prove(chosen: argparse.Namespace) -> int:
    """Nothing is written unless each of the entries is proven."""
    wiring = Wiring.from_environment()
    proven = wiring.proofs.prove_entries(chosen.what)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for number, (body, proof) in proven.items():
        entry_file = chosen.out / f"entry-{number}.json"
        entry_file.write_bytes(body)
        entry_file.with_suffix(tlog_proof.SUFFIX).write_bytes(proof.text().encode())
        print(f"{entry_file}  {entry_file.with_suffix(tlog_proof.SUFFIX)}")
    return GOOD


def run_check_proof(chosen: argparse.Namespace) -> int:
    body = chosen.entry.read_bytes().removesuffix(b"\n")  # as it stands in an export, or alone
    checkpoint = tlog_proof.check_tlog_proof(chosen.proof.read_bytes().decode(errors="replace"), body, _keys(chosen))
    entry = parse_entry(body)
    what = f"entry {entry.number}, {entry.tag} at {format_time(entry.occurred_at)},"
    print(f"proven: {what} is among the first {checkpoint.size} of {checkpoint.origin}")
    return GOOD


def run_consistency(chosen: argparse.Namespace) -> int:
    print(Wiring.from_environment().prove_consistency(read_kept(chosen.old)).text(), end="")
    return GOOD


def _keys(chosen: argparse.Namespace) -> Sequence[NoteKey]:
    """Raises `SpelregelError`."""
    try:
        keys = [parse_vkey(vkey) for given in chosen.key for vkey in given.split()]
    except ValueError as fault:
        raise SpelregelError(f"--key: {fault}") from fault
    if not keys:
        raise SpelregelError("--key is needed: a public key of the log, as `spelregel log key` prints it")
    return keys
