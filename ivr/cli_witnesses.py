"""The command `witness`: who keeps our checkpoints outside, sending them now, and whether what they said stands."""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ivr.errors import LogContradicted
from ivr.exit_codes import BROKEN, GOOD, UNUSABLE
from ivr.records.witnessing import WitnessHealth
from ivr.wiring import Wiring
from ivr.witnesses.folder import Folder, read_kept
from storage.consent_log.export import verify_log
from storage.witnessing import StatementKind, StatementRow

Command = Callable[[argparse.Namespace], int]
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

OWN_WORD: Mapping[bool | None, str] = {
    True: "though this log goes on from what it took before",
    False: "and this log does not go on from what it took before",
    None: "and it took nothing before",
}

NO_FILE_NAME = re.compile(r"[^0-9A-Za-z.-]+")


def add_command(add: AddCommand) -> None:
    witness = add("witness", run_witness, "signed checkpoints of the consent log that are kept outside")
    actions = witness.add_subparsers(required=True, dest="action", metavar="ACTION")
    actions.add_parser("list", help="every witness: what it saw last, what it waits for, what went wrong")
    actions.add_parser("send", help="sign the log's head and send it to every witness now; exit 3 where one disagrees")
    check = actions.add_parser("check", help="hold the log against all that witnesses said; exit 0 whole, 3 broken")
    check.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="checkpoints that somebody else kept")
    write = actions.add_parser("export", help="write checkpoints, cosignatures and time stamps to files")
    write.add_argument("folder", type=Path)


def run_witness(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    wiring.prepare()
    match chosen.action:
        case "list":
            return _list(wiring)
        case "send":
            return _send(wiring)
        case "export":
            return _export(wiring, chosen.folder)
    return _check(wiring, chosen.folders)


def _list(wiring: Wiring) -> int:
    found = wiring.witnessing.look()
    for health in found:
        print(_line(health))
    if not found:
        print("no witnesses: SPELREGEL_WITNESSES is not set")
    return GOOD


def _line(health: WitnessHealth) -> str:
    last = health.last
    parts = [
        health.name,
        f"{last.kind} {last.size} entries {last.stated_at:%Y-%m-%d %H:%M}Z" if last else "nothing yet",
    ]
    if health.waits_since is not None:
        parts.append(f"waits since {health.waits_since:%Y-%m-%d %H:%M}Z{' LATE' if health.late else ''}")
    if health.fault is not None:
        parts.append(f"tries again at {health.tries_at:%Y-%m-%d %H:%M}Z: {health.fault}")
    if health.contradiction is not None:
        parts.append(f"DISAGREES: entry {health.contradiction.number}, {OWN_WORD[health.goes_on]}")
    return "  ".join(parts)


def _send(wiring: Wiring) -> int:
    code = GOOD
    for delivery in wiring.witnessing.deliver_all():
        if delivery.row is not None:
            print(f"{delivery.witness}  {delivery.row.kind}  {delivery.row.size} entries")
        elif delivery.fault is not None:
            print(f"{delivery.witness}  {delivery.fault}", file=sys.stderr)
            code = max(code, BROKEN if isinstance(delivery.fault, LogContradicted) else UNUSABLE)
    return code


def _check(wiring: Wiring, folders: list[Path]) -> int:
    own = [witness.folder for witness in wiring.witnesses if isinstance(witness, Folder)]
    kept = [(f"{folder / name}", note) for folder in [*own, *folders] for name, note in read_kept(folder)]
    stated = list(wiring.witnessing.check())
    bad = [f"{_about(row)}: {problem}" for row, problem in stated if problem is not None]
    notes = [*(note for _, note in kept), *(row.note for row, _ in stated)]
    verdict = verify_log(wiring.database, wiring.log_keys, list(dict.fromkeys(notes)))
    for line in [*bad, *map(str, verdict.faults)]:
        print(f"broken: {line}")
    if bad or not verdict.whole:
        return BROKEN
    print(f"whole: {verdict.size} entries, {len(stated)} statements of witnesses, {len(kept)} kept checkpoints")
    return GOOD


def _about(row: StatementRow) -> str:
    return f"{row.witness}, checkpoint of {row.size} entries"


def _export(wiring: Wiring, folder: Path) -> int:
    """The checkpoints that witnesses saw, as the log signed them, and beside them what the witnesses signed."""
    folder.mkdir(parents=True, exist_ok=True)
    with wiring.database.reading() as unit:
        files = {name: content for row in unit.statements.stream() for name, content in _files(row)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    print(f"{len(files)} files in {folder}")
    return GOOD


def _files(row: StatementRow) -> Iterator[tuple[str, bytes]]:
    name, witness = f"checkpoint-{row.size:012d}", NO_FILE_NAME.sub("-", row.witness)
    yield f"{name}.txt", row.note.encode()
    if row.kind is StatementKind.STAMPED:
        yield f"{name}.{witness}.tsr", row.answer
    elif row.kind is StatementKind.COSIGNED:
        yield f"{name}.{witness}.cosigned.txt", row.note.encode() + row.answer + b"\n"
