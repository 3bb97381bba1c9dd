"""The trail is held by the consent log: sealed once a day, checked, and destroyed after five years."""

from datetime import timedelta

import pytest

from ivr.records.trail_keeping import KEPT, TrailKeeper
from storage.consent_log.export import verify_log
from storage.records import TrailRow
from tests.builders import House

DAY_S = 86_400


@pytest.fixture
def keeper(house: House) -> TrailKeeper:
    return house.wiring.trail_keeper


def write(house: House, count: int) -> None:
    with house.wiring.database.transaction() as unit:
        for number in range(count):
            unit.trail.append(
                TrailRow(house.clock.now(), "l.smit", "x", "call", f"call-{number}", "example", 200, "::1")
            )


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


def seal_a_day(house: House, keeper: TrailKeeper, count: int = 3) -> None:
    write(house, count)
    house.clock.pass_s(DAY_S)
    keeper.keep()


def test_lines_are_sealed_once_a_day_without_gaps(house: House, keeper: TrailKeeper) -> None:
    assert not keeper.seal()
    write(house, 3)
    assert not keeper.seal()  # a transaction may still be on its way
    house.clock.pass_s(3601)
    assert keeper.seal()
    write(house, 2)
    house.clock.pass_s(3601)
    assert not keeper.seal()
    house.clock.pass_s(DAY_S)
    assert keeper.seal()
    stretches = keeper.list_stretches()
    assert [(one.first, one.last, one.lines, one.destroyed) for one in stretches] == [
        (1, 3, 3, False),
        (4, 5, 2, False),
    ]
    assert keeper.check() == []
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET actor = 'x.ander' WHERE number = 2",
        "DELETE FROM trail WHERE number = 2",
        "DELETE FROM trail WHERE number = 3",
        "UPDATE trail SET number = 99 WHERE number = 1",
        "UPDATE trail SET agency = NULL",
    ],
)
def test_a_line_that_was_changed_or_taken_away_is_noticed(house: House, keeper: TrailKeeper, statement: str) -> None:
    seal_a_day(house, keeper)
    seal_a_day(house, keeper)
    harm(house, statement)
    assert keeper.check()[0].startswith("lines 1 to 3 of the trail are not the 3 of entry ")


def test_the_newest_stretches_can_be_checked_alone(house: House, keeper: TrailKeeper) -> None:
    seal_a_day(house, keeper)
    seal_a_day(house, keeper)
    harm(house, "DELETE FROM trail WHERE number = 1")
    assert keeper.check(newest=1) == []
    assert len(keeper.check(newest=2)) == 1
    harm(
        house, "INSERT INTO trail SELECT 99, at, actor, role, action, object, agency, result, origin FROM trail LIMIT 1"
    )
    assert len(keeper.check()) == 1  # not sealed yet


def test_a_broken_log_holds_no_trail(house: House, keeper: TrailKeeper) -> None:
    seal_a_day(house, keeper)
    harm(house, "UPDATE log_entries SET body = 'x' WHERE call_id = 'trail'")
    assert len(keeper.check()) == 1


def test_lines_go_when_their_time_is_over_and_the_log_says_so(house: House, keeper: TrailKeeper) -> None:
    seal_a_day(house, keeper)
    house.clock.pass_s((KEPT - timedelta(days=1)).total_seconds())
    seal_a_day(house, keeper, 2)
    assert keeper.destroy_due() == 0
    assert [(one.lines, one.destroyed) for one in keeper.list_stretches()] == [(3, True), (2, False)]
    with house.wiring.database.reading() as unit:
        assert [line.number for line in unit.trail.stream(0, 99)] == [4, 5]
        gone = next(entry for entry in unit.log.list_call("trail") if entry.tag == "trail:destroyed")
    assert dict(gone.facts) == {"first": 1, "last": 3, "lines": 3, "reason": "retention period over"}
    assert keeper.check() == []
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole
