"""Every write of the main flows fails in turn, as on a full disk: nothing that was acknowledged is lost, nothing that
was half written is taken for whole, and doing it again ends as if nothing had happened."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ivr.calls.jobs import JobKind
from ivr.cases.acts import ComplaintReceived, CovertRecordingRegistered, MessageSent
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.dialogue.events import Heard
from ivr.errors import SpelregelError
from ivr.records.data_subject import Kind
from ivr.records.holds import HoldRefused
from storage.consent_log.export import verify_log
from storage.errors import StorageError
from storage.session import migrate
from tests.builders import CALL_SID, House, wav_of
from tests.fakes import RECORDING_SID

Step = Callable[[House], object]

OFFICE = Actor("l.smit", Who.SUPERVISOR)
EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)
LATER_S = 3600
"""By then every job is tried again."""

MOST_WRITES = 400


def ended(house: House) -> None:
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)


def collected(house: House) -> None:
    ended(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)


def asked(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)


def with_case(house: House) -> None:
    house.stopped(5)
    opened = CovertRecordingRegistered("zei het", published=False)
    house.wiring.cases.open(opened, "example", EMPLOYEE, call_id=house.call.call_id, key="k")


def over(house: House) -> None:
    collected(house)
    house.clock.pass_s(3650 * 86_400)


def place_hold(house: House) -> None:
    with suppress(HoldRefused):  # it was placed, and only the answer was lost
        house.wiring.holds.place(house.call.call_id, "de rechter", "f.dekker")


def act_on_case(house: House) -> None:
    (case,) = house.wiring.cases.list(None)
    house.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE, "act-1")


def complain(house: House) -> None:
    house.wiring.cases.open(ComplaintReceived("x"), "example", OFFICE, call_id=house.call.call_id, key="klacht")


def erase(house: House) -> None:
    now, call_id = house.clock.now(), house.call.call_id
    subjects = house.wiring.data_subjects
    requests = subjects.list_requests(["example"], answered=False)
    request = requests[0] if requests else subjects.register("example", Kind.ERASURE, [call_id], "x", now, "p.groen")
    with house.wiring.database.reading() as unit:
        done = any(entry.tag == "personal:erased" for entry in unit.log.list_call(call_id))
    if not done:
        subjects.erase(request, "y", "p.groen", "privacyfunctionaris", recordings=True)


def collect(house: House) -> None:
    house.run_jobs(JobKind.COLLECT_RECORDING)


FLOWS: dict[str, tuple[Step, Step]] = {
    "a call comes in": (lambda _: None, lambda house: house.dial_in()),
    "the caller asks": (lambda house: house.together(), lambda house: house.hears(Heard.REQUEST, "ik neem op")),
    "the caller says yes": (asked, lambda house: house.hears(Heard.YES, "ja")),
    "the announcement was heard out": (lambda house: house.confirmed(), lambda house: house.announced(4)),
    "the call ends": (
        lambda house: house.recorded(),
        lambda house: house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"}),
    ),
    "the recording is fetched": (ended, collect),
    "a case is opened": (lambda house: house.stopped(5), complain),
    "somebody acts on a case": (with_case, act_on_case),
    "a legal hold is placed": (lambda house: house.stopped(5), place_hold),
    "the log is signed": (lambda house: house.stopped(5), lambda house: house.wiring.seal_log()),
    "somebody is erased": (collected, erase),
    "what is due is destroyed": (over, lambda house: house.wiring.retention.destroy_due()),
}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "spelregel.db"
    migrate(f"sqlite:///{path}")
    return path


class FullDisk:
    """From the write number `fails_at` on, none succeeds; `writes` counts them, commits too."""

    def __init__(self, fails_at: int | None) -> None:
        self.writes = 0
        self._fails_at = fails_at

    def before(self, *arguments: object) -> None:
        statement = str(arguments[2]).lstrip()[:6].upper() if len(arguments) > 2 else "COMMIT"
        if statement not in ("INSERT", "UPDATE", "DELETE", "COMMIT"):
            return
        self.writes += 1
        if self._fails_at is not None and self.writes >= self._fails_at:
            raise OperationalError("", {}, Exception("database or disk is full"))


@contextmanager
def disk(house: House, fails_at: int | None) -> Iterator[FullDisk]:
    full = FullDisk(fails_at)
    engine = house.wiring.database._own().engine
    listeners = (("before_cursor_execute", full.before), ("commit", full.before))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield full
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


@contextmanager
def house_at(migrated: Path, folder: Path, prepare: Step) -> Iterator[House]:
    folder.mkdir()
    shutil.copy(migrated, folder / "spelregel.db")
    house = House(folder, f"sqlite:///{folder / 'spelregel.db'}")
    try:
        prepare(house)
        yield house
    finally:
        house.close()


def outcome(house: House) -> list[str]:
    """What the log tells of the call, and whether everything that is stored fits together."""
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole
    assert house.wiring.record_checker.check() == []
    return house.tags if house.wiring.driver.find(CALL_SID) else []


def settle(house: House, act: Step) -> None:
    """Whoever got no answer tries again, and the worker gives orders again that were not seen to succeed."""
    act(house)
    house.clock.pass_s(LATER_S)
    house.run_jobs(JobKind.CARRIER_ORDER, JobKind.TIMER)
    act(house)


@pytest.mark.parametrize("flow", FLOWS)
def test_each_write_fails_in_turn(flow: str, migrated: Path, tmp_path: Path) -> None:
    prepare, act = FLOWS[flow]
    with house_at(migrated, tmp_path / "well", prepare) as house:
        before = outcome(house)
        with disk(house, None) as count:
            act(house)
        settle(house, act)
        expected = outcome(house)
    assert 0 < count.writes < MOST_WRITES
    for number in range(1, count.writes + 1):
        with house_at(migrated, tmp_path / str(number), prepare) as house:
            with disk(house, number), suppress(StorageError, SpelregelError):
                act(house)
            found = outcome(house)
            assert found[: len(before)] == before, f"write {number}: something that was acknowledged is gone"
            settle(house, act)
            assert sorted(outcome(house)) == sorted(expected), f"write {number}: not as if nothing had happened"
        shutil.rmtree(tmp_path / str(number))
