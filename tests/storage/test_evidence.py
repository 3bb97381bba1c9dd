"""The consent log is harmed in every way, and the verifier names the entry each time."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from storage.consent_log.chain import Frontier, inclusion_proof, leaf_hash, verify_inclusion
from storage.consent_log.checkpoint import Checkpoint, NoteSigner, open_checkpoint
from storage.consent_log.entry import Entry, canonical_json, parse_entry
from storage.consent_log.export import export_csv, export_jsonl, verify_log
from storage.consent_log.exported_log import verify_export
from storage.consent_log.sealing import seal
from storage.consent_log.verifier import Verdict
from storage.errors import LogBroken
from storage.records import NewEntry
from storage.session import SqlDatabase
from storage.tables import checkpoints, log_entries, log_head, log_personal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = "log.example/spelregel"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(range(32)))
FORGER = NoteSigner.from_seed(ORIGIN, bytes(32))
KEYS = [SIGNER.key]
ENTRIES = 24
SEALED = (10, 20)
"""Entries 0 to 9 and 0 to 19 are signed; call-0, call-1 and call-2 take turns."""

Harm = Callable[[Connection], object]


@pytest.fixture
def sealed(database: SqlDatabase) -> SqlDatabase:
    """A log of 24 entries with two checkpoints."""
    for number in range(ENTRIES):
        if number in SEALED:
            seal_now(database)
        with database.transaction() as unit:
            unit.log.append(
                NewEntry(
                    f"call-{number % 3}",
                    f"event-{number}",
                    "answer:yes",
                    NOON,
                    {"n": number},
                    {"heard": f"ja {number}"},
                )
            )
    return database


def seal_now(database: SqlDatabase, signer: NoteSigner = SIGNER) -> str:
    with database.transaction() as unit:
        return seal(unit, signer, ORIGIN, NOON)


def harm(database: SqlDatabase, act: Harm) -> Verdict:
    with database.transaction() as unit:
        act(unit.log._connection)
    return verify_log(database, KEYS)


def edit(number: int, /, **columns: object) -> Harm:
    return lambda connection: connection.execute(
        update(log_entries).where(log_entries.c.number == number).values(**columns)
    )


def rewrite_body(number: int, **fields: object) -> Harm:
    """A changed body, and the columns changed with it."""

    def act(connection: Connection) -> None:
        stored = select(log_entries.c.body).where(log_entries.c.number == number)
        body = canonical_json(json.loads(connection.execute(stored).scalar_one()) | fields)
        entry = parse_entry(body)
        edit(number, body=body.decode(), tag=entry.tag, occurred_at=entry.occurred_at)(connection)

    return act


def drop(number: int) -> Harm:
    def act(connection: Connection) -> None:
        connection.execute(delete(log_personal).where(log_personal.c.number == number))
        connection.execute(delete(log_entries).where(log_entries.c.number == number))

    return act


def swap(first: int, second: int) -> Harm:
    """Two entries change places, as far as the columns go."""

    def act(connection: Connection) -> None:
        connection.execute(delete(log_personal))
        for was, becomes in ((first, 1_000), (second, first), (1_000, second)):
            edit(was, number=becomes)(connection)

    return act


def copy_subtrees(source: int, target: int) -> Harm:
    stored = select(log_entries.c.subtrees).where(log_entries.c.number == source)
    return lambda connection: edit(target, subtrees=connection.execute(stored).scalar_one())(connection)


def edit_tree_hash(number: int) -> Harm:
    """The leaf's own hash stays."""

    def act(connection: Connection) -> None:
        stored = select(log_entries.c.subtrees).where(log_entries.c.number == number)
        leaf = connection.execute(stored).scalar_one()[:32]
        edit(number, subtrees=leaf + b"\x00" * 32)(connection)

    return act


def change_lines(number: int, *instead: Callable[[bytes], bytes]) -> Callable[[list[bytes]], list[bytes]]:
    """That line of an export becomes as many lines as there are changes."""
    return lambda lines: [*lines[:number], *(change(lines[number]) for change in instead), *lines[number + 1 :]]


def say_no(line: bytes) -> bytes:
    return line.replace(b"yes", b"no")


