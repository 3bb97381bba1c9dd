"""The calls that go on, as many readers share them."""

from contextlib import AbstractContextManager

from ivr.calls.live import FRESH_S, LiveCalls
from ivr.dialogue.events import EmployeeUnreachable, ThirdPersonPresent
from ivr.ports import Database, Unit
from tests.builders import CALL_SID, House


class Counting:
    """The house's database, and how often it was read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0

    def reading(self) -> AbstractContextManager[Unit]:
        self.reads += 1
        return self._database.reading()

    def transaction(self) -> AbstractContextManager[Unit]:
        return self._database.transaction()


class Watch:
    """A timer that a test moves."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def __call__(self) -> float:
        return self.at_s


def live_of(house: House) -> tuple[LiveCalls, Counting, Watch]:
    database, watch = Counting(house.wiring.database), Watch()
    return LiveCalls(database, house.wiring.agencies, watch), database, watch


def test_one_read_serves_all_who_ask_within_a_moment(house: House) -> None:
    live, database, watch = live_of(house)
    house.together()
    (first,) = live.list(["example"])
    house.happens(ThirdPersonPresent())
    for _ in range(100):
        assert live.list(["example"]) == [first]
        assert live.find(house.call.call_id) == first
    assert database.reads == 1
    watch.at_s += FRESH_S
    (moved,) = live.list(["example"])
    assert moved.dialogue.third_person
    assert database.reads == 2


def test_who_must_see_this_very_moment_does(house: House) -> None:
    live, _, _ = live_of(house)
    assert live.list(["example"]) == []
    house.dial_in()
    assert live.list(["example"]) == []
    (call,) = live.list(["example"], now=True)
    assert call.record.call_sid == CALL_SID
    assert live.find(call.record.call_id) == call


def test_a_call_that_did_not_move_is_not_read_anew(house: House) -> None:
    live, _, _ = live_of(house)
    house.together()
    (before,) = live.list(["example"], now=True)
    (after,) = live.list(["example"], now=True)
    assert after is before


def test_a_call_of_another_agency_is_not_listed_and_one_that_ended_is_gone(house: House) -> None:
    live, _, _ = live_of(house)
    house.together()
    call_id = house.call.call_id
    assert live.list(["ind"], now=True) == []
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert live.list(["example"], now=True) == []
    assert live.find(call_id) is None
    assert live.of(house.call).is_over


def test_the_desk_is_the_address_that_was_rung_last(house: House) -> None:
    live, _, _ = live_of(house)
    policy = house.wiring.agencies.now("uwv")
    number = house.wiring.agencies.policies.numbers_of(policy)[0]
    house.dial_in(To=number)
    desks = [live.of(house.call).desk]
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    for leg in ("a", "b", "c"):
        desks.append(live.of(house.call).desk)
        house.happens(EmployeeUnreachable(leg=leg))
    assert desks == ["", *policy.employee.to]


def test_profiles_come_in_the_order_of_their_names(house: House) -> None:
    live, _, _ = live_of(house)
    slugs = [policy.slug for policy in live.profiles({"uwv", "example", "ind"})]
    assert slugs == ["example", "ind", "uwv"]
