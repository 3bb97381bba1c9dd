"""Two verifiers that share no line agree on every harm: whether the log is whole, and which entry is the first bad."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.consent_log.chain import inclusion_proof, leaf_hash, root_of_leaves
from storage.consent_log.checkpoint import Checkpoint, NoteKey
from storage.consent_log.entry import MOST_BYTES, canonical_json, normal_json
from storage.consent_log.tlog_proof import TlogProof, check_tlog_proof
from storage.errors import LogBroken
from storage.records import Json
from tests.storage.two_verifiers import (
    BODIES,
    DOCS,
    ENTRIES,
    EXPORT,
    KEYS,
    NOTES,
    ORIGIN,
    OTHER,
    SEALED,
    SIGNER,
    STRANGER,
    SUCCESSOR,
    WITNESS,
    export_of,
    head_of,
    judge,
    make_entries,
    note_line,
    sign,
)

Harm = Callable[[list[bytes]], Sequence[bytes]]
"""Lines with their ends -> other lines."""

LINES = EXPORT.splitlines(keepends=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def test_the_other_verifier_is_short_and_needs_nothing_of_ours() -> None:
    text = (DOCS / "verify_log.py").read_text(encoding="utf-8")
    assert text.count("\n") < 200
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_a_log_that_nobody_touched_is_whole(folder: Path) -> None:
    assert judge(EXPORT, folder) == ("whole", ENTRIES, ENTRIES)


def rewritten(number: int, /, **changes: Json) -> Harm:
    """One entry says something else, in canonical form."""

    def change(lines: list[bytes]) -> list[bytes]:
        body = canonical_json(json.loads(lines[number]) | changes)
        return [*lines[:number], body + b"\n", *lines[number + 1 :]]

    return change


def replaced(number: int, *instead: bytes) -> Harm:
    return lambda lines: [*lines[:number], *instead, *lines[number + 1 :]]


def forged(number: int, /, **changes: Json) -> list[bytes]:
    """All made anew from there on, as a forger does who knows how."""

    def change(fields: dict[str, Json]) -> None:
        if fields["number"] == number:
            fields.update(changes)

    return make_entries(change)


def anew(bodies: Sequence[bytes], notes: Sequence[str]) -> Harm:
    return lambda _: export_of(bodies, notes).splitlines(keepends=True)


def added(call_id: str = "call-9", /, **changes: Json) -> bytes:
    fields = json.loads(BODIES[0]) | {"number": ENTRIES, "call_id": call_id, "event_id": "event-24"} | changes
    return canonical_json(fields) + b"\n"


OTHER_PAST = forged(7, tag="answer:no")
LATE_FORGERY = forged(21, tag="answer:no")
FLOATS = LINES[2].replace(b"2.5e+300", b"2.5E+300")

HARMS: dict[str, tuple[Harm, float]] = {
    "said something else": (rewritten(7, tag="answer:no"), 7),
    "first entry": (rewritten(0, tag="answer:no"), 0),
    "last entry": (rewritten(23, tag="answer:no"), 20),
    "back-dated": (rewritten(9, occurred_at="2025-01-01T00:00:00.000000Z"), 9),
    "another fact": (rewritten(5, facts={"confidence": 1}), 5),
    "another digest": (rewritten(5, personal={"heard": "0" * 64}), 5),
    "another event": (rewritten(5, event_id="event-99"), 5),
    "event of another entry": (rewritten(5, event_id="event-4"), 5),
    "another call": (rewritten(5, call_id="call-0"), 5),
    "another link": (rewritten(9, previous="0" * 64), 6),
    "no link": (rewritten(9, previous=None), 6),
    "renumbered": (rewritten(5, number=50), 5),
    "renumbered before": (rewritten(5, number=2), 2),
    "renumbered below": (rewritten(5, number=-1), -1),
    "renumbered within its call": (rewritten(5, call_number=9), 5),
    "another schema": (rewritten(5, schema=2), 5),
    "schema true": (replaced(5, LINES[5].replace(b'"schema":1', b'"schema":true')), 5),
    "a field more": (rewritten(5, extra=1), 5),
    "a number as text": (rewritten(5, number="5"), 5),
    "a link that is none": (rewritten(5, previous="zz" * 32), 5),
    "an empty link": (rewritten(5, previous=""), 5),
    "a digest that is none": (rewritten(5, personal={"heard": 1}), 5),
    "a time without a zone": (rewritten(5, occurred_at="2026-11-22T12:00:00.000000"), 5),
    "a time of another zone": (rewritten(5, occurred_at="2026-11-22T12:00:00.000000+01:00Z"), 5),
    "a time before time": (rewritten(5, occurred_at="0001-01-01T00:00:00.000000+14:00"), 5),
    "a day that never was": (rewritten(5, occurred_at="2026-02-30T12:00:00.000000Z"), 5),
    "a time in other digits": (rewritten(5, occurred_at="\u0662026-11-22T12:00:00.000000Z"), 5),
    "dropped": (lambda lines: lines[:7] + lines[8:], 7),
    "first dropped": (lambda lines: lines[1:], 0),
    "last dropped": (lambda lines: lines[:23] + lines[24:], 23),
    "all entries dropped": (lambda lines: lines[24:], 0),
    "cut short, checkpoints left": (lambda lines: lines[:15] + lines[24:], 15),
    "cut in an entry": (lambda lines: [*lines[:7], lines[7][:50]], 7),
    "cut at the end of an entry": (lambda lines: [*lines[:7], lines[7][:-1]], 7),
    "cut in a checkpoint": (lambda lines: [*lines[:-1], lines[-1][:60]], inf),
    "cut at the end of a checkpoint": (lambda lines: [*lines[:-1], lines[-1][:-1]], inf),
    "cut in the word checkpoint": (lambda lines: [*lines[:-1], lines[-1][:9]], 24),
    "swapped": (lambda lines: [*lines[:7], lines[8], lines[7], *lines[9:]], 7),
    "swapped far": (lambda lines: [*lines[:2], lines[20], *lines[3:20], lines[2], *lines[21:]], 2),
    "turned round": (lambda lines: [*lines[23::-1], *lines[24:]], 0),
    "replayed at once": (lambda lines: [*lines[:7], lines[6], *lines[7:]], 6),
    "replayed at the end": (lambda lines: [*lines[:24], lines[3], *lines[24:]], 3),
    "replayed under a new number": (lambda lines: [*lines[:24], added(event_id="event-0"), *lines[24:]], 24),
    "added without its call": (lambda lines: [*lines[:24], added("call-0"), *lines[24:]], 24),
    "added with a false link": (
        lambda lines: [*lines[:24], added("call-0", call_number=8, previous="0" * 64), *lines[24:]], 21,
    ),
    "added in the middle": (lambda lines: [*lines[:7], added(number=7), *lines[7:]], 7),
    "history made anew": (anew(OTHER_PAST, NOTES), 0),
    "history made anew, after a checkpoint": (anew(LATE_FORGERY, NOTES), 20),
    "history made anew and signed by a stranger": (
        anew(OTHER_PAST, [sign(OTHER_PAST, size, STRANGER) for size in SEALED]), inf,
    ),
    "checkpoint of another history": (lambda lines: [*lines, note_line(sign(OTHER_PAST, 20))], 10),
    "two checkpoints of one size": (lambda lines: [note_line(sign(LATE_FORGERY, 24)), *lines], 20),
    "a checkpoint of nothing that is false": (
        lambda lines: [*lines, note_line(SIGNER.sign(Checkpoint(ORIGIN, 0, bytes(32)).text()))], 0,
    ),
    "a checkpoint of more": (
        lambda lines: [*lines, note_line(SIGNER.sign(Checkpoint(ORIGIN, 30, bytes(32)).text()))], 24,
    ),
    "a checkpoint of another log": (
        lambda lines: [*lines, note_line(SIGNER.sign(head_of(BODIES, 24, "elsewhere.example/log").text()))], inf,
    ),
    "a checkpoint by a witness only": (lambda lines: [*lines, note_line(sign(BODIES, 24, WITNESS))], inf),
    "a checkpoint by a stranger": (lambda lines: [*lines, note_line(sign(BODIES, 24, STRANGER))], inf),
    "a checkpoint with a larger size": (lambda lines: [*lines, lines[-1].replace(b"24", b"25")], inf),
    "a checkpoint with a signature of another": (
        lambda lines: [*lines, note_line(NOTES[2].partition("\n\n")[0] + "\n\n" + NOTES[3].partition("\n\n")[2])], inf,
    ),
    "a checkpoint that is no text": (lambda lines: [*lines, b'{"checkpoint":5}\n'], inf),
    "a checkpoint nested deep": (lambda lines: [*lines, b'{"checkpoint":' + b"[" * 2000 + b"\n"], inf),
    "a checkpoint with spaces": (lambda lines: [*lines, lines[-1].replace(b'":"', b'": "')], inf),
    "a checkpoint with another member": (lambda lines: [*lines, lines[-1].replace(b'"}', b'","x":1}')], inf),
    "a space before": (replaced(5, b" " + LINES[5]), 5),
    "a space behind": (replaced(5, LINES[5][:-1] + b" \n"), 5),
    "line feeds of Windows": (lambda lines: [line.replace(b"\n", b"\r\n") for line in lines], 0),
    "an empty line": (lambda lines: [*lines[:7], b"\n", *lines[7:]], 7),
    "an empty line at the end": (lambda lines: [*lines, b"\n"], 24),
    "members twice": (replaced(5, LINES[5].replace(b'"number":5', b'"number":5,"number":5')), 5),
    "members in another order": (
        replaced(5, b"{" + LINES[5][LINES[5].index(b'"call_number"') : -2] + b',"call_id":"call-2"}\n'), 5,
    ),
    "a needless escape": (replaced(5, LINES[5].replace(b"event-5", b"\\u0065vent-5")), 5),
    "a fraction in another form": (replaced(2, FLOATS), 2),
    "a whole number as a fraction": (replaced(5, LINES[5].replace(b"1234", b"1234.0")), 5),
    "a number too large": (replaced(5, LINES[5].replace(b"1234", b"9007199254740992")), 5),
    "a number beyond all": (replaced(5, LINES[5].replace(b"1234", b"1e999")), 5),
    "a number of five thousand digits": (replaced(5, LINES[5].replace(b"1234", b"1" * 5000)), 5),
    "not a number": (replaced(5, LINES[5].replace(b"1234", b"NaN")), 5),
    "infinity": (replaced(5, LINES[5].replace(b"1234", b"Infinity")), 5),
    "half a surrogate pair": (replaced(5, LINES[5].replace(b"event-5", b"\\ud800")), 5),
    "bytes that are no text": (replaced(5, LINES[5].replace(b"event-5", b"\xff\xfe")), 5),
    "another encoding": (replaced(5, LINES[5][:-1].decode().encode("utf-16-le").replace(b"\n", b"") + b"\n"), 5),
    "a byte order mark": (lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]], 0),
    "a list": (replaced(5, b"[]\n"), 5),
    "a huge line": (replaced(5, b"x" * (3 * MOST_BYTES) + b"\n"), 5),
    "a huge entry": (rewritten(5, facts={"text": "x" * MOST_BYTES}), 5),
    "a huge last line": (lambda lines: [*lines, b"x" * (MOST_BYTES + 2)], 24),
    "nested as deep as the stack": (replaced(5, LINES[5].replace(b"1234", b"[" * 900 + b"]" * 900)), 5),
    "nested deeper than the stack": (replaced(5, LINES[5].replace(b"1234", b"[" * 99_999 + b"]" * 99_999)), 5),
    "nested one too deep": (replaced(5, LINES[5].replace(b"1234", b"[" * 32 + b"]" * 32)), 5),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMS)
def test_both_name_the_same_entry(name: str, folder: Path) -> None:
    change, number = HARMS[name]
    harmed = b"".join(change(list(LINES)))
    assert judge(harmed, folder) == ("broken", number, 0)


def test_what_nobody_signed_is_not_missed_until_somebody_shows_a_checkpoint(folder: Path) -> None:
    cut = b"".join(LINES[:15])
    assert judge(cut, folder) == ("whole", 15, 0)
    assert judge(cut, folder, kept=NOTES[1:2]) == ("whole", 15, 10)
    assert judge(cut, folder, kept=NOTES[1:3]) == ("broken", 15, 0)


@pytest.mark.parametrize(
    "export", [b"", b"\n", b"{}\n", b"number,call_id\r\n0,call-0\r\n", b"%PDF-1.7\n\xff", b"\0" * 3_000_000]
)
def test_a_file_that_is_no_export_cannot_be_used(export: bytes, folder: Path) -> None:
    assert judge(export, folder) == ("unusable", 0, 0)
    assert judge(export, folder, kept=NOTES) == ("unusable", 0, 0)


def test_the_same_holds_for_a_file_of_checkpoints_alone(folder: Path) -> None:
    assert judge(note_line(NOTES[0]), folder) == ("whole", 0, 0)
    assert judge(note_line(NOTES[3]), folder) == ("broken", 0, 0)


# ---------------------------------------------------------------- keys


def test_an_unknown_key_shows_nothing(folder: Path) -> None:
    assert judge(EXPORT, folder, keys=[STRANGER.key]) == ("broken", inf, 0)
    assert judge(EXPORT, folder, keys=[WITNESS.key]) == ("broken", inf, 0)


def test_after_a_change_of_key_both_are_needed(folder: Path) -> None:
    changed = export_of(BODIES, [*NOTES[:3], sign(BODIES, 24, SUCCESSOR)])
    assert judge(changed, folder, keys=[SIGNER.key, SUCCESSOR.key]) == ("whole", 24, 24)
    assert judge(changed, folder, keys=[SUCCESSOR.key]) == ("broken", inf, 0)


def test_a_witness_may_sign_beside_the_log_and_a_false_signature_of_a_known_one_spoils_it(folder: Path) -> None:
    of_witness = sign(BODIES, 24, WITNESS).rpartition("\n\n")[2]
    witnessed = export_of(BODIES, [*NOTES[:3], NOTES[3] + of_witness])
    known: Sequence[NoteKey] = [SIGNER.key, WITNESS.key]
    assert judge(witnessed, folder) == ("whole", 24, 24)
    assert judge(witnessed, folder, keys=known) == ("whole", 24, 24)
    spoilt = export_of(BODIES, [*NOTES[:3], NOTES[3] + sign(BODIES, 20, WITNESS).rpartition("\n\n")[2]])
    assert judge(spoilt, folder) == ("whole", 24, 24)
    assert judge(spoilt, folder, keys=known) == ("broken", inf, 0)


# ---------------------------------------------------------------- checkpoints that somebody kept


def test_a_kept_checkpoint_fits_its_own_log(folder: Path) -> None:
    for note in NOTES:
        assert judge(EXPORT, folder, kept=[note]) == ("whole", 24, 24)


def test_an_operator_who_rewrites_and_signs_anew_is_caught_by_any_checkpoint_that_somebody_kept(folder: Path) -> None:
    anew_signed = export_of(OTHER_PAST, [sign(OTHER_PAST, size) for size in SEALED])
    assert judge(anew_signed, folder) == ("whole", 24, 24), "alone it looks as good as the true one"
    for note, named in zip(NOTES[1:], (0, 10, 20), strict=True):
        assert judge(anew_signed, folder, kept=[note])[0] == "broken"
        assert judge(export_of(OTHER_PAST, []), folder, kept=[note]) == ("broken", 0, 0)
        assert judge(anew_signed, folder, kept=NOTES[1:]) == ("broken", 0, 0)
        assert judge(anew_signed, folder, kept=[note])[1] in (0, named, inf)


def test_an_old_backup_is_caught_by_a_checkpoint_that_somebody_kept(folder: Path) -> None:
    backup = export_of(BODIES[:15], NOTES[:2])
    assert judge(backup, folder) == ("whole", 15, 10)
    assert judge(backup, folder, kept=[NOTES[2]]) == ("broken", 15, 0)
    gone_on = export_of(LATE_FORGERY, [*NOTES[:2], sign(LATE_FORGERY, 24)])
    assert judge(gone_on, folder) == ("whole", 24, 24)
    assert judge(gone_on, folder, kept=[NOTES[3]]) == ("broken", 10, 0)


def test_a_checkpoint_that_was_taken_out_is_missed_by_who_kept_it(folder: Path) -> None:
    without = export_of(BODIES, [NOTES[1], NOTES[3]])
    assert judge(without, folder) == ("whole", 24, 24)
    assert judge(without, folder, kept=[NOTES[2]]) == ("broken", inf, 0)
    assert judge(export_of(BODIES, NOTES[:3]), folder, kept=[NOTES[3]]) == ("whole", 24, 24), "may have come later"


def test_a_kept_text_that_is_no_checkpoint_is_named(folder: Path) -> None:
    for text in ("", "kept", NOTES[3][:-1], NOTES[3].replace("24", "25", 1), sign(BODIES, 24, STRANGER)):
        assert judge(EXPORT, folder, kept=[text]) == ("broken", inf, 0)


# ---------------------------------------------------------------- every byte


@pytest.mark.parametrize("bit", [0, 1, 5, 7])
def test_every_flipped_bit_is_seen(bit: int, folder: Path) -> None:
    """Of an entry of each kind, and of a checkpoint; what is no longer an entry at all is named too."""
    starts = [sum(map(len, LINES[:number])) for number in range(len(LINES))]
    for number in (1, 2, 3, 23, 26):
        for place in range(starts[number], starts[number] + len(LINES[number]), 3):
            harmed = bytearray(EXPORT)
            harmed[place] ^= 1 << bit
            assert judge(bytes(harmed), folder)[0] == "broken", place


@given(st.data())
def test_they_agree_on_any_mixture_of_harms(folder: Path, data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "swap", "repeat", "cut", "flip", "insert"]))
        if kind == "drop":
            del lines[at]
        elif kind == "swap":
            other = data.draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "repeat":
            lines.insert(data.draw(st.integers(0, len(lines))), lines[at])
        elif kind == "cut":
            lines = [*lines[:at], lines[at][: data.draw(st.integers(0, len(lines[at])))]]
        elif kind == "flip" and lines[at]:
            place = data.draw(st.integers(0, len(lines[at]) - 1))
            flipped = lines[at][place] ^ 1 << data.draw(st.integers(0, 7))
            lines[at] = lines[at][:place] + bytes([flipped]) + lines[at][place + 1 :]
        elif kind == "insert":
            lines.insert(at, data.draw(st.binary(max_size=40)))
        if not lines:
            break
    keys = data.draw(st.sampled_from([KEYS, (SUCCESSOR.key,), (SIGNER.key, WITNESS.key)]))
    judge(b"".join(lines), folder, keys, data.draw(st.lists(st.sampled_from(NOTES), max_size=2)))


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(
    JSON, st.sampled_from(["facts", "personal", "number", "call_number", "previous", "occurred_at", "schema", "tag"])
)
def test_they_agree_on_what_an_entry_is(folder: Path, value: Json, field: str) -> None:
    """The value is written in Python's way, which is the canonical one only for some."""
    fields = json.loads(BODIES[5]) | {field: value}
    line = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    judge(b"".join([*LINES[:5], line + b"\n", *LINES[6:]]), folder)


