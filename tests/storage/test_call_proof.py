"""The entries of one call are harmed in every way, and the check of that call alone finds it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, delete, select, update

from storage.consent_log.call_verifier import CallFault, CallVerdict, Problem, Seal, verify_call
from storage.consent_log.chain import Frontier, leaf_hash
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.entry import canonical_json, parse_entry
from storage.consent_log.sealing import seal
from storage.records import NewEntry
from storage.session import SqlDatabase
from storage.tables import checkpoints, log_entries, log_head, log_personal

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = "log.example/spelregel"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(range(32)))
FORGER = NoteSigner.from_seed(ORIGIN, bytes(32))
ENTRIES, SEALED, CALLS = 24, 20, 3
OURS = "call-1"
"""Has entries 1, 4, 7, 10, 13, 16, 19 and 22; the last one is younger than the checkpoint."""

Harm = Callable[[Connection], object]


@pytest.fixture
def sealed(database: SqlDatabase) -> SqlDatabase:
    for number in range(ENTRIES):
        if number == SEALED:
            with database.transaction() as unit:
                seal(unit, SIGNER, ORIGIN, NOON)
        call_id, heard = f"call-{number % CALLS}", {"heard": f"ja {number}"}
        with database.transaction() as unit:
            unit.log.append(NewEntry(call_id, f"event-{number}", "answer:yes", NOON, {"n": number}, heard))
    return database


def check(database: SqlDatabase, harm: Harm = lambda _: None, call_id: str = OURS) -> CallVerdict:
    with database.transaction() as unit:
        harm(unit.log._connection)
    with database.reading() as unit:
        return verify_call(unit.evidence.of_call(call_id), [SIGNER.key])


def edit(number: int, /, **columns: object) -> Harm:
    return lambda connection: connection.execute(
        update(log_entries).where(log_entries.c.number == number).values(**columns)
    )


def drop(number: int) -> Harm:
    def act(connection: Connection) -> None:
        connection.execute(delete(log_personal).where(log_personal.c.number == number))
        connection.execute(delete(log_entries).where(log_entries.c.number == number))

    return act


def rewrite(number: int, *, hashed: bool) -> Harm:
    """Another answer in the body and the columns; `hashed`: its own hash is made to fit."""

    def act(connection: Connection) -> None:
        row = connection.execute(select(log_entries).where(log_entries.c.number == number)).one()
        body = canonical_json(json.loads(row.body) | {"tag": "answer:no"})
        subtrees = leaf_hash(body) + row.subtrees[32:] if hashed else row.subtrees
        edit(number, body=body.decode(), tag=parse_entry(body).tag, subtrees=subtrees)(connection)

    return act


def rewrite_all(connection: Connection) -> None:
    """What a forger does who knows how the log is made: all hashes, links and the head anew, after a changed answer."""
    rewrite(7, hashed=False)(connection)
    frontier, previous = Frontier(), dict[str, str]()
    for row in connection.execute(select(log_entries).order_by(log_entries.c.number)).all():
        body = canonical_json(json.loads(row.body) | {"previous": previous.get(row.call_id)})
        frontier, completed = frontier.append(leaf_hash(body))
        previous[row.call_id] = completed[0].hex()
        edit(row.number, body=body.decode(), subtrees=b"".join(completed))(connection)
    connection.execute(update(log_head).values(size=frontier.size, peaks=b"".join(frontier.peaks)))


def test_a_call_that_nobody_touched_is_whole(sealed: SqlDatabase) -> None:
    verdict = check(sealed)
    assert (verdict.entries, verdict.included, verdict.waiting) == (8, 7, 1)
    assert (verdict.personal, verdict.erased) == (8, 0)
    assert (verdict.seal, verdict.faults) == (Seal.GOOD, ())
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.size == SEALED


def test_erased_values_leave_the_call_whole(sealed: SqlDatabase) -> None:
    verdict = check(sealed, lambda connection: connection.execute(delete(log_personal)))
    assert (verdict.personal, verdict.erased, verdict.faults) == (0, 8, ())


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        pytest.param(rewrite(7, hashed=False), {(7, Problem.CHANGED), (7, Problem.LINK), (7, Problem.NOT_SIGNED)}),
        pytest.param(rewrite(7, hashed=True), {(7, Problem.LINK), (7, Problem.NOT_SIGNED)}),
        pytest.param(edit(7, body="{}"), {(7, Problem.CHANGED), (7, Problem.UNREADABLE), (7, Problem.LINK)}),
        pytest.param(edit(7, tag="answer:no"), {(7, Problem.COLUMNS)}),
        pytest.param(edit(22, tag="answer:no"), {(22, Problem.COLUMNS)}),
        pytest.param(drop(10), {(10, Problem.MISSING), (13, Problem.LINK)}),
        pytest.param(drop(1), {(4, Problem.LINK)}),
        pytest.param(drop(22), {(22, Problem.MISSING)}),
        pytest.param(edit(10, call_id="call-9"), {(13, Problem.LINK)}),
        pytest.param(rewrite_all, {(number, Problem.NOT_SIGNED) for number in (1, 4, 7, 10, 13, 16, 19)}),
    ],
    ids=[
        "changed",
        "changed and hashed",
        "unreadable",
        "column",
        "column after the checkpoint",
        "dropped",
        "first dropped",
        "last dropped",
        "moved to another call",
        "the whole log rewritten",
    ],
)
def test_a_harmed_entry_is_named(sealed: SqlDatabase, harm: Harm, found: set[tuple[int, Problem]]) -> None:
    assert {(fault.number, fault.problem) for fault in check(sealed, harm).faults} >= found


def test_a_changed_personal_value_is_found(sealed: SqlDatabase) -> None:
    verdict = check(
        sealed,
        lambda connection: connection.execute(
            update(log_personal).where(log_personal.c.number == 7).values(value="nee")
        ),
    )
    assert verdict.faults == (CallFault(7, Problem.PERSONAL),)
    assert verdict.personal == 7


def test_hashes_that_are_gone_leave_an_entry_unproven(sealed: SqlDatabase) -> None:
    """Entry 0 is the other half of entry 1's smallest subtree."""
    assert CallFault(1, Problem.UNPROVEN) in check(sealed, drop(0)).faults


def test_a_call_of_which_nothing_is_left_is_not_whole(sealed: SqlDatabase) -> None:
    def drop_all(connection: Connection) -> None:
        for number in range(1, ENTRIES, CALLS):
            drop(number)(connection)

    verdict = check(sealed, drop_all)
    assert (verdict.entries, verdict.faults) == (0, (CallFault(None, Problem.MISSING),))


@pytest.mark.parametrize(
    ("harm", "seal_now"),
    [
        (lambda connection: connection.execute(delete(checkpoints)), Seal.NONE),
        (lambda connection: connection.execute(update(checkpoints).values(note="cut short")), Seal.FALSE),
        (lambda connection: connection.execute(update(log_head).values(size=SEALED - 1)), Seal.BEYOND),
    ],
    ids=["missing", "damaged", "of more entries than there are"],
)
def test_without_a_good_checkpoint_nothing_counts_as_signed(sealed: SqlDatabase, harm: Harm, seal_now: Seal) -> None:
    verdict = check(sealed, harm)
    assert (verdict.seal, verdict.included, verdict.checkpoint) == (seal_now, 0, None)


def test_a_checkpoint_that_somebody_else_signed_is_false(sealed: SqlDatabase) -> None:
    with sealed.reading() as unit:
        evidence = unit.evidence.of_call(OURS)
    assert verify_call(evidence, [FORGER.key]).seal is Seal.FALSE
