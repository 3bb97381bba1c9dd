"""What every `StreamStore`, `RecordingIndex` and `CopyTickets` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import ConstraintBroken, DuplicateRecording
from storage.records import CallRecord, CopyTicket, RecordingRow, StreamRow
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROW = RecordingRow(
    recording_id="rec-1",
    call_id="call-1",
    recording_sid="RE1",
    object_key="recordings/aa/rec1",
    outcome="ok",
    size_bytes=3_000_000_044,
    digest="ab" * 32,
    channels=2,
    sample_rate_hz=8000,
    samples=750_000_000,
    completeness=0.998,
    stored_at=NOON,
    destroy_after=NOON + timedelta(days=30),
)
TICKET = CopyTicket("ticket-1", "call-1", "cd" * 32, NOON, NOON + timedelta(days=14))


@pytest.fixture
def media_db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        unit.calls.insert(CallRecord("call-1", "CA1", "ind", "digest", NOON, "{}"))
    return database


def test_a_stream_is_followed(media_db: Database) -> None:
    with media_db.transaction() as unit:
        assert unit.streams.find_latest("call-1") is None
        unit.streams.opened("MZ1", "call-1", NOON)
        unit.streams.opened("MZ1", "call-1", NOON + SECOND)
        unit.streams.seen("MZ1", NOON + 5 * SECOND)
        unit.streams.seen("MZ1", NOON + 3 * SECOND)
        assert unit.streams.find_latest("call-1") == StreamRow("MZ1", "call-1", NOON, NOON + 5 * SECOND)
        unit.streams.ended("MZ1", NOON + 6 * SECOND)
        unit.streams.ended("MZ1", NOON + 9 * SECOND)
        assert unit.streams.find_latest("call-1") == StreamRow(
            "MZ1", "call-1", NOON, NOON + 5 * SECOND, NOON + 6 * SECOND
        )


def test_the_latest_stream_is_the_one_that_started_last(media_db: Database) -> None:
    with media_db.transaction() as unit:
        unit.streams.opened("MZ2", "call-1", NOON + SECOND)
        unit.streams.opened("MZ1", "call-1", NOON)
        latest = unit.streams.find_latest("call-1")
    assert latest is not None
    assert latest.stream_sid == "MZ2"


def test_an_unknown_stream_is_passed_over(media_db: Database) -> None:
    with media_db.transaction() as unit:
        unit.streams.seen("MZ9", NOON)
        unit.streams.ended("MZ9", NOON)
        assert unit.streams.find_latest("call-1") is None


def test_a_stream_of_an_unknown_call_is_refused(media_db: Database) -> None:
    with pytest.raises(ConstraintBroken), media_db.transaction() as unit:
        unit.streams.opened("MZ1", "call-9", NOON)


def test_a_recording_comes_back_until_it_is_destroyed(media_db: Database) -> None:
    with media_db.transaction() as unit:
        assert unit.recordings.find_for_call("call-1") is None
        unit.recordings.add(ROW)
        assert unit.recordings.find_for_call("call-1") == ROW
        unit.recordings.mark_destroyed("rec-1", NOON)
        assert unit.recordings.find_for_call("call-1") is None


def test_the_same_recording_sid_is_refused_and_the_transaction_goes_on(media_db: Database) -> None:
    with media_db.transaction() as unit:
        unit.recordings.add(ROW)
        with pytest.raises(DuplicateRecording):
            unit.recordings.add(replace(ROW, recording_id="rec-2"))
        assert unit.recordings.find_for_call("call-1") == ROW


def test_due_recordings_are_listed_the_longest_overdue_first(media_db: Database) -> None:
    sooner = replace(ROW, recording_id="rec-2", recording_sid="RE2", destroy_after=NOON + SECOND)
    with media_db.transaction() as unit:
        unit.recordings.add(ROW)
        unit.recordings.add(sooner)
        assert unit.recordings.list_due(NOON) == []
        assert unit.recordings.list_due(NOON + SECOND) == [sooner]
        assert unit.recordings.list_due(ROW.destroy_after) == [sooner, ROW]
        unit.recordings.mark_destroyed("rec-2", NOON)
        assert unit.recordings.list_due(ROW.destroy_after) == [ROW]


def test_an_outcome_outside_the_four_is_refused(media_db: Database) -> None:
    with pytest.raises(ConstraintBroken), media_db.transaction() as unit:
        unit.recordings.add(replace(ROW, outcome="perfect"))


def test_a_ticket_is_found_by_digest_and_counts_its_uses(media_db: Database) -> None:
    with media_db.transaction() as unit:
        unit.copies.add(TICKET)
        unit.copies.count_use("ticket-1")
        unit.copies.count_use("ticket-1")
        assert unit.copies.find_by_digest(TICKET.token_digest) == replace(TICKET, uses=2)
        assert unit.copies.find_by_digest("ef" * 32) is None


def test_two_tickets_never_share_a_token(media_db: Database) -> None:
    with media_db.transaction() as unit:
        unit.copies.add(TICKET)
    with pytest.raises(ConstraintBroken), media_db.transaction() as unit:
        unit.copies.add(replace(TICKET, ticket_id="ticket-2"))