@given(JSON)
def test_any_facts_that_the_log_takes_are_read_by_the_other(folder: Path, value: Json) -> None:
    try:
        body = canonical_json(json.loads(BODIES[0]) | {"facts": {"value": normal_json(value)}})
    except ValueError:
        return
    assert judge(body + b"\n", folder) == ("whole", 1, 0)


# ---------------------------------------------------------------- proofs of one entry


def proof_of(number: int, size: int) -> bytes:
    leaves = [leaf_hash(body) for body in BODIES]
    hashes = inclusion_proof(
        number, size, lambda level, index: root_of_leaves(leaves[index << level : (index + 1) << level])
    )
    return TlogProof(number, tuple(hashes), sign(BODIES, size)).text().encode()


def proven(proof: bytes, entry: bytes) -> bool:
    """What both say; they must say the same."""
    try:
        check_tlog_proof(proof.decode(errors="replace"), entry.removesuffix(b"\n"), KEYS)
        ours = True
    except LogBroken:
        ours = False
    _, fault = OTHER.check_proof(proof, entry, dict([OTHER.read_key(SIGNER.key.vkey())]))
    assert ours == (fault is None), fault
    return ours


def test_every_proof_holds_for_its_own_entry_alone() -> None:
    for size in (1, 2, 3, 8, 13, ENTRIES):
        for number in range(size):
            proof = proof_of(number, size)
            assert proven(proof, BODIES[number])
            assert proven(proof, LINES[number])
            assert not proven(proof, BODIES[number - 1] if number else BODIES[1])
            assert not proven(proof.replace(b"index %d\n" % number, b"index %d\n" % (number + 1)), BODIES[number])