def rehash(connection: Connection) -> None:
    """What a forger does who knows how the log is made: compute all hashes, links and the head anew."""
    frontier, previous = Frontier(), dict[str, str]()
    for row in connection.execute(select(log_entries).order_by(log_entries.c.number)).all():
        fields = json.loads(row.body) | {"previous": previous.get(row.call_id)}
        body = canonical_json(fields)
        frontier, completed = frontier.append(leaf_hash(body))
        previous[row.call_id] = completed[0].hex()
        edit(row.number, body=body.decode(), subtrees=b"".join(completed))(connection)
    connection.execute(update(log_head).values(size=frontier.size, peaks=b"".join(frontier.peaks)))


def both(*acts: Harm) -> Harm:
    return lambda connection: [act(connection) for act in acts]


def test_a_log_that_nobody_touched_is_whole(sealed: SqlDatabase) -> None:
    verdict = verify_log(sealed, KEYS)
    assert verdict.faults == ()
    assert (verdict.size, verdict.sealed_size, verdict.erased) == (24, 20, 0)


def test_an_empty_log_is_whole(database: SqlDatabase) -> None:
    seal_now(database)
    verdict = verify_log(database, KEYS)
    assert (verdict.whole, verdict.size, verdict.sealed_size) == (True, 0, 0)


HARMS: dict[str, tuple[Harm, int, str]] = {
    "changed answer": (rewrite_body(7, tag="answer:no"), 7, "not what was hashed"),
    "changed fact": (rewrite_body(0, facts={"n": 1}), 0, "not what was hashed"),
    "back-dated": (rewrite_body(9, occurred_at="2025-01-01T00:00:00.000000Z"), 9, "not what was hashed"),
    "body that is no entry": (edit(5, body="{}"), 5, "not an entry"),
    "body in another form": (edit(5, body="{ }"), 5, "not an entry"),
    "column changed": (edit(8, tag="answer:no"), 8, "column tag"),
    "column back-dated": (edit(8, occurred_at=NOON.replace(year=2025)), 8, "column occurred_at"),
    "event renamed": (edit(8, event_id="other"), 8, "column event_id"),
    "dropped": (drop(6), 6, "missing"),
    "dropped first": (drop(0), 0, "missing"),
    "dropped last": (drop(23), 23, "missing: the head counts 24"),
    "cut short, head too": (both(*map(drop, range(19, 24)), rehash), 19, "missing: a checkpoint signed 20"),
    "swapped": (swap(4, 5), 4, "column number"),
    "re-numbered": (both(lambda c: c.execute(delete(log_personal)), edit(23, number=30)), 23, "missing"),
    "leaf hash changed": (edit(11, subtrees=b"\x00" * 96), 11, "not what was hashed"),
    "tree hash changed": (edit_tree_hash(11), 11, "hashes stored with it"),
    "link changed": (rewrite_body(9, previous="00" * 32), 6, "is not the one that entry 9"),
    "personal value changed": (
        lambda c: c.execute(update(log_personal).where(log_personal.c.number == 13).values(value="nee")),
        13,
        "personal value heard was changed",
    ),
    "personal nonce changed": (
        lambda c: c.execute(update(log_personal).where(log_personal.c.number == 13).values(nonce=b"0" * 32)),
        13,
        "personal value heard was changed",
    ),
    "personal value added": (
        lambda c: c.execute(insert(log_personal).values(number=13, name="said", nonce=b"", value="x")),
        13,
        "personal value said was added",
    ),
    "personal values swapped": (
        lambda c: [c.execute(update(log_personal).where(log_personal.c.number == number).values(value=value))
                   for number, value in ((13, "ja 14"), (14, "ja 13"))],
        13,
        "personal value heard was changed",
    ),
    "subtrees cut short": (edit(11, subtrees=b"\x00"), 11, "not what was hashed"),
    "subtrees of another": (copy_subtrees(7, 3), 3, "not what was hashed"),
    "head counts less": (lambda c: c.execute(update(log_head).values(size=20)), 20, "added: the head counts 20"),
    "head counts more": (lambda c: c.execute(update(log_head).values(size=30)), 24, "missing: the head counts 30"),
    "head gone": (lambda c: c.execute(delete(log_head)), 0, "added: the head counts 0"),
    "forged anew before a checkpoint": (both(rewrite_body(7, tag="answer:no"), rehash), 0, "a checkpoint signed"),
    "forged anew between checkpoints": (both(rewrite_body(17, tag="answer:no"), rehash), 10, "a checkpoint signed"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMS)
def test_every_harm_is_named(sealed: SqlDatabase, name: str) -> None:
    act, number, problem = HARMS[name]
    verdict = harm(sealed, act)
    assert verdict.first is not None
    assert (verdict.first.number, problem in verdict.first.problem) == (number, True), verdict.faults


def test_an_entry_slipped_in_beside_the_writer_is_named(sealed: SqlDatabase) -> None:
    entry = Entry(24, "call-9", 0, "event-24", "answer:yes", NOON, {}, {}, None)
    row = {
        "number": 24, "call_id": "call-9", "call_number": 0, "event_id": "event-24", "tag": "answer:yes",
        "occurred_at": NOON, "body": entry.canonical().decode(), "subtrees": leaf_hash(entry.canonical()),
    }  # fmt: skip
    verdict = harm(sealed, lambda connection: connection.execute(insert(log_entries).values(**row)))
    assert str(verdict.first) == "entry 24: added: the head counts 24 entries"
    with sealed.transaction() as unit, pytest.raises(LogBroken, match="more entries than its head"):
        unit.log.append(NewEntry("call-1", "event-25", "answer:yes", NOON))


def test_a_changed_head_is_named(sealed: SqlDatabase) -> None:
    verdict = harm(sealed, lambda connection: connection.execute(update(log_head).values(peaks=b"\x00" * 64)))
    assert str(verdict.first) == "the head's hashes are not those of the entries"


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        (FORGER.sign(Checkpoint(ORIGIN, 20, bytes(32)).text()), "no known key"),
        (SIGNER.sign(Checkpoint(ORIGIN, 20, bytes(32)).text()).replace("20", "21", 1), "is false"),
        ("", "not a signed note"),
    ],
)
def test_a_forged_checkpoint_is_named(sealed: SqlDatabase, note: str, problem: str) -> None:
    verdict = harm(
        sealed,
        lambda connection: connection.execute(update(checkpoints).where(checkpoints.c.size == 20).values(note=note)),
    )
    assert verdict.first is not None
    assert problem in str(verdict.first)
    assert verdict.sealed_size == 10


