"""What every `Inbox` and `Outbox` keeps to."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.records import Job
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def queue(database: SqlDatabase) -> Database:
    return database


def put(queue: Database, payload: int = 1, key: str = "call-1", due_at: datetime = NOON) -> None:
    with queue.transaction() as unit:
        unit.outbox.put("send-copy", key, {"n": payload}, due_at)


def claim(queue: Database, now: datetime = NOON) -> Job | None:
    with queue.transaction() as unit:
        return unit.outbox.claim(["send-copy"], now, lease_s=60)


def claim_one(queue: Database, now: datetime = NOON) -> Job:
    job = claim(queue, now)
    assert job is not None
    return job


def counts(queue: Database) -> dict[str, int]:
    with queue.transaction() as unit:
        return dict(unit.outbox.count_by_state())


def test_an_event_is_taken_once(queue: Database) -> None:
    with queue.transaction() as unit:
        assert unit.inbox.take("CA1:answered", NOON)
        assert not unit.inbox.take("CA1:answered", NOON)
    with queue.transaction() as unit:
        assert not unit.inbox.take("CA1:answered", NOON)
        assert unit.inbox.take("CA1:ended", NOON)


def test_a_roll_back_gives_the_event_another_chance(queue: Database) -> None:
    roll_back(queue, lambda unit: unit.inbox.take("CA1:answered", NOON))
    with queue.transaction() as unit:
        assert unit.inbox.take("CA1:answered", NOON)


def test_the_earliest_due_job_of_the_asked_kinds_is_taken(queue: Database) -> None:
    put(queue, 1, "late", NOON)
    put(queue, 2, "early", NOON - MINUTE)
    put(queue, 3, "not-yet", NOON + MINUTE)
    with queue.transaction() as unit:
        unit.outbox.put("timer", "call-1", {}, NOON - 2 * MINUTE)
    first, second = claim_one(queue), claim_one(queue)
    assert (first.key, first.payload, first.attempts) == ("early", {"n": 2}, 1)
    assert second.key == "late"
    assert claim(queue) is None
    assert counts(queue) == {"waiting": 2, "taken": 2, "parked": 0}


def test_a_waiting_job_is_replaced(queue: Database) -> None:
    put(queue, 1)
    put(queue, 2, due_at=NOON - MINUTE)
    assert claim_one(queue, NOON - MINUTE).payload == {"n": 2}
    assert claim(queue, NOON - timedelta(seconds=1)) is None


def test_the_hundredth_job_is_put_like_the_first(queue: Database) -> None:
    """PostgreSQL plans a statement anew once it is often used."""
    with queue.transaction() as unit:
        for number in range(100):
            unit.outbox.put("send-copy", f"call-{number % 50}", {"n": number}, NOON)
    assert counts(queue) == {"waiting": 50, "taken": 0, "parked": 0}


def test_a_finished_job_is_gone(queue: Database) -> None:
    put(queue)
    job = claim_one(queue)
    with queue.transaction() as unit:
        unit.outbox.finish(job)
    assert counts(queue) == {"waiting": 0, "taken": 0, "parked": 0}


def test_another_taker_gets_a_job_only_after_its_lease(queue: Database) -> None:
    put(queue)
    first = claim_one(queue)
    assert claim(queue, NOON + MINUTE - timedelta(microseconds=1)) is None
    second = claim_one(queue, NOON + MINUTE)
    assert (second.job_id, second.attempts) == (first.job_id, 2)


@pytest.mark.parametrize("act", ["finish", "retry", "park"])
def test_who_lost_the_lease_moves_nothing(queue: Database, act: str) -> None:
    put(queue)
    late = claim_one(queue)
    claim_one(queue, NOON + MINUTE)
    with queue.transaction() as unit:
        if act == "finish":
            unit.outbox.finish(late)
        elif act == "retry":
            unit.outbox.retry(late, NOON, "late")
        else:
            unit.outbox.park(late, "late")
    assert counts(queue) == {"waiting": 0, "taken": 1, "parked": 0}


@pytest.mark.parametrize("act", ["finish", "retry", "park"])
def test_a_job_replaced_while_it_is_worked_on_waits_untouched(queue: Database, act: str) -> None:
    put(queue, 1)
    old = claim_one(queue)
    put(queue, 2)
    with queue.transaction() as unit:
        if act == "finish":
            unit.outbox.finish(old)
        elif act == "retry":
            unit.outbox.retry(old, NOON, "again")
        else:
            unit.outbox.park(old, "enough")
    new = claim_one(queue)
    assert (new.payload, new.attempts) == ({"n": 2}, 1)
    with queue.transaction() as unit:
        unit.outbox.finish(old)
    assert counts(queue)["taken"] == 1


def test_a_retried_job_waits_for_its_time(queue: Database) -> None:
    put(queue)
    job = claim_one(queue)
    with queue.transaction() as unit:
        unit.outbox.retry(job, NOON + MINUTE, "carrier busy")
    assert claim(queue) is None
    assert claim_one(queue, NOON + MINUTE).attempts == 2


def test_a_parked_job_stays_whatever_comes_after(queue: Database) -> None:
    put(queue, 1)
    job = claim_one(queue)
    with queue.transaction() as unit:
        unit.outbox.park(job, "carrier refused")
    put(queue, 2)
    with queue.transaction() as unit:
        unit.outbox.cancel("send-copy", "call-1")
    assert claim(queue, NOON + 10 * MINUTE) is None
    assert counts(queue) == {"waiting": 0, "taken": 0, "parked": 1}


def test_a_cancelled_job_is_gone(queue: Database) -> None:
    put(queue)
    with queue.transaction() as unit:
        unit.outbox.cancel("send-copy", "call-1")
    assert claim(queue) is None


def test_a_job_of_a_transaction_that_failed_never_was(queue: Database) -> None:
    roll_back(queue, lambda unit: unit.outbox.put("send-copy", "call-1", {}, NOON))
    assert claim(queue) is None