@pytest.mark.parametrize("bit", [0, 1, 5, 7])
def test_every_flipped_bit_of_a_proof_or_its_entry_is_seen(bit: int) -> None:
    proof, entry = proof_of(5, 20), BODIES[5]
    for place in range(len(proof)):
        assert not proven(proof[:place] + bytes([proof[place] ^ 1 << bit]) + proof[place + 1 :], entry), place
    for place in range(len(entry)):
        assert not proven(proof, entry[:place] + bytes([entry[place] ^ 1 << bit]) + entry[place + 1 :]), place


@given(st.data())
def test_they_agree_on_any_mixture_of_proofs(data: st.DataObject) -> None:
    proof = proof_of(data.draw(st.integers(0, 12)), 13).split(b"\n")
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(proof) - 1))
        proof[at:at] = data.draw(st.sampled_from([[], [b""], proof[at : at + 1], [proof[2]]]))
        del proof[at + data.draw(st.integers(0, 1)) :][:1]
    proven(b"\n".join(proof), data.draw(st.sampled_from(BODIES)))


# ---------------------------------------------------------------- as commands


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Alone: not one of our modules is within its reach."""
    command = [sys.executable, "-I", str(DOCS / "verify_log.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=DOCS)


def test_the_other_verifier_is_a_command(tmp_path: Path) -> None:
    path, kept, key = tmp_path / "log.jsonl", tmp_path / "kept.note", SIGNER.key.vkey()
    path.write_bytes(EXPORT)
    kept.write_text(NOTES[2], encoding="utf-8")
    whole = run(str(path), "--key", key, "--since", str(kept))
    assert (whole.returncode, whole.stdout) == (0, "whole: 24 entries, 24 of them under a signed checkpoint\n")
    path.write_bytes(b"".join(LINES[:7] + LINES[8:]))
    broken = run(str(path), "--key", key)
    assert (broken.returncode, broken.stdout) == (3, "broken: entry 7 is missing, or not in its place\n")
    path.write_bytes(b"")
    for arguments in (
        [str(path), "--key", key],
        [str(path), "--key", "no key"],
        ["none.jsonl", "--key", key],
        [str(path)],
    ):
        unusable = run(*arguments)
        assert unusable.returncode == 2
        assert "Traceback" not in unusable.stderr
        assert unusable.stdout == ""
