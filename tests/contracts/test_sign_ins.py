"""What the stores of sessions, local accounts and wrong tries keep to."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.records import CredentialRecord, InvitationRecord, SignInRecord, UserRecord
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=15)
USER = UserRecord("c.visser", "klachtencommissie", ("ind",), None, NOON, "beheer")
STAY = SignInRecord("a" * 64, "c.visser", NOON, NOON, LATER, "127.0.0.1", b"sealed")
CREDENTIAL = CredentialRecord("c.visser", "$argon2id$...", b"sealed", 7, NOON)
INVITATION = InvitationRecord("c.visser", "b" * 64, "beheer", LATER)


@pytest.fixture
def db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        unit.users.add(USER)
        unit.users.add(replace(USER, name="a.bakker"))
    return database


def test_a_user_changes_and_gets_a_token_that_ends(db: Database) -> None:
    with db.transaction() as unit:
        unit.users.change("c.visser", "controleur", ["ind", "uwv"])
        unit.users.set_token("c.visser", "c" * 64, LATER)
        changed = replace(USER, role="controleur", agencies=("ind", "uwv"), token_digest="c" * 64, token_ends_at=LATER)
        assert unit.users.find("c.visser") == changed
        assert unit.users.find_by_digest("c" * 64) == changed


def test_a_user_is_found_by_what_the_sign_in_service_calls_them(db: Database) -> None:
    with db.transaction() as unit:
        unit.users.add(replace(USER, name="s.smit", subject="https://x.example a1"))
        found = unit.users.find_by_subject("https://x.example a1")
        assert found is not None
        assert found.name == "s.smit"
        assert unit.users.find_by_subject("https://x.example a2") is None


def test_stays_are_listed_newest_first_and_end_one_by_one_or_all(db: Database) -> None:
    newer = replace(STAY, id_digest="b" * 64, began_at=NOON + timedelta(seconds=1))
    others = replace(STAY, id_digest="c" * 64, user_name="a.bakker", id_token=None)
    with db.transaction() as unit:
        for stay in (STAY, newer, others):
            unit.sign_ins.add(stay)
        assert unit.sign_ins.list_user("c.visser") == [newer, STAY]
        unit.sign_ins.end(STAY.id_digest)
        assert unit.sign_ins.list_user("c.visser") == [newer]
        unit.sign_ins.end_all("c.visser")
        assert unit.sign_ins.list_user("c.visser") == []
        assert unit.sign_ins.find("c" * 64) == others
        unit.sign_ins.forget(LATER)
        assert unit.sign_ins.find("c" * 64) is None


def test_a_credential_replaces_the_one_before_with_its_recovery_codes(db: Database) -> None:
    with db.transaction() as unit:
        unit.credentials.put(CREDENTIAL, ["d1", "d2"])
        unit.credentials.put(replace(CREDENTIAL, last_step=9), ["d3"])
        assert unit.credentials.find("c.visser") == replace(CREDENTIAL, last_step=9)
        assert unit.credentials.count_recovery_codes("c.visser") == 1
        unit.credentials.set_password_hash("c.visser", "another")
        assert unit.credentials.find("c.visser") == replace(CREDENTIAL, last_step=9, password_hash="another")
        unit.credentials.remove("c.visser")
        assert unit.credentials.find("c.visser") is None
        assert unit.credentials.count_recovery_codes("c.visser") == 0


def test_a_time_step_is_taken_once_and_never_an_earlier_one(db: Database) -> None:
    with db.transaction() as unit:
        unit.credentials.put(CREDENTIAL, [])
        assert [unit.credentials.take_step("c.visser", step) for step in (7, 6, 8, 8, 7, 10)] == [
            False,
            False,
            True,
            False,
            False,
            True,
        ]
        assert not unit.credentials.take_step("a.bakker", 99)


def test_a_recovery_code_is_taken_once_and_by_its_owner(db: Database) -> None:
    with db.transaction() as unit:
        unit.credentials.put(CREDENTIAL, ["d1", "d2"])
        assert not unit.credentials.take_recovery_code("a.bakker", "d1")
        assert unit.credentials.take_recovery_code("c.visser", "d1")
        assert not unit.credentials.take_recovery_code("c.visser", "d1")
        unit.credentials.put_recovery_codes("c.visser", ["d3"])
        assert not unit.credentials.take_recovery_code("c.visser", "d2")


def test_a_user_has_one_invitation_which_is_taken_once(db: Database) -> None:
    newer = replace(INVITATION, token_digest="e" * 64)
    with db.transaction() as unit:
        unit.invitations.put(INVITATION)
        unit.invitations.put(newer)
        assert unit.invitations.find_by_digest(INVITATION.token_digest) is None
        assert unit.invitations.find_by_digest("e" * 64) == newer == unit.invitations.find("c.visser")
        assert unit.invitations.take("e" * 64)
        assert not unit.invitations.take("e" * 64)
        unit.invitations.put(INVITATION)
        unit.invitations.remove("c.visser")
        assert unit.invitations.find("c.visser") is None


def test_strikes_count_within_a_window_that_the_first_one_opens(db: Database) -> None:
    with db.transaction() as unit:
        assert unit.strikes.count("x", NOON) == 0
        assert [unit.strikes.strike("x", NOON, LATER) for _ in range(3)] == [1, 2, 3]
        assert unit.strikes.strike("y", NOON, LATER) == 1
        assert unit.strikes.strike("x", LATER - timedelta(seconds=1), LATER + timedelta(hours=1)) == 4
        assert unit.strikes.count("x", LATER) == 0
        assert unit.strikes.strike("x", LATER, LATER + timedelta(hours=1)) == 1
        unit.strikes.clear("x")
        assert unit.strikes.count("x", LATER) == 0
        unit.strikes.forget(LATER)
        assert unit.strikes.strike("y", NOON, LATER) == 1


def test_strikes_at_the_same_time_are_all_counted(db: Database) -> None:
    counts: list[int] = []

    def strike() -> None:
        for _ in range(5):
            with db.transaction() as unit:
                counts.append(unit.strikes.strike("x", NOON, LATER))

    threads = [threading.Thread(target=strike) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == list(range(1, 21))
