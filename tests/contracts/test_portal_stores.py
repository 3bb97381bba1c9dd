"""What every `CopyTickets`, `CopyCodes`, `CopyVisits` and `UploadStore` keeps to, where callers come for their copy."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import ConstraintBroken
from storage.records import CallRecord, CopyCode, CopyTicket, CopyVisitRecord, UploadPart, UploadRow
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICKET = CopyTicket("call-1:sms", "call-1", "cd" * 32, NOON, NOON + timedelta(days=14))
OTHER = CopyTicket("call-2:sms", "call-2", "ce" * 32, NOON, NOON + timedelta(days=14))
CODE = CopyCode("code-1", "call-1:sms", NOON)
VISIT = CopyVisitRecord("ab" * 32, "call-1:sms", NOON, NOON, NOON + timedelta(hours=12))
UPLOAD = UploadRow("up-1", "case-1", 3_000_000_000, 0, "f" * 64, NOON, NOON + MINUTE)


@pytest.fixture
def copies(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        for number in (1, 2):
            unit.calls.insert(CallRecord(f"call-{number}", f"CA{number}", "ind", "digest", NOON, "{}"))
        for ticket in (TICKET, OTHER):
            unit.copies.add(ticket)
    return database


def test_tickets_of_a_call_are_revoked_together_and_once(copies: Database) -> None:
    code = replace(TICKET, ticket_id="call-1:code", token_digest="cf" * 32)
    with copies.transaction() as unit:
        unit.copies.add(code)
        unit.copies.lock("call-1:sms")
        assert unit.copies.revoke_all("call-1", NOON) == 2
        assert unit.copies.revoke_all("call-1", NOON + MINUTE) == 0
        assert {ticket.revoked_at for ticket in unit.copies.list_call("call-1")} == {NOON}
        assert unit.copies.find("call-2:sms") == OTHER
        assert unit.copies.find("call-9:sms") is None


def test_the_newest_code_counts(copies: Database) -> None:
    with copies.transaction() as unit:
        assert unit.copy_codes.find_latest("call-1:sms") is None
        unit.copy_codes.add(CODE)
        unit.copy_codes.add(CopyCode("code-2", "call-1:sms", NOON + MINUTE))
        unit.copy_codes.add(CopyCode("code-3", "call-2:sms", NOON + 2 * MINUTE))
        unit.copy_codes.sent("code-2", NOON + 3 * MINUTE)
        unit.copy_codes.failed("code-3", NOON + 4 * MINUTE)
        latest = CopyCode("code-2", "call-1:sms", NOON + MINUTE, sent_at=NOON + 3 * MINUTE)
        assert unit.copy_codes.find_latest("call-1:sms") == latest
        other = unit.copy_codes.find_latest("call-2:sms")
        assert unit.copy_codes.count_since("call-1:sms", NOON - MINUTE) == 2
        assert unit.copy_codes.count_since("call-1:sms", NOON) == 1
    assert other is not None
    assert other.failed_at == NOON + 4 * MINUTE


def test_a_code_has_so_many_tries_and_works_once(copies: Database) -> None:
    with copies.transaction() as unit:
        unit.copy_codes.add(CODE)
        assert [unit.copy_codes.take_try("code-1", 2) for _ in range(3)] == [True, True, False]
        assert [unit.copy_codes.use("code-1", NOON) for _ in range(2)] == [True, False]
        assert not unit.copy_codes.take_try("code-9", 2)


def test_many_who_try_at_once_get_no_more_tries(copies: Database) -> None:
    with copies.transaction() as unit:
        unit.copy_codes.add(CODE)
    taken: list[bool] = []

    def take() -> None:
        with copies.transaction() as unit:
            taken.append(unit.copy_codes.take_try("code-1", 5))

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 5


def test_a_code_or_visit_of_an_unknown_ticket_is_refused(copies: Database) -> None:
    with pytest.raises(ConstraintBroken), copies.transaction() as unit:
        unit.copy_codes.add(replace(CODE, ticket_id="call-9:sms"))
    with pytest.raises(ConstraintBroken), copies.transaction() as unit:
        unit.copy_visits.add(replace(VISIT, ticket_id="call-9:sms"))


def test_a_visit_is_followed_and_ends(copies: Database) -> None:
    with copies.transaction() as unit:
        unit.copy_visits.add(VISIT)
        unit.copy_visits.add(replace(VISIT, id_digest="ac" * 32, ends_at=NOON + MINUTE))
        unit.copy_visits.seen(VISIT.id_digest, NOON + MINUTE)
        assert unit.copy_visits.find(VISIT.id_digest) == replace(VISIT, seen_at=NOON + MINUTE)
        unit.copy_visits.forget(NOON + MINUTE)
        assert unit.copy_visits.find("ac" * 32) is None
        unit.copy_visits.end(VISIT.id_digest)
        assert unit.copy_visits.find(VISIT.id_digest) is None


def test_an_upload_grows_from_where_it_is(copies: Database) -> None:
    with copies.transaction() as unit:
        unit.uploads.add(UPLOAD)
        assert unit.uploads.grow("up-1", 0, 2_500_000_000, NOON + 2 * MINUTE)
        assert not unit.uploads.grow("up-1", 0, 1, NOON + 3 * MINUTE)
        assert not unit.uploads.grow("up-9", 0, 1, NOON)
        row = unit.uploads.find("up-1")
        assert row == replace(UPLOAD, received_bytes=2_500_000_000, expires_at=NOON + 2 * MINUTE)
        assert unit.uploads.list_case("case-1") == [row]
        assert unit.uploads.list_case("case-2") == []
        assert unit.uploads.list_stale(NOON + MINUTE) == []
        assert unit.uploads.list_stale(NOON + 2 * MINUTE) == [row]


def test_an_upload_is_settled_by_one(copies: Database) -> None:
    kept = replace(UPLOAD, state="kept", object_key="a/b", digest="d" * 64, sound_type="wav", scanned=True)
    with copies.transaction() as unit:
        unit.uploads.add(UPLOAD)
        assert unit.uploads.save(kept, was="receiving")
        assert not unit.uploads.save(replace(UPLOAD, state="refused", reason="cut-off"), was="receiving")
        assert unit.uploads.list_kept() == [kept]
        assert not unit.uploads.grow("up-1", 0, 1, NOON)
        assert unit.uploads.list_stale(NOON + MINUTE) == []
    with pytest.raises(ConstraintBroken), copies.transaction() as unit:
        unit.uploads.save(replace(kept, state="lost"), was="kept")


def test_parts_come_back_in_the_order_of_the_file(copies: Database) -> None:
    with copies.transaction() as unit:
        unit.uploads.add(UPLOAD)
        for key, start in (("parts/b", 2_500_000_000), ("parts/a", 0), ("parts/c", 7)):
            unit.uploads.add_part(UploadPart(key, "up-1", start, None))
        unit.uploads.complete_part("parts/b", 12)
        unit.uploads.forget_part("parts/c")
        parts = [UploadPart("parts/a", "up-1", 0, None), UploadPart("parts/b", "up-1", 2_500_000_000, 12)]
        assert unit.uploads.list_parts("up-1") == parts
    with pytest.raises(ConstraintBroken), copies.transaction() as unit:
        unit.uploads.add_part(UploadPart("parts/x", "up-9", 0, None))