def edit_checkpoint(size: int, /, **columns: object) -> Harm:
    return lambda connection: connection.execute(
        update(checkpoints).where(checkpoints.c.size == size).values(**columns)
    )


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (edit_checkpoint(20, size=22), "checkpoint of 20: stored as that of 22 entries"),
        (edit_checkpoint(20, sealed_at=NOON.replace(year=2025)), "checkpoint of 20: dated before a smaller one"),
        (
            edit_checkpoint(20, note=SIGNER.sign(Checkpoint("elsewhere.example/log", 20, bytes(32)).text())),
            "checkpoint of 20: it is of another log, elsewhere.example/log",
        ),
    ],
)
def test_a_harmed_checkpoint_is_named(sealed: SqlDatabase, act: Harm, problem: str) -> None:
    assert problem in map(str, harm(sealed, act).faults)


def test_swapped_checkpoints_are_named(sealed: SqlDatabase) -> None:
    def swap_notes(connection: Connection) -> None:
        first, second = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size)).scalars()
        edit_checkpoint(10, note=second)(connection)
        edit_checkpoint(20, note=first)(connection)

    verdict = harm(sealed, swap_notes)
    assert str(verdict.first) == "checkpoint of 20: stored as that of 10 entries"


def test_a_checkpoint_that_was_taken_out_is_named_by_who_kept_it(sealed: SqlDatabase) -> None:
    with sealed.snapshot() as connection:
        kept = connection.execute(select(checkpoints.c.note).where(checkpoints.c.size == 10)).scalar_one()
    assert harm(sealed, lambda c: c.execute(delete(checkpoints).where(checkpoints.c.size == 10))).whole
    verdict = verify_log(sealed, KEYS, [kept])
    assert str(verdict.first) == "checkpoint of 10: kept outside, and gone from the log"


