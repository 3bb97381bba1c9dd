"""Each write of an append, and of a seal, fails in turn: nothing is half written, and the log goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from storage.consent_log.checkpoint import NoteSigner, open_checkpoint
from storage.consent_log.export import verify_log
from storage.consent_log.sealing import seal
from storage.errors import StorageUnavailable
from storage.records import NewEntry
from storage.session import SqlDatabase, SqlUnit

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORIGIN = "log.example/spelregel"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(range(32)))


@contextmanager
def failing_at(database: SqlDatabase, step: int) -> Iterator[list[str]]:
    """The database fails at this step of the next transaction, counting its statements and then the commit; gives what
    it failed at, if it came so far."""
    engine, failed, steps = database._own().engine, list[str](), count()

    def fail(what: str) -> None:
        if next(steps) == step:
            failed.append(what)
            raise OperationalError(what, None, Exception("no space left on device"))

    def on_statement(*given: object) -> None:
        fail(str(given[2]).split(maxsplit=1)[0])

    def on_commit(_: object) -> None:
        fail("COMMIT")

    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    try:
        yield failed
    finally:
        event.remove(engine, "before_cursor_execute", on_statement)
        event.remove(engine, "commit", on_commit)


def append(unit: SqlUnit, number: int) -> None:
    personal = {"answer": "ja"}
    unit.log.append(NewEntry("call-1", f"event-{number}", "answer:yes", NOON, {"text": "Klopt dat?"}, personal))


def fail_in_turn(database: SqlDatabase, act: Callable[[SqlUnit], object]) -> list[str]:
    """What the steps of this transaction are, each of which failed once; at the end it is done."""
    seen = []
    for step in count():
        before = verify_log(database, [SIGNER.key])
        assert before.whole, before.first
        try:
            with failing_at(database, step) as failed, database.transaction() as unit:
                act(unit)
        except StorageUnavailable:
            assert failed
            assert verify_log(database, [SIGNER.key]) == before
            seen += failed
        else:
            return seen
    raise AssertionError


def test_each_write_of_an_append_fails_in_turn(database: SqlDatabase) -> None:
    with database.transaction() as unit:
        append(unit, 0)
    steps = fail_in_turn(database, lambda unit: append(unit, 1))
    assert len(steps) >= 5
    assert steps[-1] == "COMMIT"
    verdict = verify_log(database, [])
    assert (verdict.whole, verdict.size, verdict.erased) == (True, 2, 0)
    with database.transaction() as unit:
        assert [entry.personal for entry in unit.log.list_call("call-1")] == [{"answer": "ja"}] * 2


def test_each_write_of_a_seal_fails_in_turn(database: SqlDatabase) -> None:
    notes: list[str] = []
    for number in range(2):
        with database.transaction() as unit:
            append(unit, number)
        steps = fail_in_turn(database, lambda unit: notes.append(seal(unit, SIGNER, ORIGIN, NOON)))
        assert steps[-2:] == ["INSERT", "COMMIT"]
        assert open_checkpoint(notes[-1], [SIGNER.key]).size == number + 1
        assert verify_log(database, [SIGNER.key], notes[-1:]).sealed_size == number + 1


def test_a_fault_that_nobody_raised_does_not_pass_for_one(database: SqlDatabase) -> None:
    with failing_at(database, 99) as failed, database.transaction() as unit:
        append(unit, 0)
    assert failed == []
    with (
        pytest.raises(StorageUnavailable, match="no space left"),
        failing_at(database, 0),
        database.transaction() as unit,
    ):
        append(unit, 1)
