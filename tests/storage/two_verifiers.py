"""A log to harm, and the two verifiers side by side: ours, and the one of docs/ that shares nothing with it."""

import importlib.util
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from types import ModuleType

from storage.consent_log.chain import Frontier, leaf_hash
from storage.consent_log.checkpoint import Checkpoint, NoteKey, NoteSigner
from storage.consent_log.entry import Entry, canonical_json
from storage.consent_log.exported_log import verify_export
from storage.errors import NotAnExport
from storage.records import Json

DOCS = Path(__file__).parents[2] / "docs"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = "log.example/spelregel"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(range(32)))
SUCCESSOR = NoteSigner.from_seed(ORIGIN, bytes([9]) * 32)
STRANGER = NoteSigner.from_seed(ORIGIN, bytes(32))
WITNESS = NoteSigner.from_seed("witness.example", bytes([7]) * 32)
KEYS = (SIGNER.key,)

ENTRIES = 24
SEALED = (0, 10, 20, 24)
FACTS: Sequence[dict[str, Json]] = (
    {},
    {"confidence": 0.92, "at_ms": 1234, "played": True},
    {"words": ["ja", "hoor"], "key": None, "\u20ac": 1e-7, "\U0001f600": 1, "\ufb33": 2.5e300},
    {"text": 'Zo\u00eb zei: "ja"\\\n', "nested": {"b": [1, {"a": []}], "a": -0.5}},
)

Outcome = tuple[str, float, int]
"""`whole`, its entries, how many of them sealed; `broken`, the first bad entry or infinity, 0; or `unusable`, 0, 0."""


def load_other() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_log", DOCS / "verify_log.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018  for the type checker
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OTHER = load_other()


def make_entries(change: Callable[[dict[str, Json]], None] | None = None) -> list[bytes]:
    """The bodies of a log of three calls that take turns. `change` may alter the fields of an entry before it is
    hashed: what comes after follows from that, as when a forger makes everything anew."""
    bodies, previous = [], dict[str, str]()
    for number in range(ENTRIES):
        call = f"call-{number % 3}"
        entry = Entry(
            number, call, number // 3, f"event-{number}", "answer:yes", NOON + timedelta(seconds=number),
            FACTS[number % len(FACTS)], {"heard": f"{number:064x}"} if number % 2 else {}, previous.get(call),
        )  # fmt: skip
        fields = json.loads(entry.canonical())
        if change is not None:
            change(fields)
        bodies.append(canonical_json(fields))
        previous[call] = leaf_hash(bodies[-1]).hex()
    return bodies


def head_of(bodies: Sequence[bytes], size: int, origin: str = ORIGIN) -> Checkpoint:
    tree = Frontier()
    for body in bodies[:size]:
        tree, _ = tree.append(leaf_hash(body))
    return Checkpoint(origin, size, tree.root())


def sign(bodies: Sequence[bytes], size: int, signer: NoteSigner = SIGNER) -> str:
    return signer.sign(head_of(bodies, size).text())


def note_line(note: str) -> bytes:
    return canonical_json({"checkpoint": note}) + b"\n"


def export_of(bodies: Sequence[bytes], notes: Sequence[str]) -> bytes:
    return b"".join(body + b"\n" for body in bodies) + b"".join(map(note_line, notes))


BODIES = make_entries()
NOTES = [sign(BODIES, size) for size in SEALED]
EXPORT = export_of(BODIES, NOTES)


def judge_ours(path: Path, keys: Sequence[NoteKey], kept: Sequence[str]) -> Outcome:
    try:
        verdict = verify_export(path, keys, kept)
    except NotAnExport:
        return "unusable", 0, 0
    if verdict.first is not None:
        return "broken", inf if verdict.first.number is None else verdict.first.number, 0
    return "whole", verdict.size, verdict.sealed_size


def judge_other(export: bytes, keys: Sequence[NoteKey], kept: Sequence[str]) -> Outcome:
    try:
        told, fault = OTHER.check_export(export, dict(OTHER.read_key(key.vkey()) for key in keys), kept)
    except ValueError:
        return "unusable", 0, 0
    if fault is not None:
        return "broken", fault[0], 0
    words = told.split()
    return "whole", int(words[1]), int(words[3])


def judge(export: bytes, folder: Path, keys: Sequence[NoteKey] = KEYS, kept: Sequence[str] = ()) -> Outcome:
    """What both say; they must say the same."""
    path = folder / "export.jsonl"
    path.write_bytes(export)
    ours, other = judge_ours(path, keys, kept), judge_other(export, keys, kept)
    assert ours == other
    return ours