def test_the_operator_who_rewrites_history_and_signs_it_is_caught_by_any_kept_checkpoint(sealed: SqlDatabase) -> None:
    with sealed.snapshot() as connection:
        kept = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size)).scalars().all()

    def rewrite(connection: Connection) -> None:
        both(rewrite_body(3, tag="answer:no"), rehash)(connection)
        connection.execute(delete(checkpoints))

    harm(sealed, rewrite)
    seal_now(sealed)
    assert verify_log(sealed, KEYS).sealed_size == 24, "alone it looks as good as the true one"
    for note in kept:
        assert verify_log(sealed, KEYS, [note]).first is not None


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (lambda c: c.execute(delete(log_head)), "lost its head"),
        (lambda c: c.execute(update(log_head).values(peaks=b"\x00" * 32)), "not that of any log"),
        (lambda c: c.execute(update(log_head).values(size=25)), "not that of any log"),
        (lambda c: c.execute(update(log_head).values(peaks=b"\x00" * 63)), "not that of any log"),
    ],
)
def test_nothing_is_appended_to_or_signed_over_a_head_that_cannot_be(
    sealed: SqlDatabase, act: Harm, problem: str
) -> None:
    harm(sealed, act)
    with sealed.transaction() as unit, pytest.raises(LogBroken, match=problem):
        unit.log.append(NewEntry("call-1", "event-25", "answer:yes", NOON))
    with pytest.raises(LogBroken, match=problem):
        seal_now(sealed)


def test_erasing_personal_values_leaves_the_log_whole(sealed: SqlDatabase) -> None:
    verdict = harm(sealed, lambda connection: connection.execute(delete(log_personal).where(log_personal.c.number < 5)))
    assert verdict.whole
    assert verdict.erased == 5
    with sealed.transaction() as unit:
        assert [entry.personal for entry in unit.log.list_call("call-0")][:3] == [{}, {}, {"heard": "ja 6"}]


def test_an_edited_entry_is_not_read_in_silence(sealed: SqlDatabase) -> None:
    harm(sealed, edit(3, body="{}"))
    with sealed.transaction() as unit, pytest.raises(LogBroken, match="entry 3"):
        unit.log.list_call("call-0")


# ---------------------------------------------------------------- sealing


def test_sealing_signs_the_head_once(sealed: SqlDatabase) -> None:
    note = seal_now(sealed)
    assert open_checkpoint(note, KEYS).size == 24
    assert seal_now(sealed) == note
    assert verify_log(sealed, KEYS).sealed_size == 24


def forget_the_end(connection: Connection) -> None:
    """An old backup comes back, but the checkpoints are those of today."""
    for number in range(ENTRIES - 1, 14, -1):
        drop(number)(connection)
    rehash(connection)


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (forget_the_end, "entries 15 to 19, signed before, are gone"),
        (both(rewrite_body(3, tag="answer:no"), rehash), "the first 20 entries are not the ones"),
        (edit(19, subtrees=b""), "entry 19 is missing or has lost its hashes"),
        (
            lambda c: c.execute(
                update(checkpoints)
                .where(checkpoints.c.size == 20)
                .values(note=FORGER.sign(Checkpoint(ORIGIN, 20, bytes(32)).text()))
            ),
            "no known key",
        ),
    ],
)
def test_a_head_that_contradicts_the_last_signed_one_is_never_signed(
    sealed: SqlDatabase, act: Harm, problem: str
) -> None:
    harm(sealed, act)
    with pytest.raises(LogBroken, match=problem):
        seal_now(sealed)
    with sealed.snapshot() as connection:
        assert connection.execute(select(checkpoints.c.size)).scalars().all() == list(SEALED)


def test_a_new_key_takes_over_from_the_one_before(sealed: SqlDatabase) -> None:
    successor = NoteSigner.from_seed(ORIGIN, bytes([9]) * 32)
    with pytest.raises(LogBroken, match="no known key"):
        seal_now(sealed, successor)
    with sealed.transaction() as unit:
        seal(unit, successor, ORIGIN, NOON, earlier=KEYS)
    assert verify_log(sealed, [successor.key, *KEYS]).sealed_size == 24


