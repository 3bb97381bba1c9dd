"""The commands about copies for callers, and the certificate that signs them. Checking a copy needs no settings."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from config.certificate import Certificate
from ivr.copying.checking import Logged, Presented, exported_call, hold_against, is_good, look_at
from ivr.copying.credentials import State
from ivr.copying.files import Form
from ivr.copying.trial import try_out
from ivr.demo.certificates import make_certificate
from ivr.errors import SpelregelError
from ivr.exit_codes import BROKEN, GOOD
from ivr.wiring import Wiring
from storage.consent_log.checkpoint import NoteKey, parse_vkey
from storage.records import LoggedEntry

END_OF_CERTIFICATE = "-----END CERTIFICATE-----\n"

WORDS: Mapping[State, str] = {
    State.TRUSTED: "trusted: unchanged since {who} signed it",
    State.VALID: "valid: unchanged since {who} signed it, who is not known to be that organisation",
    State.EXPIRED: "expired: unchanged since {who} signed it, but nothing shows that the certificate was good then",
    State.CHANGED: "changed: this is not what was signed",
    State.NONE: "none: not signed, or the signature was taken out",
}

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]


def add_commands(add: AddCommand) -> None:
    copy = add("copy", run_copy, "copies of recordings that callers were handed")
    copy_actions = copy.add_subparsers(required=True, dest="action", metavar="ACTION")
    text = "read a copy's credentials, and hold it against the log; exit 0 good, 3 changed or not the agency's"
    check = copy_actions.add_parser("check", help=text, description=text)
    check.add_argument("file", type=Path, help="a WAV or an MP3")
    check.add_argument("--trust", type=Path, metavar="CA.pem", help="authorities that may have issued the certificate")
    check.add_argument("--log", type=Path, metavar="EXPORT", help="an export of the log, with --key")
    check.add_argument("--key", metavar="VKEY", action="append", default=[], help="a public key of the log")
    check.add_argument("--here", action="store_true", help="with this installation's log and authority")

    certificate = add("certificate", run_certificate, "the certificate that signs copies and exports")
    actions = certificate.add_subparsers(required=True, dest="action", metavar="ACTION")
    actions.add_parser("check", help="what is configured, and until when it is good")
    make = actions.add_parser("make-demo", help="an authority and a certificate of its own, for trying things out only")
    make.add_argument("folder", type=Path)


def run_copy(chosen: argparse.Namespace) -> int:
    """Every outcome is told before the exit code is decided."""
    wiring = Wiring.from_environment() if chosen.here else None
    if wiring is None and bool(chosen.log) != bool(chosen.key):
        raise SpelregelError("--log and --key belong together")
    anchors = _anchors(chosen.trust, None if wiring is None else wiring.settings.certificate)
    with chosen.file.open("rb") as file:
        presented = look_at(file, anchors)
    entries: Sequence[LoggedEntry] | None = None
    if wiring is not None:
        with wiring.database.reading() as unit:
            entries = [] if presented.call_id is None else unit.log.list_call(presented.call_id)
    elif chosen.log:
        entries = exported_call(chosen.log, [_key(vkey) for vkey in chosen.key], presented)
    logged = None if entries is None else hold_against(entries, presented)
    good = is_good(presented, logged, must_be_trusted=bool(anchors))
    for name, told in _lines(chosen.file.name, presented, logged, good=good):
        print(f"{name:<13} {_printable(told)}")
    return GOOD if good else BROKEN


def _anchors(trust: Path | None, own: Certificate | None) -> str:
    """What was named; else the last certificate of the installation's own chain."""
    if trust is not None:
        pem = trust.read_text(encoding="ascii")
        if END_OF_CERTIFICATE.strip() not in pem:
            raise SpelregelError(f"{trust.name} holds no certificate in PEM")
        return pem
    if own is None:
        return ""
    return own.chain_pem.split(END_OF_CERTIFICATE)[-2] + END_OF_CERTIFICATE


def _key(vkey: str) -> NoteKey:
    try:
        return parse_vkey(vkey)
    except ValueError as fault:
        raise SpelregelError(f"--key: {fault}") from fault


def _lines(name: str, presented: Presented, logged: Logged | None, *, good: bool) -> Iterator[tuple[str, str]]:
    credentials = presented.credentials
    yield "file", f"{name} ({presented.form.upper()}), SHA-256 {presented.digest}"
    yield "credentials", WORDS[credentials.state].format(who=credentials.organisation or "somebody")
    for fault in credentials.faults:
        yield "", fault
    if credentials.stamped_at is not None:
        yield "time stamp", f"{credentials.stamped_at:%Y-%m-%d %H:%M:%S}Z, by a third party"
    if credentials.statement is not None:
        yield from _stated(credentials.statement)
    if logged is not None:
        yield from _log_lines(presented, logged)
    yield "verdict", "good" if good else "not good: do not rely on this file"


def _printable(text: str) -> str:
    """A stranger's file writes nothing else to the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _stated(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What somebody else's file states may have any shape."""
    recording, log = _part(statement, "recording"), _part(statement, "log")
    yield "call", f"{statement.get('call')} of {statement.get('agency')}"
    began, ended = recording.get("began_at"), recording.get("ended_at")
    yield "recorded", f"{began} until {ended}, {recording.get('duration_s')} s"
    pauses = statement.get("pauses")
    for pause in pauses if isinstance(pauses, list) and pauses else [None]:
        told = pause if isinstance(pause, dict) else {}
        times = f"from {told.get('from_s')} s until {told.get('until_s')} s: {told.get('reason')}"
        yield "pause", times if told else "none"
    yield "stated", str(statement.get("statement"))
    yield "log entry", f"{log.get('entry')} of {log.get('origin')}, hash {log.get('entry_hash')}"


def _part(statement: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = statement.get(name)
    return part if isinstance(part, dict) else {}


def _log_lines(presented: Presented, logged: Logged) -> Iterator[tuple[str, str]]:
    for fault in logged.faults:
        yield "log", fault
    if not logged.faults:
        if presented.form is Form.WAV:
            yield "log", f"every sample is the one that entry {logged.entry} says was stored: nothing else is missing"
        if presented.credentials.statement is not None:
            yield "log", "call, times, pauses and entry are as the credentials say"
    if logged.is_as_handed_out:
        yield "log", "this very file was handed out"


def run_certificate(chosen: argparse.Namespace) -> int:
    if chosen.action == "make-demo":
        made = make_certificate(chosen.folder)
        print(f"SPELREGEL_CERTIFICATE={made.chain}\nSPELREGEL_CERTIFICATE_KEY={made.key}")
        print(f"# whoever checks copies trusts {made.authority}; good for trying things out only")
        return GOOD
    wiring = Wiring.from_environment()
    certificate = wiring.settings.certificate
    if certificate is None:
        raise SpelregelError("SPELREGEL_CERTIFICATE is not set: copies and exports go out unsigned")
    print(f"organisation  {certificate.organisation}")
    print(f"good          from {certificate.valid_from:%Y-%m-%d} until {certificate.valid_until:%Y-%m-%d}")
    print(f"key           {certificate.algorithm}")
    print(f"SHA-256       {certificate.fingerprint}")
    if not certificate.is_valid_at(wiring.clock.now()):
        print("verdict       not good at this moment: copies go out unsigned")
        return BROKEN
    try_out(certificate)
    print("verdict       good: credentials made with it can be read again")
    return GOOD