def test_every_entry_has_a_proof_under_the_signed_root(sealed: SqlDatabase) -> None:
    checkpoint = open_checkpoint(seal_now(sealed), KEYS)
    with sealed.transaction() as unit:
        for number in range(ENTRIES):
            proof = inclusion_proof(number, checkpoint.size, unit.log.subtree_at)
            leaf = unit.log.subtree_at(0, number)
            assert verify_inclusion(number, checkpoint.size, leaf, checkpoint.root, proof)


# ---------------------------------------------------------------- exports


@pytest.fixture
def exported(sealed: SqlDatabase, tmp_path: Path) -> Path:
    seal_now(sealed)
    path = tmp_path / "log.jsonl"
    with path.open("wb") as sink:
        export_jsonl(sealed, sink)
    return path


def changed(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> Verdict:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    return verify_export(path, KEYS)


def test_an_export_is_verified_alone(exported: Path) -> None:
    verdict = verify_export(exported, KEYS)
    assert (verdict.faults, verdict.size, verdict.sealed_size) == ((), 24, 24)


LINE_HARMS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int, str]] = {
    "changed": (change_lines(7, say_no), 7, "is not the one that entry 10"),
    "changed last": (change_lines(23, say_no), 20, "a checkpoint signed"),
    "spaced": (change_lines(7, lambda line: line.replace(b'":', b'": ')), 7, "canonical"),
    "dropped": (lambda lines: lines[:7] + lines[8:], 7, "missing"),
    "cut short": (lambda lines: lines[:22] + lines[24:], 22, "missing: a checkpoint signed 24"),
    "doubled": (lambda lines: [*lines[:7], lines[6], *lines[7:]], 6, "stands where 7 should"),
    "swapped": (lambda lines: [*lines[:7], lines[8], lines[7], *lines[9:]], 7, "missing"),
    "added": (lambda lines: [*lines[:24], lines[23].replace(b"23", b"24"), *lines[24:]], 24, "of its call"),
    "garbage": (change_lines(7, lambda _: b"\xff\n"), 7, "can't decode"),
}  # fmt: skip


@pytest.mark.parametrize("name", LINE_HARMS)
def test_every_harm_to_an_export_is_named(exported: Path, name: str) -> None:
    change, number, problem = LINE_HARMS[name]
    verdict = changed(exported, change)
    assert verdict.first is not None
    assert (verdict.first.number, problem in verdict.first.problem) == (number, True), verdict.faults


def test_a_damaged_checkpoint_line_is_named(exported: Path) -> None:
    verdict = changed(exported, lambda lines: [*lines[:-1], lines[-1][:40] + b"\n"])
    assert "not a signed note" in str(verdict.first)


def test_a_checkpoint_kept_outside_shows_that_the_end_is_gone(exported: Path, sealed: SqlDatabase) -> None:
    kept = seal_now(sealed)
    verdict = changed(exported, lambda lines: lines[:20] + lines[24:26])
    assert verdict.whole
    assert verdict.sealed_size == 20
    assert "a checkpoint signed 24" in str(verify_export(exported, KEYS, [kept]).first)


def test_another_key_does_not_verify(exported: Path) -> None:
    assert "no known key" in str(verify_export(exported, [FORGER.key]).first)


@pytest.fixture
def table(database: SqlDatabase) -> list[dict[str, str]]:
    with database.transaction() as unit:
        unit.log.append(NewEntry("=1+1", "@SUM(A1)", "objection:raised", NOON, {"reden": "=cmd()"}, {"naam": "X"}))
    sink = io.StringIO(newline="")
    export_csv(database, sink)
    return list(csv.DictReader(io.StringIO(sink.getvalue(), newline="")))


def test_a_spreadsheet_runs_no_formula_from_the_log(table: list[dict[str, str]]) -> None:
    assert (table[0]["call_id"], table[0]["event_id"]) == ("'=1+1", "'@SUM(A1)")
    assert json.loads(table[0]["facts"]) == {"reden": "=cmd()"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row.values())
